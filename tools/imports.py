"""Reads what a Python file imports, without running it, for the tests of the house's rules."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

import attrs

LAZY_CALLS = {"lazy_module", "import_module", "load_target", "__import__", "door"}
"""Functions whose first text argument is imported later."""


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


def imports_of(path: Path) -> list[Import]:
    """Return every import of a file, in order: statements, and texts given to lazy imports."""
    return list(_walk(ast.parse(path.read_text("utf-8")), When.LOADING))


def _walk(node: ast.AST, when: When) -> Iterator[Import]:
    yield from _own(node, when)
    for child in ast.iter_child_nodes(node):
        yield from _walk(child, _when_inside(node, child, when))


def _own(node: ast.AST, when: When) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        yield from (Import(alias.name, node.lineno, when) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield Import(node.module or "", node.lineno, when)
    elif isinstance(node, ast.Call):
        later = _lazy_text(node)
        if later:
            yield Import(later, node.lineno, When.CALLED)


def _lazy_text(call: ast.Call) -> str:
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if name not in LAZY_CALLS or not call.args:
        return ""
    first = call.args[0]
    text = first.value if isinstance(first, ast.Constant) else ""
    return text.partition(":")[0] if isinstance(text, str) else ""


def _when_inside(parent: ast.AST, child: ast.AST, when: When) -> When:
    if isinstance(parent, ast.If) and child in parent.body and _is_typing(parent.test):
        return When.TYPING
    in_function = isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    return When.CALLED if in_function and when is When.LOADING else when


def _is_typing(test: ast.expr) -> bool:
    return getattr(test, "id", getattr(test, "attr", "")) == "TYPE_CHECKING"
