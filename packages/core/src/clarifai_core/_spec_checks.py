"""What the register hooks of a plugin may give: specs of their kind, whole and each name once."""

from __future__ import annotations

import functools
import inspect
import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from clarifai_core import contracts
from clarifai_core.safe_text import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

KINDS: Mapping[str, type[contracts.Spec]] = {
    "resources": contracts.ResourceSpec,
    "mixins": contracts.MixinSpec,
    "loaders": contracts.LoaderSpec,
    "exporters": contracts.ExporterSpec,
    "search_clauses": contracts.ClauseSpec,
    "pollers": contracts.PollerSpec,
    "commands": contracts.CommandSpec,
    "endpoints": contracts.EndpointSpec,
    "policies": contracts.PolicySpec,
    "engines": contracts.EngineSpec,
    "services": contracts.ServiceSpec,
    "views": contracts.ViewSpec,
}
"""Hook name behind `clarifai_register_` -> the kind of spec that it gives."""


class SpecError(ValueError):
    """What a hook gave is wrong; the message is the rest of a sentence about it."""


MAX_SPECS = 1000
"""Of one hook of one plugin: whoever yields without end is stopped."""


def checked(what: str, results: list[Any]) -> list[contracts.Spec]:
    """Return the specs that one plugin's hook gave.

    Args:
        what: Which hook, a key of `KINDS`.
        results: What pluggy's caller returned: one result for each implementation, Nones left out.

    Raises:
        SpecError: They are no specs of that kind, a name stands twice, or there is no end of them.
    """
    kind = KINDS[what]
    wanted = f"it must return a list of {kind.__name__}"
    if not results:
        raise SpecError(f"{wanted}, and returned None")
    found: list[contracts.Spec] = []
    for result in results:
        try:
            iterator = iter(result)
        except TypeError:
            raise SpecError(f"{wanted}, and returned a {type(result).__name__}") from None
        found += islice(iterator, MAX_SPECS + 1)
    if len(found) > MAX_SPECS:
        raise SpecError(f"it gives more than {MAX_SPECS} specs: it must come to an end")
    names: set[str] = set()
    for number, spec in enumerate(found, 1):
        if not isinstance(spec, kind):
            raise SpecError(f"{wanted}, and item {number} is a {type(spec).__name__}")
        _check(spec, number, _examples(what))
        _check_form(spec)
        if spec.name in names:
            raise SpecError(f"it gives {plain(spec.name)!r} twice: each name stands for one thing")
        names.add(spec.name)
    _check_mixins([spec for spec in found if isinstance(spec, contracts.MixinSpec)])
    return found


def taken_name(spec: contracts.Spec, others: Mapping[str, contracts.Spec]) -> tuple[str, str]:
    """Return what a spec takes that one of the others has, and that one's name; or two `""`.

    Args:
        spec: What a plugin gives.
        others: What earlier plugins gave to the same hook, by name.
    """
    if spec.name in others:
        return spec.name, spec.name
    if isinstance(spec, contracts.MixinSpec):
        for other in others.values():
            shared = _shared_name(spec, other) if isinstance(other, contracts.MixinSpec) else ""
            if shared:
                return shared, other.name
    return "", ""


def command_names(spec: contracts.Spec) -> tuple[str, ...]:
    """Return the commands that a spec brings: its own name, or a verb each of a kind of resource.

    Example:
        >>> command_names(contracts.CommandSpec("local up", "acme:up"))
        ('local up',)
        >>> command_names(contracts.ResourceSpec("my_kind", "acme:Kind", verbs=("list", "show")))
        ('my-kind list', 'my-kind show')
    """
    if isinstance(spec, contracts.CommandSpec):
        return (spec.name,)
    if isinstance(spec, contracts.ResourceSpec):
        return tuple(f"{spec.name.replace('_', '-')} {verb}" for verb in spec.verbs)
    return ()


def taken_command(spec: contracts.Spec, others: Iterable[contracts.Spec]) -> tuple[str, str]:
    """Return a command that a spec would hide, or be hidden by, and the name of whose it is.

    Args:
        spec: What a plugin gives.
        others: What other plugins gave before, commands and kinds of resources.

    A command of two words may go into a group that is a command of somebody else: that adds a word.
    """
    mine = command_names(spec)
    kind = mine[0].partition(" ")[0] if mine and isinstance(spec, contracts.ResourceSpec) else ""
    for other in others:
        for name in command_names(other):
            group = name.partition(" ")[0]
            if name in mine or group in mine:
                return (name if name in mine else group), other.name
            if name == kind:
                return kind, other.name
    return "", ""


def _shared_name(one: contracts.MixinSpec, other: contracts.MixinSpec) -> str:
    """Return a name that both put on one kind of handles, or `""`."""
    if "*" not in (*one.kinds, *other.kinds) and not {*one.kinds} & {*other.kinds}:
        return ""
    return next((name for name in one.names if name in other.names), "")


def _check_mixins(specs: list[contracts.MixinSpec]) -> None:
    """Refuse two specs of one plugin that put one name on one kind; `"*"` beside a kind is fine."""
    seen: dict[tuple[str, str], str] = {}
    for spec in specs:
        for key in dict.fromkeys((kind, name) for kind in spec.kinds for name in spec.names):
            other = seen.setdefault(key, spec.name)
            if other != spec.name:
                raise SpecError(
                    f"{plain(other)!r} and {plain(spec.name)!r} both put {key[1]!r} on handles of "
                    f"{plain(key[0])!r}: each name stands for one thing"
                )


_NOUNS = {str: "text", int: "a whole number", bool: "True or False"}


def _check(spec: contracts.Spec, number: int, examples: Mapping[str, object]) -> None:
    """Refuse a spec whose fields are not what they should be."""
    name = getattr(spec, "name", None)
    if not isinstance(name, str) or not name or name != name.strip() or not name.isprintable():
        raise SpecError(f"item {number} has no name: it must be printable, without spaces around")
    for field, example in examples.items():
        value = getattr(spec, field, None)
        if isinstance(example, tuple):
            right = isinstance(value, (tuple, list)) and all(isinstance(v, str) for v in value)
            wanted = "a tuple of texts"
        elif isinstance(example, (str, int)):
            right = isinstance(value, type(example))
            wanted = _NOUNS[type(example)]
        else:
            continue
        if not right:
            kind = type(value).__name__
            raise SpecError(f"{field} of {plain(name)!r} is a {kind}: it must be {wanted}")


VERBS = ("list", "show", "create", "update", "delete")
"""What the command line can do with a kind of resource."""

ROLES = ("rank", "filter")
"""Where a key of a search may stand."""

_NETWORK = ("http", "https")


def _check_form(spec: contracts.Spec) -> None:
    """Refuse what is of the right type, and yet would never count, or never be found."""
    name = plain(spec.name)
    if isinstance(spec, contracts.ResourceSpec):
        _check_among("verbs", spec.verbs, VERBS, name)
    elif isinstance(spec, contracts.ClauseSpec):
        _check_among("roles", spec.roles, ROLES, name)
        if not spec.roles:
            raise SpecError(f"roles of {name!r} are empty: give {' or '.join(ROLES)}, or both")
    elif isinstance(spec, contracts.CommandSpec):
        words = spec.name.split(" ")
        if len(words) > 2 or not all(words) or any(word.startswith("-") for word in words):
            raise SpecError(
                f"{name!r} is no name of a command: it must be one word, or two with one space "
                "between them, and none that begins with '-'"
            )
    elif isinstance(spec, contracts.EndpointSpec) and (
        spec.name in _NETWORK or not re.fullmatch("[a-z][a-z0-9_]*", spec.name)
    ):
        raise SpecError(
            f"{name!r} is no scheme that a plugin can have: it must be small letters, digits and "
            f"'_', and none of {', '.join(_NETWORK)}"
        )


def _check_among(field: str, values: Iterable[str], known: tuple[str, ...], name: str) -> None:
    for value in values:
        if value not in known:
            raise SpecError(
                f"{field} of {name!r} have {plain(value)!r}: they may be {', '.join(known)}"
            )


@functools.cache
def _examples(what: str) -> Mapping[str, object]:
    """Return the arguments of a kind of spec, and for each a value of the type that it has."""
    found = inspect.signature(KINDS[what]).parameters.values()
    return {one.name: "" if one.default is one.empty else one.default for one in found}
