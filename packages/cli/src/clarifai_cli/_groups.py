"""Groups of commands that plugins bring: a word is imported when it is run."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import click

from clarifai_cli._entries import Entry
from clarifai_cli._options import fit
from clarifai_core.contracts import CommandSpec
from clarifai_core.errors import ClarifaiError, PluginError
from clarifai_core.lazy import load_target
from clarifai_core.missing_plugins import why_not_there
from clarifai_core.safe_text import failure, named, plain
from clarifai_core.suggestions import suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from clarifai_cli._entries import Made


class HelpfulGroup(click.Group):
    """A group that says what a word may mean that is no command of it, or what brings it."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the words name, or say which one they may mean."""
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            ctx.fail(self._unknown(ctx, name))
        return super().resolve_command(ctx, args)

    def _unknown(self, ctx: click.Context, name: str) -> str:
        """Return what says that there is no such command, and what to do."""
        _, *path = ctx.command_path.split()
        words = [*path, name]
        why = why_not_there("commands", (" ".join(words[:n]) for n in range(len(words), 0, -1)))
        if why:
            return f"No such command {named(' '.join(words))}: {why}."
        known = self.list_commands(ctx)
        alike = [one for one in known if name in one.split("-")[1:]]  # `dataset version create`
        if alike:
            alike = [*(one for one in known if one == f"{name}s"), *alike]
        near = "" if alike else suggestion(name, known)
        listed = alike or ([] if near or ctx.parent is None else known)
        there_are = f" There are: {', '.join(listed)}." if listed else ""
        return f"No such command {named(name)}.{near}{there_are}"


class CommandGroup(HelpfulGroup):
    """A group that knows its commands by their specs.

    Args:
        table: Called when a command is needed; returns what there is, by name.
    """

    def __init__(
        self, *args: Any, table: Callable[[], Mapping[str, Entry]], **settings: Any
    ) -> None:
        super().__init__(*args, **settings)
        self._table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, sorted; nothing is imported."""
        return sorted({*super().list_commands(ctx), *self._table()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command."""
        known = super().get_command(ctx, cmd_name)
        if known is None and cmd_name in self._table():
            return command_of(cmd_name, self._table()[cmd_name])
        return None if known is None else fit(known)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the listing from the specs."""
        table = self._table()
        rows = [(name, table[name].help) for name in self.list_commands(ctx) if name in table]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)


def group_of(name: str, entry: Entry) -> click.Group:
    """Make a group of commands that have only the first word in common."""
    table = {word: Entry(spec) for word, spec in entry.nested.items()}
    return fit(CommandGroup(name, help=entry.help, table=lambda: table))


def command_of(name: str, entry: Entry) -> click.Command:
    """Import the command, or make the group; it has the options of every command."""
    if entry.spec is None:
        return group_of(name, entry)
    from clarifai_core.log_lines import warn_fitly  # here: listings log nothing

    warn_fitly()
    command = _load(entry.spec, name)
    if entry.nested:
        command = _with_words(command, name, entry.nested)
    return fit(command)


def _with_words(
    command: click.Command, name: str, nested: Mapping[str, CommandSpec | Made]
) -> click.Command:
    """Return a group with the words that other plugins add to it; its own come first."""
    from clarifai_core.loggers import logger_for  # here: listings log nothing

    own: Mapping[str, click.Command] | None = getattr(command, "commands", None)
    out_of_reach = [word for word in nested if own is None or word in own]
    for word in out_of_reach:
        why = "is no group" if own is None else f"has a {plain(word)!r} of its own"
        logger_for(__name__).warning(
            "The command %r, which a plugin registers, is out of reach: %r %s. Give it another "
            "name, or block that plugin: `clarifai plugins` lists them.",
            f"{name} {plain(word)}", name, why,
        )  # fmt: skip
    if own is None:
        return command
    command = copy.copy(command)  # its module's own stays as it is: other plugins, other words
    added = {word: _load(spec, word) for word, spec in nested.items() if word not in own}
    command.commands = {**own, **added}  # type: ignore[attr-defined]
    return command


def _load(spec: CommandSpec | Made, name: str) -> click.Command:
    if not isinstance(spec, CommandSpec):
        return spec.load()
    from clarifai_cli._described import click_command  # here, both: listings load no command
    from clarifai_core.command_arguments import parameters_of

    try:
        command = load_target(spec.target)
    except (KeyboardInterrupt, ClarifaiError):
        raise
    except BaseException as error:
        reason = failure(error)
        raise PluginError(
            f"The command {spec.name!r} cannot be imported: {reason}{spec.remedy}."
        ) from error
    described = parameters_of(command)
    if described is not None and callable(command):
        return click_command(command, described, name, about=spec.name.partition(" ")[0])
    if not isinstance(command, click.Command):
        raise PluginError(
            f"The command {spec.name!r} is no click command, and no function described by "
            f"clarifai_core.command_arguments.command: {plain(spec.target)}{spec.remedy}."
        )
    return command
