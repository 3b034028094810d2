"""Commands of the `clarifai` program, described without the library that parses command lines.

A package that brings commands needs no click: it describes a function, and the command line makes
the rest of it. The target of a `CommandSpec` may be such a function, or a `click.Command`.

    @command(Argument("name"), Option("--loud", kind="flag", help="Shout."))
    def greet(context: CommandContext, name: str, loud: bool) -> None:
        ...
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["APP", "IDS", "USER", "Argument", "Option", "command", "parameters_of"]

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

USER = Option("--user-id", "The user; else that of the context, or the key's own.", "ID")
APP = (Option("--app-id", "The app; else that of the context.", "ID"), USER)
"""In which app a command works: what `CommandContext.connection` takes."""
IDS = Argument("ids", "ID", many=True)
"""Ids; `CommandContext.words` reads them from stdin for `-`."""


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
