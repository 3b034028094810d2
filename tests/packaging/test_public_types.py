"""What public methods and functions take and return can be named: it has a public home.

A class of a `_private` module is public by the door of its package (`from clarifai_search import
Hits`) or not at all; then nothing public may hand it out or ask for it. The same holds for the
TypedDicts of `**kwargs`, and for the words of which a parameter takes one.
"""

from __future__ import annotations

import ast
import functools
import importlib
import importlib.util
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = sorted(path.parts[-1] for path in ROOT.glob("packages/*/src/clarifai_*"))
INSIDE = {
    "ApiKeys.__init__": "a platform makes them, of its own store",
    "DiskSwitch.__init__": "`Faults.on_disk` makes it",
    "Dispatcher.__init__": "a platform makes it, of its own faults",
    "Faults.split": "the dispatcher asks them",
    "HttpSwitch.__init__": "`Faults.on_http` makes it",
    "HttpTransport.__init__": "`Platform.http_transport` makes it",
    "RecordedCall.__init__": "a recorder makes it",
    "Recorder.begin": "the dispatcher asks it",
    "RpcSwitch.__init__": "`Faults.on` makes it",
    "Server.__init__": "`Platform.serve` makes it, of what it needs of the platform",
}
"""Methods of public classes that no program calls, and who does: they may name private types."""


def is_private(name: str) -> bool:
    """Return whether a dotted name has a part with an underscore in front."""
    return any(part.startswith("_") for part in name.split("."))


@functools.cache
def public_modules(package: str) -> tuple[ModuleType, ...]:
    top = importlib.import_module(package)
    folder = Path(str(top.__file__)).parent
    names = {
        ".".join((package, *path.relative_to(folder).with_suffix("").parts))
        for path in folder.rglob("*.py")
    }
    dotted = sorted(name.removesuffix(".__init__") for name in names)
    public = [name for name in dotted if not is_private(name.removesuffix("__main__"))]
    return tuple(importlib.import_module(name) for name in public)


@functools.cache
def tree_of(module: str) -> ast.Module:
    return ast.parse(inspect.getsource(importlib.import_module(module)))


@functools.cache
def homes(module: str) -> dict[str, tuple[str, str]]:
    """Return each name that a module has of ours, under TYPE_CHECKING too, and where it is.

    Names of type variables are left out: nobody writes them who annotates a value.
    """
    own = {}
    for node in tree_of(module).body:
        targets: list[ast.expr] = [node.target] if isinstance(node, ast.AnnAssign) else []
        targets += node.targets if isinstance(node, ast.Assign) else []
        is_variable = targets and ast.unparse(node).partition("= ")[2].startswith("TypeVar(")
        names = [target.id for target in targets if isinstance(target, ast.Name)]
        names += [node.name] if isinstance(node, ast.ClassDef) else []
        own.update({} if is_variable else {name: (module, name) for name in names})
    imported = {
        alias.asname or alias.name: (node.module, alias.name)
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("clarifai_")
        for alias in node.names
        if node.module is not None
    }
    return {**imported, **own}


@functools.cache
def is_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False  # of what is in a module, or of nothing


def named_in(annotation: str, module: str) -> Iterator[tuple[str, str]]:
    """Yield module and name of each type of ours in an annotation."""
    nodes = list(ast.walk(ast.parse(annotation, mode="eval")))
    dotted = [one for one in nodes if isinstance(one, ast.Attribute)]
    for node in nodes:
        if isinstance(node, ast.Name) and node not in [one.value for one in dotted]:
            yield from [homes(module)[node.id]] if node.id in homes(module) else []
    for node in dotted:
        package, name = homes(module).get(ast.unparse(node.value), ("", ""))
        if package and is_module(f"{package}.{name}"):
            yield f"{package}.{name}", node.attr


def public_members(cls: type) -> Iterator[tuple[str, Callable[..., object]]]:
    """Yield the functions behind the public methods and properties of a class, and `__init__`."""
    for base in cls.__mro__:
        if not base.__module__.startswith("clarifai_"):
            continue
        for name, member in vars(base).items():
            function = getattr(member, "__func__", getattr(member, "fget", member))
            function = getattr(function, "func", function)
            is_public = not name.startswith("_") or name == "__init__"
            if is_public and inspect.isfunction(function):
                yield f"{cls.__name__}.{name}", function


def types_of(function: Callable[..., object]) -> Iterator[tuple[str, str]]:
    """Yield module and name of each type of ours that a function takes or returns."""
    for annotation in function.__annotations__.values():
        if isinstance(annotation, str):
            yield from named_in(annotation, function.__module__)


def public_functions(package: str) -> Iterator[tuple[str, Callable[..., object]]]:
    """Yield what programs call: functions of public modules, methods of public classes."""
    door = importlib.import_module(package)
    values = {name: getattr(door, name) for name in getattr(door, "__all__", ())}
    for module in public_modules(package):
        values |= {
            f"{module.__name__}.{name}": value
            for name, value in vars(module).items()
            if not name.startswith("_") and getattr(value, "__module__", "") == module.__name__
        }
    for name, value in values.items():
        if inspect.isclass(value):
            yield from public_members(value)
        elif inspect.isfunction(value):
            yield name, value


@functools.cache
def shown_by(package: str) -> frozenset[str]:
    """Return the names that public modules of a package show: `__all__`, `import X as X`."""
    found = set()
    for module in public_modules(package):
        found |= set(getattr(module, "__all__", ()))
        body = tree_of(module.__name__).body
        imported = [one for node in body if isinstance(node, ast.ImportFrom) for one in node.names]
        found |= {one.name for one in imported if one.asname == one.name}
    return frozenset(found)


def has_public_home(module: str, name: str) -> bool:
    """Return whether a program can import a name from a place without underscores."""
    is_shown = not is_private(module) or name in shown_by(module.partition(".")[0])
    return is_shown and not name.startswith("_")


@pytest.mark.parametrize("package", PACKAGES)
def test_what_is_taken_and_returned_can_be_named(package):
    nameless = {
        f"{module}.{name}": function_name
        for function_name, function in public_functions(package)
        if function_name not in INSIDE
        for module, name in types_of(function)
        if not has_public_home(module, name)
    }
    assert nameless == {}


CAUGHT = {
    "clarifai_datasets._export.download.NotFetched": "the export catches it, and reports the input",
    "clarifai_datasets.upload.loaders._csv_blocks.RowError": "its loader says of which file",
}
"""Errors that do not leave the package, and who catches them."""


def errors_of_ours() -> Iterator[tuple[str, str]]:
    """Yield module and name of each class that derives from `ClarifaiError`."""
    bases = {}
    for path in sorted(ROOT.glob("packages/*/src/clarifai_*/**/*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts[3:])
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef):
                named = {one.id for one in node.bases if isinstance(one, ast.Name)}
                bases[(module, node.name)] = named
    known = {"ClarifaiError"}
    while more := {name for (_, name), named in bases.items() if named & known} - known:
        known |= more
    yield from (one for one in bases if one[1] in known)


def test_errors_that_programs_meet_can_be_named_in_except():
    nameless = {
        f"{module}.{name}" for module, name in errors_of_ours() if not has_public_home(module, name)
    }
    assert {one for one in nameless if not one.rpartition(".")[2].startswith("_")} == CAUGHT.keys()


def test_a_private_type_would_be_found():
    def hand_out(_: int) -> None: ...

    hand_out.__module__ = "clarifai_core.plugins"
    hand_out.__annotations__ = {"return": "dict[str, list[_Accepted]] | None"}
    (found,) = types_of(hand_out)
    assert not has_public_home(*found)
