"""The program around the commands: global options, and what becomes of errors.

No command is known here. They come from the plugins, ours included (`clarifai_cli.plugin`).
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from clarifai_cli._common_options import HELP_NAMES, NO_PLUGINS, VERSION
from clarifai_cli._entries import registered
from clarifai_cli._front_page import ABOUT, MOST_COLUMNS, NAME, drop_output
from clarifai_cli._groups import CommandGroup
from clarifai_cli._invocation import Invocation
from clarifai_cli._options import fit
from clarifai_cli._version import version_line
from clarifai_core.plugins import PluginSwitches, choose_plugins, plugin_switches

if TYPE_CHECKING:
    from collections.abc import Sequence


class Program(CommandGroup):
    """The root group: every error becomes one sentence on stderr and an exit code."""

    def main(self, *args: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        """Run as click does, and end the process with the program's exit codes."""
        if not standalone_mode:
            extra["standalone_mode"] = False
            return super().main(*args, **extra)
        arguments = extra.pop("args", args[0] if args else None)
        sys.exit(self.run(sys.argv[1:] if arguments is None else arguments))

    def run(self, arguments: Sequence[str]) -> int:
        """Run one command line and return its exit code; nothing is raised."""
        invocation = Invocation()
        invocation.arguments = tuple(arguments)
        try:
            code = super().main(
                list(arguments), prog_name=NAME, standalone_mode=False, obj=invocation
            )
        except BrokenPipeError:  # who reads has enough, as `| head` has
            drop_output()
            return 1
        except Exception as error:  # noqa: BLE001  why: reported, with its traceback on request
            from clarifai_cli import _failures  # here: most command lines do not fail

            return _failures.report(error, debug=invocation.debug, command=invocation.command)
        return code if isinstance(code, int) else 0

    def invoke(self, ctx: click.Context) -> None:
        """Run the command; what it returns is not an exit code."""
        super().invoke(ctx)


def _choose_no_plugins(_ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value:
        blocked = plugin_switches()[1]
        choose_plugins(PluginSwitches.parse("", blocked))


def _show_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value:
        click.echo(version_line())
        ctx.exit()


@click.group(
    NAME,
    cls=Program,
    table=registered,
    help=ABOUT,
    context_settings={"max_content_width": MOST_COLUMNS, "help_option_names": list(HELP_NAMES)},
)
@click.option(
    *NO_PLUGINS.flags,
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_choose_no_plugins,
    help=NO_PLUGINS.help,
)
@click.option(
    *VERSION.flags,
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help=VERSION.help,
)
def program() -> None:
    """Begin every command line."""


fit(program)
