"""Which plugins there are: discovered, allowed or blocked, loaded lazily, the broken ones listed.

A plugin announces itself with an entry point in the group `clarifai.plugins`. Nothing of it is
imported before a hook is needed, and never when it is blocked:

    CLARIFAI_PLUGINS=a,b        only these (empty: none but our own packages)
    CLARIFAI_BLOCK_PLUGINS=a,b  all but these

by the name of the entry point or of its distribution, in any spelling (PEP 503). A plugin that
cannot be imported, or whose hooks do not fit or give no specs, is listed as broken with one
sentence and its traceback, and left out whole; everything else goes on.
"""

from __future__ import annotations

import functools
import logging
import threading
import time
import traceback
from typing import TYPE_CHECKING, Any, Literal

import attrs
import pluggy

from clarifai_core import spec_checks as given
from clarifai_core.credentials import Credentials
from clarifai_core.entry_points import Announced, announced, normal, of_points
from clarifai_core.errors import PluginError
from clarifai_core.hookspecs import ENTRY_POINT_GROUP, PROJECT, HookSpecs
from clarifai_core.safe_text import failure, plain, redacted
from clarifai_core.settings import plugin_switches

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from clarifai_core.contracts import Spec
    from clarifai_core.settings import Settings

logger = logging.getLogger(__name__)

OURS = frozenset(
    f"clarifai-{name}"
    for name in ("core", "resources", "datasets", "search", "runner", "cli", "local")
)
"""Our own distributions; they come first, and `--no-plugins` leaves them in."""

MAX_TRACE_LINE = 1000
"""Characters of one line of a broken plugin's traceback."""


@attrs.define
class PluginInfo:
    """One plugin and how it is doing."""

    name: str
    """Name of its entry point."""
    distribution: str
    version: str
    state: Literal["announced", "loaded", "blocked", "broken"] = "announced"
    error: str = ""
    """The traceback, when it is broken and one was raised; else as `reason`."""
    reason: str = ""
    """What is wrong with it, in one sentence, when it is broken."""
    hooks: tuple[str, ...] = ()
    """The hooks it implements, once it is loaded."""
    load_seconds: float = 0.0
    """What importing it took."""
    entry_point: Any = attrs.field(default=None, repr=False)

    @property
    def is_ours(self) -> bool:
        """Return whether one of our own packages brings it."""
        return normal(self.distribution) in OURS

    def __str__(self) -> str:
        whose = f" of {plain(self.distribution)}" if self.distribution else ""
        return f"{plain(self.name) or '(no name)'}{whose}"


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
        names = {normal(info.name), normal(info.distribution)}
        if names & self.blocked:
            return False
        return info.is_ours or self.only is None or bool(names & self.only)


def _names(text: str) -> frozenset[str]:
    return frozenset(normal(name) for name in text.split(",") if name.strip())


class Plugins:
    """The plugins of one process."""

    def __init__(self, switches: Switches, entry_points: Iterable[Any] | None = None) -> None:
        self._manager = pluggy.PluginManager(PROJECT)
        self._manager.add_hookspecs(HookSpecs)
        self._lock = threading.RLock()
        self._specs: dict[str, dict[str, tuple[PluginInfo, Spec]]] = {}
        self._keys: dict[int, str] = {}
        """Under which name each is registered, by the id of its info: names may be taken."""
        found = announced(ENTRY_POINT_GROUP) if entry_points is None else of_points(entry_points)
        self._infos = sorted(map(_info, found), key=lambda i: (not i.is_ours, i.name))
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
            self._register(plugin, info)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  why: a plugin may fail in any way, and exit, and must not take us down
            self._break(info, failure(error), traceback.format_exc())
        else:
            info.state = "loaded"
            info.hooks = tuple(
                sorted(caller.name for caller in self._manager.get_hookcallers(plugin) or ())
            )
        info.load_seconds = time.perf_counter() - started

    def _register(self, plugin: Any, info: PluginInfo) -> None:
        key = str(info) if self._manager.has_plugin(info.name) else info.name
        self._keys[id(info)] = key
        self._manager.register(plugin, name=key)
        self._manager.check_pending()

    def _break(self, info: PluginInfo, reason: str, trace: str = "") -> None:
        """Leave a plugin out, with all that it gave, and say why."""
        lines = [redacted(line, MAX_TRACE_LINE) for line in trace.splitlines()]
        info.state, info.reason, info.error = "broken", reason, "\n".join(lines) or reason
        key = self._keys.pop(id(info), None)
        if key is not None and self._manager.has_plugin(key):
            self._manager.unregister(name=key)
        for what, table in self._specs.items():
            kept = {name: entry for name, entry in table.items() if entry[0] is not info}
            self._specs[what] = kept
        logger.warning("Plugin %s is broken and left out; see `clarifai plugins`.", info)

    def list(self) -> Sequence[PluginInfo]:
        """Return every announced plugin, loaded, blocked and broken ones alike."""
        self.load()
        return tuple(self._infos)

    def check(self) -> Sequence[PluginInfo]:
        """Ask every plugin for all that it gives, and return them as `list` does."""
        for what in given.KINDS:
            self._table(what)
        return self.list()

    def specs(self, what: str) -> Sequence[Spec]:
        """Return every spec of one hook.

        Args:
            what: The hook's name behind `clarifai_register_`: `"loaders"`, `"commands"` ...

        A plugin that takes a name of an earlier one is broken: it is left out, and listed so.
        """
        return tuple(spec for _, spec in self._table(what).values())

    def find(self, what: str, name: str) -> Spec | None:
        """Return the spec of that name, or None.

        Example:
            >>> plugins().find("loaders", "no-such-loader") is None
            True
        """
        found = self._table(what).get(name)
        return found[1] if found else None

    def owner(self, what: str, name: str) -> str:
        """Return which plugin gave a spec, for messages: `"vault of acme-vault"`."""
        found = self._table(what).get(name)
        return str(found[0]) if found else ""

    def credentials(self, settings: Settings) -> Credentials | None:
        """Return the credentials of the first plugin that has some for these settings.

        Raises:
            PluginError: A plugin fails at it, or returns something else; its words are left out,
                as they may hold a key.
        """
        hook = "clarifai_credentials"
        for impl in reversed(getattr(self.hook, hook).get_hookimpls()):
            info = self._info_of(impl.plugin)
            if info is None:
                continue
            found, failed = None, ""
            try:
                found = self._ask(hook, impl.plugin)(settings=settings)
            except Exception as error:  # noqa: BLE001  why: a plugin may fail in any way
                failed = f"fails with {type(error).__name__}"
            if found is None and not failed:
                continue
            if not isinstance(found, Credentials):
                failed = failed or f"returns a {type(found).__name__} instead of Credentials"
                raise PluginError(
                    f"The plugin {info} {failed} when it is asked for credentials for "
                    f"{settings.endpoint.where}; nothing was sent. Give pat= (or CLARIFAI_PAT), "
                    f"or block it: CLARIFAI_BLOCK_PLUGINS={plain(info.name)}."
                )
            return found
        return None

    def _info_of(self, plugin: Any) -> PluginInfo | None:
        name = self._manager.get_name(plugin)
        return next((one for one in self._infos if self._keys.get(id(one)) == name), None)

    def _ask(self, hook: str, plugin: Any) -> Any:
        """Return what calls one hook of one plugin."""
        others = [one for one in self._manager.get_plugins() if one is not plugin]
        return self._manager.subset_hook_caller(hook, others)

    def _table(self, what: str) -> dict[str, tuple[PluginInfo, Spec]]:
        with self._lock:
            if what not in self._specs:
                self.load()
                self._specs[what] = {}
                self._collect(what)
            return self._specs[what]

    def _collect(self, what: str) -> None:
        """Ask each plugin on its own, so that one that fails harms no other."""
        hook = f"clarifai_register_{what}"
        for info in self._infos:
            if info.state != "loaded" or hook not in info.hooks:
                continue
            caller = self._ask(hook, self._manager.get_plugin(self._keys[id(info)]))
            try:
                specs = given.checked(what, caller())
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001  why: as in _load
                self._break(info, f"{hook}: {failure(error)}", traceback.format_exc())
                continue
            table = self._specs[what]
            taken = [spec.name for spec in specs if spec.name in table]
            if taken:
                self._refuse(info, what, taken[0], table[taken[0]][0].name)
                continue
            table.update((spec.name, (info, spec)) for spec in specs)

    def _refuse(self, info: PluginInfo, what: str, name: str, owner: str) -> None:
        """Leave out a plugin that takes a name which another one has; ours come first."""
        mine, owner, name = plain(info.name), plain(owner), plain(name)
        reason = (
            f"Both {owner} and {mine} register {what} {name!r}; {mine} is left out. "
            f"Block one: CLARIFAI_BLOCK_PLUGINS={owner} or {mine}."
        )
        self._break(info, reason)

    def trace(self, before: Any, after: Any) -> Any:
        """Have every hook call reported, as pluggy's `add_hookcall_monitoring` does."""
        return self._manager.add_hookcall_monitoring(before, after)


def _info(one: Announced) -> PluginInfo:
    info = PluginInfo(one.name, one.distribution, one.version, entry_point=one.point)
    if one.fault:
        info.state, info.reason, info.error = "broken", one.fault, one.fault
    return info


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
