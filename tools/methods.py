"""Write `docs/methods.md`: each documented method, ours, the RPCs it may call, and its tests.

RPCs are read from the code: from a method through every function of ours that it names, down to the
verbs of `core.ops` with their kinds, and the names of RPCs. After a change:

    uv run python -m tools.methods
"""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import json
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import attrs

from clarifai.errors import ClarifaiError
from clarifai_core import ops
from clarifai_core.handles import Handle
from clarifai_core.kinds import ResourceKind, kind_named
from clarifai_core.lazy import lazy_module
from clarifai_core.plugins import plugins
from clarifai_core.transport import catalogue
from tools.wheels import ROOT

PAGE = ROOT / "docs" / "methods.md"

DOCUMENTED = {
    "User": "app create_app create_runner delete_app delete_runner list_apps list_runners runner",
    "App": "create_dataset create_model create_module create_workflow dataset delete_dataset "
    "delete_model delete_module delete_workflow inputs list_concepts list_datasets "
    "list_installed_module_versions list_models list_modules list_workflows "
    "list_trainable_model_types search model module workflow",
    "Dataset": "export upload_dataset upload_from_csv upload_from_folder get_upload_status "
    "list_versions create_version delete_version",
    "Inputs": "delete_inputs get_image_inputs_from_folder get_input_from_bytes "
    "get_input_from_file get_input_from_url get_inputs_from_csv get_mask_proto get_text_input "
    "get_text_inputs_from_folder list_inputs upload_annotations upload_from_bytes "
    "upload_from_file upload_from_url upload_inputs upload_text get_multimodal_input "
    "get_bbox_proto list_annotations download_inputs",
    "Lister": "list_pages_generator",
    "Model": "create_version list_versions predict predict_by_bytes predict_by_filepath "
    "predict_by_url list_training_templates get_params update_params get_param_info train "
    "training_status delete_version evaluate get_eval_by_id get_latest_eval",
    "Workflow": "list_versions predict predict_by_bytes predict_by_filepath predict_by_url export",
    "Module": "list_versions",
    "Runner": "start run_input",
    "Search": "query",
    "Chunker": "chunk",
}
"""Class -> its documented methods, besides the constructor."""

NEWER = {
    "User": "get_user_info list_models patch_app",
    "App": "patch_dataset patch_model patch_workflow create_concepts create_concept_relations "
    "delete_concept_relations search_concept_relations get_input_count",
    "Dataset": "list_inputs merge_dataset retry_upload_from_logs archive_zip",
    "Inputs": "get_input patch_inputs patch_annotations patch_concepts delete_annotations",
    "Model": "load_info load_input_types async_predict generate generate_by_bytes "
    "generate_by_filepath generate_by_url async_generate stream stream_by_bytes stream_by_filepath "
    "stream_by_url async_stream create_version_by_url patch_version export list_evaluations "
    "get_eval_by_dataset get_raw_eval",
    "Workflow": "load_info",
}
"""Class -> its methods that the document does not have, under the official SDK's names (12.5.0)."""

_BY_PLUGINS = {"Dataset.list_inputs": ("ListDatasetInputs",)}
"""What is called through a handle that a plugin brings, which the code does not name."""

_EXAMPLES = ("tests/docs/reference_examples/", "tests/docs/reference_examples/test_")

ERRORS = ("ApiError", "ApiClientError", "UserError")

_RPCS = frozenset(catalogue.SERVICE.methods_by_name)
_CODE = (type, staticmethod, classmethod, type(lambda: None))
_DOORS = {"Chunker": "clarifai.utils.misc", "Inputs": "clarifai.client.input"}
_VERBS: dict[Any, str] = {
    ops.create: "create",
    ops.get: "get",
    ops.delete: "delete",
    ops.patch: "patch",
}
_VERBS[ops.pager] = "list"


@attrs.frozen
class Row:
    """One documented name."""

    documented: str
    ours: str
    rpcs: tuple[str, ...]
    tests: tuple[str, ...]

    def __str__(self) -> str:
        rpcs = ", ".join(self.rpcs) or "none"
        return f"| `{self.documented}` | `{self.ours}` | {rpcs} | {', '.join(self.tests)} |"


def rows() -> Iterator[Row]:
    """Yield a row for every documented name."""
    tests = _Tests.read()
    for name, methods in DOCUMENTED.items():
        yield from _rows_of(name, ["__init__", *methods.split()], tests)
    for name in ERRORS:
        cls = getattr(importlib.import_module("clarifai.errors"), name)
        yield Row(name, f"{cls.__module__}:{name}", (), tests.of(name, "__init__"))


def newer_rows() -> Iterator[Row]:
    """Yield a row for every name that only newer official releases have."""
    tests = _Tests.read()
    for name, methods in NEWER.items():
        yield from _rows_of(name, methods.split(), tests)


def _rows_of(name: str, methods: Iterable[str], tests: _Tests) -> Iterator[Row]:
    cls = documented_class(name)
    for method in methods:
        found = inspect.getattr_static(cls, method)
        function = getattr(found, "__func__", found)
        ours = f"{function.__module__}:{function.__qualname__}"
        rpcs = tuple(sorted({*rpcs_of(function, cls), *_BY_PLUGINS.get(f"{name}.{method}", ())}))
        yield Row(f"{name}.{method}", ours, rpcs, tests.of(name, method))


def documented_class(name: str) -> Any:
    """Return the class of ours that a documented one leads to."""
    door = _DOORS.get(name, f"clarifai.client.{name.lower()}")
    return getattr(importlib.import_module(door), name)


# -- which RPCs a function may call --------------------------------------------------------------


@attrs.define
class _Reach:
    """What a function leads to: RPCs, and verbs whose kind its callers decide."""

    rpcs: set[str] = attrs.field(factory=set)
    verbs: set[str] = attrs.field(factory=set)
    kinds: list[ResourceKind] = attrs.field(factory=list)

    def settle(self) -> None:
        """Turn verbs into RPCs when it is known of what."""
        if not self.kinds:
            return
        for verb in self.verbs:
            for kind in self.kinds:
                try:
                    self.rpcs.add(kind.rpc(verb).name)
                except ClarifaiError:  # no such verb for this kind: another one is meant
                    continue
        self.verbs = set()


def rpcs_of(function: Any, cls: type) -> set[str]:
    """Return the names of the RPCs that a method may call."""
    return _reach(function, cls, {}).rpcs


def _reach(function: Any, cls: type | None, seen: dict[Any, _Reach]) -> _Reach:
    if function in seen:
        return seen[function]
    reach = seen[function] = _Reach()
    for value in _named(function, cls):
        if isinstance(value, str):
            reach.rpcs.add(value)
        elif isinstance(value, ResourceKind):
            reach.kinds.append(value)
        elif inspect.isfunction(value) and value in _VERBS:
            reach.verbs.add(_VERBS[value])
        else:
            for one, owner in _functions(value, cls):
                deeper = _reach(one, owner, seen)
                reach.rpcs |= deeper.rpcs
                reach.verbs |= deeper.verbs
    reach.settle()
    return reach


def _functions(value: Any, cls: type | None) -> Iterator[tuple[Any, type | None]]:
    """Yield the functions of ours that a named thing stands for, each with its class."""
    if isinstance(value, (staticmethod, classmethod)):
        value = value.__func__
    if isinstance(value, property):
        return
    if inspect.isfunction(value) and value.__module__.startswith("clarifai_"):
        is_method = cls is not None and value.__name__ in dir(cls) and "." in value.__qualname__
        yield value, cls if is_method else None
    elif inspect.isclass(value) and _is_helper(value):
        for member in vars(value).values():
            if member is not value:  # attrs notes the class in itself once cattrs has used it
                yield from _functions(member, value)


def _is_helper(cls: type) -> bool:
    """Return whether a class works for the one that names it; a handle has methods of its own."""
    rooms = ("clarifai_datasets", "clarifai_resources", "clarifai_runner", "clarifai_search")
    return cls.__module__.startswith(rooms) and not issubclass(cls, (Handle, Exception))


@functools.cache
def _named(function: Any, cls: type | None) -> tuple[Any, ...]:
    """Return what the source of a function names: RPCs, kinds, functions and classes of ours."""
    return tuple(_names_in_source(function, cls))


def _names_in_source(function: Any, cls: type | None) -> Iterator[Any]:
    function = inspect.unwrap(function)
    if function.__code__.co_filename.startswith("<"):  # attrs wrote it
        return
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    scope = {**function.__globals__, "self": cls, "cls": cls}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            module = importlib.import_module(node.module)
            for alias in node.names:
                value = getattr(module, alias.name, None)
                scope[alias.asname or alias.name] = value or importlib.import_module(
                    f"{node.module}.{alias.name}"
                )
    body = tree.body[0]
    if isinstance(body, (ast.FunctionDef, ast.AsyncFunctionDef)):  # not its annotations
        for argument in body.args.args:
            kind = getattr(argument.annotation, "id", "")
            if kind in DOCUMENTED:
                scope[argument.arg] = documented_class(kind)
        tree = ast.Module(body.body, [])
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value in _RPCS:
            yield node.value
        elif isinstance(node, ast.Call) and _value(node.func, scope) is kind_named:
            if node.args and isinstance(node.args[0], ast.Constant):
                yield kind_named(node.args[0].value)
        elif isinstance(node, ast.Call) and _plugins_asked_for(node):
            yield from (spec.load() for spec in plugins().specs(_plugins_asked_for(node)))
        elif isinstance(node, (ast.Name, ast.Attribute)):
            value = _value(node, scope)
            if isinstance(value, (ResourceKind, *_CODE)) and value is not cls:
                yield value


def _plugins_asked_for(call: ast.Call) -> str:
    """Return the kind of plugin that `plugins().find("kind", ...)` asks for, or ""."""
    asks = isinstance(call.func, ast.Attribute) and call.func.attr == "find"
    first = call.args[0] if asks and call.args else None
    kind = getattr(first, "value", "")
    return kind if kind in ("pollers", "search_clauses") else ""


def _value(node: ast.expr, scope: dict[str, Any]) -> Any:
    if isinstance(node, ast.Name):
        return scope.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = _value(node.value, scope)
        if inspect.isclass(owner):
            return inspect.getattr_static(owner, node.attr, None)
        if inspect.ismodule(owner) or isinstance(owner, type(lazy_module("json"))):
            return getattr(owner, node.attr, None)
    return None


# -- which tests use a method --------------------------------------------------------------------


@attrs.frozen
class _Tests:
    """The recorded uses by method, and the test files."""

    uses: dict[str, int]
    files: tuple[str, ...]

    @classmethod
    @functools.cache
    def read(cls) -> _Tests:
        recorded = json.loads((ROOT / "tests/wire/examples.json").read_text("utf-8"))
        uses: dict[str, int] = {}
        for use in recorded:
            owner, _, method = use.split(".")[0], "", use.split(".")[1]
            key = f"{owner}.{method}"
            uses[key] = uses.get(key, 0) + 1
        files = sorted((ROOT / "tests").rglob("*.py"))
        return cls(uses, tuple(path.relative_to(ROOT).as_posix() for path in files))

    def of(self, name: str, method: str) -> tuple[str, ...]:
        """Return where a method is tested: recorded uses first, then files, at most three."""
        wanted = name if method == "__init__" else method
        short = "init" if method == "__init__" else method
        count = self.uses.get(f"{name.lower()}.{short}", 0)
        found = [f"{count} recorded"] if count else []
        files = [self._file(f"{folder}{name.lower()}", wanted) for folder in _EXAMPLES]
        own = f"tests/{_room(name)}/test_"
        files += [
            self._file(f"{own}{name.lower()}", wanted) or self._file(own, wanted),
            self._file("tests/wire/test_", wanted),
        ]
        links = [f"[{Path(path).stem}](../{path})" for path in dict.fromkeys(files) if path]
        return (*found, *links[: 3 - len(found)])

    def _file(self, prefix: str, wanted: str) -> str:
        return next(
            (path for path in self.files if path.startswith(prefix) and wanted in _called(path)), ""
        )


def _room(name: str) -> str:
    rooms = {"Dataset": "datasets", "Runner": "runner", "Search": "search", "Chunker": "sdk"}
    return rooms.get(name, "core" if name in ERRORS else "resources")


@functools.cache
def _called(path: str) -> set[str]:
    """Return the names and the called attributes of a test file."""
    found = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text("utf-8"))):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            found.add(node.func.attr)
    return found


_HEAD = ("| documented | ours | RPCs | tests |", "|---|---|---|---|")


def page() -> str:
    """Return the whole page."""
    table = [str(row) for row in rows()]
    return "\n".join(
        [
            "# Documented methods",
            "",
            f"The {len(table)} names of the documented API, where each one is, which RPCs it may "
            "call, and where it is",
            "tested. Written by `python -m tools.methods` from the code; a test compares.",
            "",
            *_HEAD,
            *table,
            "",
            "## Newer ones",
            "",
            "The reference document does not have these; names and parameters are those of the "
            "official SDK 12.5.0.",
            "",
            *_HEAD,
            *map(str, newer_rows()),
            "",
        ]
    )


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
