"""Where the official SDK is wrong: the 30 defects listed in wire/README.md, and what ours does.

The functions are named after the defect's number; the last test sees that none is left out.
"""

from __future__ import annotations

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

import pytest
import yaml
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai.client.app import App
from clarifai.client.dataset import Dataset
from clarifai.client.input import Input, Inputs
from clarifai.client.model import Model
from clarifai.client.search import Search
from clarifai.client.user import User
from clarifai.client.workflow import Workflow
from clarifai.errors import ApiClientError, ApiError, UserError
from clarifai_core.transport.session import _sessions, close_sessions, session_for
from clarifai_datasets.upload.features import TextFeatures, VisualDetectionFeatures
from clarifai_local import _open_platforms
from tests.core.conftest import ScriptedServer
from tests.datasets.conftest import World, png
from tests.datasets.list_loader import ListLoader
from tests.runner.desk import Desk, Echo
from tests.search.conftest import Shelf

INTERNAL = status_pb2.Status(code=98004, description="Internal error")


@pytest.fixture(autouse=True)
def _clean(monkeypatch, tmp_path):
    for name in ("API_BASE", "PAT", "SESSION_TOKEN", "USER_ID", "APP_ID", "CONTEXT"):
        monkeypatch.delenv(f"CLARIFAI_{name}", raising=False)
    monkeypatch.setenv("CLARIFAI_CONTEXTS_FILE", str(tmp_path / "contexts.yaml"))
    monkeypatch.chdir(tmp_path)
    close_sessions()  # a test before may have left one open
    yield
    close_sessions()


@pytest.fixture
def base_url(tmp_path):
    return f"local:{tmp_path / 'platform'}"


@pytest.fixture
def world(base_url):
    made = World(base_url)
    yield made
    session_for(made.dataset.settings).close()


@pytest.fixture
def app(world):
    return App(app_id="demo", user_id="me", base_url=world.dataset.settings.base_url)


@pytest.fixture
def platform(tmp_path):
    opened = _open_platforms.acquire(tmp_path / "platform")
    yield opened
    close_sessions()
    _open_platforms.release(opened)


@pytest.fixture
def scripted():
    server = ScriptedServer()
    yield server
    close_sessions()
    server.stop()


@pytest.fixture
def there(scripted):
    """Arguments of a handle that talks to the scripted server."""
    return {"user_id": "me", "app_id": "demo", "base_url": scripted.url, "pat": "test-pat"}


@pytest.fixture
def website():
    """A server of somebody else: `/ok` is there, the rest is not; it remembers the headers."""
    headers = []

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self):
            headers.append(dict(self.headers))
            there = self.path == "/ok"
            self.send_response(200 if there else 404)
            self.end_headers()
            self.wfile.write(b"content" if there else b"<html>no such page</html>")

        def log_message(self, *args):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    server.seen = headers
    server.url = f"http://localhost:{server.server_port}"
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def ok(cls, **fields):
    answer = getattr(service_pb2, cls)(**fields)
    answer.status.code = codes.SUCCESS
    return answer


def refused(cls, code):
    answer = getattr(service_pb2, cls)()
    answer.status.code = code
    return answer


def write(tmp_path, text, name="data.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def rows(count, start=0):
    return "inputid,input,concepts\n" + "".join(
        f"t{n},text {n},cat\n" for n in range(start, start + count)
    )


def test_defect_01_uploads_go_to_base_url(world, tmp_path):
    report = world.dataset.upload_from_csv(write(tmp_path, rows(3)), csv_type="raw")
    assert report.uploaded == 3
    assert set(world.inputs()) == {"t0", "t1", "t2"}
    assert {session.settings.base_url for session in _sessions.all()} == {
        world.dataset.settings.base_url
    }


@pytest.fixture
def exported(world, tmp_path):
    """A dataset of 150 texts and the archive that it exports."""
    world.dataset.upload_from_csv(write(tmp_path, rows(150)), csv_type="raw")
    return world.dataset


def members(path):
    import zipfile

    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return archive.namelist()


def test_defect_02_an_export_holds_every_member(exported, tmp_path):
    exported.export(str(tmp_path / "out.zip"), num_workers=8)
    names = members(tmp_path / "out.zip")
    for kind, ending in (("inputs", "txt"), ("annotations", "json")):
        wanted = {f"t{n}.{ending}" for n in range(150)}
        assert {n.rpartition("/")[2] for n in names if f"/{kind}/" in n} == wanted


def test_defect_03_an_export_without_split_holds_every_split(exported, tmp_path):
    exported.export(str(tmp_path / "all.zip"))
    assert len(members(tmp_path / "all.zip")) == 300


def test_defect_04_a_failed_look_up_deletes_nothing(world, tmp_path):
    world.faults.on_before["ListInputs"] = lambda: INTERNAL
    world.dataset.upload_from_csv(write(tmp_path, rows(5)), csv_type="raw")
    assert world.faults.calls["DeleteInputs"] == 0
    assert world.faults.calls["PostInputs"] == 1
    world.faults.on_before.clear()
    assert len(world.inputs()) == 5


def test_defect_05_an_upload_that_fails_wholly_says_so(world, tmp_path):
    texts = [Inputs.get_text_input("a", "x")] * 2
    inputs = Inputs(user_id="me", app_id="none", base_url=world.dataset.settings.base_url)
    with pytest.raises(ApiError):
        inputs.upload_inputs(texts[:1])
    elsewhere = Dataset(
        dataset_id="none", user_id="me", app_id="demo", base_url=world.dataset.settings.base_url
    )
    with pytest.raises(ApiError):
        elsewhere.upload_from_csv(write(tmp_path, rows(3)), csv_type="raw")
    folder = tmp_path / "pictures"
    folder.mkdir()
    for n in range(3):
        (folder / f"{n}.png").write_bytes(b"no picture")
    report = world.dataset.upload_from_folder(str(folder), "image")
    assert (report.uploaded, len(report.failed)) == (0, 3)


def test_defect_06_a_row_without_labels_does_not_take_those_of_later_rows(tmp_path):
    text = "inputid,input,concepts\na,one,cat\nb,two,\nc,three,dog\n"
    found = Inputs.get_inputs_from_csv(write(tmp_path, text), labels=True)
    assert [[c.name for c in one.data.concepts] for one in found] == [["cat"], [], ["dog"]]


def test_defect_07_hits_beyond_1000_come_each_once(platform, base_url):
    platform.dispatcher.add(Shelf(5000))
    search = Search(user_id="me", app_id="demo", top_k=1500, base_url=base_url)
    found = [hit.input.id for page in search.query() for hit in page.hits]
    assert found == [f"hit-{n}" for n in range(1500)]


NODES = """
workflow:
  id: two-nodes
  nodes:
    - id: first
      model: {model_id: one, model_version_id: aa7f35c01e0642fda5cf400f543e7c40}
    - id: second
      model: {model_id: two, model_version_id: aa7f35c01e0642fda5cf400f543e7c40}
      node_inputs: [{node_id: first}]
"""


def test_defect_08_a_node_never_gets_the_model_of_another(scripted, there, tmp_path):
    model = resources_pb2.Model(id="one", user_id="me", app_id="demo", model_type_id="t")
    scripted.queue(
        "GetModel",
        ok("SingleModelResponse", model=model),
        refused("SingleModelResponse", codes.CONN_INSUFFICIENT_SCOPES),
    )
    with pytest.raises(ApiError) as caught:
        App(**there).create_workflow(write(tmp_path, NODES, "w.yml"), display=False)
    assert caught.value.code == codes.CONN_INSUFFICIENT_SCOPES
    assert {name for name, _ in scripted.asked} == {"GetModel"}


def test_defect_09_versions_of_a_workflow_are_predicted_with(scripted, there):
    versions = [resources_pb2.WorkflowVersion(id=v, workflow_id="w") for v in ("v2", "v1")]
    scripted.queue(
        "ListWorkflowVersions", ok("MultiWorkflowVersionResponse", workflow_versions=versions)
    )
    scripted.queue("PostWorkflowResults", ok("PostWorkflowResultsResponse"))
    workflow = Workflow(workflow_id="w", **there)
    listed = workflow.list_versions().all()
    assert [(one.id, one.version.id) for one in listed] == [("w", "v2"), ("w", "v1")]
    listed[1].predict([Inputs.get_text_input("a", "x")])
    assert scripted.asked[-1][1].version_id == "v1"


def test_defect_10_versions_of_a_model_are_listed(app):
    model = app.create_model("m", model_type_id="image-crop")
    model.create_version(description="first")
    model.create_version(description="second")
    listed = model.list_versions().all()
    assert [one.model_version.description for one in listed] == ["second", "first"]
    assert {one.id for one in listed} == {"m"}


def test_defect_11_versions_of_a_dataset_are_listed(world, app):
    made = world.dataset.create_version(description="first")
    (listed,) = list(world.dataset.list_versions())
    assert (listed.version.id, listed.version.description) == (made.version.id, "first")


def test_defect_11_datasets_with_a_version_are_listed(scripted, there):
    dataset = resources_pb2.Dataset(id="d", version=resources_pb2.DatasetVersion(id="v"))
    scripted.queue("ListDatasets", ok("MultiDatasetResponse", datasets=[dataset]))
    (listed,) = App(**there).list_datasets()
    assert (listed.id, listed.version.id) == ("d", "v")


def test_defect_12_a_module_can_be_opened(scripted, there):
    module = resources_pb2.Module(id="viewer", description="looks")
    scripted.queue("GetModule", ok("SingleModuleResponse", module=module))
    found = App(**there).module("viewer", "2")
    assert (found.id, found.description, found.module_version.id) == ("viewer", "looks", "2")


def type_of(type_id, *fields):
    """A trainable model type without templates, with these parameters."""
    made = resources_pb2.ModelType(id=type_id, trainable=True)
    for path, default in fields:
        field = made.model_type_fields.add(path=path, placeholder="x", description="d")
        field.default_value.number_value = default
    return made


@pytest.mark.parametrize("type_id", ["clusterer", "text-to-text"])
def test_defect_13_every_trainable_type_can_be_trained(scripted, there, type_id):
    field = ("train_info.params.coarse_clusters", 32)
    template = resources_pb2.ModelTypeEnumOption(id="T")
    template.model_type_fields.add(path=field[0], placeholder="x").default_value.number_value = 32
    known = type_of(type_id, field)
    chosen = known.model_type_fields.add(path="train_info.params.template", placeholder="x")
    chosen.model_type_enum_options.append(template)
    scripted.queue("ListModelTypes", ok("MultiModelTypeResponse", model_types=[known]))
    trained = resources_pb2.Model(model_version=resources_pb2.ModelVersion(id="v1"))
    scripted.queue("PostModelVersions", ok("SingleModelResponse", model=trained))
    model = Model(model_id="m", model_type_id=type_id, **there)
    model.get_params("" if type_id == "clusterer" else "T", save_to=None)
    assert model.train() == "v1"
    sent = scripted.asked[-1][1].model_versions[0].train_info.params
    assert sent["coarse_clusters"] == 32


def test_defect_14_training_twice_sends_the_same(scripted, there, tmp_path):
    answer = ok("SingleModelResponse")
    answer.model.model_version.id = "v1"
    scripted.queue("PostModelVersions", answer)
    (tmp_path / "T.py").write_text("lr = 0.1\n")
    params = {"dataset_id": "d", "train_params": {"custom_config": str(tmp_path / "T.py")}}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
    model = Model(model_id="m", model_type_id="visual-classifier", **there)
    for _ in range(2):
        model.train(str(tmp_path / "params.yaml"))
    first, second = (request for _, request in scripted.asked)
    assert first == second
    assert first.model_versions[0].train_info.params["custom_config"] == "lr = 0.1\n"


def test_defect_15_every_inference_parameter_is_kept(scripted, there):
    paths = ("output_info.params.max_tokens", "output_info.params.temperature")
    known = type_of("clusterer", *((path, n) for n, path in enumerate(paths)))
    scripted.queue("ListModelTypes", ok("MultiModelTypeResponse", model_types=[known]))
    params = Model(model_id="m", model_type_id="clusterer", **there).get_params(save_to=None)
    assert params["inference_params"] == {"max_tokens": 0, "temperature": 1}


def test_defect_16_boxes_of_items_without_id_name_their_inputs(world, tmp_path):
    boxes = []
    for n in range(3):
        path = tmp_path / f"{n}.png"
        path.write_bytes(png(n * 40, size=16))
        boxes.append(
            VisualDetectionFeatures(
                image_path=str(path), labels=["box"], bboxes=[[0.1, 0.1, 0.5, 0.5]]
            )
        )
    read = []

    class Counting(ListLoader):
        def __getitem__(self, index):
            read.append(index)
            return super().__getitem__(index)

    report = world.dataset.upload_dataset(Counting("visual_detection", boxes))
    assert (report.uploaded, report.annotations, report.failed) == (3, 3, [])
    assert {name for name, _ in world.regions()} == set(world.inputs())
    assert sorted(read) == [0, 1, 2]


def test_defect_17_the_pat_stays_with_its_platform(scripted, there, website):
    inputs = Inputs(**there)
    one = Inputs.get_input_from_url("a", image_url=f"{website.url}/ok")
    assert inputs.download_inputs([one]) == [b"content"]
    sent = {name.lower() for seen in website.seen for name in seen}
    assert "user-agent" in sent
    assert "authorization" not in sent


def test_defect_18_a_page_that_is_not_there_is_no_content(scripted, there, website):
    urls = [f"{website.url}/ok", f"{website.url}/gone"]
    both = [Inputs.get_input_from_url(f"i{n}", text_url=url) for n, url in enumerate(urls)]
    with pytest.raises(ApiClientError, match="1 of 2 inputs") as caught:
        Inputs(**there).download_inputs(both)
    assert caught.value.contents == [b"content", None]
    assert "404" in str(caught.value)


def test_defect_19_a_multimodal_input_without_content_is_refused():
    with pytest.raises(UserError):
        Inputs.get_multimodal_input("a")


@pytest.fixture
def desk(platform, base_url):
    made = Desk()
    platform.dispatcher.add(made)
    runner = Echo(runner_id="run-1", user_id="alice", base_url=base_url, num_parallel_polls=1)
    made.thread = threading.Thread(target=runner.start)
    made.start = made.thread.start
    yield made
    runner.stop()
    made.thread.join(60)
    assert not made.thread.is_alive()


def test_defect_20_outputs_are_posted_again_and_an_odd_item_harms_no_other(desk):
    from clarifai_local.statuses import Refused

    desk.post_failures = [Refused(codes.FAILURE, "scripted")]
    desk.put("item-1", "a", "odd", "b")
    desk.put("item-2", "c")
    desk.start()
    first, second = desk.answers("item-1", "item-2")
    assert [one.data.text.raw for one in first.outputs] == ["seen a", "", "seen b"]
    assert [one.data.text.raw for one in second.outputs] == ["seen c"]


def test_defect_20_a_failing_platform_is_asked_seldom(desk):
    from clarifai_local.statuses import Refused

    desk.poll_failures = [Refused(codes.FAILURE, "scripted")] * 100
    desk.start()
    desk.thread.join(1)
    assert 1 <= len(desk.polls) <= 5


def test_defect_21_a_failing_look_at_a_job_cancels_nothing(world, tmp_path):
    failures = iter([INTERNAL] * 3)
    world.faults.on_before["GetInputsAddJob"] = lambda: next(failures, None)
    report = world.dataset.upload_from_csv(write(tmp_path, rows(4)), csv_type="raw")
    assert (report.uploaded, report.failed, report.unconfirmed) == (4, [], [])
    assert world.faults.calls["CancelInputsAddJob"] == 0


def test_defect_22_an_explicit_token_wins_and_missing_credentials_are_told(monkeypatch):
    with pytest.raises(UserError, match="No credentials"):
        User("me").list_apps().all()
    monkeypatch.setenv("CLARIFAI_PAT", "from-env")
    credentials = User("me", token="mine").settings.credentials
    assert (credentials.kind, credentials.secret.reveal()) == ("token", "mine")


def test_defect_23_documented_examples_that_used_to_fail(world, app, tmp_path):
    assert Input is Inputs
    loader = ListLoader("text_classification", [TextFeatures("one", ["cat"], id="1")])
    world.dataset.upload_dataset(loader)
    assert world.dataset.get_upload_status(loader) is not None
    assert app.create_module(module_id="viewer").id == "viewer"
    model = app.create_model("m", model_type_id="embedding-classifier")
    model.get_params(template="", yaml_file=str(tmp_path / "model_params.yaml"))
    version = model.train(str(tmp_path / "model_params.yaml"))
    fresh = Model(model_id="m", user_id="me", app_id="demo", base_url=app.settings.base_url)
    assert fresh.training_status(version_id=version, training_logs=True)["code"]
    mask = Input.get_mask_proto("a", "demo", [[[0.1, 0.2], [0.3, 0.4], [0.5, 0.2]]] * 2)
    assert len(mask.data.regions[0].region_info.polygon.points or mask.data.regions) >= 1
    app.inputs().delete_inputs(app.inputs().list_inputs())
    assert world.inputs() == {}


def test_defect_24_a_model_never_evaluated_has_no_latest_evaluation(app):
    model = app.create_model("m", model_type_id="image-crop")
    version = model.create_version(description="first")
    assert version.get_latest_eval() is None
    assert list(app.search().query(filters=[])) == []


def test_defect_25_batches_keep_their_size_and_nothing_needless_is_sent(world, tmp_path):
    world.dataset.upload_from_csv(write(tmp_path, rows(20)), csv_type="raw", batch_size=10)
    assert world.faults.calls["PostInputs"] == 2
    world.faults.calls.clear()
    world.dataset.upload_from_csv(write(tmp_path, rows(200, start=50)), csv_type="raw")
    assert world.faults.calls["PostInputs"] == 2
    assert world.faults.calls["DeleteInputs"] == 0
    world.faults.calls.clear()
    inputs = Inputs(user_id="me", app_id="demo", base_url=world.dataset.settings.base_url)
    assert len(inputs.list_inputs().all()) == 220
    # The first of 128 to 999 is followed by another: the platform might give no more a page.
    assert world.faults.calls["ListInputs"] == 2
    inputs.delete_inputs(inputs.list_inputs(per_page=1).all())
    world.faults.calls.clear()
    assert len(inputs.list_inputs().all()) == 219
    assert world.faults.calls["ListInputs"] == 1


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: Inputs.get_text_input("a", "x", metadata=cast("Any", ["no"])), "metadata"),
        (lambda: Inputs.get_text_input("a", "x", labels="cat"), "labels"),
        (lambda: Inputs.get_text_input("a", "x", geo_info=[1]), "geo_info"),
        (lambda: Inputs.get_inputs_from_csv("data.txt"), r"data\.txt"),
        (
            lambda: Model(model_id="m", model_type_id="clusterer").get_params(save_to="p.txt"),
            "yaml",
        ),
        (lambda: Model(model_id="m").evaluate(""), "dataset_id"),
        (lambda: Dataset().export("out.zip", "https://x.example/a.zip", "b.zip"), "archive"),
    ],
    ids=["metadata", "labels", "geo_info", "csv", "yaml", "evaluate", "export"],
)
def test_defect_26_mistakes_of_callers_are_user_errors(call, named, monkeypatch):
    monkeypatch.setenv("CLARIFAI_PAT", "abc")
    with pytest.raises(UserError, match=named):
        call()
    assert not _sessions.all()


def test_defect_27_a_csv_may_have_apostrophes_and_a_byte_order_mark(tmp_path):
    header = "inputid,input,metadata,geopoints\n"
    text = f"""\ufeff{header}a,one,"{{""who"": ""O'Hara""}}","2.5,48.25"\n"""
    (found,) = Inputs.get_inputs_from_csv(write(tmp_path, text), labels=False)
    assert found.id == "a"
    assert found.data.metadata["who"] == "O'Hara"
    point = found.data.geo.geo_point
    assert (point.longitude, point.latitude) == (2.5, 48.25)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("inputid,input,geopoints\na,one,here\n", "row 2.*geopoints"),
        ("inputid,input,metadata\na,one,{who: me}\n", "row 2.*metadata"),
    ],
)
def test_defect_27_what_is_wrong_in_a_csv_is_told_with_its_row(tmp_path, text, said):
    with pytest.raises(UserError, match=re.compile(said, re.DOTALL)):
        Inputs.get_inputs_from_csv(write(tmp_path, text), labels=False)


def test_defect_28_an_exported_workflow_names_its_models_and_can_be_created(
    scripted, there, tmp_path
):
    theirs = resources_pb2.Model(id="theirs", user_id="clarifai", app_id="own")
    theirs.model_version.id = "aa7f35c01e0642fda5cf400f543e7c40"
    node = resources_pb2.WorkflowNode(id="first", model=theirs)
    workflow = resources_pb2.Workflow(id="w", nodes=[node])
    scripted.queue("GetWorkflow", ok("SingleWorkflowResponse", workflow=workflow))
    path = tmp_path / "w.yml"
    Workflow(workflow_id="w", **there).export(str(path))
    model = yaml.safe_load(path.read_text())["workflow"]["nodes"][0]["model"]
    assert (model["user_id"], model["app_id"]) == ("clarifai", "own")
    scripted.queue("GetModel", ok("SingleModelResponse", model=theirs))
    scripted.queue("PostWorkflows", ok("MultiWorkflowResponse", workflows=[workflow]))
    App(**there).create_workflow(str(path), display=False)
    asked = dict(scripted.asked)
    assert asked["GetModel"].user_app_id.app_id == "own"
    assert asked["PostWorkflows"].workflows[0].nodes[0].model.id == "theirs"


def test_defect_29_an_address_must_be_of_the_right_kind():
    with pytest.raises(UserError, match="names a workflow, not a model"):
        Model("https://clarifai.com/clarifai/main/workflows/General")
    with pytest.raises(UserError, match="names a model"):
        App("https://clarifai.com/clarifai/main/models/general-image-recognition")
    assert App("https://clarifai.com/clarifai/main/").id == "main"


def test_defect_30_inputs_without_data_and_with_bytes_are_listed(scripted, there):
    picture = resources_pb2.Input(id="picture")
    picture.data.image.base64 = b"\x00\xff"
    listed = [resources_pb2.Input(id="bare"), picture]
    scripted.queue("ListInputs", ok("MultiInputResponse", inputs=listed))
    (found,) = Inputs(**there).list_inputs(input_type="image")
    assert found.id == "picture"
    assert found.data.image.base64 == b"\x00\xff"


def test_no_defect_is_left_out():
    tested = {int(name[12:14]) for name in globals() if name.startswith("test_defect_")}
    assert tested == set(range(1, 31))
