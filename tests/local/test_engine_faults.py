"""An engine of a plugin that makes no sense costs its own model type, and none beside it."""

from __future__ import annotations

from typing import Any

import pytest

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
        model.get_params()
        model.train()
        with pytest.raises(ApiError, match="makes a Idle without train") as caught:
            model.wait_until_trained(timeout_seconds=60)
    assert "which the plugin acme registered as 'acme-classifier'" in str(caught.value)
    assert REMEDY.rstrip(".") in str(caught.value)
