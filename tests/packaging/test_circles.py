"""No module needs itself: imports inside functions and those for type checkers count, too."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

import pytest

from tools.imports import imports_of
from tools.wheels import workspace

PACKAGES = workspace()
FILES = {
    ".".join(path.relative_to(package.source.parent).with_suffix("").parts).removesuffix(
        ".__init__"
    ): path
    for package in PACKAGES.values()
    for path in package.source.rglob("*.py")
}
INITS = {name for name, path in FILES.items() if path.name == "__init__.py"}
IN_WORK = "clarifai_local"
"""The package that is not held to it yet."""


def imported(name: str) -> Iterator[str]:
    """Modules of ours that a module names.

    A package counts where something of its own is meant. Whoever imports a submodule does not
    import its packages: their `__init__` runs before.
    """
    path = FILES[name]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in FILES else str(node.module)
    yield from {found.module for found in imports_of(path)} - INITS


def graph() -> dict[str, set[str]]:
    """Name of a module -> what it imports."""
    return {
        name: {other for other in imported(name) if other in FILES and other != name}
        for name in FILES
        if not f"{name}.".startswith(f"{IN_WORK}.")
    }


def circle(arrows: Mapping[str, set[str]]) -> list[str]:
    """Return the modules of a circle, if there is one."""
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_modules_import_each_other():
    arrows = graph()
    assert len(arrows) > 200
    assert circle(arrows) == []


@pytest.mark.parametrize(
    "name", ["clarifai_core.errors", "clarifai_resources.app", "clarifai_datasets.handle"]
)
def test_the_graph_sees_plain_lazy_and_typing_imports(name: str):
    assert graph()[name] & {"clarifai_core.safe_text", "clarifai_core.paging"}


def test_a_circle_is_found():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}}) != []
