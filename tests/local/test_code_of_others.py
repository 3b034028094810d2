"""Engines, operators, embedders and services of others that fail in every way.

As a runner's code does in `tests/runner/test_failures.py`: what they raise is the failure of the
input, the training or the call, with its words; the platform goes on.
"""

from __future__ import annotations

import sys

import numpy as np
import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_core.contracts import EngineSpec
from clarifai_core.plugins import plugins
from clarifai_local import Platform
from clarifai_local._models.asked import PredictionInput
from clarifai_local._models.inference import ask
from clarifai_local.dispatch import rpc


class OfTheirs(BaseException):
    pass


class Silent(Exception):
    def __str__(self):
        raise RuntimeError("no words")


FAILURES = {
    "exit": (SystemExit(3), "SystemExit: 3"),
    "generator": (GeneratorExit(), "GeneratorExit"),
    "theirs": (OfTheirs("stop"), "OfTheirs: stop"),
    "half": (ValueError("caf\udce9\0"), r"ValueError: caf\udce9\x00"),
    "silent": (Silent(), "Silent: (its text cannot be had: RuntimeError)"),
    "long": (ValueError("a" * 10**7), "ValueError: aaaa"),
}


class Troubled:
    """Trains and answers; what a text names is raised."""

    modalities = frozenset({"text"})
    concepts = ("yes",)
    training: str | None = None

    def train(self, job, /):
        job.report("caf\udce9 " + "a" * 10**6, 0.5)
        if Troubled.training:
            raise FAILURES[Troubled.training][0]
        return b"1"

    def load(self, model, /):
        return self

    def predict(self, batch, params):
        return [answered(text) for text in batch]


class Operating:
    per_region = False

    def apply(self, data, params):
        return answered(data.text.raw)


def answered(text):
    if text in FAILURES:
        raise FAILURES[text][0]
    return "odd" if text == "odd" else resources_pb2.Data(text={"raw": text.upper()})


def asked(*texts):
    return [PredictionInput(resources_pb2.Data(text={"raw": text})) for text in texts]


@pytest.fixture
def context(platform):
    return platform.context


@pytest.mark.parametrize("model", [Troubled(), Operating()])
@pytest.mark.parametrize("name", FAILURES)
def test_what_a_model_raises_for_one_input_is_its_failure_alone(context, model, name):
    items = asked("a", name, "b")
    ask(context, model, items, {}, resources_pb2.OutputConfig())
    assert [item.code for item in items] == [
        codes.SUCCESS,
        codes.MODEL_PREDICTION_FAILED,
        codes.SUCCESS,
    ]
    assert [item.data.text.raw for item in (items[0], items[2])] == ["A", "B"]
    assert items[1].details.startswith(FAILURES[name][1])
    assert len(items[1].details) <= 500


@pytest.mark.parametrize("model", [Troubled(), Operating()])
def test_an_answer_of_another_type_is_that_inputs_failure(context, model):
    items = asked("a", "odd")
    ask(context, model, items, {}, resources_pb2.OutputConfig())
    assert items[0].data.text.raw == "A"
    assert items[1].details == "TypeError: a model must answer with resources_pb2.Data, got 'odd'"


@pytest.mark.parametrize("model", [Troubled(), Operating()])
def test_ctrl_c_is_the_users(context, model, monkeypatch):
    monkeypatch.setitem(FAILURES, "stop", (KeyboardInterrupt(), ""))
    with pytest.raises(KeyboardInterrupt):
        ask(context, model, asked("stop"), {}, resources_pb2.OutputConfig())


@pytest.fixture
def plugged(monkeypatch):
    spec = EngineSpec("troubled", f"{__name__}:Troubled")
    table = {"troubled": (plugins().list()[0], spec)}
    monkeypatch.setitem(plugins()._specs, "engines", table)
    with Platform() as platform:
        yield platform


@pytest.fixture
def training(plugged, connect, monkeypatch):
    """`training(name)`: train a model whose engine raises that; returns the version."""
    api = connect(plugged.channel())
    app = resources_pb2.UserAppIDSet(user_id="alice", app_id="zoo")
    api.PostApps(user_app_id=app, apps=[resources_pb2.App(id="zoo")])
    text = resources_pb2.Input(id="i", data={"text": {"raw": "t"}, "concepts": [{"id": "yes"}]})
    api.PostInputs(user_app_id=app, inputs=[text])
    assert plugged.wait_idle()
    model = resources_pb2.Model(id="m", model_type_id="troubled")
    api.PostModels(user_app_id=app, models=[model])

    def train(name):
        monkeypatch.setattr(Troubled, "training", name)
        version = resources_pb2.ModelVersion(id="v", train_info={})
        answer = api.PostModelVersions(user_app_id=app, model_id="m", model_versions=[version])
        assert answer.status.code == codes.SUCCESS, answer
        assert plugged.wait_idle(300)
        found = api.GetModelVersion(user_app_id=app, model_id="m", version_id="v")
        return found.model_version

    return train


@pytest.mark.parametrize("name", FAILURES)
def test_what_an_engine_raises_in_training_is_the_versions_failure(training, name):
    version = training(name)
    assert version.status.code == codes.MODEL_TRAINING_FAILED
    assert version.status.details.startswith(FAILURES[name][1])


def test_a_line_of_its_log_may_be_any_text(training):
    assert training(None).status.code == codes.MODEL_TRAINED


class Unembeddable:
    """Vectors for every text but those that name a failure."""

    image_space = text_space = "trouble-v1"

    def embed_images(self, images, /):
        return np.ones((len(images), 2), np.float32)

    def embed_texts(self, texts, /):
        for text in texts:
            answered(text)
        return np.ones((len(texts), 2), np.float32)


def test_what_an_embedder_raises_is_the_failure_of_that_input(connect):
    with Platform(embedder=Unembeddable()) as platform:
        api = connect(platform.channel())
        app = resources_pb2.UserAppIDSet(user_id="alice", app_id="zoo")
        api.PostApps(user_app_id=app, apps=[resources_pb2.App(id="zoo")])
        texts = ["good", *FAILURES]
        inputs = [resources_pb2.Input(id=text, data={"text": {"raw": text}}) for text in texts]
        api.PostInputs(user_app_id=app, inputs=inputs)
        assert platform.wait_idle()
        found = {one.id: one.status for one in api.ListInputs(user_app_id=app).inputs}
    assert found["good"].code == codes.INPUT_DOWNLOAD_SUCCESS
    for name, (_, said) in FAILURES.items():
        assert found[name].code == codes.INPUT_DOWNLOAD_FAILED
        assert said in found[name].details


class Leaving:
    def __init__(self, platform):
        self.platform = platform

    @rpc("MyScopes")
    def my_scopes(self, request, caller):
        sys.exit(3)

    @rpc("ListScopes")
    def interrupted(self, request, caller):
        raise KeyboardInterrupt


@pytest.mark.parametrize("served", [False, True])
def test_a_service_that_exits_is_answered_for(connect, served):
    with Platform(services=[Leaving]) as platform:
        if served:
            with platform.serve() as server:
                import grpc

                with grpc.insecure_channel(server.base_url.rpartition("/")[2]) as channel:
                    metadata = (("authorization", f"Key {server.pat}"),)
                    answer = connect(channel, metadata).MyScopes()
        else:
            answer = connect(platform.channel()).MyScopes(service_pb2.MyScopesRequest())
    assert answer.status.code == codes.INTERNAL_SERVER_ISSUE
    assert answer.status.details == "MyScopes failed; the platform's log says why"


def test_a_ctrl_c_within_a_call_is_the_callers(connect):
    with Platform(services=[Leaving]) as platform, pytest.raises(KeyboardInterrupt):
        connect(platform.channel()).ListScopes()
