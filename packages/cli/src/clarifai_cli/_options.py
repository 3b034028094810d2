"""The options that every command understands, whoever wrote it, before and behind the verb."""

from __future__ import annotations

from typing import Any, TypeVar

import click

from clarifai_cli._common_options import COMMON, FORMS, HELP_NAMES, Common
from clarifai_cli._invocation import Invocation
from clarifai_cli._proposals import proposer

C = TypeVar("C", bound=click.Command)

_PREFIX = "of_every_command_"
"""Before the names of these parameters: a command may have a parameter `context` of its own."""


class CommonOption(click.Option):
    """One of the options of every command."""


def fit(command: C) -> C:
    """Give a command the common options, and the commands in it, if it is a group.

    Their values land in the `Invocation`; the command's function gets no argument for them. A name
    that the command has already is left to it.

    Args:
        command: Any click command.

    Returns:
        The same one.
    """
    if not any(isinstance(one, CommonOption) for one in command.params):
        command.context_settings.setdefault("help_option_names", list(HELP_NAMES))
        taken = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
        command.params = [*command.params, *_options(taken)]
    if isinstance(command, click.Group):
        for nested in command.commands.values():
            fit(nested)
    return command


def _remember(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    invocation = ctx.ensure_object(Invocation)
    invocation.command = ctx.command
    if value is None or value is False or value == "":
        return
    name = str(param.name).removeprefix(_PREFIX)
    if name == "as_json":
        invocation.form = "json"
    else:
        setattr(invocation, name, value)
    if name == "debug":
        _log_everything()


def _log_everything() -> None:
    import logging

    from clarifai_core.log_lines import FORM, FitFormatter

    handler = logging.StreamHandler()
    handler.setFormatter(FitFormatter(FORM))
    logging.basicConfig(level=logging.DEBUG, handlers=[handler])


def _options(taken: set[str]) -> list[click.Parameter]:
    """Return new options, without the names that are taken."""
    made: list[click.Parameter] = []
    for common in COMMON:
        free = [flag for flag in common.flags if flag not in taken]
        if free:
            option = CommonOption(
                [*free, f"{_PREFIX}{common.name}"],
                expose_value=False,
                callback=_remember,
                **_settings(common),
            )
            made.append(option)
    return made


def _settings(option: Common) -> dict[str, Any]:
    """Return what click wants to know of an option."""
    settings: dict[str, Any] = {"help": option.help, "metavar": option.metavar or None}
    match option.takes:
        case "":
            settings |= {"is_flag": True, "is_eager": option.name == "debug"}
        case "form":
            settings["type"] = click.Choice(FORMS)
        case "count":
            settings["type"] = click.IntRange(min=1)
        case "context":
            settings["shell_complete"] = proposer("context")
    return settings
