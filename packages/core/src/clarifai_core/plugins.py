"""Which plugins there are: discovered, allowed or blocked, loaded lazily, the broken ones listed.

A plugin announces itself with an entry point in the group `clarifai.plugins`. Nothing of it is
imported before a hook is needed, and never when it is blocked:

    CLARIFAI_PLUGINS=a,b        only these (empty: none but our own packages)
    CLARIFAI_BLOCK_PLUGINS=a,b  all but these

by the name of the entry point, of its distribution, or both (`acme-search:search`), in any spelling
(PEP 503). A plugin that cannot be imported, whose hooks do not fit or give no specs, or that takes
a name of another is listed as broken with one sentence, and is left out whole: each plugin is asked
for all that it registers before anything of it counts. Everything else goes on.
"""

from __future__ import annotations

import functools
import threading
import time
from types import FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

import pluggy

from clarifai_core import _spec_checks as given
from clarifai_core._credential_providers import asked_for_credentials
from clarifai_core._dist_info import called, distributions
from clarifai_core._entry_points import AnnouncedPlugin, announced, of_points
from clarifai_core._hook_checks import hook_fault
from clarifai_core._own_plugins import doors_requirements, is_family
from clarifai_core._plugin_info import PluginInfo, PluginSwitches, plugin_switches
from clarifai_core.errors import PluginError
from clarifai_core.hookspecs import ENTRY_POINT_GROUP, PROJECT, HookSpecs
from clarifai_core.safe_text import failure, plain, redacted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from clarifai_core.contracts import MixinSpec, Spec
    from clarifai_core.credentials import Credentials
    from clarifai_core.settings import Settings

__all__ = [
    "PluginInfo",
    "PluginSwitches",
    "Plugins",
    "choose_plugins",
    "plugin_switches",
    "plugins",
]

MAX_TRACE_LINE = 1000
"""Characters of one line of a broken plugin's traceback."""


class _Manager(pluggy.PluginManager):
    """Looks at what stands in a module at once: pluggy asks `inspect` for each name, twice."""

    def parse_hookimpl_opts(self, plugin: Any, name: str) -> Any:
        """Return how a name of a plugin implements a hook, or None."""
        if type(plugin) is ModuleType:
            found = vars(plugin).get(name)
            if not issubclass(type(found), _HOOKABLE):  # why: isinstance may run code of `found`
                return None
        return super().parse_hookimpl_opts(plugin, name)


_HOOKABLE = (FunctionType, MethodType, classmethod, staticmethod)


class Plugins:
    """The plugins of one process.

    Args:
        switches: Which may be imported.
        entry_points: What there is; what is installed unless given.
        beside: Others, of which what is installed is taken, instead of looking it up again.
        on_trial: Further ones, which come last and are allowed; those that are installed and name
            the same are left out.
    """

    def __init__(
        self,
        switches: PluginSwitches,
        entry_points: Iterable[Any] | None = None,
        beside: Plugins | None = None,
        on_trial: Sequence[Any] = (),
    ) -> None:
        self._manager = _Manager(PROJECT)
        self._manager.add_hookspecs(HookSpecs)
        self._lock = threading.RLock()
        self._specs: dict[str, dict[str, tuple[PluginInfo, Spec]]] = {w: {} for w in given.KINDS}
        self._objects: dict[str, Any] = {}
        """By identity, what the entry points of those that were not refused name."""
        self._given: dict[str, _Accepted] = beside._given if beside else {}
        """By identity, what was right about plugins when they were asked; all beside share it."""
        self._found: Sequence[tuple[AnnouncedPlugin, bool]] = (
            beside._found if beside else _look(entry_points)
        )
        self.on_trial = tuple(on_trial)
        tried = list(of_points(on_trial))
        named_twice = {one.target for one in tried}
        infos = [_info(*one) for one in self._found if one[0].target not in named_twice]
        self._infos = sorted(infos, key=lambda i: (not i.is_ours, i.name, i.distribution))
        for info in self._infos:
            if not switches.allow(info):
                info.state = "blocked"
        self._infos += [_info(one, is_ours=False) for one in tried]
        self._mixins: Mapping[str, Mapping[str, MixinSpec]] = {}
        """Name of an attribute -> kind of handles -> who puts it there."""
        self._is_loaded = self._is_loading = False
        self.kept: dict[str, Any] = {}
        """What others made of these plugins, by a name of their own, to make it once."""

    @property
    def hook(self) -> pluggy.HookRelay:
        """Return pluggy's hook caller; every allowed plugin is imported first."""
        self.load()
        return self._manager.hook

    def load(self) -> None:
        """Import every allowed plugin that is not imported yet, and ask it for its specs."""
        if self._is_loaded:
            return
        with self._lock:
            # A plugin that asks for specs while it is imported gets what there is by then.
            if self._is_loaded or self._is_loading:
                return
            self._is_loading = True
            try:
                for info in self._infos:
                    if info.state == "announced":
                        self._load(info)
                self._mixins = _by_name(spec for _, spec in self._specs["mixins"].values())
                self._is_loaded = True
            finally:
                self._is_loading = False

    def _load(self, info: PluginInfo) -> None:
        started = time.perf_counter()
        try:
            plugin = info.entry_point.load()
            info.hooks = self._register(plugin, info)
            self._admit(info, plugin)
        except KeyboardInterrupt:
            self._leave_out(info)
            raise
        except _RefusedError as error:
            self._break(info, str(error), error if error.__cause__ else None)
        except BaseException as error:  # noqa: BLE001  why: a plugin may fail in any way, and exit, and must not take us down
            self._break(info, _why_no_import(failure(error), info), error)
        else:
            info.state = "loaded"
        info.load_seconds = time.perf_counter() - started

    def _register(self, plugin: Any, info: PluginInfo) -> tuple[str, ...]:
        """Check and register what an entry point names, and return the hooks it implements."""
        if info.identity in self._objects:
            raise _RefusedError(f"{info} is announced twice; leave one of the two out.")
        other = self._manager.get_name(plugin)
        if other is not None:
            raise _RefusedError(
                f"{info} names the same {type(plugin).__name__} as {other}; give it one of its own."
            )
        if self._given_before(info, plugin) is None:
            fault = hook_fault(self._manager, plugin)
            if fault:
                raise _RefusedError(_with_remedy(fault, info))
        self._manager.register(plugin, name=str(info))
        self._objects[info.identity] = plugin
        self._manager.check_pending()
        return tuple(sorted(one.name for one in self._manager.get_hookcallers(plugin) or ()))

    def _admit(self, info: PluginInfo, plugin: Any) -> None:
        """Ask a plugin for all that it registers, and take that, if nothing is wrong with it."""
        before = self._given_before(info, plugin)
        asked = before.specs if before else self._all_asked(plugin, info)
        found = {what: self._free(what, specs, info) for what, specs in asked.items()}
        self._check_commands([spec for specs in found.values() for spec in specs], info)
        self._given[info.identity] = _Accepted(plugin, asked)
        for what, specs in found.items():
            for spec in specs:
                object.__setattr__(spec, "__by__", info)  # why: its own errors name the plugin
                self._specs[what][spec.name] = info, spec

    def _given_before(self, info: PluginInfo, plugin: Any) -> _Accepted | None:
        """Return what the same plugin gave when it was installed beside."""
        found = self._given.get(info.identity)
        return found if found is not None and found.plugin is plugin else None

    def forget(self, info: PluginInfo) -> None:
        """Keep nothing of a plugin for others beside these: it is on trial no more."""
        self._given.pop(info.identity, None)

    def _all_asked(self, plugin: Any, info: PluginInfo) -> dict[str, Sequence[Spec]]:
        hooks = {what: f"clarifai_register_{what}" for what in given.KINDS}
        return {
            what: self._asked(what, hook, plugin, info)
            for what, hook in hooks.items()
            if hook in info.hooks
        }

    def _free(self, what: str, specs: Sequence[Spec], info: PluginInfo) -> Sequence[Spec]:
        """Return the specs whose names are free, or held by defaults, which give way."""
        others = {name: spec for name, (_, spec) in self._specs[what].items()}
        taking: list[Spec] = []
        for spec in specs:
            taken, name = given.taken_name(spec, others)
            if taken and _is_default(spec) == _is_default(others[name]):
                raise _RefusedError(_clash(info, self._specs[what][name][0], what, taken))
            if not (taken and _is_default(spec)):
                taking.append(spec)
        return taking

    def _check_commands(self, specs: Sequence[Spec], info: PluginInfo) -> None:
        """Refuse a command in the place of another plugin's group, and the verbs of its kinds."""
        for what in ("commands", "resources"):
            table = self._specs[what]
            others = [spec for _, spec in table.values()]
            for spec in specs:
                name, whose = given.taken_command(spec, others)
                if name:
                    raise _RefusedError(_clash(info, table[whose][0], "commands", name))

    def _asked(self, what: str, hook: str, plugin: Any, info: PluginInfo) -> Sequence[Spec]:
        """Return what one hook of one plugin gives; asked alone, it harms no other."""
        try:
            return given.checked(what, self._ask(hook, plugin)())
        except KeyboardInterrupt:
            raise
        except given.SpecError as error:
            raise _RefusedError(_with_remedy(f"{hook}: {error}", info)) from None
        except BaseException as error:  # why: as in _load, where it ends
            reason = _with_remedy(f"{hook} fails: {failure(error)}", info)
            raise _RefusedError(reason) from error

    def _ask(self, hook: str, plugin: Any) -> pluggy.HookCaller:
        """Return what calls one hook of one plugin."""
        others = [one for one in self._manager.get_plugins() if one is not plugin]
        return self._manager.subset_hook_caller(hook, others)

    def _leave_out(self, info: PluginInfo) -> None:
        """Take a plugin back, with all that it gave: none of its hooks is called any more."""
        if self._manager.has_plugin(str(info)) and info.identity in self._objects:
            self._manager.unregister(self._objects.pop(info.identity))
        for what, table in self._specs.items():
            kept = {name: entry for name, entry in table.items() if entry[0] is not info}
            self._specs[what] = kept

    def _break(self, info: PluginInfo, reason: str, error: BaseException | None) -> None:
        """Leave a plugin out, and say why."""
        import traceback  # here, both: as long as all are fine nobody waits for them

        from clarifai_core.loggers import logger_for

        trace = "".join(traceback.format_exception(error)) if error else ""
        lines = [redacted(line, MAX_TRACE_LINE) for line in trace.splitlines()]
        info.state, info.reason, info.error = "broken", reason, "\n".join(lines) or reason
        self._leave_out(info)
        logger_for(__name__).warning(
            "Plugin %s is broken and left out; see `clarifai plugins`.", info
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
        return tuple(spec for _, spec in self._table(what).values())

    def find(self, what: str, name: str) -> Spec | None:
        """Return the spec of that name, or None.

        Example:
            >>> plugins().find("loaders", "no-such-loader") is None
            True
        """
        found = self._table(what).get(name)
        return found[1] if found else None

    def mixin(self, kind: str, name: str) -> MixinSpec | None:
        """Return what puts an attribute on handles of a kind, or None.

        Args:
            kind: The kind as it is registered: `"model"`.
            name: The attribute.
        """
        if not self._is_loaded:
            self.load()
        found = self._mixins.get(name)
        return (found.get(kind) or found.get("*")) if found else None

    def mixin_names(self, kind: str) -> Sequence[str]:
        """Return all attributes that plugins put on handles of a kind."""
        self.load()
        return [name for name, kinds in self._mixins.items() if kind in kinds or "*" in kinds]

    def owner(self, what: str, name: str) -> str:
        """Return which plugin gave a spec, for messages: `"vault of acme-vault"`."""
        found = self._table(what).get(name)
        return str(found[0]) if found else ""

    def _table(self, what: str) -> Mapping[str, tuple[PluginInfo, Spec]]:
        self.load()
        return self._specs[what]

    def credentials(self, settings: Settings) -> Credentials | None:
        """Return the credentials of the first plugin that has some for these settings.

        Raises:
            PluginError: A plugin fails at it, or returns something else; its words are left out,
                as they may hold a key.
        """
        hook = "clarifai_credentials"
        for impl in reversed(getattr(self.hook, hook).get_hookimpls()):
            info = self._info_of(impl.plugin)
            who, remedy = f"The plugin {info}", f"block it: {info.remedy}"
            found = asked_for_credentials(self._ask(hook, impl.plugin), settings, who, remedy)
            if found is not None:
                return found
        return None

    def _info_of(self, plugin: Any) -> PluginInfo:
        return next(i for i in self._infos if self._objects.get(i.identity) is plugin)

    def trace(self, before: Any, after: Any) -> Callable[[], None]:
        """Have every hook call reported, as pluggy's `add_hookcall_monitoring` does.

        Plugins that were asked already for what they register are asked anew when it is needed.
        """
        with self._lock:
            for info in self._infos:
                if info.state == "loaded":
                    self._leave_out(info)
                    self._given.pop(info.identity, None)
                    info.state = "announced"
            self._is_loaded = False
        return self._manager.add_hookcall_monitoring(before, after)


class _Accepted(NamedTuple):
    """A plugin without faults, and its specs."""

    plugin: Any
    specs: Mapping[str, Sequence[Spec]]


def _by_name(specs: Iterable[Any]) -> Mapping[str, Mapping[str, MixinSpec]]:
    found: dict[str, dict[str, MixinSpec]] = {}
    for spec in specs:
        for name in spec.names:
            found.setdefault(name, {}).update(dict.fromkeys(spec.kinds, spec))
    return found


class _RefusedError(Exception):
    """What is wrong with a plugin, in a sentence."""


def _with_remedy(reason: str, info: PluginInfo) -> str:
    """Say what whoever uses a plugin can do; `reason` tells its author."""
    return f"{reason}; update it, or block it: {info.remedy}."


def _why_no_import(reason: str, info: PluginInfo) -> str:
    """Say what is wrong with the installation, when something is, or else as `_with_remedy`."""
    from clarifai_core.installation import faults_of

    found = faults_of(info.distribution) if info.distribution else []
    if not found:
        return _with_remedy(reason, info)
    return f"{reason}; {found[0].removesuffix('.')}, or block it: {info.remedy}."


def _is_default(spec: Spec) -> bool:
    return bool(getattr(spec, "is_default", False))


def _clash(info: PluginInfo, owner: PluginInfo, what: str, name: str) -> str:
    """Say that a plugin takes a name which another one has; ours come first."""
    mine, others = plain(info.name), plain(owner.name)
    if mine == others:
        mine, others = str(info), str(owner)
    things = what.replace("_", " ")
    return (
        f"Both {others} and {mine} register {things} {plain(name)!r}; {mine} is left out. "
        f"Block one: {owner.remedy} or {plain(info.identity)}."
    )


def _look(entry_points: Iterable[Any] | None) -> Sequence[tuple[AnnouncedPlugin, bool]]:
    """Return what is announced, and whether it is ours."""
    if entry_points is not None:
        found, named = of_points(entry_points), doors_requirements()
    else:
        installed = list(distributions())
        found = announced(ENTRY_POINT_GROUP, installed)
        named = doors_requirements(called(PROJECT, installed))
    return [(one, is_family(one, named)) for one in found]


def _info(one: AnnouncedPlugin, is_ours: bool) -> PluginInfo:
    info = PluginInfo(
        one.name, one.distribution, one.version, is_ours=is_ours, entry_point=one.point
    )
    if one.fault:
        info.state, info.reason, info.error = "broken", one.fault, one.fault
    return info


_chosen: PluginSwitches | None = None
_put: Plugins | None = None


@functools.cache
def plugins() -> Plugins:
    """Return this process's plugins; the first call reads which there are."""
    return _put or Plugins(switches())


def switches() -> PluginSwitches:
    """Return which plugins may be imported: as was chosen, else as the environment says."""
    return _chosen or PluginSwitches.parse(*plugin_switches())


def put_in_place(found: Plugins) -> Plugins:
    """Have other plugins count from now on, and return those that did.

    Args:
        found: They are loaded already.
    """
    global _put
    before, _put = plugins(), found
    plugins.cache_clear()
    return before


def choose_plugins(switches: PluginSwitches) -> None:
    """Decide, before anything is imported, which plugins may be.

    Raises:
        PluginError: It is too late: plugins are in use already.
    """
    global _chosen
    if plugins.cache_info().currsize:
        raise PluginError("Plugins are in use already; choose them before the first call.")
    _chosen = switches
