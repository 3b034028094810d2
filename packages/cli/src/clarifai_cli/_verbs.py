"""The verbs that every kind of resource can have, by their lines of help; nothing is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import click

    from clarifai_core.contracts import ResourceSpec

HELPS = {
    "list": "List every {kind}.",
    "show": "Show one {kind}: what the platform knows of it.",
    "create": "Create one {kind}, or several.",
    "update": "Change one {kind}.",
    "delete": "Delete each {kind} that is named; you are asked.",
}
"""Verb -> its line of help."""


class KindVerb(NamedTuple):
    """One verb of one kind, described without importing what it needs."""

    spec: ResourceSpec
    verb: str

    @property
    def help(self) -> str:
        """Return the line for the listing."""
        return HELPS[self.verb].format(kind=self.spec.name.replace("_", " "))

    def load(self) -> click.Command:
        """Make the command."""
        from clarifai_cli import _kind_verbs  # why: listings do not need it

        return _kind_verbs.command_of(self.spec, self.verb, self.help)


def verbs_of(spec: ResourceSpec) -> dict[str, KindVerb]:
    """Return the verbs that a kind has.

    Args:
        spec: Of the kind.
    """
    return {verb: KindVerb(spec, verb) for verb in spec.verbs if verb in HELPS}
