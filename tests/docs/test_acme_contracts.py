"""The plugin that docs/plugins.md prints, held to the contracts."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2

from clarifai_testing import (
    ClauseContract,
    CommandContract,
    CredentialsContract,
    EngineContract,
    ExporterContract,
    LoaderContract,
    MixinContract,
    PolicyContract,
    PollerContract,
    PredictorContract,
    ResourceContract,
    ServiceContract,
    ViewContract,
)
from tests.datasets.conftest import png

FOLDER = Path(__file__).with_name("plugin_snippets")


@pytest.fixture(autouse=True)
def acme(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(FOLDER))
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "acme"]:
        del sys.modules[name]


# --8<-- [start:loader]
class TestTsvLoader(LoaderContract):
    plugin = "acme.plugin"
    name = "tsv"

    def source(self, folder: Path) -> Path:
        path = folder / "notes.tsv"
        path.write_text("good\tsunny all day\nbad\train and wind\n")
        return path


# --8<-- [end:loader]


# --8<-- [start:clause]
class TestLanguage(ClauseContract):
    plugin = "acme.plugin"
    name = "language"
    values = ("de", "en")
    bad_values = ("German", "", 7)


# --8<-- [end:clause]


# --8<-- [start:credentials]
class TestVault(CredentialsContract):
    plugin = "acme.plugin"

    def keep(self, origin: str, pat: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (folder / "vault.json").write_text(json.dumps({origin: pat}))
        monkeypatch.setenv("ACME_VAULT", str(folder / "vault.json"))


# --8<-- [end:credentials]


class TestTsvExporter(ExporterContract):
    plugin = "acme.plugin"
    name = "tsv"


class TestCountsLabels(MixinContract):
    plugin = "acme.plugin"
    name = "labels"

    def try_them(self, handle: Any) -> None:
        handle.upload_text("a", "sunny", labels=["good"])
        assert handle.most_frequent_label == "good"


class TestHello(CommandContract):
    plugin = "acme.plugin"
    name = "acme hello"
    arguments = ("Ada",)


class TestMemoryPoller(PollerContract):
    plugin = "acme.plugin"
    name = "memory"

    def put(self, item: Any) -> None:
        import_module("acme.pollers").ITEMS.put(item)

    def posted(self) -> Any:
        answers = import_module("acme.pollers").ANSWERS
        return [answers.get() for _ in range(answers.qsize())]


class TestCounting(PolicyContract):
    plugin = "acme.plugin"
    name = "count"


class TestPages(ViewContract):
    plugin = "acme.plugin"
    name = "html"


class TestMajority(EngineContract):
    plugin = "acme.plugin"
    name = "majority-classifier"


class TestBrightness(PredictorContract):
    plugin = "acme.plugin"
    name = "clarifai/main/moderation-recognition"

    def contents(self) -> Any:
        return [png(0, size=16), png(255, size=16)]


class TestCollector(ResourceContract):
    plugin = "acme.plugin"
    name = "collector"
    fields: ClassVar[Any] = {"description": "All that is asked."}


class TestCollectors(ServiceContract):
    plugin = "acme.plugin"
    name = "collectors"

    def requests(self, scope: Any) -> Any:
        one = resources_pb2.Collector(id="asked")
        post = service_pb2.PostCollectorsRequest(user_app_id=scope, collectors=[one])
        listed = service_pb2.ListCollectorsRequest(user_app_id=scope)
        return [("PostCollectors", post), ("ListCollectors", listed)]


# --8<-- [start:on_trial]
def test_in_code(tmp_path: Path) -> None:
    from clarifai.datasets import open_loader
    from clarifai_core.trials import on_trial

    (tmp_path / "notes.tsv").write_text("good\tsunny all day\n")
    with on_trial("acme.plugin"):
        loader = open_loader(tmp_path / "notes.tsv")  # as if it was installed
    assert type(loader).__name__ == "TsvLoader"


# --8<-- [end:on_trial]


# --8<-- [start:fixtures]
def test_an_upload_goes_on_when_it_is_throttled(platform: Any, faults: Any, recorder: Any) -> None:
    from clarifai.client.user import User

    inputs = User().create_app("notes", base_workflow="Empty").inputs()
    faults.on("PostInputs", times=1).throttled()
    inputs.upload_text("a", "sunny all day")
    assert recorder.count("PostInputs") == 2


# --8<-- [end:fixtures]
