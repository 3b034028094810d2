"""Trying a plugin in code, before there is a distribution that brings it.

    with on_trial("acme.plugin"):
        open_loader("notes.tsv", "tsv")      # as if a distribution that announces it was installed

It counts in this process, for all threads, beside the plugins that are installed: it is checked as
they are, and a fault is one sentence. An installed plugin that names the same module gives way.
"""

from __future__ import annotations

import contextlib
from importlib.metadata import EntryPoint
from types import ModuleType
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core import registration
from clarifai_core.errors import PluginError
from clarifai_core.hookspecs import ENTRY_POINT_GROUP
from clarifai_core.plugins import Plugins, plugins, put_in_place, switches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarifai_core.plugins import PluginInfo

__all__ = ["on_trial"]


@contextlib.contextmanager
def on_trial(plugin: object, *, name: str = "trial") -> Iterator[PluginInfo]:
    """Have a plugin count for the length of a block, as if it was installed.

    Args:
        plugin: What its entry point is to name: a module or object, or the text that names it,
            such as `"acme.plugin"`.
        name: What its entry point is to be called; messages have it.

    Yields:
        How it is doing: its hooks, and what loading it took.

    Raises:
        PluginError: The plugin is broken; what is wrong, in the words of `clarifai plugins`.

    Sessions that are opened in the block are its own: handles that are made in it go through the
    policies and credentials of the plugin, those that talked to the platform before do not. Blocks
    may be within each other.

    Example:
        >>> from clarifai_core.contracts import LoaderSpec
        >>> from clarifai_core.hookspecs import hookimpl
        >>> from clarifai_core.plugins import plugins
        >>> class Acme:
        ...     @hookimpl
        ...     def clarifai_register_loaders(self):
        ...         return [LoaderSpec("tsv", "acme.loaders:TsvLoader", "Texts.")]
        >>> with on_trial(Acme()):
        ...     plugins().find("loaders", "tsv").help
        'Texts.'
        >>> plugins().find("loaders", "tsv") is None
        True
    """
    beside = plugins()
    tried = [*beside.on_trial, _point(plugin, name)]
    found = Plugins(switches(), beside=beside, on_trial=tried)
    info = found.list()[-1]
    if info.state == "broken":
        found.forget(info)
        reason = info.reason.replace(f"; update it, or block it: {info.remedy}.", ".")
        raise PluginError(f"The plugin {info} is broken: {reason}")
    before = put_in_place(found)
    try:
        with registration.trial(name):
            yield info
    finally:
        put_in_place(before)
        found.forget(info)


@attrs.frozen
class _Object:
    """An entry point that names something which is there already."""

    name: str
    value: str
    plugin: Any = attrs.field(repr=False)

    def load(self) -> object:
        return self.plugin


def _point(plugin: object, name: str) -> object:
    if isinstance(plugin, str):
        return EntryPoint(name, plugin, ENTRY_POINT_GROUP)
    named = plugin.__name__ if isinstance(plugin, ModuleType) else repr(type(plugin))
    return _Object(name, named, plugin)
