"""Whether what an entry point names implements hooks as they are; each fault is one sentence.

pluggy refuses the same in words for its own developers, with the repr of a dict; and a hook without
its marker, which is never called, it does not see at all.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from clarifai_core.hookspecs import ENTRY_POINT_GROUP, HookSpecs
from clarifai_core.safe_text import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pluggy

HOOKS = tuple(name for name in vars(HookSpecs) if not name.startswith("_"))
"""The names of all hooks."""


def hook_fault(manager: pluggy.PluginManager, plugin: Any) -> str:
    """Return what is wrong with a plugin, with the remedy; `""` when nothing is."""
    if isinstance(plugin, type):
        return (
            f"its entry point names the class {plain(plugin.__name__)}: name a module, or an "
            f"instance, in [{ENTRY_POINT_GROUP}]"
        )
    return next(_faults(manager, plugin), "")


def _near(name: str) -> str:
    from clarifai_core.wire.messages import nearest  # protobuf: not for plugins that are fine

    return nearest(name, HOOKS).removeprefix("; ").removesuffix("?")


def _faults(manager: pluggy.PluginManager, plugin: Any) -> Iterator[str]:
    for name in dir(plugin):
        options = manager.parse_hookimpl_opts(plugin, name)
        if options is None:
            if name in HOOKS and callable(getattr(plugin, name)):
                yield f"{name} has no @hookimpl (of clarifai_core.hookspecs), so nobody calls it"
            continue
        hook = options.get("specname") or name
        if hook not in HOOKS:
            if not options.get("optionalhook"):
                near = _near(hook)
                yield (
                    f"{plain(hook)} is no hook{f' ({near}?)' if near else ''}: rename it, or leave "
                    "its @hookimpl out"
                )
            continue
        yield from _parameters(hook, getattr(plugin, name))


def _parameters(hook: str, function: Any) -> Iterator[str]:
    code = getattr(function, "__code__", None)
    if code is not None and code.co_argcount == 0 and not hasattr(function, "__wrapped__"):
        return  # most ask for nothing, and `inspect` takes its time
    takes = tuple(inspect.signature(getattr(HookSpecs, hook)).parameters)
    asked = [
        parameter.name
        for parameter in inspect.signature(function).parameters.values()
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
        and parameter.default is parameter.empty
    ]
    wrong = [plain(name) for name in asked if name not in takes]
    if wrong:
        known = f"only {', '.join(takes)}" if takes else "no parameters"
        yield f"{hook} asks for {', '.join(wrong)}: it gets {known}, so change its parameters"
