"""How a blocking module becomes an asynchronous one: the second half of `tools.asynchronous`.

The text stays what it is, comments and layout included; words are put into it where the syntax tree
says: `async`, `await`, other imports. What waits for nothing is left out and imported instead.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect
from itertools import accumulate

import attrs

from tools import asynchronous_docs as docs
from tools import asynchronous_tables as tables
from tools.asynchronous_scan import (
    FUNCTIONS,
    Module,
    World,
    enclosing,
    is_blocking,
    is_generator,
    is_manager,
)

HEADER = """\
# Made of {source} by a tool:
# change that, and run `python -m tools.asynchronous`.
"""
_TIGHT = (ast.Attribute, ast.Subscript, ast.BinOp, ast.UnaryOp, ast.Await)
"""What binds tighter than `await`, so that parentheses are needed."""


@attrs.define
class Edits:
    """Changes of a text, by where they are."""

    text: str
    changes: list[tuple[int, int, str]] = attrs.field(factory=list)
    _lines: list[int] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._lines = [0, *accumulate(map(len, self.text.splitlines(keepends=True)))]

    def at(self, line: int, column: int) -> int:
        """Return the place of a line, from 1, and a column, in bytes."""
        start = self._lines[line - 1]
        row = self.text[start : self._lines[line]].encode()
        return start + len(row[:column].decode())

    def start(self, node: ast.AST) -> int:
        """Return where a node begins."""
        return self.at(node.lineno, node.col_offset)  # type: ignore[attr-defined]

    def end(self, node: ast.AST) -> int:
        """Return where a node ends."""
        return self.at(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]

    def put(self, place: int, text: str, until: int | None = None) -> None:
        """Put a text somewhere; in place of what is there up to `until`."""
        self.changes.append((place, place if until is None else until, text))

    def made(self, start: int = 0, end: int | None = None) -> str:
        """Return a part of the text with its changes."""
        end = len(self.text) if end is None else end
        parts, place = [], start
        # At one place, what comes in first stands further out.
        for begin, until, text in sorted(self.changes, key=lambda one: one[0]):
            if not start <= begin < end or begin < place:
                continue
            parts += [self.text[place:begin], text]
            place = until
        return "".join([*parts, self.text[place:end]])

    def line_of(self, place: int) -> int:
        """Return the number of the line, from 1, that a place is in."""
        return bisect(self._lines, place)


def waiting_call(edits: Edits, call: ast.Call) -> None:
    """Put `await` in front of a call."""
    parent = call.parent  # type: ignore[attr-defined]
    is_tight = isinstance(parent, _TIGHT) or (isinstance(parent, ast.Call) and parent.func is call)
    edits.put(edits.start(call), "(await " if is_tight else "await ")
    if is_tight:
        edits.put(edits.end(call), ")")


def waiting_loop(edits: Edits, target: ast.AST) -> None:
    """Make `async for` of the `for` in front of a loop's target."""
    before = edits.text[: edits.start(target)].rstrip()
    while before.endswith("("):
        before = before[:-1].rstrip()
    if not before.endswith("for"):
        raise SystemExit(f"no loop: {before[-40:]}")
    edits.put(len(before) - 3, "async ")


def in_thread(edits: Edits, call: ast.Call) -> None:
    """Have a call that reads or writes files run in a thread."""
    comma = ", " if call.args or call.keywords else ""
    is_tight = isinstance(call.parent, _TIGHT)  # type: ignore[attr-defined]
    is_long = is_blocking(call, tables.LONG)
    how = "await in_thread(None, " if is_long else "await threads.to_thread("
    edits.put(edits.start(call), f"({how}" if is_tight else how)
    opening = edits.text.index("(", edits.end(call.func))
    edits.put(opening, comma, opening + 1)
    if is_tight:
        edits.put(edits.end(call), ")")


class Rewriter:
    """Makes the counterpart of one module.

    Args:
        world: All modules.
        module: The one.
        emitted: Module -> names that its counterpart defines.
        asked: Names that counterparts of others ask of this one's.
    """

    def __init__(
        self, world: World, module: Module, emitted: dict[str, set[str]], asked: set[str]
    ) -> None:
        self._world, self._module, self._emitted, self._asked = world, module, emitted, asked
        self._edits = Edits(module.text)

    def made(self) -> str:
        """Return the text of the counterpart."""
        for node in ast.walk(self._module.tree):
            self._edit(node)
        body = [self._segment(index) for index in self._kept()]
        own, lines = self._emitted[self._module.name], []
        used = {n.id for i in self._kept() for n in ast.walk(self._module.tree.body[i])
                if isinstance(n, ast.Name)} | self._quoted()  # fmt: skip
        shared = {n for n in self._module.top if n in used and n not in own} - self._asked
        lines += [f"from {self._module.name} import {name}\n" for name in sorted(shared)]
        for name in sorted(self._asked - own):
            where, inner = self._module.name, name
            if name not in self._module.top and name in self._module.imported:
                where, inner = self._module.imported[name]
            lines.append(f"from {where} import {inner} as {name}\n")
        doc = ast.get_docstring(self._module.tree, clean=False)
        future = "from __future__ import annotations\n"
        if "threads.to_thread(" in "".join(body):
            lines.append("from clarifai_aio._core import threads\n")
        if "in_thread(" in "".join(body):
            lines.append("from clarifai_aio._core.session import in_thread\n")
        lines += [
            f"from collections.abc import {name}\n"
            for name in ("AsyncIterator", "AsyncGenerator")
            if f"{name}[" in "".join(body) and name not in self._module.imported
        ]
        head = f'"""{doc}"""\n\n{future}\n'
        listed = [n for n in own if "__all__" in self._module.top and n in self._public()]
        tail = f"\n\n__all__ = {sorted(listed)!r}\n" if listed else ""
        text = "".join([head, *lines, *body])
        return HEADER.format(source=self._module.name) + "\n" + text + tail

    def _public(self) -> set[str]:
        node = self._module.top["__all__"]
        return set(ast.literal_eval(node.value)) if isinstance(node, ast.Assign) else set()

    def _quoted(self) -> set[str]:
        """Return names in annotations that are texts, and in those of `cast`."""
        found: set[str] = set()
        for index in self._kept():
            for node in ast.walk(self._module.tree.body[index]):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found |= set(re.findall(r"\w+", node.value)) if len(node.value) < 80 else set()
        return found

    def _kept(self) -> list[int]:
        """Return which statements of the top stay: imports, and what is emitted."""
        own, kept = self._emitted[self._module.name], []
        for index, node in enumerate(self._module.tree.body):
            if isinstance(node, ast.ImportFrom) and node.module == "__future__":
                continue
            if isinstance(node, (ast.Import, ast.ImportFrom, ast.If, ast.Try)) or (
                _names(node) & own
            ):
                kept.append(index)
        return kept

    def _segment(self, index: int) -> str:
        """Return a statement of the top with the comments before it and the text behind it."""
        body = self._module.tree.body
        node = body[index]
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
        rows = self._edits.text.splitlines()
        while first > 1 and rows[first - 2].startswith("#"):
            first -= 1
        end = self._edits.end(node)
        if (
            index + 1 < len(body)
            and _is_text(body[index + 1])
            and not isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.Import, ast.ImportFrom, ast.If))
        ):
            end = self._edits.end(body[index + 1])
        rest = self._edits.text[end:].split("\n", 1)[0]
        end += len(rest)
        gap = "\n\n" if isinstance(node, (*FUNCTIONS, ast.ClassDef)) else ""
        return f"{gap}{self._edits.made(self._edits.at(first, 0), end)}\n"

    # -- edits ------------------------------------------------------------------------------------

    def _edit(self, node: ast.AST) -> None:
        world, module, edits = self._world, self._module, self._edits
        if isinstance(node, ast.ImportFrom):
            self._edit_import(node)
        elif isinstance(node, FUNCTIONS):
            self._edit_function(node)
        elif isinstance(node, ast.Call) and not _is_awaited_already(node):
            function = enclosing(node, (*FUNCTIONS, ast.Lambda))
            if isinstance(function, ast.Lambda) and function.body is node:
                return  # what it returns is awaited where it is called
            if world.is_awaited(module, node):
                waiting_call(edits, node)
            elif is_blocking(node) and function in world.waits:
                in_thread(edits, node)
        elif isinstance(node, ast.For) and world.is_iterated(module, node.iter):
            edits.put(edits.start(node), "async ")
        elif isinstance(node, ast.comprehension) and not node.is_async:
            if world.is_iterated(module, node.iter):
                waiting_loop(edits, node.target)
        elif isinstance(node, ast.With):
            if any(world.is_entered(module, one.context_expr) for one in node.items):
                edits.put(edits.start(node), "async ")
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.YieldFrom):
            self._edit_yield_from(node, node.value)
        if isinstance(node, ast.Constant) and _is_docstring(node) and ">>>" in str(node.value):
            start, end = edits.start(node), edits.end(node)
            edits.put(start, docs.adapted(edits.text[start:end], world), end)

    def _edit_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        edits = self._edits
        name = node.name
        if f"{self._module.name}:{_qualified(node)}" in tables.DROPPED:
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            edits.put(edits.at(first, 0), "", edits.end(node))
            return
        if isinstance(node, ast.AsyncFunctionDef) or node not in self._world.waits:
            return
        if any("property" in ast.unparse(one) for one in node.decorator_list):
            raise SystemExit(f"{self._module.name}: the property {name} would wait")
        edits.put(edits.start(node), "async ")
        for one in node.decorator_list:
            if is_manager(node) and ast.unparse(one) == "contextmanager":
                edits.put(edits.start(one), "async")
        if node.returns is not None and is_generator(node):
            text = ast.unparse(node.returns)
            if text.startswith(("Iterator[", "Generator[")):
                edits.put(edits.start(node.returns), "Async")

    def _edit_yield_from(self, node: ast.Expr, value: ast.YieldFrom) -> None:
        is_async = self._world.is_iterated(self._module, value.value)
        if not is_async and enclosing(node, FUNCTIONS) not in self._world.waits:
            return
        loop = "async for" if is_async else "for"
        start, until = self._edits.start(node), self._edits.start(value.value)
        self._edits.put(start, f"{loop} part in ", until)
        self._edits.put(self._edits.end(node), f":\n{' ' * (node.col_offset + 4)}yield part")

    def _edit_import(self, node: ast.ImportFrom) -> None:
        """Ask counterparts for what they define, and the sources for the rest."""
        groups: dict[str, list[str]] = {}
        for one in node.names:
            where, name, alias = self._placed(node.module or "", one.name, one.asname or one.name)
            groups.setdefault(where, []).append(name if name == alias else f"{name} as {alias}")
        edits = self._edits
        indent = " " * node.col_offset
        lines = [f"from {where} import {', '.join(names)}" for where, names in groups.items()]
        edits.put(edits.start(node), f"\n{indent}".join(lines), edits.end(node))

    def _placed(self, package: str, name: str, alias: str) -> tuple[str, str, str]:
        """Return where an import finds its name: (module, name there, name here)."""
        from tools.asynchronous_scan import meant

        where, inner = meant(package, name)
        found = self._world.modules.get(where)
        if found is None or not (found.is_written or self._emitted[where]):
            return package, name, alias
        if not inner:
            if package.count(".") == 0 and f"{package}.{name}" in tables.PACKAGES:
                folder, _, last = found.target.rpartition(".")
                return folder, last, alias
            folder, _, last = found.target.rpartition(".")
            return folder, last, alias
        return (found.target if inner in self._emitted[where] else package), name, alias


def _names(node: ast.AST) -> set[str]:
    """Return the names that a statement of the top defines."""
    if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        return {node.name}
    if isinstance(node, ast.Assign):
        return {one.id for one in node.targets if isinstance(one, ast.Name)} - {"__all__"}
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return {node.target.id}
    return set()


def _qualified(node: ast.AST) -> str:
    cls = getattr(node, "parent", None)
    own = str(node.name)  # type: ignore[attr-defined]
    return f"{cls.name}.{own}" if isinstance(cls, ast.ClassDef) else own


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_docstring(node: ast.Constant) -> bool:
    parent = node.parent  # type: ignore[attr-defined]
    return isinstance(node.value, str) and isinstance(parent, ast.Expr)


def _is_awaited_already(node: ast.Call) -> bool:
    return isinstance(node.parent, ast.Await)  # type: ignore[attr-defined]


def emitted_names(world: World) -> dict[str, set[str]]:
    """Return, of each module, the names that its counterpart defines.

    Those that wait; classes with such methods; and whatever uses a name that is defined anew.
    """
    found: dict[str, set[str]] = {name: set() for name in world.modules}
    for module in world.modules.values():
        own = set(module.top) if module.is_written else set(tables.ANEW.get(module.name, ()))
        found[module.name] |= own
    changed = True
    while changed:
        changed = False
        for module in world.modules.values():
            for name, node in () if module.is_written else module.top.items():
                if name in found[module.name] or name == "__all__":
                    continue
                if _is_tainted(world, module, node, found):
                    found[module.name].add(name)
                    changed = True
    return found


def _is_tainted(world: World, module: Module, node: ast.AST, found: dict[str, set[str]]) -> bool:
    if f"{module.name}:{getattr(node, 'name', '')}" in tables.DROPPED:
        return False
    annotations: set[int] = set()
    for one in ast.walk(node):
        for field in ("annotation", "returns"):
            note = getattr(one, field, None)
            if isinstance(note, ast.AST) and not (isinstance(one, ast.AnnAssign)
                                                  and isinstance(one.parent, ast.ClassDef)):  # type: ignore[attr-defined]  # fmt: skip
                annotations |= {id(inner) for inner in ast.walk(note)}
    for one in ast.walk(node):
        if one in world.waits:
            return True
        is_used = isinstance(one, ast.Name) and id(one) not in annotations
        if is_used and _is_anew(module, one.id, found):  # type: ignore[attr-defined]
            return True
        if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name):
            where, inner = module.imported.get(one.value.id, ("", ""))
            if where in found and not inner and one.attr in found[where]:
                return id(one) not in annotations
    is_type = isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("TypeVar(")
    if is_type:
        return any(
            isinstance(one, ast.Constant) and _is_anew(module, _first_word(one.value), found)
            for one in ast.walk(node)
        )
    return False


def _first_word(value: object) -> str:
    return re.split(r"\W", value)[0] if isinstance(value, str) else ""


def _is_anew(module: Module, name: str, found: dict[str, set[str]]) -> bool:
    if name in module.top:
        return name in found[module.name]
    where, inner = module.imported.get(name, ("", ""))
    return bool(inner) and where in found and inner in found[where]
