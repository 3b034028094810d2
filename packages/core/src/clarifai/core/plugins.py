"""Which plugins there are: discovered, allowed or blocked, loaded lazily, the broken ones listed.

A plugin announces itself with an entry point in the group `clarifai.plugins`. Nothing of it is
imported before a hook is needed, and never when it is blocked:

    CLARIFAI_PLUGINS=a,b        only these (empty: none but our own packages)
    CLARIFAI_BLOCK_PLUGINS=a,b  all but these

by the name of the entry point or of its distribution. A plugin that cannot be imported, or whose
hooks do not fit, is listed as broken with its traceback; everything else goes on.
"""

from __future__ import annotations

import functools
import importlib.metadata
import logging
import threading
import time
import traceback
from typing import TYPE_CHECKING, Any, Literal

import attrs
import pluggy

from clarifai.core.errors import PluginError
from clarifai.core.hookspecs import ENTRY_POINT_GROUP, PROJECT, HookSpecs
from clarifai.core.settings import plugin_switches

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from clarifai.core.contracts import Spec

logger = logging.getLogger(__name__)

OURS = frozenset(
    f"clarifai-{name}"
    for name in ("core", "resources", "datasets", "search", "runner", "cli", "local")
)
"""Our own distributions; they come first, and `--no-plugins` leaves them in."""


@attrs.define
class PluginInfo:
    """One plugin and how it is doing."""

    name: str
    """Name of its entry point."""
    distribution: str
    version: str
    state: Literal["announced", "loaded", "blocked", "broken"] = "announced"
    error: str = ""
    """The traceback, when it is broken."""
    hooks: tuple[str, ...] = ()
    """The hooks it implements, once it is loaded."""
    load_seconds: float = 0.0
    """What importing it took."""
    entry_point: Any = attrs.field(default=None, repr=False)

    @property
    def is_ours(self) -> bool:
        """Return whether one of our own packages brings it."""
        return _normal(self.distribution) in OURS


def _normal(name: str) -> str:
    return name.lower().replace("_", "-")


@attrs.frozen
class Switches:
    """Which plugins may be imported."""

    only: frozenset[str] | None = None
    """None: all; our own packages always may, unless blocked by name."""
    blocked: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, only: str | None, blocked: str) -> Switches:
        """Return the switches that two comma-separated texts mean."""
        names = _names(only) if only is not None else None
        return cls(names, _names(blocked))

    def allow(self, info: PluginInfo) -> bool:
        """Return whether this plugin may be imported."""
        names = {_normal(info.name), _normal(info.distribution)}
        if names & self.blocked:
            return False
        return info.is_ours or self.only is None or bool(names & self.only)


def _names(text: str) -> frozenset[str]:
    return frozenset(_normal(name.strip()) for name in text.split(",") if name.strip())


class Plugins:
    """The plugins of one process."""

    def __init__(self, switches: Switches, entry_points: Iterable[Any] | None = None) -> None:
        self._manager = pluggy.PluginManager(PROJECT)
        self._manager.add_hookspecs(HookSpecs)
        self._lock = threading.RLock()
        self._specs: dict[str, dict[str, Spec]] = {}
        points = _installed() if entry_points is None else entry_points
        self._infos = sorted(map(_announce, points), key=lambda i: (not i.is_ours, i.name))
        for info in self._infos:
            if not switches.allow(info):
                info.state = "blocked"

    @property
    def hook(self) -> Any:
        """Return pluggy's hook caller; every allowed plugin is imported first."""
        self.load()
        return self._manager.hook

    def load(self) -> None:
        """Import every allowed plugin that is not imported yet."""
        with self._lock:
            for info in self._infos:
                if info.state == "announced":
                    self._load(info)

    def _load(self, info: PluginInfo) -> None:
        started = time.perf_counter()
        try:
            plugin = info.entry_point.load()
            self._manager.register(plugin, name=info.name)
            self._manager.check_pending()
        except Exception:  # noqa: BLE001  why: a plugin may fail in any way, and must not take us down
            self._break(info)
        else:
            info.state = "loaded"
            info.hooks = tuple(
                sorted(caller.name for caller in self._manager.get_hookcallers(plugin) or ())
            )
        info.load_seconds = time.perf_counter() - started

    def _break(self, info: PluginInfo) -> None:
        info.state, info.error = "broken", traceback.format_exc()
        if self._manager.has_plugin(info.name):
            self._manager.unregister(name=info.name)
        logger.warning(
            "Plugin %s of %s is broken and left out; see `clarifai plugins`.",
            info.name,
            info.distribution,
        )

    def list(self) -> Sequence[PluginInfo]:
        """Return every announced plugin, loaded, blocked and broken ones alike."""
        self.load()
        return tuple(self._infos)

    def specs(self, what: str) -> Sequence[Spec]:
        """Return every spec of one hook.

        Args:
            what: The hook's name behind `clarifai_register_`: `"loaders"`, `"commands"` ...

        A plugin that takes a name of an earlier one is broken: it is left out, and listed so.
        """
        return tuple(self._table(what).values())

    def find(self, what: str, name: str) -> Spec | None:
        """Return the spec of that name, or None.

        Example:
            >>> plugins().find("loaders", "no-such-loader") is None
            True
        """
        return self._table(what).get(name)

    def _table(self, what: str) -> dict[str, Spec]:
        with self._lock:
            if what not in self._specs:
                self.load()
                self._specs[what] = self._collect(what)
            return self._specs[what]

    def _collect(self, what: str) -> dict[str, Spec]:
        """Ask each plugin on its own, so that one that fails harms no other."""
        table: dict[str, Spec] = {}
        owners: dict[str, str] = {}
        for info in self._infos:
            if info.state != "loaded":
                continue
            plugin = self._manager.get_plugin(info.name)
            others = [p for p in self._manager.get_plugins() if p is not plugin]
            caller = self._manager.subset_hook_caller(f"clarifai_register_{what}", others)
            try:
                specs = [spec for result in caller() for spec in result]
            except Exception:  # noqa: BLE001  why: as in _load
                self._break(info)
                continue
            taken = [spec.name for spec in specs if spec.name in table]
            if taken:
                self._refuse(info, what, taken[0], owners[taken[0]])
                continue
            table.update((spec.name, spec) for spec in specs)
            owners.update((spec.name, info.name) for spec in specs)
        return table

    def _refuse(self, info: PluginInfo, what: str, name: str, owner: str) -> None:
        """Leave out a plugin that takes a name which another one has; ours come first."""
        info.state = "broken"
        info.error = (
            f"Both {owner} and {info.name} register {what} {name!r}; {info.name} is left out. "
            f"Block one: CLARIFAI_BLOCK_PLUGINS={owner} or {info.name}."
        )
        logger.warning("%s", info.error)

    def trace(self, before: Any, after: Any) -> Any:
        """Have every hook call reported, as pluggy's `add_hookcall_monitoring` does."""
        return self._manager.add_hookcall_monitoring(before, after)


def _installed() -> Iterable[Any]:
    return importlib.metadata.entry_points(group=ENTRY_POINT_GROUP)


def _announce(point: Any) -> PluginInfo:
    distribution = getattr(point, "dist", None)
    name = distribution.metadata["Name"] if distribution is not None else ""
    version = distribution.version if distribution is not None else ""
    return PluginInfo(point.name, name, version, entry_point=point)


_chosen: Switches | None = None


@functools.cache
def plugins() -> Plugins:
    """Return this process's plugins; the first call reads which there are."""
    return Plugins(_chosen or Switches.parse(*plugin_switches()))


def choose_plugins(switches: Switches) -> None:
    """Decide, before anything is imported, which plugins may be.

    Raises:
        PluginError: It is too late: plugins are in use already.
    """
    global _chosen
    if plugins.cache_info().currsize:
        raise PluginError("Plugins are in use already; choose them before the first call.")
    _chosen = switches
