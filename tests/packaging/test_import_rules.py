"""The rules of the house about single lines; import-linter holds those between packages."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import tomli

from tools.imports import When, imports_of
from tools.typecheck import repository_files, switched_off
from tools.wheels import ROOT, workspace

PACKAGES = workspace()
SETTINGS = tomli.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
ROOMS = {name.replace("-", "_") for name in PACKAGES} - {"clarifai"}
FLOORS = {"clarifai_core", "clarifai_inputs"}
"""What every room stands on."""
DOOR_NAMES = {"__all__", "__getattr__", "__dir__", "__version__", "TYPE_CHECKING", "main"}
CALLS = {"warn_of_others", "signposts"}
"""What a door may call: the look for files of others, and what says where there is no door."""

PLUGIN_IMPORTS = {"__future__", "clarifai_core.contracts", "clarifai_core.hookspecs", "typing"}


def python_files(*names: str) -> list[Path]:
    return [path for name in names for path in sorted(PACKAGES[name].source.rglob("*.py"))]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def door_faults(tree: ast.Module) -> list[int]:
    """Lines of a module that are neither imports nor the lists and hooks of a door."""
    return [node.lineno for node in tree.body if not is_door_statement(node)]


def is_door_statement(node: ast.stmt) -> bool:
    if isinstance(node, ast.Import | ast.ImportFrom):
        return True
    if isinstance(node, ast.Expr):
        call = node.value
        if isinstance(call, ast.Call):
            return isinstance(call.func, ast.Name) and call.func.id in CALLS
        return isinstance(call, ast.Constant)
    if isinstance(node, ast.Raise):
        return ast.unparse(node) == "raise SystemExit(main())"
    if isinstance(node, ast.Try):
        return says_what_is_missing(node)
    if isinstance(node, ast.If):
        return all(is_door_statement(child) for child in [*node.body, *node.orelse])
    if isinstance(node, ast.Assign):
        names = {name.id for name in ast.walk(node.targets[0]) if isinstance(name, ast.Name)}
        return names <= DOOR_NAMES
    return False


def says_what_is_missing(node: ast.Try) -> bool:
    """Whether it only imports, and, where that fails, only raises the same with a sentence."""
    imports = all(isinstance(child, ast.Import | ast.ImportFrom) for child in node.body)
    handled = [ast.unparse(one.type) if one.type else "" for one in node.handlers]
    (first, *more) = node.handlers[0].body if node.handlers else [ast.Pass()]
    raised = first.exc if isinstance(first, ast.Raise) and not more else None
    says = isinstance(raised, ast.Call) and ast.unparse(raised.func) == "ModuleNotFoundError"
    alone = handled == ["ModuleNotFoundError"] and not (node.orelse or node.finalbody)
    return imports and says and alone


@pytest.mark.parametrize("path", python_files("clarifai"), ids=relative)
def test_a_door_holds_imports_only(path: Path):
    assert door_faults(ast.parse(path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    "code",
    [
        "def f(): ...",
        "class A: ...",
        "x = 1",
        "print()",
        "for x in y: ...",
        "if a:\n  x = 1",
        "try:\n  import a\nexcept ImportError:\n  import b",
        "try:\n  import a\nexcept ModuleNotFoundError:\n  pass",
        "try:\n  a()\nexcept ModuleNotFoundError:\n  raise ModuleNotFoundError('x')",
        "try:\n  import a\nfinally:\n  a()",
    ],
)
def test_logic_in_a_door_is_found(code: str):
    assert door_faults(ast.parse(f'"""Doc."""\nimport json\n{code}\n')) == [3]


PLUGINS = [path for path in python_files(*PACKAGES) if path.name == "plugin.py"]


@pytest.mark.parametrize("path", PLUGINS, ids=relative)
def test_a_plugin_module_imports_hooks_and_records_only(path: Path):
    loaded = {found.module for found in imports_of(path) if found.when is not When.TYPING}
    assert loaded <= PLUGIN_IMPORTS


def test_the_command_line_loads_no_other_room():
    """It meets the rooms through hooks; the demo uses the doors, once it runs."""
    crossings = [
        f"{relative(path)}:{found.line} {found.module}"
        for path in python_files("clarifai-cli")
        for found in imports_of(path)
        if found.module.startswith(("clarifai.", *ROOMS - FLOORS - {"clarifai_cli"}))
        and (found.when is When.LOADING or found.module.split(".")[0] in ROOMS)
    ]
    assert crossings == []


def test_no_room_names_another_in_a_lazy_import():
    """import-linter reads statements; texts such as `lazy_module("...")` are read here.

    What only type checkers import is no arrow: handles that others hand out have their types.
    """
    # Engines of the embedded platform are written against its contracts, ours as anybody's.
    # Contracts hold plugins to what the rooms ask of them.
    # Asynchronous handles are made of the rooms' own sources, with which they share the rest.
    # What has more to show than rows says how, in terms of the views, which stand on core alone.
    made_of = {f"clarifai_{one}" for one in ("datasets", "resources", "runner", "search")}
    shown = {"clarifai_views"}
    below = {
        **dict.fromkeys(made_of - {"clarifai_runner"}, FLOORS | shown),
        "clarifai_views": {"clarifai_core"},
        "clarifai_aio": FLOORS | made_of | shown,
        "clarifai_models": FLOORS | {"clarifai_local"},
        "clarifai_testing": ROOMS - {"clarifai_models"},
    }
    crossings = [
        f"{relative(path)}:{found.line} {found.module}"
        for room in ROOMS
        for path in python_files(room.replace("_", "-"))
        for found in imports_of(path)
        if found.when is not When.TYPING
        and found.module.split(".")[0] in ROOMS - below.get(room, FLOORS) - {room}
    ]
    assert crossings == []


SHOWING = {"PIL", "html", "matplotlib", "pandas"}
"""What pages, pictures and data frames are made with."""


def shows_by_itself(path: Path) -> list[str]:
    return [
        f"{relative(path)}:{found.line} {found.module}"
        for found in imports_of(path)
        if found.when is not When.TYPING and found.module.split(".")[0] in SHOWING
    ]


def test_core_leaves_to_plugins_how_things_are_shown():
    """It hands out rows, and asks a view for the rest: `clarifai_register_views`."""
    assert [one for path in python_files("clarifai-core") for one in shows_by_itself(path)] == []
    modules = {
        found.split()[1]
        for path in python_files("clarifai-views")
        for found in shows_by_itself(path)
    }
    assert {"PIL.Image", "html"} <= modules


HEAVY = ("clarifai_grpc", "google.protobuf", "grpc", "httpcore", "httpx", "numpy", "yaml")
OF_EXTRAS = frozenset({"numpy"})
"""Those that only an extra brings: whoever calls for what it gives waits for it, and nobody else.
The one file cannot name them, as its package does not bring them."""
STOOD_IN_FOR = "packages/core/src/clarifai_core/heavy.py"
"""The file that names them; `local`, with its engines in `models`, is a program of its own, which
nobody imports for a name."""

PLATFORM = {"clarifai_local", "clarifai_models"}
OURS = [path for path in python_files(*PACKAGES) if not PLATFORM & {*path.parts}]


@pytest.mark.parametrize("path", OURS, ids=relative)
def test_what_is_heavy_comes_from_one_file(path: Path):
    """Whoever imports it elsewhere makes every program wait for it."""
    named = [
        f"line {found.line}: {found.module}"
        for found in imports_of(path)
        if found.when is not When.TYPING
        and any(f"{found.module}.".startswith(f"{heavy}.") for heavy in HEAVY)
        and not (found.module in OF_EXTRAS and found.when is When.CALLED)
    ]
    assert named == [] or relative(path) == STOOD_IN_FOR


def heads_for_two(tree: ast.Module) -> list[int]:
    """Lines of `if TYPE_CHECKING:` with an `else:` that imports in another way."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and node.orelse and "TYPE_CHECKING" in ast.unparse(node.test)
    ]


DOORS = {
    *python_files("clarifai"),
    *(
        PACKAGES[f"clarifai-{name}"].source / "__init__.py"
        for name in ("aio", "datasets", "resources", "runner", "search", "testing")
    ),
    PACKAGES["clarifai-core"].source / "contracts.py",
}
"""Those of rooms name what handles hand out; `contracts` is one for what plugins need later than
their specs, which listings wait for."""


@pytest.mark.parametrize("path", [path for path in OURS if path not in DOORS], ids=relative)
def test_a_module_is_imported_in_one_way(path: Path):
    text = path.read_text("utf-8")
    tree = ast.parse(text if "TYPE_CHECKING" in text else "")
    assert heads_for_two(tree) == [] or relative(path) == STOOD_IN_FOR


def test_import_linter_knows_every_package():
    assert set(SETTINGS["importlinter"]["root_packages"]) == {*ROOMS, "clarifai"}


def test_mypy_is_asked_about_every_file():
    folders = tuple(f"{name.rstrip('/')}/" for name in SETTINGS["mypy"]["files"])
    assert [name for name in sorted(repository_files()) if not name.startswith(folders)] == []


def test_mypy_finds_every_source_folder():
    paths = set(SETTINGS["mypy"]["mypy_path"].split(":"))
    assert paths >= {relative(package.source.parent) for package in PACKAGES.values()}


def test_no_comment_switches_mypy_off_for_a_file():
    assert switched_off(repository_files()) == []
