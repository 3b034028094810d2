"""`patch_app`, `patch_dataset`, `patch_model`, `patch_workflow` and `Model.patch_version`.

Names, positions and defaults are those of the official SDK 12.5.0; what actions do to fields is the
platform's word.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from clarifai_grpc.grpc.api import resources_pb2

from clarifai_core.errors import NotFound, UserError
from clarifai_resources.app import App
from clarifai_resources.user import User
from clarifai_resources.workflow import Workflow
from tests.resources.workflow_platform import write

PUBLIC = resources_pb2.Visibility.Gettable.PUBLIC


@pytest.fixture
def things(app: App, tmp_path) -> App:
    """An app with a dataset, a model in a version, and a workflow."""
    app.create_dataset("d", description="Old", metadata={"a": 1})
    app.create_model("m", model_type_id="image-crop", description="Old").create_version()
    node = "{id: a, model: {model_id: m, output_info: {params: {margin: 1.2}}}}"
    app.create_workflow(
        write(tmp_path / "w.yml", f"workflow: {{id: w, nodes: [{node}]}}"), display=False
    )
    return app


Change = Callable[..., Any]


@pytest.fixture(params=["app", "dataset", "model", "workflow"])
def change(request, user: User, things: App) -> Change:
    """The method that changes a kind of thing, and the id of one."""
    if request.param == "app":
        return lambda *args, **fields: user.patch_app("zoo", *args, **fields)
    method = getattr(things, f"patch_{request.param}")
    return lambda *args, **fields: method(request.param[0], *args, **fields)


def test_what_is_given_is_changed(change: Change):
    made = change(description="New", visibility="PUBLIC", notes="N")
    assert (made.description, made.notes) == ("New", "N")
    assert made.visibility.gettable == PUBLIC
    again = change(visibility=10)
    assert (again.description, again.visibility.gettable) == ("New", 10)


def test_a_handle_of_the_kind_comes_back(change: Change, things: App):
    made = change(notes="N")
    assert made.message.ByteSize()
    assert (made.user_id, made.session) == ("ann", things.session)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "Nothing to change: give fields of the"),
        ({"descripton": "x"}, "did you mean 'description'"),
        ({"visibility": "OPEN"}, "'OPEN' is none of"),
        ({"image_url": "https://example.com/a.png", "image": {"url": "b"}}, "not both"),
        ({"description": 7}, "description: must be text, got 7"),
    ],
)
def test_what_cannot_be_changed_so_is_refused(change: Change, fields, text: str):
    with pytest.raises(UserError, match=text):
        change(**fields)


def test_an_unknown_action_is_refused(change: Change):
    with pytest.raises(
        UserError, match="action must be one of merge, overwrite, remove, got 'add'"
    ):
        change("add", notes="N")


def test_what_does_not_exist_is_not_found(user: User, things: App):
    for call in (
        lambda: user.patch_app("gone", notes="N"),
        lambda: things.patch_dataset("gone", notes="N"),
        lambda: things.patch_model("gone", notes="N"),
        lambda: things.patch_workflow("gone", notes="N"),
        lambda: things.model("m").patch_version("gone", description="N"),
    ):
        with pytest.raises(NotFound):
            call()


def test_an_empty_id_is_refused(user: User, things: App):
    for call in (user.patch_app, things.patch_dataset, things.patch_model, things.patch_workflow):
        with pytest.raises(UserError, match="must be a text that is not empty"):
            call("", notes="N")


def test_actions(things: App):
    merged = things.patch_dataset("d", metadata={"b": 2})
    assert dict(merged.metadata) == {"a": 1, "b": 2}
    replaced = things.patch_dataset("d", "overwrite", metadata={"b": 2})
    assert dict(replaced.metadata) == {"b": 2}
    assert list(things.patch_model("m", toolkits=["x", "y"]).toolkits) == ["x", "y"]
    assert list(things.patch_model("m", action="remove", toolkits=["x"]).toolkits) == ["y"]


def test_an_app_gets_another_base_workflow(user: User, things: App):
    made = user.patch_app("zoo", base_workflow="Universal", is_template=True)
    assert made.default_workflow.id == "Universal"
    assert made.is_template.value is True
    with pytest.raises(UserError, match="base_workflow"):
        user.patch_app("zoo", base_workflow="")


def test_a_workflow_gets_other_nodes_from_a_file(things: App, tmp_path):
    node = "{id: b, model: {model_id: m, output_info: {params: {margin: 1.3}}}}"
    path = write(tmp_path / "w2.yml", f"workflow: {{id: other, nodes: [{node}]}}")
    before = things.workflow("w")
    made = things.patch_workflow("w", action="overwrite", config_filepath=path, notes="N")
    assert isinstance(made, Workflow)
    assert (made.id, made.notes, [one.id for one in made.nodes]) == ("w", "N", ["b"])
    assert made.version.id != before.version.id
    with pytest.raises(FileNotFoundError):
        things.patch_workflow("w", config_filepath=tmp_path / "gone.yml")


def test_a_version_is_changed(things: App):
    model = things.model("m")
    changed = model.patch_version(model.model_version.id, description="New", metadata={"k": 1})
    assert changed.model_version.description == "New"
    assert dict(things.model("m").model_version.metadata) == {"k": 1}
    with pytest.raises(UserError, match="Nothing to change"):
        model.patch_version(model.model_version.id)
    with pytest.raises(UserError, match="did you mean 'description'"):
        model.patch_version(model.model_version.id, descripton="x")  # type: ignore[call-arg]
