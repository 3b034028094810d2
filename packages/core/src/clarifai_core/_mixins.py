"""What plugins put on handles: the attribute of their class, bound as a base class's would be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_core.errors import PluginError
from clarifai_core.plugins import plugins

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clarifai_core.contracts import MixinSpec


def find(kind: str, name: str) -> MixinSpec | None:
    """Return the spec that puts an attribute on handles of a kind, or None."""
    return plugins().mixin(kind, name)


def names(kind: str) -> Sequence[str]:
    """Return the attributes that plugins put on handles of a kind."""
    return plugins().mixin_names(kind)


def attribute(spec: MixinSpec, name: str) -> object:
    """Return the attribute as the class has it: a function, a property, a classmethod.

    Raises:
        PluginError: The class cannot be imported, or has no such attribute.
    """
    owner = spec.load()
    if not isinstance(owner, type):
        raise _fault(spec, f"it must be a class, not a {type(owner).__name__}")
    for base in owner.__mro__:
        if name in vars(base):
            return vars(base)[name]
    raise _fault(spec, f"it has no {name!r}")


def bound(spec: MixinSpec, name: str, handle: object | None, cls: type) -> object:
    """Return what `handle.name` is, or `cls.name` where there is no handle."""
    found = attribute(spec, name)
    bind = getattr(type(found), "__get__", None)
    return found if bind is None else bind(found, handle, cls)


def _fault(spec: MixinSpec, reason: str) -> PluginError:
    who = plugins().owner("mixins", spec.name)
    return PluginError(f"The plugin {who} names {spec.target} for handles: {reason}{spec.remedy}.")
