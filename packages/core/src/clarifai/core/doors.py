"""How doors open: names that are imported when they are first asked for.

A *door* is a documented import path, such as `clarifai.client.search`; what it leads to lives in a
room, such as `clarifai.search`. A door may not hold logic, so what little there is stands here.
"""

from __future__ import annotations

import sys

from clarifai.core.lazy import load_target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["door"]

_ROOMS_OF_EXTRAS = ("datasets", "search", "runner")
"""Rooms that an extra of the same name brings; the others are always there."""


def door(module: str, **targets: str) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Return the `__getattr__` and `__dir__` of a door.

    Args:
        module: The door's `__name__`.
        **targets: Name -> `"package.module:attribute"` that it stands for.

    Example:
        >>> getattribute, listed = door("json", dumps="json:dumps")
        >>> getattribute("dumps")([1]), "dumps" in listed()
        ('[1]', True)
    """

    def __getattr__(name: str) -> object:  # noqa: N807  why: PEP 562 names it so
        if name not in targets:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        value = _open(f"{module}.{name}", targets[name])
        setattr(sys.modules[module], name, value)
        return value

    def __dir__() -> list[str]:  # noqa: N807  why: as above
        return sorted({*vars(sys.modules[module]), *targets})

    return __getattr__, __dir__


def _open(path: str, target: str) -> object:
    room = ".".join(target.split(".")[:2])
    try:
        return load_target(target)
    except ModuleNotFoundError as error:
        extra = room.rpartition(".")[2]
        if error.name != room or extra not in _ROOMS_OF_EXTRAS:
            raise
        raise ImportError(
            f'{path} needs an extra that is not installed: pip install "clarifai[{extra}]"',
            name=room,
        ) from error
