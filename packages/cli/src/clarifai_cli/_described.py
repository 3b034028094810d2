"""click commands from functions that are described without click (`command_arguments`)."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import click

from clarifai_cli._proposals import kind_of, proposer
from clarifai_core.command_arguments import Argument, Option

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def click_command(
    function: Callable[..., Any],
    parameters: Sequence[Argument | Option],
    name: str,
    help_text: str = "",
    about: str = "",
) -> click.Command:
    """Return the command of a described function.

    Args:
        function: Gets the context and a keyword for each parameter; returns the exit code or None.
        parameters: Its description.
        name: What users call it.
        help_text: Instead of its docstring.
        about: The kind that the command is about, whose ids the shell completes.
    """

    @click.pass_context
    def run(ctx: click.Context, /, **values: Any) -> None:
        code = function(ctx.obj, **values)
        if code:
            ctx.exit(int(code))

    return click.Command(
        name,
        callback=functools.update_wrapper(run, function),
        params=[_made(one, about) for one in parameters],
        help=help_text or _help_of(function),
    )


def _help_of(function: Callable[..., Any]) -> str:
    """Return the docstring without the sections that are for programmers."""
    import inspect

    text = inspect.getdoc(function) or ""
    for heading in ("Args:", "Returns:", "Raises:", "Example:"):
        text = text.partition(f"\n\n{heading}")[0]
    return text


def _made(one: Argument | Option, about: str) -> click.Parameter:
    made = _argument(one) if isinstance(one, Argument) else _option(one)
    kind = kind_of(str(made.name), about)
    if kind:
        made._custom_shell_complete = proposer(kind)
    return made


def _argument(one: Argument) -> click.Argument:
    settings: dict[str, Any] = {} if one.many or one.is_required else {"default": ""}
    return click.Argument(
        [one.name],
        metavar=f"{one.metavar}..." if one.metavar and one.many else one.metavar or None,
        required=one.is_required,
        nargs=-1 if one.many else 1,
        **settings,
    )


def _option(one: Option) -> click.Option:
    flags = [one.flag] if one.kind == "switch" else one.flag.split("/")
    settings: dict[str, Any] = {"help": one.help, "required": one.is_required}
    if one.kind in ("flag", "switch"):
        settings.update(is_flag=True, default=bool(one.default))
    else:
        is_text = one.kind == "text" and not one.many and not one.choices
        empty = "" if is_text else None
        settings.update(
            metavar=one.metavar or None,
            multiple=one.many,
            type=_type(one),
            default=empty if one.default is None else one.default,
            show_default=one.default is not None,
        )
        if one.is_required:
            settings.pop("default")
    name = one.name or flags[0].split("/")[0].lstrip("-").replace("-", "_")
    return click.Option([*flags, name], **settings)


def _type(one: Option) -> click.ParamType[Any]:
    if one.choices:
        return click.Choice(one.choices)
    has_bounds = one.least is not None or one.most is not None
    if one.kind == "integer":
        least = None if one.least is None else int(one.least)
        most = None if one.most is None else int(one.most)
        return click.IntRange(least, most) if has_bounds else click.INT
    if one.kind == "number":
        return click.FloatRange(one.least, one.most) if has_bounds else click.FLOAT
    return click.STRING
