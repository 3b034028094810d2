"""A platform of its own for each example, as the environment names it, and an empty directory."""

from __future__ import annotations

import ast
import io
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeAlias

import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from PIL import Image

from clarifai.client.app import App
from clarifai.client.dataset import Dataset
from clarifai.client.input import Inputs
from clarifai.client.module import Module
from clarifai.client.user import User
from clarifai_core.transport.session import close_sessions
from tests.docs.conftest import DOCUMENT_EXAMPLE
from tests.docs.reference import REPLACEABLE, copies

Run: TypeAlias = Callable[..., Any]

EXAMPLES = {example.name: example for example in copies()}


class _Names(ast.NodeTransformer):
    """Puts the names of a test in the place of printed ones."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        self.unused = set(names)

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        if not isinstance(node.value, str) or node.value not in self._names:
            return node
        self.unused.discard(node.value)
        return ast.copy_location(ast.Constant(self._names[node.value]), node)


def _keep_last(tree: ast.Module) -> ast.Module:
    """Return the program with the value of its last line as the variable `last`."""
    end = tree.body[-1]
    if isinstance(end, ast.Expr):
        tree.body[-1] = ast.Assign([ast.Name("last", ast.Store())], end.value)
    return ast.fix_missing_locations(tree)


@pytest.fixture
def run(place: Path, record_property: Callable[[str, object], None]) -> Run:
    """Run an example and return its variables; `last` is what its last line evaluates to.

    The second argument puts ids, file names and URLs in the place of printed ones; others are
    variables that the example has from somewhere before.
    """

    def run(name: str, replaced: Mapping[str, str] = {}, **variables: Any) -> Any:
        names, example = _Names(replaced), EXAMPLES[name]
        tree = _keep_last(names.visit(example.tree))
        assert replaced.keys() <= REPLACEABLE
        assert not names.unused, f"{name} prints no {names.unused}"
        namespace = {"__name__": "__main__", **variables}
        with warnings.catch_warnings():
            # the document leaves to Python's collector to close the files it opens
            warnings.simplefilter("ignore", ResourceWarning)
            exec(compile(tree, str(example.path), "exec"), namespace)
        record_property(DOCUMENT_EXAMPLE, name)
        return SimpleNamespace(**namespace)

    return run


@pytest.fixture(autouse=True)
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """The working directory; the platform is in its directory `platform`."""
    for name in ("CONTEXT", "SESSION_TOKEN", "APP_ID"):
        monkeypatch.delenv(f"CLARIFAI_{name}", raising=False)
    monkeypatch.setenv("CLARIFAI_CONTEXTS_FILE", str(tmp_path / "contexts.yaml"))
    monkeypatch.setenv("CLARIFAI_API_BASE", f"local:{tmp_path / 'platform'}")
    monkeypatch.setenv("CLARIFAI_USER_ID", "user_id")
    monkeypatch.setenv("CLARIFAI_PAT", "test-pat")
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    close_sessions()


@pytest.fixture
def user() -> User:
    return User("user_id")


@pytest.fixture
def app(user: User) -> App:
    return user.create_app("app_id", base_workflow="Empty")


@pytest.fixture
def demo_app(user: User) -> App:
    return user.create_app("demo_app", base_workflow="Empty")


@pytest.fixture
def dataset(app: App) -> Dataset:
    made: Dataset = app.create_dataset("dataset_id")
    return made


@pytest.fixture
def inputs(app: App) -> Inputs:
    return app.inputs()


@pytest.fixture
def processed(user: User) -> Callable[[], None]:
    """Wait until the platform has taken in what was uploaded."""

    def wait() -> None:
        connection: Any = user.session.connection
        assert connection.platform.wait_idle()

    return wait


@pytest.fixture
def internet(place: Path) -> Callable[[str, bytes], None]:
    """Put something at an address from which the platform downloads."""

    def put(address: str, content: bytes) -> None:
        path = place / "platform" / "downloads" / address
        path.parent.mkdir(parents=True)
        path.write_bytes(content)

    return put


def picture(shade: str = "red", kind: str = "JPEG") -> bytes:
    """Return a small picture of one colour."""
    out = io.BytesIO()
    Image.new("RGB", (32, 32), shade).save(out, kind)
    return out.getvalue()


def post_module_version(module: Module, version_id: str) -> None:
    """Make a version of a module: the document has no method that does."""
    version = resources_pb2.ModuleVersion(id=version_id)
    module.session.call(
        "PostModuleVersions",
        service_pb2.PostModuleVersionsRequest(
            user_app_id=module.user_app_id, module_id=module.id, module_versions=[version]
        ),
    )
