"""The examples on models."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import yaml

from clarifai.client.input import Inputs
from clarifai.client.model import Model
from tests.docs.reference_examples.conftest import picture

GENERAL = "https://clarifai.com/clarifai/main/models/general-image-recognition"
TEMPLATE = "HF_GPTNeo_125m_lora"
VISUAL = "Clarifai_InceptionV2"
TEXTS = {"cat": "the cat purrs and meows", "dog": "a dog barks at the mailman"}
SHADES = {"cat": "orange", "dog": "grey"}


@pytest.fixture
def pets(app, processed) -> None:
    """Texts and pictures of cats and dogs."""
    inputs = [
        Inputs.get_text_input(f"{label}-text-{n}", f"{text} {n}", labels=[label])
        for label, text in TEXTS.items()
        for n in range(6)
    ]
    inputs += [
        Inputs.get_input_from_bytes(
            f"{label}-image-{n}", image_bytes=picture(shade), labels=[label]
        )
        for label, shade in SHADES.items()
        for n in range(6)
    ]
    app.inputs().upload_inputs(inputs)
    processed()


@pytest.fixture
def trained(app, pets) -> Model:
    """A model that takes texts and pictures."""
    model = app.create_model("model_id", model_type_id="embedding-classifier")
    model.get_params(save_to=None)
    model.train()
    return model.wait_until_trained(timeout_seconds=60)


@pytest.fixture
def text_model(app) -> Model:
    return app.create_model("model_id", model_type_id="text-classifier")


def first_concept(prediction) -> str:
    return prediction.outputs[0].data.concepts[0].name


def test_create_version(run, app):
    app.create_model("model_id", model_type_id="image-crop")
    made = run("Model.create_version()", {"model_url": GENERAL}).model_version
    (listed,) = app.model("model_id").list_versions()
    assert listed.model_version.id == made.model_version.id
    assert listed.model_version.description == "model_version_description"


def test_list_versions(run, app):
    model = app.create_model("model_id", model_type_id="image-crop")
    made = [model.create_version().model_version.id for _ in range(2)]
    listed = run("Model.list_versions()", {"model_url": GENERAL}).all_model_versions
    assert {one.model_version.id for one in listed} == set(made)


def test_predict_by_bytes(run):
    (output,) = run("Model.predict_by_bytes()").model_prediction.outputs
    assert output.data.text.raw


def test_predict_by_filepath(run, trained):
    Path("image.jpg").write_bytes(picture("grey"))
    Path("text.txt").write_text("my cat purrs")
    files = {"/path/to/image.jpg": "image.jpg", "/path/to/text.txt": "text.txt"}
    found = run("Model.predict_by_filepath()", {"model_url": GENERAL, **files})
    assert first_concept(found.model_prediction) == "cat"
    assert first_concept(found.model.predict_by_filepath("image.jpg", "image")) == "dog"


def test_predict_by_url(run, trained, internet):
    internet("samples.clarifai.com/dog.jpg", picture("grey"))
    names = {"model_url": GENERAL, "url": "https://samples.clarifai.com/dog.jpg"}
    assert first_concept(run("Model.predict_by_url()", names).model_prediction) == "dog"


def test_list_training_templates(run, text_model, capsys):
    run("Model.list_training_templates()")
    assert TEMPLATE in ast.literal_eval(capsys.readouterr().out)


def test_get_params(run, text_model):
    params = run("Model.get_params()", {"template": TEMPLATE}).model_params
    assert params["train_params"]["template"] == TEMPLATE
    assert yaml.safe_load(Path("model_params.yaml").read_text()) == params


@pytest.fixture
def visual_model(app) -> Model:
    """A model whose templates have a `batch_size`, as the example has it."""
    return app.create_model("model_id", model_type_id="visual-classifier")


def test_update_params(run, visual_model):
    model = run("Model.update_params()", {"template": VISUAL}).model
    assert model.training_params["train_params"]["batch_size"] == 8
    assert model.training_params["dataset_version_id"] == "dataset_version_id"


def test_get_param_info(run, visual_model):
    names = {"template": VISUAL, "param": "batch_size"}
    info = run("Model.get_param_info()", names).last
    assert (info["param"], info["defaultValue"]) == ("batch_size", 64)


def test_train(run, text_model, pets):
    version_id = run("Model.train()", {"template": TEMPLATE}).last
    trained = text_model.wait_until_trained(version_id, timeout_seconds=60)
    assert first_concept(trained.predict_by_bytes(b"my cat purrs", "text")) == "cat"


def test_training_status(run, trained):
    version_id = trained.model_version.id
    status = run("Model.training_status()", {"version_id": version_id}).last
    assert status["code"] == 21100
    assert Path(f"{version_id}.log").read_text()


def test_delete_version(run, app):
    model = app.create_model("model_id", model_type_id="image-crop")
    gone, kept = [model.create_version().model_version.id for _ in range(2)]
    run("Model.delete_version()", {"version_id": gone})
    assert [one.model_version.id for one in model.list_versions()] == [kept]
