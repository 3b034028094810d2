"""The plugin that docs/plugins.md prints, used as a user would use it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from click.testing import CliRunner

from clarifai_core.hookspecs import HookSpecs
from clarifai_core.plugins import Plugins, Switches
from clarifai_core.settings import Settings

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
    return Plugins(Switches(), [point])


def load(plugins: Plugins, what: str, name: str) -> Any:
    spec = plugins.find(what, name)
    assert spec is not None
    return spec.load()


# --8<-- [start:testing]
def test_the_plugin_loads():
    point = EntryPoint("acme", "acme.plugin", "clarifai.plugins")
    (info,) = Plugins(Switches(), [point]).list()
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
    from clarifai_datasets.export.target import FolderTarget

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


def test_the_clause_writes_its_filter(plugins: Plugins):
    message = resources_pb2.Filter()
    load(plugins, "search_clauses", "language")(language="de").apply(message)
    assert message.annotation.data.metadata["language"] == "de"


def test_the_clause_refuses_what_is_no_language(plugins: Plugins):
    with pytest.raises(ValueError, match="language"):
        load(plugins, "search_clauses", "language")(language="German")


def test_the_poller_hands_out_work_and_keeps_answers(plugins: Plugins):
    poller = load(plugins, "pollers", "memory")()
    item, answer = resources_pb2.Input(id="a"), resources_pb2.Output(id="b")
    poller.items.put(item)
    assert poller.poll(timeout_seconds=1) == [item]
    assert poller.poll(timeout_seconds=0.01) == []
    poller.post(item, answer)
    assert poller.answers == [(item, answer)]


def test_the_command_greets(plugins: Plugins):
    result = CliRunner().invoke(load(plugins, "commands", "acme hello"), ["Ada"])
    assert (result.exit_code, result.output) == (0, "Hello, Ada.\n")


def test_the_endpoint_carries_calls(plugins: Plugins, tmp_path: Path):
    url = f"unix:{tmp_path / 'platform.sock'}"
    server = grpc.server(futures(), handlers=[Echo()])
    server.add_insecure_port(url)
    server.start()
    connection = load(plugins, "endpoints", "unix")(url, None)
    try:
        assert connection.channel().unary_unary("/any/method")(b"ping", timeout=30) == b"ping"
    finally:
        connection.close()
        server.stop(None).wait()


def futures() -> Any:
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(1)


class Echo(grpc.GenericRpcHandler):
    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        return grpc.unary_unary_rpc_method_handler(lambda request, context: request)


def test_the_policy_counts_what_succeeds(plugins: Plugins):
    policy = load(plugins, "policies", "count")(None)
    call = SimpleNamespace(rpc=SimpleNamespace(name="ListApps"))
    flow = policy(call, answering)
    assert next(flow) == "send"
    with pytest.raises(StopIteration) as stop:
        flow.send("reply")
    assert stop.value.value == "reply"
    assert import_module("acme.policies").CALLS == {"ListApps": 1}


def answering(call: Any) -> Any:
    return (yield "send")


@pytest.mark.parametrize(
    ("base_url", "found"), [("https://api.clarifai.com", True), ("https://example.org", False)]
)
def test_the_vault_is_asked_for_the_origin(plugins: Plugins, base_url: str, found: bool):
    settings = Settings.resolve(base_url=base_url)
    credentials = plugins.hook.clarifai_credentials(settings=settings)
    assert (credentials is not None) is found
    assert "vault" not in str(credentials)


def test_the_engine_learns_the_most_frequent_concept(plugins: Plugins):
    engine = load(plugins, "engines", "majority-classifier")()
    labels = [{"cat": 1.0, "dog": 0.0}, {"cat": 1.0}, {"dog": 1.0}]
    job = SimpleNamespace(samples=[SimpleNamespace(labels=labels)])
    (data,) = engine.load(engine.train(job)).predict(["a text"], {})
    assert [(concept.id, concept.value) for concept in data.concepts] == [("cat", 1.0)]


def test_a_plugin_stands_behind_a_public_model(plugins: Plugins):
    from clarifai_local import Platform
    from clarifai_local.models.engines import Engines
    from tests.datasets.conftest import png

    with Platform() as platform:
        platform.predictors._engines = Engines(plugins.specs("engines"))
        call = platform.channel().unary_unary(
            "/clarifai.api.V2/PostModelOutputs",
            request_serializer=service_pb2.PostModelOutputsRequest.SerializeToString,
            response_deserializer=service_pb2.MultiOutputResponse.FromString,
        )
        scope = resources_pb2.UserAppIDSet(user_id="clarifai", app_id="main")
        pictures = [resources_pb2.Input(), resources_pb2.Input()]
        for picture, shade in zip(pictures, (0, 255), strict=True):
            picture.data.image.base64 = png(shade, size=16)
        model = "moderation-recognition"
        request = service_pb2.PostModelOutputsRequest(
            user_app_id=scope, model_id=model, inputs=pictures
        )
        dark, bright = call(request).outputs
    assert [one.data.concepts[0].id for one in (dark, bright)] == ["suspicious", "safe"]


def test_the_service_answers_its_rpc(plugins: Plugins):
    from clarifai_local import Platform

    make = load(plugins, "services", "scopes")
    with Platform() as platform:
        platform.dispatcher.add(make(platform))
        call = platform.channel().unary_unary(
            "/clarifai.api.V2/MyScopes",
            request_serializer=service_pb2.MyScopesRequest.SerializeToString,
            response_deserializer=service_pb2.MultiScopeResponse.FromString,
        )
        assert list(call(service_pb2.MyScopesRequest()).scopes) == ["Inputs:Get", "Inputs:Add"]
