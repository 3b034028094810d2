"""Workflows to YAML: what is written, that it can be created again, and what keeps it from that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from clarifai_grpc.grpc.api import resources_pb2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarifai_core.errors import UserError
from clarifai_core.wire.messages import fill, struct
from clarifai_resources.app import App
from clarifai_resources.workflow import Workflow
from clarifai_resources.workflow.config import read_config
from tests.resources.workflow_platform import WorkflowPlatform, write

VERSION = "aa7f35c01e0642fda5cf400f543e7c40"


def output_info(**fields: Any) -> resources_pb2.OutputInfo:
    return fill(resources_pb2.OutputInfo(), fields, "output info")


@pytest.fixture
def platform(scripted) -> WorkflowPlatform:
    made = WorkflowPlatform(scripted)
    made.add("clarifai", "main", "face-detection", VERSION, output_info=output_info(message="m"))
    made.add("clarifai", "lab", "aligner", "l1")
    made.add("eve", "main", "tracker", "t1")
    made.add(
        "ann",
        "zoo",
        "cropper",
        "c1",
        model_type_id="image-crop",
        description="Schneidet Köpfe aus 🙂",
        output_info=output_info(
            params={"margin": 1.5, "count": 16, "on": True, "off": False, "no": None, "s": "16"},
            fields_map={"regions": "boxes"},
            output_config={"min_value": 0.3, "max_concepts": 20},
            message="hi",
            data={"concepts": [{"id": "id-face", "name": "face", "value": 0.5}]},
        ),
    )
    return made


NODES = """\
workflow:
  id: faces
  nodes:
    - {id: detector, model: {model_id: face-detection, user_id: clarifai, app_id: main}}
    - {id: align, model: {model_id: aligner, user_id: clarifai, app_id: lab},
       node_inputs: [{node_id: detector}], suppress_output: true}
    - {id: track, model: {model_id: tracker, user_id: eve, app_id: main},
       node_inputs: [{node_id: detector}, {node_id: align}],
       output_info_override: {params: {top: 3}}}
    - {id: crop, model: {model_id: cropper}, node_inputs: [{node_id: track}]}
"""


@pytest.fixture
def workflow(scripted_app: App, platform: WorkflowPlatform, tmp_path) -> Workflow:
    path = write(tmp_path / "nodes.yml", NODES)
    return scripted_app.create_workflow(path, display=False)


def nodes_of(path: Path) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = yaml.safe_load(path.read_text("utf-8"))["workflow"]["nodes"]
    return nodes


def handle(app: App, workflow_id: str = "faces", **fields: Any) -> Workflow:
    return Workflow(
        workflow_id=workflow_id,
        user_id=app.user_id,
        app_id=app.app_id,
        base_url=app.settings.base_url,
        pat="test-pat",
        **fields,
    )


def test_the_file_says_what_it_takes_to_make_the_workflow(
    scripted_app: App, workflow: Workflow, tmp_path
):
    out = tmp_path / "out.yml"
    handle(scripted_app).export(str(out))
    assert out.read_text(encoding="utf-8") == (
        "workflow:\n"
        "  id: faces\n"
        "  nodes:\n"
        "  - id: detector\n"
        "    model:\n"
        "      model_id: face-detection\n"
        f"      model_version_id: {VERSION}\n"
        "      user_id: clarifai\n"
        "      app_id: main\n"
        "  - id: align\n"
        "    model:\n"
        "      model_id: aligner\n"
        "      model_version_id: l1\n"
        "      user_id: clarifai\n"
        "      app_id: lab\n"
        "    node_inputs:\n"
        "    - node_id: detector\n"
        "    suppress_output: true\n"
        "  - id: track\n"
        "    model:\n"
        "      model_id: tracker\n"
        "      model_version_id: t1\n"
        "      user_id: eve\n"
        "      app_id: main\n"
        "    node_inputs:\n"
        "    - node_id: detector\n"
        "    - node_id: align\n"
        "    output_info_override:\n"
        "      params:\n"
        "        top: 3\n"
        "  - id: crop\n"
        "    model:\n"
        "      model_id: cropper\n"
        "      model_version_id: c1\n"
        "      user_id: ann\n"
        "      app_id: zoo\n"
        "      model_type_id: image-crop\n"
        "      description: Schneidet Köpfe aus 🙂\n"
        "      output_info:\n"
        "        data:\n"
        "          concepts:\n"
        "          - id: id-face\n"
        "            name: face\n"
        "            value: 0.5\n"
        "        fields_map:\n"
        "          regions: boxes\n"
        "        message: hi\n"
        "        output_config:\n"
        "          max_concepts: 20\n"
        "          min_value: 0.3\n"
        "        params:\n"
        "          count: 16\n"
        "          margin: 1.5\n"
        "          'no': null\n"
        "          'off': false\n"
        "          'on': true\n"
        "          s: '16'\n"
        "    node_inputs:\n"
        "    - node_id: track\n"
    )


def test_an_export_can_be_created_again_without_making_anything(
    scripted_app: App, workflow: Workflow, platform: WorkflowPlatform, tmp_path
):
    first, second = tmp_path / "1.yml", tmp_path / "2.yaml"
    workflow.export(first)
    platform.server.asked.clear()
    again = scripted_app.create_workflow(first, generate_new_id=True, display=False)
    assert platform.rpcs == ["GetModel"] * 4 + ["PostWorkflows"]
    again.export(second)
    assert second.read_text("utf-8") == first.read_text("utf-8").replace("faces", again.id)


def test_an_export_uses_the_same_models_in_another_app(
    scripted, workflow: Workflow, platform: WorkflowPlatform, tmp_path
):
    first = tmp_path / "1.yml"
    workflow.export(first)
    platform.server.asked.clear()
    ark = App(app_id="ark", user_id="ann", base_url=scripted.url, pat="test-pat")
    made = ark.create_workflow(first, display=False)
    assert platform.rpcs == ["GetModel"] * 4 + ["PostWorkflows"]
    assert [node.model for node in made.nodes] == [node.model for node in workflow.nodes]


def test_an_export_makes_the_own_models_where_they_are_not_seen(
    scripted, workflow: Workflow, platform: WorkflowPlatform, tmp_path
):
    first, second = tmp_path / "1.yml", tmp_path / "2.yml"
    workflow.export(first)
    original = platform.models.pop(("ann", "zoo", "cropper"))
    platform.versions.clear()
    for address, model in platform.models.items():
        user_id, app_id, model_id = address
        platform.versions[user_id, app_id, model_id, model.model_version.id] = model
    platform.server.asked.clear()
    ark = App(app_id="ark", user_id="bob", base_url=scripted.url, pat="test-pat")
    made = ark.create_workflow(first, display=False)
    assert platform.rpcs[-3:] == ["PostModels", "PostModelVersions", "PostWorkflows"]
    version = made.nodes[-1].model.model_version.id
    assert (made.app_id, made.nodes[-1].model.app_id) == ("ark", "ark")
    made.export(second)
    expected = first.read_text("utf-8").replace("version_id: c1", f"version_id: {version}")
    expected = expected.replace("user_id: ann", "user_id: bob").replace(
        "app_id: zoo", "app_id: ark"
    )
    assert second.read_text("utf-8") == expected
    copy = platform.models["bob", "ark", "cropper"]
    assert copy.description == original.description
    assert copy.model_version.output_info == original.model_version.output_info


def test_the_models_of_the_public_library_keep_their_address(
    scripted, platform: WorkflowPlatform, tmp_path
):
    model = platform.models["clarifai", "main", "face-detection"]
    node = resources_pb2.WorkflowNode(id="find", model=model)
    public = resources_pb2.Workflow(id="Demo", user_id="clarifai", app_id="main", nodes=[node])
    platform.workflows["clarifai", "main", "Demo"] = [public]
    url = "https://clarifai.com/clarifai/main/workflows/Demo"
    out = tmp_path / "out.yml"
    Workflow(url, base_url=scripted.url, pat="test-pat").export(out)
    (written,) = yaml.safe_load(out.read_text("utf-8"))["workflow"]["nodes"]
    assert written["model"] == {
        "model_id": "face-detection",
        "model_version_id": VERSION,
        "user_id": "clarifai",
        "app_id": "main",
    }
    app = App(app_id="ark", user_id="ann", base_url=scripted.url, pat="test-pat")
    made = app.create_workflow(out, display=False)
    assert made.nodes[0].model == model


@pytest.mark.parametrize(
    ("model_type_id", "version_field"),
    [("visual-classifier", "output_info"), ("text-embedder", "pretrained_model_config")],
)
def test_a_model_that_no_file_can_hold_keeps_its_address(
    scripted, scripted_app: App, platform: WorkflowPlatform, tmp_path, model_type_id, version_field
):
    platform.add("ann", "zoo", "trained", "t9", model_type_id=model_type_id)
    version = platform.models["ann", "zoo", "trained"].model_version
    if version_field == "pretrained_model_config":
        version.pretrained_model_config.model_zip_url = "https://example.com/model.zip"
    text = "workflow: {id: w, nodes: [{id: a, model: {model_id: trained}}]}"
    out = tmp_path / "out.yml"
    scripted_app.create_workflow(write(tmp_path / "w.yml", text), display=False).export(out)
    assert "user_id: ann" in out.read_text("utf-8")
    ark = App(app_id="ark", user_id="ann", base_url=scripted.url, pat="test-pat")
    made = ark.create_workflow(out, display=False)
    assert (made.app_id, made.nodes[0].model.app_id) == ("ark", "zoo")
    assert "PostModels" not in platform.rpcs


def test_a_handle_in_a_version_exports_that_version(
    scripted_app: App, workflow: Workflow, platform: WorkflowPlatform, tmp_path
):
    text = "workflow: {id: faces, nodes: [{id: only, model: {model_id: cropper}}]}"
    newest = scripted_app.create_workflow(write(tmp_path / "n.yml", text), display=False)
    platform.server.asked.clear()
    old, new = tmp_path / "old.yml", tmp_path / "new.yml"
    handle(scripted_app, workflow_version={"id": workflow.version.id}).export(old)
    newest.export(new)
    assert platform.rpcs == [
        *("GetWorkflow", "GetWorkflowVersion", "ListModelTypes"),
        *("GetWorkflow", "ListModelTypes"),  # each export asks once which types are trained
    ]
    assert len(read_config(old).nodes) == 4
    assert [one.id for one in read_config(new).nodes] == ["only"]
    handle(scripted_app, workflow_version={"id": "w1"}).export(new)
    assert new.read_bytes() == old.read_bytes()


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 53), 1 << 53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(params=st.dictionaries(st.text(), JSON, max_size=5), description=st.text(min_size=1))
def test_all_parameters_and_texts_survive(
    scripted_app: App, workflow: Workflow, platform: WorkflowPlatform, tmp_path, params, description
):
    stored = platform.workflows["ann", "zoo", "faces"][-1].nodes[-1].model
    stored.description = description
    stored.model_version.output_info.params.CopyFrom(struct(params))
    out = tmp_path / "out.yml"
    workflow.export(out)
    read = read_config(out).nodes[-1].model
    assert read.description == description
    assert read.output_info is not None
    assert read.output_info.params == stored.model_version.output_info.params


# --- what fails


@pytest.mark.parametrize(
    ("out_path", "text"),
    [
        ("out.json", "out_path must end in .yml or .yaml, got 'out.json'."),
        ("", "out_path must be the path of a YAML file, got ''."),
        (None, "out_path must be the path of a YAML file, got None."),
        ("folder.yml", "out_path 'folder.yml' is a directory; name a file."),
        ("no/out.yml", "out_path 'no/out.yml': there is no directory 'no'."),
        (f"{'x' * 300}.yml", f"out_path '{'x' * 300}.yml' cannot be written: File name too long."),
    ],
)
def test_a_path_that_cannot_be_written_is_refused_unsent(
    workflow: Workflow, platform: WorkflowPlatform, tmp_path, monkeypatch, out_path, text: str
):
    monkeypatch.chdir(tmp_path)
    Path("folder.yml").mkdir()
    platform.server.asked.clear()
    with pytest.raises(UserError) as caught:
        workflow.export(out_path)
    assert str(caught.value) == text
    assert platform.rpcs == []


def test_a_handle_without_id_is_refused_unsent(scripted_app: App, scripted, tmp_path):
    with pytest.raises(UserError, match="workflow_id must be a text that is not empty"):
        scripted_app.child(Workflow).export(tmp_path / "out.yml")
    assert scripted.asked == []


def test_a_workflow_without_nodes_is_not_written(
    scripted_app: App, platform: WorkflowPlatform, tmp_path
):
    empty = resources_pb2.Workflow(id="Empty", user_id="ann", app_id="zoo")
    platform.workflows["ann", "zoo", "Empty"] = [empty]
    with pytest.raises(UserError, match="'Empty' has no nodes; there is nothing to export"):
        handle(scripted_app, "Empty").export(tmp_path / "out.yml")
    assert list(tmp_path.glob("out*")) == []


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failed_write_leaves_the_file_that_was_there(
    workflow: Workflow, tmp_path, monkeypatch, failure: BaseException
):
    out = tmp_path / "out.yml"
    out.write_text("old")

    def fail(_: int) -> None:
        raise failure

    monkeypatch.setattr("clarifai_resources.workflow._document.os.fsync", fail)
    with pytest.raises((UserError, KeyboardInterrupt)) as caught:
        workflow.export(out)
    if isinstance(failure, OSError):
        assert str(caught.value) == (
            f"out_path {str(out)!r} cannot be written: No space left on device."
        )
    assert out.read_text() == "old"
    assert sorted(one.name for one in tmp_path.iterdir() if one.is_file()) == [
        "nodes.yml",
        "out.yml",
    ]


def test_a_link_stays_a_link(workflow: Workflow, tmp_path):
    target, link = tmp_path / "real.yml", tmp_path / "link.yml"
    target.write_text("old")
    link.symlink_to(target)
    workflow.export(link)
    assert link.is_symlink()
    assert read_config(target).id == "faces"


# --- on the embedded platform

CROPPED = """\
workflow:
  id: cropped
  nodes:
    - id: find
      model: {model_id: general-image-recognition, user_id: clarifai, app_id: main}
    - id: crop
      model:
        model_id: cropper
        model_type_id: image-crop
        output_info: {params: {margin: 1.5}}
      node_inputs: [{node_id: find}]
"""


def test_create_export_and_create_again_on_the_embedded_platform(app: App, user, tmp_path):
    first, second = tmp_path / "1.yml", tmp_path / "2.yml"
    made = app.create_workflow(write(tmp_path / "c.yml", CROPPED), display=False)
    made.export(first)
    again = app.create_workflow(first, generate_new_id=True, display=False)
    assert [node.model.model_version.id for node in again.nodes] == [
        node.model.model_version.id for node in made.nodes
    ]
    ark = user.create_app("ark", base_workflow="Empty")
    moved = ark.create_workflow(first, display=False)
    moved.export(second)
    ids = [[node["model"] for node in nodes_of(one)] for one in (first, second)]
    assert [{key: one[key] for key in one if key.endswith("_id")} for one in ids[0]] == [
        {**one, **({"model_type_id": "image-crop"} if one["app_id"] == "zoo" else {})}
        for one in ids[1]
    ]
    app.delete_workflow(again.id)
    app.delete_workflow(made.id)
    app.delete_model("cropper")
    ark.delete_workflow(moved.id)
    anew = ark.create_workflow(first, display=False)
    assert ark.model("cropper").model_type_id == "image-crop"
    assert anew.nodes[1].model.app_id == "ark"


def test_every_public_workflow_can_be_made_of_its_export(app: App, platform_url: str, tmp_path):
    """Node ids are no ids of resources: those of hosted workflows hold dots, for one."""
    first, second = tmp_path / "1.yml", tmp_path / "2.yml"
    library = App("https://clarifai.com/clarifai/main", base_url=platform_url)
    seen = []
    for public in library.list_workflows():
        if not public.nodes:
            continue
        public.export(first)
        app.create_workflow(first, display=False).export(second)
        assert second.read_text("utf-8") == first.read_text("utf-8")
        app.delete_workflow(public.id)
        seen.append(public.id)
    assert {"General", "Demographics"} <= set(seen)
