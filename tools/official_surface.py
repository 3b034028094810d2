"""List the public methods of the official SDK's classes with their parameters: facts, by release.

`tests/sdk/official/surface.txt` holds the list; tests compare ours with it. To write it again:

    uv run python -m tools.official_surface > tests/sdk/official/surface.txt

A line is `<release> <class>.<method>(<parameters with their defaults>)`, with a word behind it for
methods that need no object, and for attributes; `self` is left out.
"""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CLASSES = {
    "User": "clarifai.client.user",
    "App": "clarifai.client.app",
    "Dataset": "clarifai.client.dataset",
    "Inputs": "clarifai.client.input",
    "Lister": "clarifai.client.lister",
    "Model": "clarifai.client.model",
    "Module": "clarifai.client.module",
    "Runner": "clarifai.client.runner",
    "Search": "clarifai.client.search",
    "Workflow": "clarifai.client.workflow",
}
"""Class -> where programs import it from; releases since 11 have no `Module`."""


INHERITED = (
    "async_stub",
    "convert_string_to_timestamp",
    "from_auth_helper",
    "from_env",
    "list_pages_generator",
    "process_response_keys",
)
"""What all official classes have from their two base classes: `clarifai_compat` has its tests."""


def surface(release: str) -> Iterator[str]:
    """Yield a line for every public member of the official classes that are installed here.

    Args:
        release: What the lines begin with: `"12.5.0"`.
    """
    for name, path in CLASSES.items():
        try:
            cls = getattr(importlib.import_module(path), name)
        except ImportError:
            continue
        members = sorted(one for one in dir(cls) if not one.startswith("_"))
        for member in ("__init__", *members):
            yield f"{release} {name}.{member}{described(cls, member)}"


def described(cls: type, member: str) -> str:
    """Return the parameters of a method without `self`, or that it is an attribute.

    Example:
        >>> described(str, "upper"), described(str, "__doc__")
        ('()', ' [attribute]')
        >>> described(type("Some", (), {"one": lambda self, a, *, b=1: None}), "one")
        '(a, *, b=1)'
    """
    static = inspect.getattr_static(cls, member)
    if not callable(getattr(cls, member)):
        return " [attribute]"
    function = getattr(static, "__func__", static)
    parameters = list(inspect.signature(function).parameters.values())
    needs_object = not isinstance(static, (staticmethod, classmethod))
    if not isinstance(static, staticmethod):
        del parameters[0]
    stars = [one.name for one in parameters if one.kind is one.KEYWORD_ONLY][:1]
    shown = ", ".join(
        f"*, {_parameter(one)}" if one.name in stars else _parameter(one) for one in parameters
    )
    return f"({shown})" + ("" if needs_object else f" [{type(static).__name__}]")


def _parameter(one: inspect.Parameter) -> str:
    stars = _STARS.get(one.kind, "")
    default: Any = "" if one.default is one.empty else f"={one.default!r}"
    return f"{stars}{one.name}{default}"


_STARS: dict[Any, str] = {
    inspect.Parameter.VAR_POSITIONAL: "*",
    inspect.Parameter.VAR_KEYWORD: "**",
}


def differences(name: str, facts: Iterable[str]) -> Iterator[str]:
    """Yield what a program that is written for the official class would notice of ours.

    A parameter counts as there when it can be given by name, and as in its place when it can be
    given by position, too. None and an empty text, list or dict are one default: nothing. What ours
    does not ask for, and what all classes inherit, is no difference.

    Args:
        name: One of `CLASSES`.
        facts: The lines of `surface`, of any number of releases.
    """
    cls = getattr(importlib.import_module(CLASSES[name]), name)
    for fact in facts:
        release, rest = fact.split(" ", 1)
        owner, _, member = rest.partition(".")
        called = member.partition("(")[0].partition(" ")[0]
        if owner == name and called not in INHERITED:
            about = f"{release} {name}.{called}"
            yield from (f"{about}: {what}" for what in _noticed(cls, called, member))


def _noticed(cls: type, name: str, member: str) -> Iterator[str]:
    _, has_parameters, parameters = member.partition("(")
    if not hasattr(cls, name):
        yield "missing"
    elif has_parameters:
        parameters, _, kind = parameters.rpartition(")")
        ours = described(cls, name)
        if kind and kind != ours.rpartition(")")[2]:
            yield f"no{kind}"
        yield from _of_parameters(_read(parameters), _read(ours[1:].rpartition(")")[0]))


def _of_parameters(
    official: list[inspect.Parameter], ours: list[inspect.Parameter]
) -> Iterator[str]:
    by_name = {one.name: one for one in ours}
    takes_any = any(one.kind is one.VAR_KEYWORD for one in ours)
    by_position = [one.name for one in ours if one.kind is one.POSITIONAL_OR_KEYWORD]
    for place, one in enumerate(official):
        own = by_name.get(one.name)
        if one.kind is one.VAR_KEYWORD:
            if not takes_any:
                yield f"no **{one.name}"
        elif own is None and not takes_any:
            yield f"{one.name} is missing"
        elif own is None or own.kind is own.KEYWORD_ONLY:
            yield f"{one.name} by name only"
        elif by_position.index(one.name) != place:
            yield f"{one.name} is at place {by_position.index(one.name) + 1}, not {place + 1}"
        if own is not None and one.default is not one.empty and not _same(own, one):
            yield f"{one.name} is {_default(own)} by default, not {_default(one)}"
    known = {one.name for one in official}
    for own in ours:
        if (
            own.default is own.empty
            and own.kind is own.POSITIONAL_OR_KEYWORD
            and own.name not in known
        ):
            yield f"{own.name} is asked for"


def _same(own: inspect.Parameter, one: inspect.Parameter) -> bool:
    return own.default is not own.empty and (own.default or None) == (one.default or None)


def _default(one: inspect.Parameter) -> str:
    return "asked for" if one.default is one.empty else repr(one.default)


def _read(parameters: str) -> list[inspect.Parameter]:
    """Return the parameters of a line of facts."""
    made: dict[str, Any] = {}
    exec(f"def read({parameters}): pass", made)  # noqa: S102 - our own file of facts
    return list(inspect.signature(made["read"]).parameters.values())


def _both() -> Iterator[str]:
    """Yield the lines of both releases, each asked in an environment that holds it."""
    from tools import environments

    for name, requirements in (environments.OFFICIAL_10, environments.OFFICIAL_12):
        python = environments.make(name, requirements, python="3.11").python
        release = name.rpartition("-")[2]
        command = (str(python), "-W", "ignore", __file__, release)
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        yield from done.stdout.splitlines()


if __name__ == "__main__":
    lines = surface(sys.argv[1]) if sys.argv[1:] else _both()
    print("\n".join(lines))
