"""Modules that are imported when they are first used, so that doors open at once.

Two rules, and nobody else in the house need think of it:

- What is heavy (grpc, protobuf, httpx, yaml) is imported from `clarifai_core.heavy`.
- Modules of ours are imported in the plain way. Each package says `lazy_submodules(__name__)` in
  its `__init__`, and from then on

        from clarifai_core import ops                   # runs `ops` when an attribute is asked for
        from clarifai_core.errors import UserError      # runs `errors` now

  so what a door loads writes the first, and anybody may write the second.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

_QUIET: Mapping[str, Mapping[str, str]] = {"grpc": {"GRPC_VERBOSITY": "NONE"}}
"""Modules that print to stderr by themselves, and the variables that they ask once whether to: as
they are imported, or, as gRPC before 1.74 does, as the first channel or server is made (`quiet`).
What gRPC has to say of a fork or a handshake is in the errors that it raises; somebody who sets the
variable gets those lines, too."""


class _LazyModule:
    """Stands for a module until its first attribute is asked for."""

    __slots__ = ("__dict__", "_name")

    _name: str

    def __init__(self, name: str) -> None:
        object.__setattr__(self, "_name", name)

    def __getattr__(self, attribute: str) -> object:
        value: object = getattr(import_module(self._name), attribute)
        if not attribute.startswith("__"):
            self.__dict__[attribute] = value
        return value

    def __setattr__(self, attribute: str, value: object) -> None:
        # Tests that patch `a.b.c` walk over attributes: they must reach the module itself.
        setattr(import_module(self._name), attribute, value)
        self.__dict__[attribute] = value

    def __delattr__(self, attribute: str) -> None:
        delattr(import_module(self._name), attribute)
        self.__dict__.pop(attribute, None)

    def __dir__(self) -> list[str]:
        return dir(import_module(self._name))

    def __repr__(self) -> str:
        return f"<lazy module {self._name!r}>"


def lazy_module(name: str) -> ModuleType:
    """Return a stand-in that imports the module `name` on first use.

    Args:
        name: Absolute dotted name.

    Example:
        >>> json = lazy_module("json")
        >>> json.loads("[1]")
        [1]
    """
    # To type checkers it is what it becomes.
    return cast("ModuleType", _LazyModule(name))


def lazy_submodules(package: str) -> None:
    """Have `from package import submodule` run the submodule on first use only.

    Args:
        package: The package's `__name__`; said in its `__init__`, before it imports from itself.
            A `__getattr__` that it has already is asked for what is no submodule.
    """
    module = sys.modules[package]
    others = vars(module).get("__getattr__")

    def __getattr__(name: str) -> object:  # noqa: N807  why: PEP 562 names it so
        submodule = f"{package}.{name}"
        if name.startswith("__") or find_spec(submodule) is None:
            if others is not None:
                return others(name)
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        stand_in = _LazyModule(submodule)
        # The import system puts the module itself here, once it has run.
        setattr(module, name, stand_in)
        return stand_in

    setattr(module, "__getattr__", __getattr__)  # noqa: B010  why: to mypy the package has none


def import_module(name: str) -> ModuleType:
    """Import `name` and return the module itself; cheaper than importlib when it is loaded."""
    # `sys.modules` also has what another thread is still importing: this waits for it.
    if name in _QUIET and name not in sys.modules:
        with quiet(name):
            __import__(name)
    else:
        __import__(name)
    return sys.modules[name]


@contextmanager
def quiet(module: str) -> Iterator[None]:
    """Have a module that asks now whether to print lines of its own be told not to.

    What somebody has set counts, and the environment is afterwards as it was.

    Args:
        module: `"grpc"`.

    Example:
        >>> with quiet("grpc"):
        ...     verbosity = os.environ["GRPC_VERBOSITY"]
        >>> verbosity
        'NONE'
    """
    wanted = _QUIET[module]
    ours = {name: value for name, value in wanted.items() if name not in os.environ}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name in ours:
            os.environ.pop(name, None)


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
