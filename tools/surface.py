"""List the public names of the SDK with their signatures: what users and plugins rely on.

`tests/sdk/surface.txt` holds the list as it was agreed; a test compares. After an intended change:

    uv run python tools/surface.py > tests/sdk/surface.txt
"""

from __future__ import annotations

import importlib
import inspect
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

MODULES = (
    "clarifai.client",
    "clarifai.client.app",
    "clarifai.client.auth",
    "clarifai.client.auth.helper",
    "clarifai.client.base",
    "clarifai.client.dataset",
    "clarifai.client.input",
    "clarifai.client.lister",
    "clarifai.client.model",
    "clarifai.client.module",
    "clarifai.client.runner",
    "clarifai.client.search",
    "clarifai.client.user",
    "clarifai.client.workflow",
    "clarifai.constants.dataset",
    "clarifai.constants.input",
    "clarifai.constants.model",
    "clarifai.constants.search",
    "clarifai_core.contracts",
    "clarifai_core.hookspecs",
    "clarifai_core.paging",
    "clarifai_datasets.upload.base",
    "clarifai_datasets.upload.features",
    "clarifai_datasets.upload.report",
    "clarifai_datasets.upload.utils",
    "clarifai.errors",
    "clarifai_local",
    "clarifai.urls.helper",
    "clarifai.utils.misc",
)
"""Where public names are imported from; each class is described at the first one that has it."""


def surface() -> Iterator[str]:
    """Yield a line for every public name, in a fixed order."""
    described: set[object] = set()
    for path in MODULES:
        module = importlib.import_module(path)
        for name in _public_names(module):
            value = getattr(module, name)
            yield f"{path}.{name}{_what(value)}"
            if inspect.isclass(value) and value not in described:
                described.add(value)
                yield from (f"    {line}" for line in _members(value))


def _public_names(module: Any) -> list[str]:
    listed = getattr(module, "__all__", None)
    if listed is not None:
        return sorted(listed)
    own = module.__name__
    return sorted(
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and getattr(value, "__module__", own) == own
        and not inspect.ismodule(value)
        and name not in ("TYPE_CHECKING", "annotations")
    )


def _what(value: Any) -> str:
    if inspect.isclass(value):
        bases = ", ".join(base.__name__ for base in value.__bases__ if base is not object)
        return f" class({bases})"
    return _signature(value) if callable(value) else f" = {value!r}"


def _signature(value: Any) -> str:
    try:
        return str(inspect.signature(value))
    except (TypeError, ValueError):  # builtins and type aliases have none
        return f" = {value}"


def _members(cls: type) -> Iterator[str]:
    init = inspect.getattr_static(cls, "__init__")
    if inspect.isfunction(init):
        yield f"__init__{inspect.signature(init)}"
    for name in sorted(set(dir(cls))):
        if name.startswith("_") or _is_foreign(cls, name):
            continue
        yield _member(name, inspect.getattr_static(cls, name))


def _is_foreign(cls: type, name: str) -> bool:
    """Return whether a member comes from Python itself, such as `Exception.args`."""
    owner = next(base for base in cls.__mro__ if name in vars(base))
    return not owner.__module__.startswith("clarifai")


def _member(name: str, value: Any) -> str:
    if isinstance(value, (classmethod, staticmethod)):
        kind = type(value).__name__
        return f"{name}{inspect.signature(value.__func__)} [{kind}]"
    if inspect.isfunction(value):
        return f"{name}{inspect.signature(value)}"
    if isinstance(value, property) or hasattr(type(value), "__get__"):
        return f"{name} [attribute]"
    return f"{name} = {value!r}"


if __name__ == "__main__":
    print("\n".join(surface()))
