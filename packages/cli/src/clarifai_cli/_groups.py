"""Commands from the plugins' specs: listed by their line of help, imported when they are run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import click

from clarifai_cli._options import fit
from clarifai_cli._verbs import verbs_of
from clarifai_core.contracts import CommandSpec, ResourceSpec
from clarifai_core.errors import ClarifaiError, PluginError
from clarifai_core.lacking import why_not_there
from clarifai_core.lazy import load_target
from clarifai_core.plugins import plugins
from clarifai_core.safe_text import failure, named, plain
from clarifai_core.suggestions import suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


class Made(Protocol):
    """A command that is made, not imported: a verb of a kind of resource."""

    @property
    def help(self) -> str:
        """Return the line for the listing."""

    def load(self) -> click.Command:
        """Make the command."""


class Entry:
    """What one word on the command line may lead to.

    Args:
        spec: The command, unless it is a group without one of its own.
    """

    # No attrs class: the listing would wait for attrs.

    nested: dict[str, CommandSpec | Made]
    """The commands of a group, by their second word."""
    title: str
    """What a group is about."""

    def __init__(self, spec: CommandSpec | Made | None = None) -> None:
        self.spec, self.nested, self.title = spec, {}, ""

    @property
    def help(self) -> str:
        """Return the line for the listing."""
        if self.spec is not None:
            return self.spec.help
        title = f"{self.title.rstrip('.')}: " if self.title else "Commands: "
        return f"{title}{', '.join(self.nested)}."

    def load(self, name: str) -> click.Command:
        """Import the command, or make the group; it has the options of every command."""
        if self.spec is None:
            table = {word: Entry(spec) for word, spec in self.nested.items()}
            return fit(CommandGroup(name, help=self.help, table=lambda: table))
        from clarifai_core.log_lines import warn_fitly  # here: listings log nothing

        warn_fitly()
        command = _load(self.spec, name)
        if isinstance(command, click.Group):
            for word, spec in self.nested.items():
                command.add_command(_load(spec, word), word)
        return fit(command)


def arrange(specs: Iterable[CommandSpec]) -> dict[str, Entry]:
    """Return commands by their first word; a name of two words belongs into a group.

    Example:
        >>> entries = arrange([CommandSpec("local up", "m:up"), CommandSpec("hi", "m:hi")])
        >>> {word: list(entry.nested) for word, entry in entries.items()}
        {'local': ['up'], 'hi': []}
    """
    entries: dict[str, Entry] = {}
    for spec in specs:
        word, _, rest = spec.name.partition(" ")
        entry = entries.setdefault(word, Entry())
        if rest:
            entry.nested[rest] = spec
        else:
            entry.spec = spec
    return entries


def of_kinds(entries: dict[str, Entry], specs: Iterable[ResourceSpec]) -> dict[str, Entry]:
    """Return entries with the verbs that kinds of resources have; commands of plugins come first.

    Args:
        entries: What the plugins registered as commands.
        specs: What they registered as resources.
    """
    for spec in specs:
        if not spec.verbs:
            continue
        entry = entries.setdefault(spec.name.replace("_", "-"), Entry())
        entry.title = entry.title or spec.help
        entry.nested = {**verbs_of(spec), **entry.nested}
    return entries


def registered() -> Mapping[str, Entry]:
    """Return what the plugins registered, and the verbs of their kinds."""
    found = plugins()
    if "commands" not in found.kept:
        entries = arrange(s for s in found.specs("commands") if isinstance(s, CommandSpec))
        kinds = (s for s in found.specs("resources") if isinstance(s, ResourceSpec))
        found.kept["commands"] = of_kinds(entries, kinds)
    known: Mapping[str, Entry] = found.kept["commands"]
    return known


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
            return self._table()[cmd_name].load(cmd_name)
        return None if known is None else fit(known)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the listing from the specs."""
        table = self._table()
        rows = [(name, table[name].help) for name in self.list_commands(ctx) if name in table]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)


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
        raise PluginError(f"The command {spec.name!r} cannot be imported: {reason}.") from error
    described = parameters_of(command)
    if described is not None and callable(command):
        return click_command(command, described, name, about=spec.name.partition(" ")[0])
    if not isinstance(command, click.Command):
        raise PluginError(
            f"The command {spec.name!r} is no click command, and no function described by "
            f"clarifai_core.command_arguments.command: {plain(spec.target)}."
        )
    return command
