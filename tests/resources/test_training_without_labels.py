"""A training without labels names the dataset, what it lacks, and where the counts are."""

from __future__ import annotations

import pytest

from clarifai_core.errors import ApiError


@pytest.fixture
def model(app):
    made = app.create_model("m", model_type_id="embedding-classifier")
    made.get_params(save_to=None)
    return made


def refused(model, **params):
    model.update_params(**params)
    model.train()
    with pytest.raises(ApiError) as failed:
        model.wait_until_trained()
    return str(failed.value)


def test_inputs_without_labels(app, model):
    dataset = app.create_dataset("bare")
    for n in range(2):
        app.inputs().upload_text(f"t{n}", f"text {n}", dataset_id=dataset.id)
    said = refused(model, dataset_id="bare")
    assert "dataset 'bare' holds 2 processed inputs, none of which has a label" in said
    assert said.endswith(
        "Training learns from inputs that are processed and have labels: "
        "app.dataset('bare').get_upload_status() counts those it has."
    )


def test_no_inputs(app, model):
    app.create_dataset("empty")
    assert "dataset 'empty' holds no processed input [" in refused(model, dataset_id="empty")


def test_the_whole_app(app, model):
    app.inputs().upload_text("t", "text")
    said = refused(model)
    assert "the app holds 1 processed input, which has no label" in said
    assert "name the dataset that has some, update_params(dataset_id=...)" in said
