"""What the blocking modules hold, and which of it waits: the first half of `tools.asynchronous`.

A function waits when it calls one that does. Where that begins - the calls of a session, callbacks,
iterators - stands in `tools.asynchronous_tables`; the rest follows, over all modules, until nothing
changes any more.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from functools import cached_property
from pathlib import Path

import attrs

from tools import asynchronous_tables as tables

PACKAGES = Path(__file__).parent.parent / "packages"
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
SCOPES = (*FUNCTIONS, ast.Lambda)
Function = ast.FunctionDef | ast.AsyncFunctionDef


def path_of(module: str) -> Path:
    """Return the file of a module of ours: `"clarifai_core.ops"`."""
    package = module.partition(".")[0]
    folder = PACKAGES / package.removeprefix("clarifai_") / "src"
    path = folder / module.replace(".", "/")
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a function that run when it does: not those of functions inside."""
    waiting = list(ast.iter_child_nodes(function))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, SCOPES):
            waiting += ast.iter_child_nodes(node)


@attrs.define(eq=False)
class Module:
    """One source: its text, with the replacements of the tables made."""

    name: str
    target: str
    is_written: bool = False
    """Whether its counterpart is written by hand; then the text is that one's."""

    @cached_property
    def text(self) -> str:
        """Return the text."""
        text = path_of(self.target if self.is_written else self.name).read_text("utf-8")
        for old, new in tables.REPLACED.get(self.name, ()) if not self.is_written else ():
            if old not in text:
                raise SystemExit(f"{self.name}: REPLACED has what is not there: {old!r}")
            text = text.replace(old, new)
        return text

    @cached_property
    def tree(self) -> ast.Module:
        """Return the syntax tree, in which each node knows the one that it is in."""
        tree = ast.parse(self.text)
        for node in ast.walk(tree):
            for child in ast.iter_child_nodes(node):
                child.parent = node  # type: ignore[attr-defined]
        return tree

    @cached_property
    def top(self) -> dict[str, ast.AST]:
        """Return what is defined at the top, by name."""
        found: dict[str, ast.AST] = {}
        for node in self.tree.body:
            if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
                found[node.name] = node
            elif isinstance(node, ast.Assign):
                found.update((n.id, node) for n in node.targets if isinstance(n, ast.Name))
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                found[node.target.id] = node
        return found

    @cached_property
    def imported(self) -> dict[str, tuple[str, str]]:
        """Return what is imported: name -> (module, name there; `""`: the module itself)."""
        found = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                for one in node.names:
                    found[one.asname or one.name] = meant(node.module, one.name)
        return found


@attrs.define(eq=False)
class World:
    """All modules, and what is known of them."""

    modules: dict[str, Module]
    waits: set[ast.AST] = attrs.field(factory=set)
    """Functions that are coroutines, or asynchronous generators."""
    methods: set[str] = attrs.field(factory=set)
    """Names of methods that are awaited, of whatever class."""

    @classmethod
    def read(cls) -> World:
        """Read all sources, and find out what waits."""
        found = {name: Module(name, target) for name, target in tables.MODULES.items()}
        for name, target in tables.WRITTEN.items():
            found[name] = Module(name, target, is_written=True)
        world = cls(found)
        for module in found.values():
            world.waits |= {n for n in ast.walk(module.tree) if isinstance(n, ast.AsyncFunctionDef)}
        while world._spread():
            pass
        return world

    def _spread(self) -> bool:
        before = len(self.waits)
        self.methods = {
            node.name
            for node in self.waits
            if isinstance(node, FUNCTIONS)
            and isinstance(node.parent, ast.ClassDef)  # type: ignore[union-attr]
            and not is_generator(node)
            and not node.name.startswith("__")
        }
        for module in self.modules.values():
            if module.is_written:
                continue
            for node in ast.walk(module.tree):
                if isinstance(node, FUNCTIONS) and node not in self.waits:
                    told = implementation(node)
                    if told in self.waits or any(
                        self.makes_wait(module, one) for one in own_nodes(node)
                    ):
                        self.waits.add(node)
        return len(self.waits) > before

    def makes_wait(self, module: Module, node: ast.AST) -> bool:
        """Return whether a node can only stand in a function that waits."""
        if isinstance(node, (ast.Await, ast.AsyncFor, ast.AsyncWith)):
            return True
        if isinstance(node, ast.Call):
            return self.is_awaited(module, node) or is_blocking(node, tables.LONG)
        if isinstance(node, (ast.For, ast.comprehension)):
            return self.is_iterated(module, node.iter)
        if isinstance(node, ast.YieldFrom):
            return self.is_iterated(module, node.value)
        return isinstance(node, ast.withitem) and self.is_entered(module, node.context_expr)

    # -- what names mean --------------------------------------------------------------------------

    def resolve(self, module: Module, name: str) -> tuple[Module, ast.AST] | None:
        """Return what a name at the top of a module, or imported there, is defined by."""
        if name in module.top:
            return module, module.top[name]
        where, inner = module.imported.get(name, ("", ""))
        found = self.modules.get(where)
        if not inner or found is None:
            return None
        return (found, found.top[inner]) if inner in found.top else None

    def method(self, module: Module, cls: ast.ClassDef, name: str) -> ast.AST | None:
        """Return a method of a class, or of those it derives from."""
        for node in cls.body:
            if isinstance(node, FUNCTIONS) and node.name == name:
                return node
        for base in cls.bases:
            plain = base.value if isinstance(base, ast.Subscript) else base
            found = self.resolve(module, plain.id) if isinstance(plain, ast.Name) else None
            if found and isinstance(found[1], ast.ClassDef):
                inner = self.method(found[0], found[1], name)
                if inner is not None:
                    return inner
        return None

    def function_of(self, module: Module, call: ast.expr) -> ast.AST | None:
        """Return the function that is called, where that is certain."""
        if not isinstance(call, ast.Call):
            return None
        callee = call.func
        if isinstance(callee, ast.Name):
            inner = local_function(call, callee.id)
            found = self.resolve(module, callee.id)
            return inner or (found[1] if found else None)
        if not isinstance(callee, ast.Attribute):
            return None
        owner = callee.value
        if isinstance(owner, ast.Name) and owner.id in ("self", "cls"):
            cls = enclosing(call, ast.ClassDef)
            return self.method(module, cls, callee.attr) if isinstance(cls, ast.ClassDef) else None
        if isinstance(owner, ast.Call) and isinstance(owner.func, ast.Name):
            found = self.resolve(module, owner.func.id)
            if found and isinstance(found[1], ast.ClassDef):
                return self.method(found[0], found[1], callee.attr)
        if isinstance(owner, ast.Name):
            where, name = module.imported.get(owner.id, ("", ""))
            if where in self.modules and not name:
                top = self.modules[where].top
                return top.get(callee.attr)
            found = self.resolve(module, owner.id)
            if found and isinstance(found[1], ast.ClassDef):
                return self.method(found[0], found[1], callee.attr)
        if isinstance(owner, ast.Attribute) and isinstance(owner.value, ast.Name):
            where, name = module.imported.get(owner.value.id, ("", ""))
            if where in self.modules and not name:
                inner = self.modules[where].top.get(owner.attr)
                if isinstance(inner, ast.ClassDef):
                    return self.method(self.modules[where], inner, callee.attr)
        return None

    def is_awaited(self, module: Module, call: ast.Call) -> bool:
        """Return whether a call is one of a coroutine function."""
        text = ast.unparse(call.func)
        if text in tables.NEVER.get(module.name, ()):
            return False
        if text in tables.CALLBACKS.get(module.name, ()):
            return True
        if any(re.search(one, text) for one in tables.AWAITED):
            return True
        found = self.function_of(module, call)
        if found is not None:
            return found in self.waits and not is_generator(found) and not is_manager(found)
        if not isinstance(call.func, ast.Attribute) or self._is_known(module, call.func.value):
            return False
        return call.func.attr in self.methods - tables.AMBIGUOUS

    def _is_known(self, module: Module, owner: ast.expr) -> bool:
        """Return whether it is certain that a method is none of a class of ours that waits."""
        if not isinstance(owner, ast.Name):
            return False
        if owner.id in ("self", "cls"):
            return True
        where, name = module.imported.get(owner.id, ("", ""))
        return bool(where) and not name and where not in self.modules

    def is_iterated(self, module: Module, iterable: ast.expr) -> bool:
        """Return whether something is gone through by `async for`."""
        text = ast.unparse(iterable)
        if text in tables.ITERATED.get(module.name, ()):
            return True
        if isinstance(iterable, ast.Call):
            found = self.function_of(module, iterable)
            if found is not None:
                is_async = found in self.waits and is_generator(found) and not is_manager(found)
                return is_async or returns_pager(found)
            callee = iterable.func
            is_method = isinstance(callee, ast.Attribute) and callee.attr in self.listings
            return is_method and not module.name.endswith("paging")
        if isinstance(iterable, ast.Name):
            return self._is_pager(module, iterable)
        return False

    @cached_property
    def listings(self) -> set[str]:
        """Return the names of public methods of handles that are gone through by `async for`."""
        return set(tables.LISTINGS)

    def _is_pager(self, module: Module, name: ast.Name) -> bool:
        function = enclosing(name, FUNCTIONS)
        for node in ast.walk(function) if function else ():
            note = getattr(node, "annotation", None)
            own = getattr(node, "arg", None) or ast.unparse(getattr(node, "target", name))
            if note is not None and own == name.id and is_pager(note):
                return True
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name.id:
                found = self.function_of(module, node.value)
                if found is not None and returns_pager(found):
                    return True
        return False

    def is_entered(self, module: Module, manager: ast.expr) -> bool:
        """Return whether something is entered by `async with`."""
        if not isinstance(manager, ast.Call):
            return False
        found = self.function_of(module, manager)
        return found is not None and found in self.waits and is_manager(found)


def is_blocking(call: ast.Call, calls: Collection[str] = tables.BLOCKING | tables.LONG) -> bool:
    """Return whether a call runs in a thread: as it reads or writes files."""
    return ast.unparse(call.func) in calls


_SOURCES = {target: name for name, target in {**tables.MODULES, **tables.WRITTEN}.items()}


def meant(package: str, name: str) -> tuple[str, str]:
    """Return (module, name in it; `""`: the module itself) that an import means."""
    inner = _SOURCES.get(f"{package}.{name}", f"{package}.{name}")
    if inner in tables.ALL:
        return inner, ""
    if inner in tables.PACKAGES:
        return tables.PACKAGES[inner], ""
    return tables.PACKAGES.get(package, package), name


def is_pager(annotation: ast.expr) -> bool:
    """Return whether an annotation says that something is a pager."""
    text = ast.unparse(annotation).strip("'\"")
    return bool(re.match(r"(Pager|Hits)\b", text))


def returns_pager(function: ast.AST) -> bool:
    """Return whether a function says that it returns a pager."""
    returns = function.returns if isinstance(function, FUNCTIONS) else None
    return returns is not None and is_pager(returns)


def is_generator(function: ast.AST) -> bool:
    """Return whether a function yields."""
    return any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in own_nodes(function))


def is_manager(function: ast.AST) -> bool:
    """Return whether a function is a context manager."""
    found = getattr(function, "decorator_list", ())
    return any(ast.unparse(one).endswith("contextmanager") for one in found)


def implementation(function: Function) -> ast.AST | None:
    """Return the function that an overload is of."""
    if not any(ast.unparse(one) == "overload" for one in function.decorator_list):
        return None
    cls = enclosing(function, ast.ClassDef)
    alike = [
        node
        for node in ast.walk(cls or function)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == function.name
    ]
    return max(alike, key=lambda node: node.lineno)


def enclosing(node: ast.AST, kinds: type | tuple[type, ...]) -> ast.AST | None:
    """Return the nearest of some kinds that a node is in."""
    found: ast.AST | None = getattr(node, "parent", None)
    while found is not None and not isinstance(found, kinds):
        found = getattr(found, "parent", None)
    return found


def local_function(node: ast.AST, name: str) -> ast.AST | None:
    """Return a function that is defined in one of those that a node is in."""
    function = enclosing(node, FUNCTIONS)
    while function is not None:
        for inner in own_nodes(function):
            if isinstance(inner, FUNCTIONS) and inner.name == name:
                return inner
        function = enclosing(function, FUNCTIONS)
    return None
