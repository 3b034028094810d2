"""The options that every command understands, whoever wrote it, before and behind the verb."""

from __future__ import annotations

from typing import Any, TypeVar

import click

from clarifai_cli._invocation import Invocation
from clarifai_cli._proposals import proposer

C = TypeVar("C", bound=click.Command)

HELP_NAMES = ["-h", "--help"]

FORMS = ("table", "json", "jsonl", "yaml", "csv", "ids")
"""What `--output` may say: the forms of `_output.Output`."""

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
        command.context_settings.setdefault("help_option_names", HELP_NAMES)
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
    for flags, name, settings in _TABLE:
        free = [flag for flag in flags if flag not in taken]
        if free:
            option = CommonOption(
                [*free, f"{_PREFIX}{name}"], expose_value=False, callback=_remember, **settings
            )
            made.append(option)
    return made


_TABLE: tuple[tuple[tuple[str, ...], str, dict[str, Any]], ...] = (
    (
        ("--context",),
        "context",
        {
            "metavar": "NAME",
            "help": "Use the settings of this context.",
            "shell_complete": proposer("context"),
        },
    ),
    (
        ("--base-url",),
        "base_url",
        {"metavar": "URL", "help": "The platform: https://HOST, or local:DIRECTORY."},
    ),
    (
        ("-o", "--output"),
        "form",
        {
            "type": click.Choice(FORMS),
            "metavar": "FORM",
            "help": f"How to print the result: {', '.join(FORMS)}.",
        },
    ),
    (("--json",), "as_json", {"is_flag": True, "help": "The same as -o json."}),
    (
        ("--limit",),
        "limit",
        {"type": click.IntRange(min=1), "metavar": "N", "help": "Show no more than N."},
    ),
    (
        ("-q", "--quiet"),
        "is_quiet",
        {"is_flag": True, "help": "Print results and errors, and nothing else."},
    ),
    (("-y", "--yes"), "says_yes", {"is_flag": True, "help": "Do not ask before deleting."}),
    (
        ("--debug",),
        "debug",
        {"is_flag": True, "is_eager": True, "help": "Log everything; show tracebacks."},
    ),
)
