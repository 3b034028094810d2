"""Which words the command line has, by the plugins' specs: nothing is imported for a listing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from clarifai_cli._verbs import verbs_of
from clarifai_core.contracts import CommandSpec, ResourceSpec
from clarifai_core.plugins import plugins

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import click


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
