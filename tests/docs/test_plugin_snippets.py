"""The plugin that docs/plugins.md prints, used as a user would use it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from clarifai_grpc.grpc.api import resources_pb2
from click.testing import CliRunner

from clarifai_cli._entries import arrange
from clarifai_cli._frame import Program
from clarifai_core.contracts import CommandSpec
from clarifai_core.hookspecs import HookSpecs
from clarifai_core.plugins import Plugins, PluginSwitches

FOLDER = Path(__file__).with_name("plugin_snippets")


@pytest.fixture(autouse=True)
def acme(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(FOLDER))
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "acme"]:
        del sys.modules[name]


@pytest.fixture
def plugins() -> Plugins:
    point = EntryPoint("acme", "acme.plugin", "clarifai.plugins")
    return Plugins(PluginSwitches(), [point])


def load(plugins: Plugins, what: str, name: str) -> Any:
    spec = plugins.find(what, name)
    assert spec is not None
    return spec.load()


# --8<-- [start:testing]
def test_the_plugin_loads():
    point = EntryPoint("acme", "acme.plugin", "clarifai.plugins")
    (info,) = Plugins(PluginSwitches(), [point]).list()
    assert (info.state, info.error) == ("loaded", "")
    assert "clarifai_register_loaders" in info.hooks


# --8<-- [end:testing]


def test_the_plugin_implements_every_hook(plugins: Plugins):
    (info,) = plugins.list()
    assert len(info.hooks) == len([name for name in vars(HookSpecs) if name[0] != "_"])


def test_registering_imports_none_of_the_targets(plugins: Plugins):
    plugins.load()
    assert [name for name in sys.modules if name.startswith("acme.")] == ["acme.plugin"]


@pytest.mark.parametrize("what", ["resources", "exporters"])
def test_specs_are_listed_with_their_help(plugins: Plugins, what: str):
    assert [bool(spec.help) for spec in plugins.specs(what)] == [True]


def test_the_exporter_writes_texts(plugins: Plugins, tmp_path: Path):
    from clarifai_datasets._export.target import FolderTarget

    message = resources_pb2.Input(id="a")
    message.data.concepts.add(name="good", value=1)
    with FolderTarget(tmp_path / "out", tmp_path) as target:
        exporter = load(plugins, "exporters", "tsv")(target)
        written = exporter.add("train", message, [("text", b"sunny")])
        with pytest.raises(ValueError, match="texts with one label"):
            exporter.add("train", message, [("image", b"sunny")])
        exporter.finish()
    assert (tmp_path / "out" / "texts.tsv").read_text() == "good\tsunny\n"
    assert (written.media_bytes, written.labels) == (5, 1)


def test_the_loader_reads_a_file(plugins: Plugins, tmp_path: Path):
    (tmp_path / "notes.tsv").write_text("good\tsunny all day\nbad\train\n")
    loader = load(plugins, "loaders", "tsv")(str(tmp_path / "notes.tsv"))
    loader.load_data()
    assert len(loader) == 2
    assert (loader[0].text, loader[0].labels, loader[1].id) == (
        "sunny all day",
        ["good"],
        "notes-1",
    )


def test_the_clause_refuses_what_is_no_language(plugins: Plugins):
    with pytest.raises(ValueError, match="language"):
        load(plugins, "search_clauses", "language")(language="German")


def test_the_command_greets(plugins: Plugins):
    spec = plugins.find("commands", "acme hello")
    assert isinstance(spec, CommandSpec)
    program = Program("clarifai", table=lambda: arrange([spec]))
    result = CliRunner().invoke(program, ["acme", "hello", "Ada", "--loud", "-o", "jsonl"])
    assert (result.exit_code, result.stdout) == (0, '{"words": "HELLO, ADA."}\n')
