"""How doors open: names that are imported when they are first asked for.

A *door* is a documented import path, such as `clarifai.client.search`; what it leads to lives in a
room, such as `clarifai_search`. A door may not hold logic, so what little there is stands here. A
*signpost* stands where a door of another SDK leads that this one has not: it says what to use.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from clarifai_core.lazy import load_target

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from importlib.machinery import ModuleSpec
    from types import ModuleType

__all__ = ["door", "program", "signpost", "signposts"]


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
        is_public = not name.startswith("_")  # the import system asks for others
        target = targets.get(name) or (_moved(f"{module}.{name}") if is_public else "")
        if not target:
            said = signpost(f"{module}.{name}") if is_public else ""
            if said:
                raise ImportError(said, name=module)
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        value = _open(f"{module}.{name}", target)
        setattr(sys.modules[module], name, value)
        return value

    def __dir__() -> list[str]:  # noqa: N807  why: as above
        return sorted({*vars(sys.modules[module]), *targets})

    return __getattr__, __dir__


_TABLES: dict[str, str] = {}
"""Package -> where its signposts stand."""

MOVED = "-> "
"""What a signpost begins with that names a target to open instead of a sentence."""


def signposts(package: str, target: str) -> None:
    """Have imports below a package that lead nowhere say in one sentence what to use instead.

    Args:
        package: A package of doors: `"clarifai"`.
        target: `"package.module:attribute"` of a table, which is read when an import fails: the
            dotted name of a module, or of a name in a module of doors, -> the rest of the sentence.
            `""` makes an empty package of a module; `"-> package.module:attribute"` opens that.
    """
    if package not in _TABLES:
        # Behind all other finders: it is asked for what nobody else has.
        sys.meta_path.append(_Signposts(package))
    _TABLES[package] = target


def signpost(name: str) -> str:
    """Return what an import of a module, or of a name in a module of doors, says; else `""`.

    Args:
        name: Dotted: `"clarifai.client.nodepool"`.
    """
    said = _table(name).get(name, "")
    if not said or said.startswith(MOVED):
        return ""
    return f"{name} is not part of this SDK: {said}"


def _moved(name: str) -> str:
    said = _table(name).get(name, "")
    return said.removeprefix(MOVED) if said.startswith(MOVED) else ""


def _table(name: str) -> Mapping[str, str]:
    target = _TABLES.get(name.partition(".")[0])
    return load_target(target) if target else {}  # type: ignore[return-value]


class _Signposts:
    """Finds what no other finder has: empty packages, and modules whose import says a sentence."""

    def __init__(self, package: str) -> None:
        self._below = f"{package}."

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        del path, target
        if not name.startswith(self._below) or name not in _table(name):
            return None
        from importlib.machinery import ModuleSpec

        return ModuleSpec(name, self, is_package=not signpost(name))  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> None:
        """Have the import system make the module."""

    def exec_module(self, module: ModuleType) -> None:
        said = signpost(module.__name__)
        if said:
            raise ImportError(said, name=module.__name__)
        vars(module)["__getattr__"], vars(module)["__dir__"] = door(module.__name__)


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
        from clarifai_core.installation import faults_of

        package = target.partition(".")[0]
        damaged = faults_of(package)
        if damaged:
            raise ImportError(f"{path} is not there: {damaged[0]}", name=error.name) from error
        extra = extra_of_package(package) if error.name == package else ""
        if not extra:
            raise
        raise ImportError(
            f'{path} needs an extra that is not installed: pip install "{extra}"', name=package
        ) from error
