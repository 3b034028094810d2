"""The examples on workflows."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from clarifai.client.workflow import Workflow
from tests.docs.reference_examples.conftest import picture

FACE_SENTIMENT = "https://clarifai.com/clarifai/main/workflows/Face-Sentiment"
WORKFLOW = """\
workflow:
  id: workflow_id
  nodes:
    - id: concepts
      model:
        model_id: general-image-recognition
        user_id: clarifai
        app_id: main
"""


@pytest.fixture
def workflow(app) -> Workflow:
    Path("config.yml").write_text(WORKFLOW)
    return app.create_workflow("config.yml")


def concepts_of(prediction) -> list[str]:
    ((output,),) = [result.outputs for result in prediction.results]
    return [concept.name for concept in output.data.concepts]


def test_list_versions(run, workflow):
    listed = run("Workflow.list_versions()").workflow_versions
    (version,) = [one.version.id for one in listed]
    assert version


def test_predict_by_filepath(run, workflow):
    Path("photo.jpg").write_bytes(picture())
    names = {"workflow_url": FACE_SENTIMENT, "filepath": "photo.jpg"}
    found = run("Workflow.predict_by_filepath()", names)
    assert "red" in concepts_of(found.workflow_prediction)


def test_predict_by_url(run, workflow, internet):
    internet("samples.clarifai.com/dog.jpg", picture())
    names = {"workflow_url": FACE_SENTIMENT, "url": "https://samples.clarifai.com/dog.jpg"}
    found = run("Workflow.predict_by_url()", names)
    assert "red" in concepts_of(found.workflow_prediction)


def test_export(run, app):
    run("Workflow.export()")
    exported = yaml.safe_load(Path("out_path.yml").read_text())["workflow"]
    assert exported["id"] == "Demographics"
    again = app.create_workflow("out_path.yml")
    assert [node.id for node in again.nodes] == [node["id"] for node in exported["nodes"]]
