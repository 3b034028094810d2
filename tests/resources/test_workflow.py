"""Workflows: handles, versions and predictions."""

from __future__ import annotations

import copy
import pickle

import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2

from clarifai_core.errors import MixedStatus, UserError
from clarifai_inputs.closed_sets import MediaKind
from clarifai_resources.app import App
from clarifai_resources.workflow import Workflow

URL = "https://clarifai.com/clarifai/main/workflows/Demographics"


def ok(response):
    response.status.code = 10000
    return response


@pytest.fixture
def workflow(scripted) -> Workflow:
    scripted.queue("PostWorkflowResults", ok(service_pb2.PostWorkflowResultsResponse()))
    return Workflow(
        workflow_id="w", user_id="ann", app_id="zoo", base_url=scripted.url, pat="test-pat"
    )


def texts(count: int) -> list[resources_pb2.Input]:
    return [
        resources_pb2.Input(data=resources_pb2.Data(text=resources_pb2.Text(raw=f"words {n}")))
        for n in range(count)
    ]


@pytest.mark.parametrize(
    ("url", "version"), [(URL, ""), (f"{URL}/", ""), (f"{URL}/versions/v1", "v1")]
)
def test_a_url_names_a_workflow_and_perhaps_its_version(url: str, version: str):
    made = Workflow(url)
    assert (made.id, made.user_id, made.app_id) == ("Demographics", "clarifai", "main")
    assert made.version.id == version


def test_a_version_may_be_a_dict_or_a_message():
    for version in ({"id": "v1"}, resources_pb2.WorkflowVersion(id="v1")):
        assert Workflow(workflow_id="w", workflow_version=version).version.id == "v1"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"url": URL, "workflow_id": "w"}, "not both"),
        ({"url": URL.replace("workflows", "models")}, "names a model, not a workflow"),
        ({"workflow_id": "w", "workflow_version": "v1"}, "workflow_version must be a dict"),
        ({"workflow_id": "w", "workflow_version": {"ident": "v1"}}, "ident: unknown"),
        ({"workflow_id": "w", "output_config": {"max_concept": 3}}, "did you mean 'max_concepts'"),
        ({"workflow_id": "w", "output_config": {"min_value": 2}}, "from 0 to 1, got 2"),
        ({"workflow_id": "w", "output_config": 0.5}, "output_config must be a dict"),
        ({"workflow_id": "w", "descripton": "D"}, "did you mean 'description'"),
    ],
)
def test_what_makes_no_workflow_is_refused(arguments, text: str):
    with pytest.raises(UserError, match=text):
        Workflow(**arguments)


def test_a_workflow_keeps_what_it_was_made_with(workflow: Workflow):
    made = Workflow(workflow_id="w", workflow_version={"id": "v1"}, description="D")
    for same in (made, copy.copy(made), copy.deepcopy(made), pickle.loads(pickle.dumps(made))):
        assert (same.id, same.version.id, same.description) == ("w", "v1", "D")
    assert repr(workflow) == "Workflow(id='w', user_id='ann', app_id='zoo')"


def test_versions_are_workflows_in_a_version(workflow: Workflow, scripted):
    versions = [resources_pb2.WorkflowVersion(id=f"v{n}", workflow_id="w") for n in (2, 1)]
    answer = service_pb2.MultiWorkflowVersionResponse(workflow_versions=versions)
    scripted.queue("ListWorkflowVersions", ok(answer))
    found = workflow.list_versions().all()
    assert [(one.id, one.version.id, one.app_id) for one in found] == [
        ("w", "v2", "zoo"),
        ("w", "v1", "zoo"),
    ]
    found[1].predict(texts(1))
    assert scripted.asked[-1][1].version_id == "v1"


def test_predict_sends_the_inputs_in_order(workflow: Workflow, scripted):
    workflow.predict(texts(3), workflow_state_id="state-1")
    ((rpc, request),) = scripted.asked
    assert rpc == "PostWorkflowResults"
    assert [one.data.text.raw for one in request.inputs] == ["words 0", "words 1", "words 2"]
    assert (request.workflow_id, request.version_id) == ("w", "")
    assert request.workflow_state.id == "state-1"
    assert request.HasField("output_config")


def test_predict_sends_the_output_configuration(scripted):
    scripted.queue("PostWorkflowResults", ok(service_pb2.PostWorkflowResultsResponse()))
    config = {
        "min_value": 0.5,
        "max_concepts": 3,
        "select_concepts": [resources_pb2.Concept(id="c")],
    }
    made = Workflow(
        workflow_id="w",
        output_config=config,
        user_id="ann",
        app_id="zoo",
        base_url=scripted.url,
        pat="p",
    )
    pickle.loads(pickle.dumps(made)).predict(texts(1))
    sent = scripted.asked[0][1].output_config
    assert (sent.min_value, sent.max_concepts, sent.select_concepts[0].id) == (0.5, 3, "c")


@pytest.mark.parametrize(
    ("input_type", "field", "content", "value"),
    [
        ("image", "base64", b"\x89PNG", b"\x89PNG"),
        ("video", "base64", b"\x00", b"\x00"),
        ("audio", "base64", b"ID3", b"ID3"),
        ("text", "raw", "ä".encode(), "ä"),
    ],
)
def test_predict_by_bytes_and_by_file_send_the_content(
    workflow: Workflow, scripted, tmp_path, input_type, field, content, value
):
    path = tmp_path / "file"
    path.write_bytes(content)
    workflow.predict_by_bytes(content, input_type)
    workflow.predict_by_filepath(path, input_type)
    workflow.predict_by_filepath(str(path), input_type)
    for _, request in scripted.asked:
        (sent,) = request.inputs
        assert getattr(getattr(sent.data, input_type), field) == value


@pytest.mark.parametrize("input_type", ["image", "video", "audio", "text"])
def test_predict_by_url_sends_the_url(workflow: Workflow, scripted, input_type: MediaKind):
    workflow.predict_by_url("https://example.com/x", input_type)
    (sent,) = scripted.asked[0][1].inputs
    assert getattr(sent.data, input_type).url == "https://example.com/x"


@pytest.mark.parametrize(
    ("method", "arguments", "text"),
    [
        ("predict", ([],), "1 to 32 .*got 0"),
        ("predict", (texts(33),), "1 to 32 .*got 33"),
        ("predict", ("words",), "inputs must be a list of Input messages, got 'words'"),
        ("predict", (texts(1)[0],), "inputs must be a list"),
        ("predict", ([*texts(1), "words"],), r"inputs\[1\] must be an Input message, got 'words'"),
        ("predict_by_bytes", (b"x", "nonsense"), "'nonsense'"),
        ("predict_by_bytes", ("x", "text"), "input_bytes must be bytes .*got 'x'"),
        ("predict_by_bytes", (b"", "text"), "input_bytes must be bytes that are not empty"),
        ("predict_by_bytes", (b"\xff\xfe", "text"), "UTF-8"),
        ("predict_by_filepath", ("no/such/file", "image"), "'no/such/file' cannot be read"),
        ("predict_by_filepath", (7, "image"), "filepath must be the path of a file, got 7"),
        ("predict_by_url", ("", "image"), "url must be a text that is not empty"),
        ("predict_by_url", ("https://example.com", "nonsense"), "'nonsense'"),
    ],
)
def test_what_cannot_be_predicted_is_refused_unsent(
    workflow: Workflow, scripted, method: str, arguments, text: str
):
    with pytest.raises(UserError, match=text):
        getattr(workflow, method)(*arguments)
    assert scripted.asked == []


def test_a_workflow_without_id_says_what_is_missing(scripted):
    with pytest.raises(UserError, match="You must specify one of url or workflow_id"):
        Workflow(user_id="ann", app_id="zoo", base_url=scripted.url, pat="p")
    made = App(user_id="ann", app_id="zoo", base_url=scripted.url, pat="p").child(Workflow)
    for call in (lambda: made.predict(texts(1)), made.list_versions):
        with pytest.raises(UserError, match="workflow_id must be a text that is not empty"):
            call()


def test_outputs_that_succeeded_are_in_the_error(workflow: Workflow, scripted):
    mixed = service_pb2.PostWorkflowResultsResponse(results=[resources_pb2.WorkflowResult(id="r")])
    mixed.status.code = 10010
    scripted.answers["PostWorkflowResults"] = [mixed]
    with pytest.raises(MixedStatus) as caught:
        workflow.predict(texts(2))
    response = caught.value.response
    assert isinstance(response, service_pb2.PostWorkflowResultsResponse)
    assert [result.id for result in response.results] == ["r"]


# --- which version, and what predictions hold


@pytest.fixture
def opened(scripted) -> Workflow:
    """A workflow as `App.workflow` opens it: the platform tells its version."""
    told = resources_pb2.Workflow(id="w", user_id="ann", app_id="zoo", description="D")
    told.version.id = "v1"
    scripted.queue("GetWorkflow", ok(service_pb2.SingleWorkflowResponse(workflow=told)))
    scripted.queue("PostWorkflowResults", ok(service_pb2.PostWorkflowResultsResponse()))
    app = App(app_id="zoo", user_id="ann", base_url=scripted.url, pat="p")
    return app.workflow("w")


def asked_version(workflow: Workflow, scripted) -> str:
    workflow.predict(texts(1))
    return scripted.asked[-1][1].version_id


def test_one_that_was_opened_by_id_asks_for_the_latest(opened: Workflow, scripted):
    """As the official SDK does, so that a program sees what is changed after it opened it."""
    assert opened.version.id == "v1"
    for same in (opened, copy.copy(opened), pickle.loads(pickle.dumps(opened))):
        assert asked_version(same, scripted) == ""
    assert opened.asked_version_id == ""


def test_one_in_a_version_stays_with_it(opened: Workflow, scripted):
    versions = [resources_pb2.WorkflowVersion(id=f"v{n}", workflow_id="w") for n in (2, 1)]
    answer = service_pb2.MultiWorkflowVersionResponse(workflow_versions=versions)
    scripted.queue("ListWorkflowVersions", ok(answer))
    assert [asked_version(one, scripted) for one in opened.list_versions()] == ["v2", "v1"]
    app = App(app_id="zoo", user_id="ann", base_url=scripted.url, pat="p")
    assert asked_version(app.workflow("w", version={"id": "v1"}), scripted) == "v1"
    opened.message.version.id = "v7"
    assert asked_version(opened, scripted) == "v7"


def test_load_info_keeps_what_the_platform_answers(opened: Workflow, scripted):
    by_id = Workflow(workflow_id="w", user_id="ann", app_id="zoo", base_url=scripted.url, pat="p")
    assert by_id.description == ""
    by_id.load_info()
    assert (by_id.description, by_id.version.id, by_id.asked_version_id) == ("D", "v1", "")
    version = resources_pb2.WorkflowVersion(id="v0", nodes=[resources_pb2.WorkflowNode(id="n")])
    answer = service_pb2.SingleWorkflowVersionResponse(workflow_version=version)
    scripted.queue("GetWorkflowVersion", ok(answer))
    in_version = Workflow(
        workflow_id="w",
        workflow_version={"id": "v0"},
        user_id="ann",
        app_id="zoo",
        base_url=scripted.url,
        pat="p",
    )
    in_version.load_info()
    assert (in_version.description, in_version.asked_version_id) == ("D", "v0")
    assert in_version.version.nodes[0].id == "n"


@pytest.mark.parametrize(
    "config", [{"max_concepts": 3}, resources_pb2.OutputConfig(max_concepts=3)]
)
def test_output_config_may_be_a_dict_or_the_message(scripted, workflow: Workflow, config):
    made = Workflow(
        workflow_id="w",
        output_config=config,
        user_id="ann",
        app_id="zoo",
        base_url=scripted.url,
        pat="p",
    )
    assert made.output_config.max_concepts == 3
    made.predict(texts(1))
    workflow.output_config = config
    workflow.predict(texts(1))
    assert [request.output_config.max_concepts for _, request in scripted.asked] == [3, 3]


@pytest.mark.parametrize(
    ("config", "text"),
    [
        (7, "output_config must be a dict or an OutputConfig, got 7"),
        ({"min_valu": 0.1}, "did you mean 'min_value'"),
        (resources_pb2.OutputConfig(min_value=1.5), "min_value must be from 0 to 1, got 1.5"),
    ],
)
def test_a_wrong_output_config_is_refused(workflow: Workflow, config, text: str):
    with pytest.raises(UserError, match=text):
        Workflow(workflow_id="w", output_config=config)
    with pytest.raises(UserError, match=text):
        workflow.output_config = config
