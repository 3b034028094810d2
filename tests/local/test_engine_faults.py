"""An engine of a plugin that makes no sense costs its own model type, and none beside it."""

from __future__ import annotations

from typing import Any

import pytest
from clarifai_grpc.grpc.api.resources_pb2 import Data, Text

from clarifai_core.contracts import EngineSpec
from clarifai_core.errors import ApiError
from clarifai_core.hookspecs import hookimpl
from clarifai_core.trials import on_trial
from clarifai_local import Platform
from clarifai_resources.user import User

TYPE = "acme-classifier"
FIVE = 5


class Odd:
    """Says of its model type what no platform understands."""

    model_type = "acme"

    def train(self, job: Any) -> bytes:
        """Return nothing."""
        return b""

    def load(self, model: bytes) -> None:
        """Return nothing."""


class Idle:
    """Can do nothing."""


class Loading:
    """Trains to nothing; what it loads is what the model version is called by."""

    def train(self, job: Any) -> bytes:
        """Return a model."""
        return b"model"

    def load(self, model: bytes) -> Any:
        """Return what answers."""
        return self

    modalities = frozenset({"text"})
    concepts = ("a",)
    answers: Any = None

    def predict(self, batch: Any, params: Any) -> Any:
        """Return what a subclass answers to so many inputs."""
        return self.answers(len(batch))


class Short(Loading):
    """Answers for one input fewer than it is asked about."""

    answers = staticmethod(lambda count: [Data()] * (count - 1))


class Single(Loading):
    """Answers with one message instead of a list."""

    answers = staticmethod(lambda count: Data())


class Wordy(Loading):
    """Answers with words."""

    answers = staticmethod(lambda count: ["a"] * count)


class Lazily(Loading):
    """Answers one after another, which is as good as a list."""

    answers = staticmethod(lambda count: (Data(text=Text(raw="yes")) for _ in range(count)))


class Silent(Loading):
    """Loads what cannot be asked."""

    def load(self, model: bytes) -> Any:
        """Return something else."""
        return Idle()


class Acme:
    """A plugin with one engine."""

    def __init__(self, name: str) -> None:
        self.name = name

    @hookimpl
    def clarifai_register_engines(self):
        return [EngineSpec(TYPE, f"{__name__}:{self.name}", "Acme's.")]


REMEDY = "; update it, or block it: CLARIFAI_BLOCK_PLUGINS=acme."


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Gone", "cannot be imported from tests.local.test_engine_faults:Gone: AttributeError"),
        ("FIVE", "is a int, which has no train and load"),
        ("Odd", "has a str for model_type, which must be a ModelTypeRow"),
    ],
)
def test_a_type_whose_engine_is_none_is_not_there_and_the_others_are(name, said, caplog):
    """PostModels of every type was a server error."""
    with on_trial(Acme(name), name="acme"), Platform() as platform:
        app = User("me", base_url=platform.url).create_app("zoo", base_workflow="Empty")
        assert app.create_model("m", model_type_id="text-classifier").id == "m"
        with pytest.raises(ApiError, match=f"model type '{TYPE}' does not exist"):
            app.create_model("n", model_type_id=TYPE)
    (line,) = [text for text in caplog.messages if text.startswith("There is no model type")]
    assert "which the plugin acme registered" in line
    assert said in line
    assert line.endswith(REMEDY)


def test_an_engine_that_cannot_train_is_named_with_its_plugin_and_the_remedy():
    with on_trial(Acme("Idle"), name="acme"), Platform() as platform:
        app = User("me", base_url=platform.url).create_app("zoo", base_workflow="Empty")
        inputs = app.inputs()
        named = [inputs.get_text_input(f"t{n}", "a text", labels=["ab"[n % 2]]) for n in range(4)]
        inputs.upload_inputs(named)
        platform.wait_idle()
        model = app.create_model("m", model_type_id=TYPE)
        model.get_params(save_to=None)
        model.train()
        with pytest.raises(ApiError, match="makes a Idle without train") as caught:
            model.wait_until_trained(timeout_seconds=60)
    assert "which the plugin acme registered as 'acme-classifier'" in str(caught.value)
    assert REMEDY.rstrip(".") in str(caught.value)


def trained(platform: Platform):
    """Return a model that the plugin's engine trained on four texts."""
    app = User("me", base_url=platform.url).create_app("zoo", base_workflow="Empty")
    inputs = app.inputs()
    inputs.upload_inputs(
        [inputs.get_text_input(f"t{n}", "a text", labels=["ab"[n % 2]]) for n in range(4)]
    )
    platform.wait_idle()
    model = app.create_model("m", model_type_id=TYPE)
    model.get_params(save_to=None)
    model.train()
    model.wait_until_trained(timeout_seconds=60)
    return model


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Short", "a model must give one answer for each input, got 0 for 1"),
        ("Single", "a model must answer with a list, got "),
        ("Wordy", "a model must answer with resources_pb2.Data, got 'a'"),
    ],
)
def test_an_engine_that_answers_wrongly_is_told_in_words(name: str, said: str):
    """Predictions and evaluations ask at one place; Python's own words told nothing of it."""
    with on_trial(Acme(name), name="acme"), Platform() as platform:
        model = trained(platform)
        with pytest.raises(ApiError) as caught:
            model.predict_by_bytes(b"a text", input_type="text")
    assert said in str(caught.value)


def test_an_engine_may_answer_one_after_another():
    with on_trial(Acme("Lazily"), name="acme"), Platform() as platform:
        found = trained(platform).predict_by_bytes(b"a text", input_type="text")
    assert found.outputs[0].data.text.raw == "yes"


def test_an_engine_that_loads_what_cannot_be_asked_fails_its_training_in_words():
    wanted = "the engine loads a Idle without predict: it must have predict, modalities, concepts"
    with (
        on_trial(Acme("Silent"), name="acme"),
        Platform() as platform,
        pytest.raises(ApiError, match=wanted),
    ):
        trained(platform)
