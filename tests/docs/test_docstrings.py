"""Every `>>>` example in a docstring runs, against an embedded platform in memory.

An example sees its module's own names and nothing else; what it needs besides, it imports, as its
reader would. The environment names a platform in memory that needs no PAT and holds the app `main`
of the user `me`, and the working directory is an empty one.
"""

from __future__ import annotations

import ast
import asyncio
import doctest
import inspect
import re
import types
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest import mock

import attrs
import pytest

from tools.wheels import ROOT, module_name, workspace

USER_ID, APP_ID = "me", "main"
OWNERS = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
STATEMENTS = ast.stmt | ast.excepthandler | ast.match_case


@attrs.frozen
class Example:
    """A docstring with examples, found without importing its module."""

    module: str
    name: str
    docstring: str
    path: Path
    line: int

    def __str__(self) -> str:
        return f"{self.module}:{self.name}" if self.name else self.module


def source_files() -> Iterator[tuple[str, Path]]:
    """Module name and path of every file of ours that has examples."""
    for package in workspace().values():
        root = package.source.parent
        for path in sorted(package.source.rglob("*.py")):
            yield module_name(path.relative_to(root).as_posix()), path
    for path in sorted((ROOT / "tools").glob("*.py")):
        yield module_name(path.relative_to(ROOT).as_posix()), path


def examples_of(module: str, path: Path) -> Iterator[Example]:
    text = path.read_text("utf-8")
    if ">>>" in text:
        yield from _walk(ast.parse(text), module, "", path)


def _walk(node: ast.AST, module: str, name: str, path: Path) -> Iterator[Example]:
    if isinstance(node, OWNERS):
        docstring = ast.get_docstring(node, clean=False) or ""
        if ">>>" in docstring:
            # the docstring is the first statement: doctest counts its lines from there
            yield Example(module, name, docstring, path, node.body[0].lineno - 1)
    for child in ast.iter_child_nodes(node):
        if isinstance(child, STATEMENTS):  # nothing within an expression has a docstring
            inner = getattr(child, "name", None) or ""
            yield from _walk(child, module, f"{name}.{inner}".strip("."), path)


EXAMPLES = [example for module, path in source_files() for example in examples_of(module, path)]


@pytest.fixture(scope="module")
def memory_platform() -> Iterator[str]:
    """The URL of a platform in memory that has the app."""
    yield from _platform("local:")


@pytest.fixture(scope="module")
def platform_of_loops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of another one: examples of asynchronous handles make things of the same names."""
    yield from _platform(f"local:{tmp_path_factory.mktemp('loops')}")


def _platform(url: str) -> Iterator[str]:
    from clarifai_grpc.grpc.api import resources_pb2, service_pb2

    from clarifai_local._endpoint import open_local

    connection = open_local(url)
    post_apps = connection.channel().unary_unary(
        "/clarifai.api.V2/PostApps",
        request_serializer=service_pb2.PostAppsRequest.SerializeToString,
        response_deserializer=service_pb2.MultiAppResponse.FromString,
    )
    owner = resources_pb2.UserAppIDSet(user_id=USER_ID)
    post_apps(service_pb2.PostAppsRequest(user_app_id=owner, apps=[resources_pb2.App(id=APP_ID)]))
    yield url
    connection.close()


@pytest.fixture
def environment(
    example: Example,
    memory_platform: str,
    platform_of_loops: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    is_of_loops = example.module.startswith("clarifai_aio.")
    monkeypatch.setenv("CLARIFAI_API_BASE", platform_of_loops if is_of_loops else memory_platform)
    monkeypatch.setenv("CLARIFAI_USER_ID", USER_ID)
    monkeypatch.setenv("CLARIFAI_APP_ID", APP_ID)
    monkeypatch.setenv("CLARIFAI_CONTEXTS_FILE", str(tmp_path / "contexts.yaml"))
    for name in ("CLARIFAI_PAT", "CLARIFAI_SESSION_TOKEN", "CLARIFAI_CONTEXT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def faults_of(example: Example) -> list[str]:
    """What doctest says about an example that does not do what it prints."""
    names = dict(vars(import_module(example.module)))
    names["__name__"] = "__main__"
    test = doctest.DocTestParser().get_doctest(
        example.docstring, names, str(example), str(example.path), example.line
    )
    faults: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS, verbose=False)
    if not AWAITS.search(example.docstring):
        runner.run(test, out=faults.append)
        return faults
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        with mock.patch.object(doctest, "exec", partial(execute, loop), create=True):
            runner.run(test, compileflags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, out=faults.append)
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        asyncio.set_event_loop(None)
        loop.close()
    return faults


AWAITS = re.compile(r"^\s*(>>>|\.\.\.) .*(await|async) ", re.MULTILINE)
"""Examples that stand in a coroutine: `python -m asyncio` and notebooks run them as they are."""


def execute(loop: asyncio.AbstractEventLoop, code: types.CodeType, names: dict[str, Any]) -> None:
    """Run an example; one that awaits something, on the loop."""
    if not code.co_flags & inspect.CO_COROUTINE:
        exec(code, names)
        return

    async def run() -> None:
        await eval(code, names)

    loop.run_until_complete(run())


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_the_example_does_what_it_prints(example: Example):
    faults = faults_of(example)
    assert not faults, "".join(faults)


ROOM = '''\
"""Doc.

>>> 1
1
"""
class A:
    """A.

    >>> 2
    2
    """
    async def f(self):
        """>>> 3
        3
        """
def none():
    """No."""
'''


def test_examples_are_found_in_every_kind_of_place(tmp_path: Path):
    (tmp_path / "room.py").write_text(ROOM)
    found = [(example.name, example.line) for example in examples_of("r", tmp_path / "room.py")]
    assert found == [("", 0), ("A", 6), ("A.f", 12)]


def test_an_example_that_lies_is_found():
    lie = Example("json", "loads", ">>> loads('[1]')\n[2]\n", Path("json.py"), 0)
    assert "Got:\n    [1]" in "".join(faults_of(lie))
