"""Reads what a Python file imports, without running it, for the tests of the house's rules."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

import attrs

LAZY_CALLS = {"lazy_module", "import_module", "load_target", "__import__"}
"""Functions whose first text argument is imported later."""

DOOR_CALLS = {"door", "program"}
"""Functions of `clarifai_core.doors`: their texts `"package.module:name"` are imported later."""


_TELLING = (ast.Import, ast.ImportFrom, ast.Call)
_LEAVES = (ast.Name, ast.Constant, ast.expr_context, ast.operator, ast.cmpop, ast.boolop)
"""Most of the nodes: nothing below them names a module."""


class When(Enum):
    """When an import takes effect."""

    LOADING = "when the module is loaded"
    CALLED = "when a function is called"
    TYPING = "for the type checker only"


@attrs.frozen
class Import:
    """One module that a file names."""

    module: str
    line: int
    when: When
    names: tuple[str, ...] = ()
    """What is taken from it: attributes, or modules below it."""


def imports_of(path: Path) -> list[Import]:
    """Return every import of a file, in order: statements, and texts given to lazy imports."""
    return list(_found_in(path.read_text("utf-8")))


@functools.lru_cache(maxsize=4096)
def _found_in(text: str) -> tuple[Import, ...]:
    """Read each text once: several rules ask about the same files."""
    found: list[Import] = []
    _walk(ast.parse(text), When.LOADING, found)
    return tuple(found)


def _walk(node: ast.AST, when: When, found: list[Import]) -> None:
    if isinstance(node, _TELLING):
        found += _own(node, when)
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, _LEAVES):
            _walk(child, _when_inside(node, child, when), found)


def _own(node: ast.AST, when: When) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        yield from (Import(alias.name, node.lineno, when) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        names = tuple(alias.name for alias in node.names)
        yield Import(node.module or "", node.lineno, when, names)
    elif isinstance(node, ast.Call):
        for text in _lazy_texts(node):
            yield Import(text.partition(":")[0], node.lineno, When.CALLED)


def _lazy_texts(call: ast.Call) -> list[str]:
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if name in LAZY_CALLS:
        return _texts(call.args[:1])
    if name in DOOR_CALLS:
        values = [*call.args, *(keyword.value for keyword in call.keywords)]
        return [text for text in _texts(values) if ":" in text]
    return []


def _texts(values: list[ast.expr]) -> list[str]:
    constants = [value.value for value in values if isinstance(value, ast.Constant)]
    return [text for text in constants if isinstance(text, str) and text]


def _when_inside(parent: ast.AST, child: ast.AST, when: When) -> When:
    if isinstance(parent, ast.If) and child in parent.body and _is_typing(parent.test):
        return When.TYPING
    in_function = isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    return When.CALLED if in_function and when is When.LOADING else when


def _is_typing(test: ast.expr) -> bool:
    return getattr(test, "id", getattr(test, "attr", "")) == "TYPE_CHECKING"
