"""Examples in docstrings, as they are written on an event loop."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from tools import asynchronous_tables as tables

if TYPE_CHECKING:
    from tools.asynchronous_scan import World

_HANDLES = re.compile(
    r"from clarifai_(?:resources|datasets|search|runner)(?:\.\w+)+ import "
    r"(App|Dataset|Inputs|Model|Module|Runner|Search|User|Workflow)\b"
)


def adapted(docstring: str, world: World) -> str:
    """Return a docstring, as it stands in the source, with its examples adapted."""
    rows, made, at = docstring.split("\n"), [], 0
    while at < len(rows):
        found = re.match(r'^(\s*(?:r?""")?)>>> (.*)$', rows[at])
        if found is None:
            made.append(rows[at])
            at += 1
            continue
        indent, code = found[1], [found[2]]
        more = re.compile(rf"^{re.escape(re.sub(r'[^ ]', ' ', indent))}\.\.\. ?(.*)$")
        while at + 1 < len(rows) and (next_row := more.match(rows[at + 1])):
            code.append(next_row[1])
            at += 1
        at += 1
        changed = example("\n".join(code), world).split("\n")
        blank = re.sub(r"[^ ]", " ", indent)
        made.append(f"{indent}>>> {changed[0]}")
        made += [f"{blank}... {row}".rstrip() for row in changed[1:]]
    return "\n".join(made)


def example(code: str, world: World) -> str:
    """Return one example with `await` where a method waits."""
    from tools.asynchronous_rewrite import Edits, waiting_call, waiting_loop

    code = _HANDLES.sub(r"from clarifai.aio import \1", code)
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return code
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            child.parent = node  # type: ignore[attr-defined]
    edits = Edits(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in world.methods - tables.AMBIGUOUS and not _is_told(node):
                waiting_call(edits, node)
        elif isinstance(node, ast.For) and _is_listing(node.iter):
            edits.put(edits.start(node), "async ")
        elif isinstance(node, ast.comprehension) and not node.is_async and _is_listing(node.iter):
            waiting_loop(edits, node.target)
    return edits.made()


def _is_told(call: ast.Call) -> bool:
    """Return whether the example says already that it waits."""
    parent = call.parent  # type: ignore[attr-defined]
    return isinstance(parent, ast.Await) or bool(getattr(parent, "is_async", 0))


def _is_listing(node: ast.expr) -> bool:
    if isinstance(node, ast.Name):
        return node.id in ("pages", "pager")
    is_method = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    return is_method and node.func.attr in tables.LISTINGS  # type: ignore[attr-defined]
