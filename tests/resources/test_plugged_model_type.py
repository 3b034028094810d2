"""A model type that no list of ours has, brought by an engine plugin, through `Model`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
import yaml
from clarifai_grpc.grpc.api import resources_pb2

from clarifai_core.contracts import EngineSpec
from clarifai_core.errors import UserError
from clarifai_core.plugins import plugins
from clarifai_local import Platform
from clarifai_local.engine._parameters import number
from clarifai_local.engine.model_types import ModelTypeRow, Template
from clarifai_resources.app import App
from clarifai_resources.user import User


class Oracle:
    """Answers what it was told to, with the value that was set."""

    model_type = ModelTypeRow(
        "oracle",
        "Oracle",
        "Knows.",
        ("text",),
        ("concepts",),
        parameters=(number("certainty", 0.5, "How sure it is.", (0, 1)),),
    )

    def train(self, job: Any, /) -> bytes:
        return json.dumps(job.params["certainty"]).encode()

    def load(self, model: bytes, /) -> Oracle:
        self.certainty = json.loads(model)
        return self

    modalities = frozenset({"text"})
    concepts = ("yes",)

    def predict(self, batch: Any, params: Mapping[str, Any]) -> Sequence[resources_pb2.Data]:
        yes = resources_pb2.Concept(id="yes", value=self.certainty)
        return [resources_pb2.Data(concepts=[yes]) for _ in batch]


class Choosy(Oracle):
    """One that is trained in one of two ways."""

    model_type = ModelTypeRow(
        "choosy",
        "Choosy",
        "Wants to know how.",
        ("text",),
        ("concepts",),
        templates=(Template("slow", "Slowly.", ()), Template("fast", "Fast.", ())),
    )


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    owner = plugins().list()[0]
    table = {
        name: (owner, EngineSpec(name, f"{__name__}:{cls}"))
        for name, cls in (("oracle", "Oracle"), ("choosy", "Choosy"))
    }
    monkeypatch.setitem(plugins()._specs, "engines", table)
    with Platform() as platform:
        app = User("me", base_url=platform.url).create_app("zoo", base_workflow="Empty")
        app.inputs().upload_text("one", "Is it?", labels=["yes"])
        assert platform.wait_idle()
        yield app


def test_it_is_configured_trained_and_asked(app: App):
    model = app.create_model("pythia", model_type_id="oracle")
    assert model.list_training_templates() == []
    params = model.get_params(save_to=None)
    assert params["train_params"] == {"certainty": 0.5}
    model.update_params(certainty=0.75)
    for wrong in ("sure", 1.5):
        with pytest.raises(UserError, match="certainty: must be a number") as refused:
            model.update_params(certainty=wrong)
        assert repr(wrong) in str(refused.value)
    assert model.get_param_info("certainty")["description"] == "How sure it is."
    model.train()
    assert model.training_status()["code"] in (21101, 21103, 21100)
    trained = model.wait_until_trained(timeout_seconds=60)
    (output,) = trained.predict_by_bytes(b"Is it?", "text").outputs
    assert [(one.id, one.value) for one in output.data.concepts] == [("yes", 0.75)]


def test_its_parameters_go_through_a_file(app: App, tmp_path):
    model = app.create_model("pythia", model_type_id="oracle")
    model.get_params(save_to=tmp_path / "params.yaml")
    assert app.model("pythia").train(tmp_path / "params.yaml")


def test_one_with_templates_wants_one_named(app: App):
    model = app.create_model("choosy", model_type_id="choosy")
    with pytest.raises(UserError, match="Template should be provided for choosy"):
        model.get_params(save_to=None)
    assert model.get_params("fast", save_to=None)["train_params"]["template"] == "fast"


def test_what_a_version_without_training_is_the_platform_says(app: App):
    """Of types that no document lists, nothing is asked or refused before it is sent."""
    model = app.create_model("pythia", model_type_id="oracle")
    made = model.create_version(description="by hand")
    assert [one.model_version.id for one in model.list_versions()] == [made.model_version.id]


def test_what_the_platform_does_not_train_is_refused(app: App):
    model = app.create_model("crop", model_type_id="image-crop")
    with pytest.raises(UserError, match="image-crop is not trainable"):
        model.get_params(save_to=None)


def _workflow(tmp_path, **model):
    path = tmp_path / "workflow.yaml"
    node = {"id": "n", "model": model}
    path.write_text(yaml.safe_dump({"workflow": {"id": "wf", "nodes": [node]}}))
    return path


def test_a_workflow_does_not_make_versions_of_it_without_training(app: App, tmp_path):
    path = _workflow(tmp_path, model_id="pythia", model_type_id="oracle")
    with pytest.raises(UserError, match="a 'oracle' gets one by training only"):
        app.create_workflow(path)
    assert app.list_models().all() == []


def test_a_workflow_with_a_trained_one_is_exported_by_its_name(app: App, tmp_path):
    model = app.create_model("pythia", model_type_id="oracle")
    model.get_params(save_to=None)
    model.train()
    model.wait_until_trained(timeout_seconds=60)
    workflow = app.create_workflow(_workflow(tmp_path, model_id="pythia"))
    workflow.export(tmp_path / "out.yaml")
    written = yaml.safe_load((tmp_path / "out.yaml").read_text())
    (node,) = written["workflow"]["nodes"]
    assert node["model"]["model_id"] == "pythia"
    assert "model_type_id" not in node["model"]
