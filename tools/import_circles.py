"""Finds the import circles of all packages, and prints what closes each one.

    python -m tools.import_circles

A circle is a set of modules each of which needs every other one before it can do its work. Imports
inside functions and texts given to lazy imports count: they only move the knot to the first call.
What only type checkers import does not: it never runs, and two handles that hand each other out (an
app its datasets, a dataset its app) have to name each other's types. An import of a module below a
package is none of the package's `__init__`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tools.imports import Import, When, imports_of
from tools.wheels import module_name, workspace

Graph = Mapping[str, Mapping[str, str]]
"""Module -> module that it imports -> `"file:line"` of the import."""


def graph(sources: Iterable[Path]) -> Graph:
    """Return who imports whom among the modules below some source folders.

    Args:
        sources: Folders from which module names count, such as `packages/core/src`.
    """
    files = {
        module_name(path.relative_to(source).as_posix()): path
        for source in sources
        for path in sorted(source.rglob("*.py"))
    }
    return {module: dict(_arrows(module, path, files)) for module, path in files.items()}


def _arrows(module: str, path: Path, known: Mapping[str, Path]) -> Iterator[tuple[str, str]]:
    for found in imports_of(path):
        if found.when is not When.TYPING:
            for target in _targets(found, known):
                if target != module:
                    yield target, f"{path.name}:{found.line}"


def _targets(found: Import, known: Mapping[str, Path]) -> set[str]:
    below = {f"{found.module}.{name}" for name in found.names}
    modules = below & known.keys()
    takes_names = not found.names or modules != below
    return modules | ({found.module} & known.keys() if takes_names else set())


def circles(arrows: Graph) -> list[tuple[str, ...]]:
    """Return each set of modules that import each other, in order of their names.

    Example:
        >>> circles({"a": {"b": "a.py:1"}, "b": {"a": "b.py:1"}, "c": {"a": "c.py:1"}})
        [('a', 'b')]
    """
    reach = {module: _reachable(module, arrows) for module in arrows}
    knots = {
        tuple(sorted({module, *(one for one in reach[module] if module in reach[one])}))
        for module in arrows
    }
    return sorted(knot for knot in knots if len(knot) > 1)


def _reachable(start: str, arrows: Graph) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        fresh = arrows.get(waiting.pop(), {}).keys() - found
        found |= fresh
        waiting += fresh
    return found


def described(knot: Iterable[str], arrows: Graph) -> str:
    """Return the imports that make a circle, one to a line."""
    members = set(knot)
    return "\n".join(
        f"{module} -> {target} ({place})"
        for module in sorted(members)
        for target, place in arrows[module].items()
        if target in members
    )


def main() -> int:
    """Print each circle of the workspace; 1 when there is any."""
    arrows = graph(package.source.parent for package in workspace().values())
    found = circles(arrows)
    for knot in found:
        print(f"{described(knot, arrows)}\n")
    print(f"{len(found)} import circles among {len(arrows)} modules")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
