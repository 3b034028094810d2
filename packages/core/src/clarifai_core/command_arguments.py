"""Commands of the `clarifai` program, described without the library that parses command lines.

A package that brings commands needs no click: it describes a function, and the command line makes
the rest of it. The target of a `CommandSpec` may be such a function, or a `click.Command`.

    @command(Argument("name"), Option("--loud", kind="flag", help="Shout."))
    def greet(context: CommandContext, name: str, loud: bool) -> None:
        ...
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

import attrs

from clarifai_core.errors import UserError
from clarifai_core.safe_text import named

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "APP",
    "FILTER",
    "IDS",
    "KINDS_OF_IDS",
    "USER",
    "Argument",
    "Option",
    "command",
    "fields_of",
    "given",
    "json_object",
    "pairs_of",
    "parameters_of",
]

F = TypeVar("F", bound=Callable[..., Any])

Kind: TypeAlias = Literal["text", "integer", "number", "flag", "switch"]
"""A switch is on or off, `--resume/--no-resume`; a flag is given or not."""

_ATTRIBUTE = "__clarifai_command__"


@attrs.frozen
class Argument:
    """What stands behind a command without a name."""

    name: str
    """The function's parameter."""
    metavar: str = ""
    """How help shows it; the name in capitals by default."""
    is_required: bool = True
    many: bool = False
    """Whether it takes all that stand there: the function gets a tuple."""


@attrs.frozen
class Option:
    """What stands behind a command by a name."""

    flag: str
    """Such as `"--dataset-id"`, or `"--resume/--no-resume"` of a switch."""
    help: str = ""
    metavar: str = ""
    kind: Kind = "text"
    default: Any = None
    """None: `""`, no number, `False` or nothing at all, by the kind."""
    choices: tuple[str, ...] = ()
    many: bool = False
    """Whether it may be given several times: the function gets a tuple."""
    is_required: bool = False
    least: float | None = None
    most: float | None = None
    name: str = ""
    """The function's parameter; by default as the flag: `dataset_id`."""


Parameter: TypeAlias = Argument | Option

KINDS_OF_IDS = {
    f"{name}_id": name for name in ("app", "dataset", "input", "model", "runner", "workflow")
}
"""Name of a parameter -> the kind that it is an id of: the shell completes those."""

USER = Option("--user-id", "The user; else that of the context, or the key's own.", "ID")
APP = (Option("--app-id", "The app; else that of the context.", "ID"), USER)
"""In which app a command works: what `CommandContext.connection` takes."""
IDS = Argument("ids", "ID", many=True)
"""Ids; `CommandContext.words` reads them from stdin for `-`."""
FILTER = Option(
    "--filter", "Only those: a field of the List request.", "FIELD=VALUE", many=True,
    name="filter_by",
)  # fmt: skip
"""Of a listing: what `pairs_of` makes the fields of a List request of."""


def command(*parameters: Parameter) -> Callable[[F], F]:
    """Describe the command line of a function; the function stays as it is.

    Its first argument is the `CommandContext`; the others have the names of the parameters. It
    returns the exit code, or None for 0. Its docstring is the help.

    Args:
        *parameters: In the order in which help shows them.

    Example:
        >>> @command(Argument("name"), Option("--loud", kind="flag"))
        ... def greet(context, name, loud): ...
        >>> [type(one).__name__ for one in parameters_of(greet)]
        ['Argument', 'Option']
    """

    def describe(function: F) -> F:
        setattr(function, _ATTRIBUTE, parameters)
        return function

    return describe


def parameters_of(function: object) -> tuple[Parameter, ...] | None:
    """Return how a function was described; None when it was not.

    Args:
        function: What a `CommandSpec` names.

    Example:
        >>> parameters_of(print) is None
        True
    """
    found: tuple[Parameter, ...] | None = getattr(function, _ATTRIBUTE, None)
    return found


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that were given: neither None, nor empty, nor of an unset flag.

    Args:
        values: Parameter -> value.

    Example:
        >>> given({"app_id": "", "limit": 0, "user_id": "me", "labels": ()})
        {'limit': 0, 'user_id': 'me'}
    """
    return {
        name: value
        for name, value in values.items()
        if value is not None and value is not False and value not in ("", ())
    }


def pairs_of(pairs: Iterable[str], flag: str) -> dict[str, Any]:
    """Return fields that are written `FIELD=VALUE`.

    Args:
        pairs: Values are JSON, or text where they are none.
        flag: The option they came by.

    Raises:
        UserError: One has no `=`.

    Example:
        >>> pairs_of(["name=zoo*", 'metadata={"a": 1}', "notes=7 owls"], "--set")
        {'name': 'zoo*', 'metadata': {'a': 1}, 'notes': '7 owls'}
    """
    found: dict[str, Any] = {}
    for pair in pairs:
        field, equals, value = pair.partition("=")
        if not equals or not field:
            raise UserError(f"{flag} must read FIELD=VALUE, got {named(pair)}.")
        try:
            found[field.replace("-", "_")] = json.loads(value)
        except ValueError:
            found[field.replace("-", "_")] = value
    return found


def fields_of(values: Mapping[str, Any], pairs: Iterable[str]) -> dict[str, Any]:
    """Return the fields that a command's options gave; `--metadata` is a JSON object.

    Args:
        values: Field -> text; `""` was not given.
        pairs: Those of `--set`.
    """
    found = {name: value for name, value in values.items() if value not in (None, "", ())}
    if "metadata" in found:
        found["metadata"] = json_object("--metadata", found["metadata"])
    return {**found, **pairs_of(pairs, "--set")}


def json_object(flag: str, text: str) -> dict[str, Any]:
    """Return the JSON object that an option was given.

    Args:
        flag: The option.
        text: What was given.

    Raises:
        UserError: It is none.
    """
    try:
        value = json.loads(text)
    except ValueError as error:
        raise UserError(f"{flag} must be a JSON object, got {named(text)}: {error}.") from error
    if not isinstance(value, dict):
        raise UserError(f'{flag} must be a JSON object, such as {{"a": 1}}, got {named(text)}.')
    return value
