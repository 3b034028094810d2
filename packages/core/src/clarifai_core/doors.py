"""How doors open: names that are imported when they are first asked for.

A *door* is a documented import path, such as `clarifai.client.search`; what it leads to lives in a
room, such as `clarifai_search`. A door may not hold logic, so what little there is stands here.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from clarifai_core.lazy import load_target

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["door", "program"]


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


def program(command: str, target: str) -> Callable[[], object]:
    """Return the entry point of a program, which says in one sentence what it lacks.

    Args:
        command: What is typed: `"clarifai"`.
        target: The function that runs it, as `"package.module:function"`.
    """

    def main() -> object:
        try:
            run: Callable[[], object] = _open(f"The command {command}", target)  # type: ignore[assignment]
        except ImportError as error:
            from clarifai_core.installation import doors_fault

            sys.exit(doors_fault() or str(error))  # why: a mixture lacks modules, too
        return run()

    return main


def _open(path: str, target: str) -> object:
    try:
        return load_target(target)
    except ModuleNotFoundError as error:
        from clarifai_core._extras import extra_of_package

        package = target.partition(".")[0]
        extra = extra_of_package(package) if error.name == package else ""
        if not extra:
            raise
        raise ImportError(
            f'{path} needs an extra that is not installed: pip install "{extra}"', name=package
        ) from error
