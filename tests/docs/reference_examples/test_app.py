"""The examples on apps."""

from __future__ import annotations

from pathlib import Path

import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2

from clarifai_core.errors import NotFound
from tests.docs.reference_examples.conftest import post_module_version

TRAINABLE = "embedding-classifier"


def ids(listed) -> list[str]:
    return sorted(one.id for one in listed)


def test_create_dataset(run, app):
    made = run("App.create_dataset()").dataset
    assert made.id == "dataset_id"
    assert ids(app.list_datasets()) == ["dataset_id"]


def test_create_model(run, app):
    run("App.create_model()")
    assert app.model("model_id").id == "model_id"


def test_create_module(run, app):
    run("App.create_module()")
    assert ids(app.list_modules()) == ["module_id"]


WORKFLOW = """\
workflow:
  id: first-steps
  nodes:
    - id: concepts
      model:
        model_id: general-image-recognition
        user_id: clarifai
        app_id: main
"""


def test_create_workflow(run, app):
    Path("config.yml").write_text(WORKFLOW)
    run("App.create_workflow()")
    made = app.workflow("first-steps")
    assert [node.id for node in made.nodes] == ["concepts"]


@pytest.fixture
def workflow(app):
    Path("config.yml").write_text(WORKFLOW.replace("first-steps", "workflow_id"))
    return app.create_workflow("config.yml")


def test_dataset(run, app):
    app.create_dataset("dataset_id", description="D")
    assert run("App.dataset()").dataset.description == "D"


def test_delete_dataset(run, app, dataset):
    run("App.delete_dataset()")
    assert app.list_datasets().all() == []


def test_delete_model(run, app):
    app.create_model("model_id", model_type_id=TRAINABLE)
    run("App.delete_model()")
    with pytest.raises(NotFound):
        app.model("model_id")


def test_delete_module(run, app):
    app.create_module("module_id")
    run("App.delete_module()")
    assert app.list_modules().all() == []


def test_delete_workflow(run, app, workflow):
    run("App.delete_workflow()")
    assert app.list_workflows().all() == []


def test_list_datasets(run, app):
    app.create_dataset("a")
    app.create_dataset("b").create_version()
    assert ids(run("App.list_datasets()").all_datasets) == ["a", "b"]


def test_list_installed_module_versions(run, app):
    post_module_version(app.create_module("module_id"), "1")
    version = resources_pb2.ModuleVersion(
        id="1", module_id="module_id", user_id=app.user_id, app_id=app.id
    )
    installed = resources_pb2.InstalledModuleVersion(id="installed", module_version=version)
    app.session.call(
        "PostInstalledModuleVersions",
        service_pb2.PostInstalledModuleVersionsRequest(
            user_app_id=app.user_app_id, installed_module_versions=[installed]
        ),
    )
    (found,) = run("App.list_installed_module_versions()").all_installed_module_versions
    assert (found.id, found.module_version.id) == ("module_id", "1")


def test_list_models(run, app):
    app.create_model("crop", model_type_id="image-crop").create_version()
    assert ids(run("App.list_models()").all_models) == ["crop"]


def test_list_modules(run, app):
    app.create_module("a")
    app.create_module("b")
    assert ids(run("App.list_modules()").all_modules) == ["a", "b"]


def test_list_workflows(run, workflow):
    assert ids(run("App.list_workflows()").all_workflows) == ["workflow_id"]


def test_list_trainable_model_types(run, app, capsys):
    run("App.list_trainable_model_types()", app=app)
    assert TRAINABLE in capsys.readouterr().out


def test_search(run, app, processed):
    app.inputs().upload_text("a", "words")
    processed()
    search = run("App.search()").search_client
    assert (search.top_k, search.metric) == (12, "euclidean")
    (page,) = search.query(filters=[{"input_types": ["text"]}])
    assert [hit.input.id for hit in page.hits] == ["a"]


def test_model(run, app):
    model = app.create_model("model_id", model_type_id="image-crop")
    first = model.create_version(description="first").model_version.id
    model.create_version(description="second")
    found = run("App.model()", {"model_version_id": first}).model_v1
    assert found.model_version.description == "first"


def test_module(run, app):
    post_module_version(app.create_module("module_id", description="D"), "module_version_id")
    found = run("App.module()").module
    assert (found.description, found.module_version.id) == ("D", "module_version_id")


def test_workflow(run, workflow):
    found = run("App.workflow()").workflow
    assert [node.id for node in found.nodes] == ["concepts"]
