"""Commands from the plugins' specs: listed by their line of help, imported when they are run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import click

from clarifai_core.contracts import CommandSpec
from clarifai_core.errors import ClarifaiError, PluginError
from clarifai_core.lazy import load_target
from clarifai_core.plugins import plugins
from clarifai_core.safe_text import failure, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


@attrs.define
class Entry:
    """What one word on the command line may lead to."""

    spec: CommandSpec | None = None
    nested: dict[str, CommandSpec] = attrs.field(factory=dict)
    """The commands of a group, by their second word."""

    @property
    def help(self) -> str:
        """Return the line for the listing."""
        if self.spec is not None:
            return self.spec.help
        return f"Commands: {', '.join(self.nested)}."

    def load(self, name: str) -> click.Command:
        """Import the command, or make the group."""
        if self.spec is None:
            table = {word: Entry(spec) for word, spec in self.nested.items()}
            return CommandGroup(name, help=self.help, table=lambda: table)
        command = _load(self.spec)
        if isinstance(command, click.Group):
            for word, spec in self.nested.items():
                command.add_command(_load(spec), word)
        return command


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


def registered() -> Mapping[str, Entry]:
    """Return what the plugins registered."""
    kept = plugins().kept
    if "commands" not in kept:
        specs = plugins().specs("commands")
        kept["commands"] = arrange(s for s in specs if isinstance(s, CommandSpec))
    found: Mapping[str, Entry] = kept["commands"]
    return found


class CommandGroup(click.Group):
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
        return known

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the listing from the specs."""
        table = self._table()
        rows = [(name, table[name].help) for name in self.list_commands(ctx) if name in table]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)


def _load(spec: CommandSpec) -> click.Command:
    try:
        command = load_target(spec.target)
    except (KeyboardInterrupt, ClarifaiError):
        raise
    except BaseException as error:
        reason = failure(error)
        raise PluginError(f"The command {spec.name!r} cannot be imported: {reason}.") from error
    if not isinstance(command, click.Command):
        raise PluginError(f"The command {spec.name!r} is no click command: {plain(spec.target)}.")
    return command
