"""Modules that are imported when they are first used, so that doors open at once.

A room that a door opens may not import grpc, protobuf or attrs at its top. It names what it will
need here instead; the type checker sees the real module:

    TYPE_CHECKING = False
    if TYPE_CHECKING:
        from clarifai_core import ops
    else:
        ops = lazy_module("clarifai_core.ops")
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType


class _LazyModule:
    """Stands for a module until its first attribute is asked for."""

    __slots__ = ("__dict__", "_name")

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> object:
        module = import_module(self._name)
        value: object = getattr(module, attribute)
        if not attribute.startswith("__"):
            self.__dict__[attribute] = value
        return value

    def __repr__(self) -> str:
        return f"<lazy module {self._name!r}>"


def lazy_module(name: str) -> _LazyModule:
    """Return a stand-in that imports the module `name` on first use.

    Args:
        name: Absolute dotted name.

    Example:
        >>> json = lazy_module("json")
        >>> json.loads("[1]")
        [1]
    """
    return _LazyModule(name)


def import_module(name: str) -> ModuleType:
    """Import `name` and return the module itself; cheaper than importlib when it is loaded."""
    # `sys.modules` also has what another thread is still importing: this waits for it.
    __import__(name)
    return sys.modules[name]


def load_target(target: str) -> object:
    """Import what a `"package.module:attribute"` text names.

    Raises:
        ImportError: The module, or what it imports, is missing.
        AttributeError: The module has no such attribute.

    Example:
        >>> load_target("json:loads")("[1]")
        [1]
    """
    module, _, attribute = target.partition(":")
    return getattr(import_module(module), attribute)
