"""Plugins as they are listed and chosen: who each is, how it is doing, whether it may be imported.

A plugin is known by its distribution and its entry point; the name of an entry point alone may be
that of several, as nobody hands such names out.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from clarifai_core._entry_points import normal
from clarifai_core.safe_text import plain

if TYPE_CHECKING:
    from collections.abc import Iterable


class PluginInfo:
    """One plugin and how it is doing.

    Args:
        name: Name of its entry point.
        distribution: What it was installed with; `""` when nobody knows.
        version: That of the distribution.
        is_ours: Whether it belongs to this SDK.
        entry_point: What imports it.
    """

    # No attrs class: `clarifai --help`, which lists what plugins bring, would wait for attrs.

    name: str
    """Name of its entry point."""
    distribution: str
    version: str
    state: Literal["announced", "loaded", "blocked", "broken"]
    error: str
    """The traceback, when it is broken and one was raised; else as `reason`."""
    reason: str
    """What is wrong with it, in one sentence with the remedy, when it is broken."""
    hooks: tuple[str, ...]
    """The hooks it implements, once it is loaded; none of a broken one runs."""
    load_seconds: float
    """What importing it, and asking it for its specs, took."""
    is_ours: bool
    """Whether it belongs to this SDK: such plugins come first, and `--no-plugins` leaves them."""
    entry_point: Any

    def __init__(
        self,
        name: str,
        distribution: str,
        version: str,
        *,
        is_ours: bool = False,
        entry_point: Any = None,
    ) -> None:
        self.name, self.distribution, self.version = name, distribution, version
        self.is_ours, self.entry_point = is_ours, entry_point
        self.state = "announced"
        self.error = self.reason = ""
        self.hooks = ()
        self.load_seconds = 0.0

    @property
    def identity(self) -> str:
        """Return what blocks this plugin and no other: `"acme-search:search"`.

        Example:
            >>> PluginInfo("search", "Acme.Search", "1.0").identity
            'acme-search:search'
        """
        return ":".join(filter(None, (normal(self.distribution), normal(self.name))))

    @property
    def remedy(self) -> str:
        """Return how to block it, for the end of a sentence."""
        return f"CLARIFAI_BLOCK_PLUGINS={plain(self.identity)}"

    def __str__(self) -> str:
        whose = f" of {plain(self.distribution)}" if self.distribution else ""
        return f"{plain(self.name) or '(no name)'}{whose}"

    def __repr__(self) -> str:
        return f"<PluginInfo {self}: {self.state}>"


class PluginSwitches(NamedTuple):
    """Which plugins may be imported.

    Names are those of entry points, of distributions, or both: `"acme-search:search"`.
    """

    only: frozenset[str] | None = None
    """None: all; our own packages always may, unless blocked by name."""
    blocked: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, only: str | None, blocked: str) -> PluginSwitches:
        """Return the switches that two comma-separated texts mean."""
        names = _names(only) if only is not None else None
        return cls(names, _names(blocked))

    def allow(self, info: PluginInfo) -> bool:
        """Return whether this plugin may be imported."""
        names = {normal(info.name), normal(info.distribution), info.identity}
        if names & self.blocked:
            return False
        return info.is_ours or self.only is None or bool(names & self.only)

    def unknown(self, infos: Iterable[PluginInfo]) -> frozenset[str]:
        """Return the names that no plugin has: most are misspelled, and switch nothing.

        Args:
            infos: Every plugin that is announced.

        Example:
            >>> info = PluginInfo("search", "acme-search", "1.0")
            >>> sorted(PluginSwitches.parse("serch", "acme-search:search,old").unknown([info]))
            ['old', 'serch']
        """
        known = [
            name
            for info in infos
            for name in (normal(info.name), normal(info.distribution), info.identity)
        ]
        return ((self.only or frozenset()) | self.blocked).difference(known)


def plugin_switches() -> tuple[str | None, str]:
    """Return CLARIFAI_PLUGINS (None when unset) and CLARIFAI_BLOCK_PLUGINS."""
    return os.environ.get("CLARIFAI_PLUGINS"), os.environ.get("CLARIFAI_BLOCK_PLUGINS", "")


def _names(text: str) -> frozenset[str]:
    parts = (name.split(":") for name in text.split(",") if name.strip())
    return frozenset(":".join(map(normal, part)) for part in parts)
