"""Workflows from YAML: what is asked of the platform, in which order, and when nothing is."""

from __future__ import annotations

import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2

from clarifai_core.errors import AlreadyExists, NotFound, PermissionDenied, UserError
from clarifai_core.wire.messages import fill, plain
from clarifai_resources.app import App
from clarifai_resources.workflow import Workflow
from tests.resources.workflow_platform import WorkflowPlatform, ok, write

FACES = """\
workflow:
  id: faces
  nodes:
    - id: detector
      model:
        model_id: face-detection
        model_version_id: aa7f35c01e0642fda5cf400f543e7c40
        user_id: clarifai
        app_id: main
    - id: crop
      model:
        model_id: cropper
        model_type_id: image-crop
        description: Cuts faces out
        output_info:
          params:
            margin: 1.5
            mode: fast
            exact: true
            count: 3
      node_inputs:
        - node_id: detector
"""
ALL_RPCS = [
    *("GetModel", "GetModel", "ListModelTypes"),  # whether training alone could make the version
    *("PostModels", "PostModelVersions", "PostWorkflows"),
]
PARAMS = {"margin": 1.5, "mode": "fast", "exact": True, "count": 3}


def output_info(**fields: Any) -> resources_pb2.OutputInfo:
    return fill(resources_pb2.OutputInfo(), fields, "output info")


@pytest.fixture
def platform(scripted) -> WorkflowPlatform:
    made = WorkflowPlatform(scripted)
    version = "aa7f35c01e0642fda5cf400f543e7c40"
    made.add(
        "clarifai", "main", "face-detection", version, output_info=output_info(params={"p": 1})
    )
    return made


@pytest.fixture
def faces(tmp_path) -> Path:
    return write(tmp_path / "faces.yml", FACES)


def create(app: App, path: Path, **options: Any) -> Workflow:
    return app.create_workflow(path, display=False, **options)


def test_a_missing_model_is_made_with_its_version(
    scripted_app: App, platform: WorkflowPlatform, faces: Path
):
    workflow = create(scripted_app, faces)
    assert platform.rpcs == ALL_RPCS
    detector, cropper = platform.requests("GetModel")
    assert detector.user_app_id == resources_pb2.UserAppIDSet(user_id="clarifai", app_id="main")
    assert (detector.model_id, detector.version_id) == (
        "face-detection",
        "aa7f35c01e0642fda5cf400f543e7c40",
    )
    assert cropper.user_app_id == resources_pb2.UserAppIDSet(user_id="ann", app_id="zoo")
    assert (cropper.model_id, cropper.version_id) == ("cropper", "")
    (posted,) = platform.requests("PostModels")
    assert [plain(one) for one in posted.models] == [
        {"id": "cropper", "model_type_id": "image-crop", "description": "Cuts faces out"}
    ]
    (versions,) = platform.requests("PostModelVersions")
    assert versions.model_id == "cropper"
    (version,) = versions.model_versions
    assert plain(version.output_info) == {"params": PARAMS}
    assert (workflow.id, workflow.user_id, workflow.app_id) == ("faces", "ann", "zoo")
    assert workflow.version.id == "w1"


def test_the_nodes_hold_the_models_as_the_platform_answered_them(
    scripted_app: App, platform: WorkflowPlatform, faces: Path
):
    create(scripted_app, faces)
    (sent,) = platform.requests("PostWorkflows")[0].workflows
    detector, crop = sent.nodes
    assert detector.model == platform.models["clarifai", "main", "face-detection"]
    assert list(detector.node_inputs) == []
    assert crop.model == platform.models["ann", "zoo", "cropper"]
    assert crop.model.model_version.id == "v2"
    assert [one.node_id for one in crop.node_inputs] == ["detector"]
    assert not crop.HasField("output_info_override")


def test_a_model_with_the_same_output_info_is_used_as_it_is(
    scripted_app: App, platform: WorkflowPlatform, faces: Path
):
    same = output_info(params=PARAMS, output_config={"max_concepts": 3})
    platform.add("ann", "zoo", "cropper", "c1", output_info=same)
    create(scripted_app, faces)
    assert platform.rpcs == ["GetModel", "GetModel", "PostWorkflows"]
    (sent,) = platform.requests("PostWorkflows")[0].workflows
    assert sent.nodes[1].model.model_version.id == "c1"


@pytest.mark.parametrize("params", [{}, {**PARAMS, "margin": 2}, {**PARAMS, "more": None}])
def test_a_model_with_another_output_info_gets_a_version(
    scripted_app: App, platform: WorkflowPlatform, faces: Path, params: dict[str, Any]
):
    platform.add("ann", "zoo", "cropper", "c1", output_info=output_info(params=params))
    create(scripted_app, faces)
    assert platform.rpcs == ["GetModel", "GetModel", "PostModelVersions", "PostWorkflows"]
    (sent,) = platform.requests("PostWorkflows")[0].workflows
    assert plain(sent.nodes[1].model.model_version.output_info) == {"params": PARAMS}


def test_a_model_that_was_half_made_is_finished(
    scripted_app: App, platform: WorkflowPlatform, tmp_path
):
    platform.add("ann", "zoo", "rag-prompter", model_type_id="rag-prompter")
    text = (
        "workflow:\n  id: w\n  nodes:\n"
        "  - {id: a, model: {model_id: rag-prompter, model_type_id: rag-prompter}}\n"
    )
    create(scripted_app, write(tmp_path / "w.yml", text))
    assert platform.rpcs == ["GetModel", "ListModelTypes", "PostModelVersions", "PostWorkflows"]


def test_one_model_in_several_nodes_is_looked_up_and_made_once(
    scripted_app: App, platform: WorkflowPlatform, tmp_path
):
    row = "{{id: {0}, model: {{model_id: p, model_type_id: prompter, output_info: {1}}}}}"
    rows = [
        row.format(name, f"{{params: {{k: {value}}}}}")
        for name, value in (("a", 1), ("b", 1), ("c", 2))
    ]
    text = f"workflow: {{id: w, nodes: [{', '.join(rows)}]}}"
    create(scripted_app, write(tmp_path / "w.yml", text))
    assert platform.rpcs == [
        "GetModel",
        "ListModelTypes",
        "PostModels",
        "PostModelVersions",
        "PostModelVersions",
        "PostWorkflows",
    ]
    (sent,) = platform.requests("PostWorkflows")[0].workflows
    assert [node.model.model_version.id for node in sent.nodes] == ["v2", "v2", "v3"]


def test_node_settings_are_sent(scripted_app: App, platform: WorkflowPlatform, tmp_path):
    platform.add("ann", "zoo", "m", "v")
    text = (
        "workflow:\n  id: w\n  nodes:\n  - id: a\n    model: {model_id: m}\n"
        "    suppress_output: true\n    output_info_override: {params: {top: 3}}\n"
    )
    create(scripted_app, write(tmp_path / "w.yml", text))
    (sent,) = platform.requests("PostWorkflows")[0].workflows
    assert sent.nodes[0].suppress_output
    assert plain(sent.nodes[0].output_info_override) == {"params": {"top": 3}}


def test_a_new_id_is_a_uuid(scripted_app: App, platform: WorkflowPlatform, faces: Path):
    workflow = create(scripted_app, faces, generate_new_id=True)
    assert str(uuid.UUID(workflow.id, version=4)) == workflow.id
    assert create(scripted_app, faces, generate_new_id=True).id != workflow.id


def test_a_user_who_is_me_owns_what_the_platform_says_in_full(
    scripted, platform: WorkflowPlatform, faces: Path
):
    app = App(app_id="zoo", user_id="me", base_url=scripted.url, pat="test-pat")
    cropper = resources_pb2.Model(id="cropper", user_id="ann", app_id="zoo")
    cropper.model_version.id = "c1"
    platform.models["me", "zoo", "cropper"] = cropper
    create(app, faces)
    assert platform.rpcs == ["GetModel", "GetModel", "PostModelVersions", "PostWorkflows"]


# --- what is displayed


def test_the_tree_is_printed_by_default(
    scripted_app: App, platform: WorkflowPlatform, tmp_path, capsys
):
    for name in ("a", "b", "c", "d"):
        platform.add("ann", "zoo", f"m-{name}", f"v-{name}")
    platform.add("eve", "lab", "m-e", "v-e")
    text = (
        "workflow:\n  id: w\n  nodes:\n"
        "  - {id: a, model: {model_id: m-a}}\n"
        "  - {id: b, model: {model_id: m-b}, node_inputs: [{node_id: a}]}\n"
        "  - {id: c, model: {model_id: m-c}, node_inputs: [{node_id: b}]}\n"
        "  - {id: d, model: {model_id: m-d}, node_inputs: [{node_id: a}, {node_id: c}]}\n"
        "  - {id: e, model: {model_id: m-e, user_id: eve, app_id: lab}}\n"
    )
    path = write(tmp_path / "w.yml", text)
    scripted_app.create_workflow(str(path))
    assert capsys.readouterr().out.splitlines() == [
        "w",
        "|-- a: m-a, version v-a",
        "|   |-- b: m-b, version v-b",
        "|   |   `-- c: m-c, version v-c",
        "|   `-- d: m-d, version v-d (also from c)",
        "`-- e: eve/lab/m-e, version v-e",
    ]
    scripted_app.create_workflow(config_filepath=path, generate_new_id=True, display=False)
    assert capsys.readouterr().out == ""


def test_a_program_without_standard_output_can_create(
    scripted_app: App, platform: WorkflowPlatform, faces: Path, monkeypatch
):
    monkeypatch.setattr("sys.stdout", None)
    assert scripted_app.create_workflow(faces).id == "faces"


# --- what fails


def test_a_bad_file_sends_nothing(scripted_app: App, platform: WorkflowPlatform, tmp_path):
    path = write(tmp_path / "w.yml", FACES.replace("node_id: detector", "node_id: nowhere"))
    with pytest.raises(UserError, match="there is no node 'nowhere'"):
        create(scripted_app, path)
    assert platform.rpcs == []


def test_an_app_without_id_is_told_before_anything_is_sent(
    scripted, platform: WorkflowPlatform, faces: Path
):
    app = App(user_id="ann", base_url=scripted.url, pat="test-pat")
    text = FACES.replace("        user_id: clarifai\n        app_id: main\n", "")
    with pytest.raises(UserError, match="app_id"):
        create(app, write(faces, text))
    assert platform.rpcs == []


def test_a_failed_look_up_is_raised_and_nothing_is_made(
    scripted_app: App, platform: WorkflowPlatform, scripted, faces: Path
):
    refused = service_pb2.SingleModelResponse()
    refused.status.code = 21201
    refused.status.description = "no access"
    answer = platform.GetModel
    scripted.answers["GetModel"] = [
        lambda request: refused if request.model_id == "cropper" else answer(request)
    ]
    with pytest.raises(PermissionDenied) as caught:
        create(scripted_app, faces)
    assert (caught.value.rpc, caught.value.code) == ("GetModel", 21201)
    assert platform.rpcs == ["GetModel", "GetModel"]


def test_a_later_failed_look_up_keeps_an_earlier_model_from_being_made(
    scripted_app: App, platform: WorkflowPlatform, tmp_path
):
    text = (
        "workflow:\n  id: w\n  nodes:\n"
        "  - {id: a, model: {model_id: p, model_type_id: prompter}}\n"
        "  - {id: b, model: {model_id: gone, user_id: eve, app_id: lab}}\n"
    )
    with pytest.raises(NotFound) as caught:
        create(scripted_app, write(tmp_path / "w.yml", text))
    assert caught.value.code == 21200
    assert platform.rpcs == ["GetModel", "GetModel"]


def test_what_another_app_does_not_have_is_made_here_if_the_file_says_how(
    scripted_app: App, platform: WorkflowPlatform, tmp_path, caplog
):
    """As the official SDK does with an export of an app that these credentials do not see."""
    text = (
        "workflow: {id: w, nodes: [{id: b, model: {model_id: gone, model_version_id: v9, "
        "user_id: eve, app_id: lab, model_type_id: prompter, output_info: {params: {k: 1}}}}]}"
    )
    made = create(scripted_app, write(tmp_path / "w.yml", text))
    asked = [(one.user_app_id.app_id, one.version_id) for one in platform.requests("GetModel")]
    assert asked == [("lab", "v9"), ("zoo", "")]
    assert made.nodes[0].model.app_id == "zoo"
    (warned,) = [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]
    assert warned == (
        "node 'b': there is no model 'gone' in eve/lab for these credentials; that of app zoo is "
        "taken, or made"
    )
    again = create(scripted_app, write(tmp_path / "w.yml", text))
    assert len(platform.requests("PostModels")) == 1
    assert again.nodes[0].model == made.nodes[0].model


def test_a_description_that_is_not_used_is_told(
    scripted_app: App, platform: WorkflowPlatform, tmp_path, caplog
):
    platform.add("ann", "zoo", "p", "v1", model_type_id="prompter", description="Old")
    for description, count in (("New", 1), ("Old", 1)):
        text = (
            "workflow: {id: w, nodes: [{id: a, model: {model_id: p, model_version_id: v1, "
            f"description: {description}}}}}]}}"
        )
        create(scripted_app, write(tmp_path / "w.yml", text))
        warned = [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]
        assert len(warned) == count
    assert warned == ["node 'a': model 'p' exists, and its description stays: it is not 'New'"]
    assert "PostModels" not in platform.rpcs


def test_a_model_that_no_new_one_may_be_called_is_refused_before_anything_is_made(
    scripted_app: App, platform: WorkflowPlatform, tmp_path
):
    text = "workflow: {id: w, nodes: [{id: a, model: {model_id: p.1, model_type_id: prompter}}]}"
    with pytest.raises(UserError, match=r"model_id 'p\.1' cannot be an id.*So it cannot be made"):
        create(scripted_app, write(tmp_path / "w.yml", text))
    assert platform.rpcs == ["GetModel", "ListModelTypes"]
    platform.add("ann", "zoo", "p.1", "v1", model_type_id="prompter")
    assert create(scripted_app, tmp_path / "w.yml").nodes[0].model.id == "p.1"


def test_a_missing_model_without_a_type_says_what_would_make_it(
    scripted_app: App, platform: WorkflowPlatform, faces: Path
):
    path = write(faces, FACES.replace("        model_type_id: image-crop\n", ""))
    with pytest.raises(NotFound) as caught:
        create(scripted_app, path)
    hint = "For node 'crop' to have it made, give its model a model_type_id."
    assert str(caught.value).endswith(hint)
    assert platform.rpcs == ["GetModel", "GetModel"]


def test_another_apps_model_is_never_changed(
    scripted_app: App, platform: WorkflowPlatform, faces: Path
):
    platform.add("clarifai", "main", "cropper", "c1", model_type_id="image-crop")
    text = FACES.replace("        model_id: cropper\n", "        model_id: face-detection\n")
    text = text.replace(
        "        model_type_id: image-crop\n", "        user_id: clarifai\n        app_id: main\n"
    )
    with pytest.raises(UserError) as caught:
        create(scripted_app, write(faces, text))
    assert str(caught.value) == (
        "The workflow cannot be created; nothing was made:\n"
        "  node 'crop': model 'face-detection' of clarifai/main has another output_info, and only "
        "its own app can change that; the node can have an output_info_override"
    )
    assert set(platform.rpcs) == {"GetModel"}


def test_a_model_that_the_platform_finds_elsewhere_is_not_changed_either(
    scripted_app: App, platform: WorkflowPlatform, faces: Path
):
    public = resources_pb2.Model(id="cropper", user_id="clarifai", app_id="main")
    public.model_version.id = "c1"
    platform.models["ann", "zoo", "cropper"] = public
    with pytest.raises(UserError, match="'cropper' of clarifai/main has another output_info"):
        create(scripted_app, faces)
    assert set(platform.rpcs) == {"GetModel"}


@pytest.mark.parametrize("exists", [True, False])
def test_a_version_that_only_training_makes_is_refused(
    scripted_app: App, platform: WorkflowPlatform, faces: Path, exists: bool
):
    if exists:
        platform.add("ann", "zoo", "cropper", "c1", model_type_id="visual-classifier")
    path = write(faces, FACES.replace("image-crop", "visual-classifier"))
    with pytest.raises(UserError, match=r"node 'crop': .* gets one by training only"):
        create(scripted_app, path)
    assert set(platform.rpcs) == {"GetModel"}


def test_a_taken_id_is_told(scripted_app: App, platform: WorkflowPlatform, scripted, faces: Path):
    taken = service_pb2.MultiWorkflowResponse()
    taken.status.code = 22100
    taken.status.description = "Workflow with that ID already exists"
    scripted.answers["PostWorkflows"] = [taken]
    with pytest.raises(AlreadyExists) as caught:
        create(scripted_app, faces)
    assert re.search("Choose another workflow id", str(caught.value))


def test_a_version_without_a_model_is_a_bad_reply(
    scripted_app: App, platform: WorkflowPlatform, scripted, faces: Path
):
    scripted.answers["PostModelVersions"] = [ok(service_pb2.SingleModelResponse())]
    with pytest.raises(Exception, match="PostModelVersions: the answer holds no model"):
        create(scripted_app, faces)
    assert "PostWorkflows" not in platform.rpcs
