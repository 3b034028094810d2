"""One noun, one thing: no two classes of a package have one name, nor two that packages share.

A reader who searches for `class Source` finds one, and knows what an import of it means. Classes
of one name that differ by their module alone are told apart by nobody.
"""

from __future__ import annotations

import ast
import functools
from collections import defaultdict

from tools.wheels import workspace

TWIN = "clarifai_aio"
"""Its classes are those of the other packages, on a loop: the same nouns for the same things."""

SHARED = {
    "Exporter": "clarifai_compat has it as the official SDK does; clarifai_core's is the contract",
}
"""Names of classes in several packages, and why they have to be."""


@functools.cache
def classes() -> dict[str, dict[str, list[str]]]:
    """Return the modules that define a class, by its name and by package."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for package in workspace().values():
        for path in sorted(package.source.rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ClassDef):
                    module = path.relative_to(package.source.parent).as_posix()
                    found[node.name][package.room].append(module)
    return found


def test_no_two_classes_of_a_package_have_one_name():
    twice = {
        (room, name): modules
        for name, rooms in classes().items()
        for room, modules in rooms.items()
        if len(modules) > 1
    }
    assert twice == {}


def test_no_two_packages_have_classes_of_one_name():
    several = {
        name: sorted(owners)
        for name, rooms in classes().items()
        if not name.startswith("_")
        for owners in [rooms.keys() - {TWIN}]
        if len(owners) > 1
    }
    assert several.keys() == SHARED.keys(), several
