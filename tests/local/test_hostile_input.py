"""What is sent with bad intent or by accident gets the contract's status, and does nothing."""

from __future__ import annotations

import logging
import zipfile
from collections.abc import Iterator
from typing import Any

import grpc
import httpx
import pytest
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from google.protobuf import json_format

import clarifai_local._server as server_module
from clarifai_local import Platform
from clarifai_local._snapshots import SnapshotError, import_state
from tests.local.fuzz.world import public_rows
from tests.local.pictures import huge_png, picture, text_bomb_png

PUBLIC = resources_pb2.UserAppIDSet(user_id="clarifai", app_id="main")


@pytest.fixture(autouse=True)
def _no_errors_in_the_log(caplog) -> Iterator[None]:
    yield
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR] == []


def image(data: bytes, input_id: str = "") -> resources_pb2.Input:
    held = resources_pb2.Data(image=resources_pb2.Image(base64=data))
    return resources_pb2.Input(id=input_id, data=held)


def text(raw: str = "hello", input_id: str = "") -> resources_pb2.Input:
    return resources_pb2.Input(
        id=input_id, data=resources_pb2.Data(text=resources_pb2.Text(raw=raw))
    )


def raw(platform: Platform, rpc: str, payload: bytes) -> Any:
    method = platform.dispatcher.methods[f"/clarifai.api.V2/{rpc}"]
    answer = platform.dispatcher.unary(method, payload, {}, trusted=True)
    return method.response_type.FromString(answer)


# Messages


@pytest.mark.parametrize("payload", [b"\xff", b"\x0a\x05ab", b"\x0a\xff\xff\xff\xff\x0f", b"\x0b"])
@pytest.mark.parametrize("rpc", ["PostInputs", "GetModel", "ListApps"])
def test_bytes_that_are_no_message_are_a_bad_request(platform, rpc, payload):
    status = raw(platform, rpc, payload).status
    assert status.code == codes.CONN_BAD_REQUEST_FORMAT
    assert rpc in status.details


def test_a_streaming_call_without_a_request_is_a_bad_request(platform):
    method = platform.dispatcher.methods["/clarifai.api.V2/GenerateModelOutputs"]
    (answer,) = platform.dispatcher.stream(method, iter(()), {}, trusted=True)
    response = method.response_type.FromString(answer)
    assert response.status.code == codes.CONN_BAD_REQUEST_FORMAT


def test_a_message_nested_beyond_what_protobuf_reads_is_a_bad_request(platform):
    payload = b""
    for _ in range(500):
        # Struct.fields[""] = Value.struct_value
        value = b"\x2a" + _length(payload) + payload
        entry = b"\x12" + _length(value) + value
        payload = b"\x0a" + _length(entry) + entry
    data = b"\x2a" + _length(payload) + payload
    inputs = b"\x12" + _length(data) + data
    request = b"\x12" + _length(inputs) + inputs
    status = raw(platform, "PostInputs", request).status
    assert status.code == codes.CONN_BAD_REQUEST_FORMAT


def _length(body: bytes) -> bytes:
    length, out = len(body), b""
    while length > 0x7F:
        out, length = out + bytes((length & 0x7F | 0x80,)), length >> 7
    return out + bytes((length,))


def _nested(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {"end": 1}
    for _ in range(levels):
        value = {"a": value}
    return value


def test_metadata_is_either_refused_or_can_be_read_back_in_every_answer(api, app):
    accepted, refusals = [], []
    for levels in range(20, 33):
        item = text(input_id=f"deep{levels}")
        item.data.metadata.update(_nested(levels))
        answer = api.PostInputs(user_app_id=app, inputs=[item])
        if answer.status.code == codes.SUCCESS:
            accepted.append(levels)
        else:
            refusals.append(answer.status)
    assert 20 in accepted
    assert refusals[0].code == codes.CONN_INVALID_REQUEST
    assert "nested more than 80 levels" in refusals[0].details
    # Further in, protobuf itself gives up.
    assert refusals[-1].code == codes.CONN_BAD_REQUEST_FORMAT
    listed = api.ListInputs(user_app_id=app).inputs
    deepest = max(listed, key=lambda item: int(item.id[4:]))
    assert json_format.MessageToDict(deepest.data.metadata) == _nested(accepted[-1])
    everything = resources_pb2.Search(query=resources_pb2.Query())
    assert len(api.PostInputsSearches(user_app_id=app, searches=[everything]).hits) == len(listed)
    assert len(api.ListAnnotations(user_app_id=app).annotations) == len(listed)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
class TestNumbersThatAreNone:
    def test_in_metadata(self, api, app, value):
        item = text()
        item.data.metadata.update({"a": [{"b": value}]})
        status = api.PostInputs(user_app_id=app, inputs=[item]).status
        assert status.code == codes.CONN_INVALID_REQUEST
        assert "inputs[0].data.metadata.fields['a']" in status.details
        assert not api.ListInputs(user_app_id=app).inputs

    def test_in_training_parameters(self, api, app, value):
        api.PostModels(
            user_app_id=app,
            models=[resources_pb2.Model(id="m", model_type_id="embedding-classifier")],
        )
        version = resources_pb2.ModelVersion()
        version.train_info.params.update({"num_epochs": value})
        answer = api.PostModelVersions(user_app_id=app, model_id="m", model_versions=[version])
        assert answer.status.code == codes.CONN_INVALID_REQUEST

    def test_as_the_value_of_a_concept(self, api, app, value):
        item = text()
        item.data.concepts.add(id="dog", value=value)
        answer = api.PostInputs(user_app_id=app, inputs=[item])
        assert answer.inputs[0].status.code == codes.CONN_INVALID_REQUEST

    def test_as_a_place(self, api, app, value):
        item = text()
        item.data.geo.geo_point.latitude = value
        answer = api.PostInputs(user_app_id=app, inputs=[item])
        assert answer.inputs[0].status.code == codes.CONN_INVALID_REQUEST

    def test_as_a_corner_of_a_box(self, api, app, value):
        api.PostInputs(user_app_id=app, inputs=[text(input_id="i")])
        annotation = resources_pb2.Annotation(input_id="i")
        annotation.data.regions.add().region_info.bounding_box.top_row = value
        answer = api.PostAnnotations(user_app_id=app, annotations=[annotation])
        assert answer.status.code != codes.SUCCESS


@pytest.mark.parametrize(("seconds", "nanos"), [(2**62, 0), (-(2**62), 0), (0, -1), (0, 2**31 - 1)])
def test_times_that_are_no_date_are_refused(api, app, seconds, nanos):
    dataset = resources_pb2.Dataset(id="d")
    dataset.created_at.seconds, dataset.created_at.nanos = seconds, nanos
    status = api.PostDatasets(user_app_id=app, datasets=[dataset]).status
    assert status.code == codes.CONN_INVALID_REQUEST
    assert "datasets[0].created_at" in status.details


# Sizes


@pytest.mark.parametrize(
    ("rpc", "fields"),
    [
        ("PostInputs", {"inputs": [text()] * 129}),
        ("PatchInputs", {"action": "merge", "inputs": [text(input_id="i")] * 129}),
        ("PostAnnotations", {"annotations": [resources_pb2.Annotation(input_id="i")] * 129}),
        (
            "PatchAnnotations",
            {"action": "merge", "annotations": [resources_pb2.Annotation(input_id="i")] * 129},
        ),
    ],
)
def test_batches_over_128_are_refused_as_a_whole(api, app, rpc, fields):
    answer = getattr(api, rpc)(user_app_id=app, **fields)
    assert answer.status.code in {codes.INPUT_INVALID_REQUEST, codes.CONN_INVALID_REQUEST}
    assert "128" in answer.status.details
    assert not api.ListInputs(user_app_id=app).inputs


@pytest.mark.parametrize(
    ("rpc", "target", "limit"),
    [
        ("PostModelOutputs", {"model_id": "general-image-recognition"}, 128),
        ("PostWorkflowResults", {"workflow_id": "General"}, 32),
    ],
)
def test_predictions_over_the_limit_are_refused(api, rpc, target, limit):
    inputs = [image(picture())] * (limit + 1)
    answer = getattr(api, rpc)(user_app_id=PUBLIC, inputs=inputs, **target)
    assert answer.status.code in {codes.INPUT_INVALID_REQUEST, codes.CONN_INVALID_REQUEST}
    assert str(limit) in answer.status.details


@pytest.mark.parametrize("rpc", ["ListInputs", "ListApps", "ListModels", "ListConcepts"])
def test_pages_over_1000_are_refused_and_pages_past_the_end_are_empty(api, app, rpc):
    over = getattr(api, rpc)(user_app_id=app, per_page=1001).status
    assert over.code == codes.CONN_INVALID_REQUEST
    for page in (2**31, 2**32 - 1):
        answer = getattr(api, rpc)(user_app_id=app, page=page, per_page=1000)
        assert answer.status.code == codes.SUCCESS
        assert [field.name for field, _ in answer.ListFields()] == ["status"]


def test_a_message_over_the_size_limit_ends_in_a_grpc_error_and_the_server_goes_on(
    monkeypatch, connect
):
    limited = [("grpc.max_receive_message_length", 100_000)]
    options = [o for o in server_module._OPTIONS if o[0] != limited[0][0]]
    monkeypatch.setattr(server_module, "_OPTIONS", (*options, *limited))
    with (
        Platform() as platform,
        platform.serve() as server,
        grpc.insecure_channel(server.address) as channel,
    ):
        served = connect(channel, (("authorization", f"Key {server.pat}"),))
        mine = resources_pb2.UserAppIDSet(user_id="me", app_id="a")
        served.PostApps(user_app_id=mine, apps=[resources_pb2.App(id="a")])
        with pytest.raises(grpc.RpcError) as error:
            served.PostInputs(user_app_id=mine, inputs=[text("x" * 200_000)])
        assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        answer = served.PostInputs(user_app_id=mine, inputs=[text("x" * 20_000)])
        assert answer.status.code == codes.SUCCESS


def test_a_query_for_concepts_that_is_too_long_is_refused(api, app):
    query = resources_pb2.ConceptQuery(name="long" * 20_000)
    status = api.PostConceptsSearches(user_app_id=app, concept_query=query).status
    assert status.code == codes.CONN_INVALID_REQUEST
    assert api.ListConcepts(user_app_id=app, id="x" * 1001).status.code == status.code


def test_items_without_ids_are_merged_by_what_they_are(api, app):
    item = text(input_id="i")
    box = [resources_pb2.GeoBoxedPoint(), resources_pb2.GeoBoxedPoint()]
    box[0].geo_point.latitude, box[1].geo_point.latitude = 1, 2
    item.data.geo.geo_box.extend(box)
    api.PostInputs(user_app_id=app, inputs=[text(input_id="i")])
    for _ in range(2):
        answer = api.PatchInputs(user_app_id=app, action="merge", inputs=[item])
        assert answer.status.code == codes.SUCCESS
    found = api.GetInput(user_app_id=app, input_id="i").input
    assert list(found.data.geo.geo_box) == box


# Ids and users


@pytest.mark.parametrize(
    "bad",
    [
        "..", "../../etc/passwd", "a/b", "a\\b", "a\0b", "%2e%2e", "\u0430lice", "a\u202eb",
        "\uff0e", "x" * 49, "-a", "a--b", "a b", "a\n", "CON:", "'; DROP TABLE inputs; --",
    ],
)  # fmt: skip
class TestIdsThatCouldBePaths:
    def test_of_users_and_apps(self, api, bad):
        scope = resources_pb2.UserAppIDSet(user_id="alice")
        made = api.PostApps(user_app_id=scope, apps=[resources_pb2.App(id=bad)])
        assert made.status.code == codes.CONN_INVALID_REQUEST
        as_user = resources_pb2.UserAppIDSet(user_id=bad, app_id="a")
        made = api.PostApps(user_app_id=as_user, apps=[resources_pb2.App(id="a")])
        assert made.status.code == codes.CONN_INVALID_REQUEST
        assert api.GetApp(
            user_app_id=resources_pb2.UserAppIDSet(user_id="alice", app_id=bad)
        ).status.code in {codes.CONN_DOES_NOT_EXIST, codes.CONN_INVALID_REQUEST}

    @pytest.mark.parametrize(
        ("rpc", "field", "kind"),
        [
            ("PostDatasets", "datasets", resources_pb2.Dataset),
            ("PostModels", "models", resources_pb2.Model),
            ("PostWorkflows", "workflows", resources_pb2.Workflow),
            ("PostModules", "modules", resources_pb2.Module),
            ("PostRunners", "runners", resources_pb2.Runner),
        ],
    )
    def test_of_resources(self, api, app, bad, rpc, field, kind):
        resource = kind(id=bad)
        if kind is resources_pb2.Model:
            resource.model_type_id = "embedding-classifier"
        if kind is resources_pb2.Workflow:
            model = resources_pb2.Model(
                id="general-image-recognition", user_id="clarifai", app_id="main"
            )
            resource.nodes.add(id="n", model=model)
        status = getattr(api, rpc)(user_app_id=app, **{field: [resource]}).status
        assert status.code == codes.CONN_INVALID_REQUEST
        assert "id" in status.details

    def test_in_the_paths_of_media(self, api, app, bad, platform):
        with httpx.Client(transport=platform.http_transport()) as client:
            for prefix in ("media/orig/image", "media", "masks/1/i", "train-logs", ""):
                path = f"{prefix}/{bad}".replace("\n", "%0a").replace("\0", "%00")
                reply = client.get(f"http://clarifai.local/{path}")
                assert reply.status_code in {400, 404}


@pytest.mark.parametrize("bad", ["a/b", "../x", "a\\b", "a\0b", "a\nb", "x" * 257])
def test_inputs_have_no_ids_that_could_be_paths(api, app, bad):
    answer = api.PostInputs(user_app_id=app, inputs=[text(input_id=bad)])
    assert answer.inputs[0].status.code == codes.CONN_INVALID_REQUEST
    assert not api.ListInputs(user_app_id=app).inputs


def test_ids_that_look_alike_are_different_inputs(api, app):
    lookalikes = ["paris", "p\u0430ris", "PARIS", "paris\u200b", "e\u0301", "\u00e9"]
    answer = api.PostInputs(user_app_id=app, inputs=[text(input_id=name) for name in lookalikes])
    assert answer.status.code == codes.SUCCESS
    assert {item.id for item in api.ListInputs(user_app_id=app).inputs} == set(lookalikes)
    api.DeleteInputs(user_app_id=app, ids=["paris"])
    assert len(api.ListInputs(user_app_id=app).inputs) == len(lookalikes) - 1


def test_nobody_changes_what_is_public(platform):
    before = public_rows(platform)
    for method in implemented(platform):
        changes = method.name.startswith(("Patch", "Delete", "Put", "Post"))
        if not changes or method.name.endswith(("Searches", "Outputs", "Results")):
            continue
        request = method.request_type(user_app_id=PUBLIC)
        for field in request.DESCRIPTOR.fields:
            _point_at_public_things(request, field)
        status = raw(platform, method.name, request.SerializeToString()).status
        assert status.code not in {codes.SUCCESS, codes.MIXED_STATUS}, (method.name, request)
    assert platform.wait_idle()
    assert public_rows(platform) == before


def implemented(platform: Platform) -> list[Any]:
    """Return the RPCs with one request that the platform implements."""
    names = platform.dispatcher.implemented()
    methods = platform.dispatcher.methods.values()
    return [m for m in methods if m.name in names and not m.client_streaming]


_THINGS = {"model_id": "general-image-recognition", "workflow_id": "General", "concept_id": "dog"}


def _point_at_public_things(request: Any, field: Any) -> None:
    if field.name in _THINGS:
        setattr(request, field.name, _THINGS[field.name])
    elif field.name == "action" and field.enum_type is None:
        request.action = "merge"
    elif field.name == "ids":
        request.ids.append("General")
    elif field.name in {"models", "workflows", "inputs", "datasets", "apps", "concepts"}:
        getattr(request, field.name).add(id="general-image-recognition")


def test_a_write_to_a_public_app_is_11101(api):
    for answer in (
        api.PostInputs(user_app_id=PUBLIC, inputs=[text()]),
        api.PostModels(user_app_id=PUBLIC, models=[resources_pb2.Model(id="m")]),
        api.PostConcepts(user_app_id=PUBLIC, concepts=[resources_pb2.Concept(id="c")]),
        api.DeleteModel(user_app_id=PUBLIC, model_id="general-image-recognition"),
        api.DeleteApp(user_app_id=PUBLIC),
    ):
        assert answer.status.code == codes.CONN_DOES_NOT_EXIST


def test_what_does_not_exist_is_said_not_to(platform, app):
    there = {"GetUser", "GetInputCount", "GetApp"}
    for method in implemented(platform):
        if not method.name.startswith("Get") or method.name in there:
            continue
        request = method.request_type(user_app_id=app)
        for field in request.DESCRIPTOR.fields:
            if field.name == "id" or (field.name.endswith("_id") and field.name != "user_app_id"):
                setattr(request, field.name, "gone")
        code = raw(platform, method.name, request.SerializeToString()).status.code
        name = codes.StatusCode.Name(code)
        assert name.endswith(("DOES_NOT_EXIST", "KEY_NOT_FOUND")), (method.name, name)


# Keys


@pytest.mark.parametrize(
    "metadata",
    [
        (), (("authorization", ""),), (("authorization", "Key"),),
        (("authorization", "Key wrong"),), (("authorization", "Basic x"),),
        (("authorization", "Key \u00e9".encode("latin-1")),),
        (("authorization", "Key " + "x" * 4000),), (("x-clarifai-session-token", "wrong"),),
    ],
)  # fmt: skip
def test_wrong_keys_are_11008_whatever_is_asked(platform, connect, metadata):
    stranger = connect(platform.channel(authenticate=True), metadata)
    for answer in (stranger.ListApps(), stranger.PostInputs(inputs=[text()] * 200)):
        assert answer.status.code == codes.CONN_KEY_INVALID
        assert answer.status.description == ("Invalid API key or Invalid API key/application pair")


# Pictures


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"nothing", codes.INPUT_UNSUPPORTED_FORMAT),
        (picture()[:50], codes.INPUT_UNSUPPORTED_FORMAT),
        (picture(kind="JPEG")[:200], codes.INPUT_UNSUPPORTED_FORMAT),
        (b"GIF89a", codes.INPUT_UNSUPPORTED_FORMAT),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", codes.INPUT_UNSUPPORTED_FORMAT),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n", codes.INPUT_UNSUPPORTED_FORMAT),
        (huge_png(10_000, 10_000), codes.INPUT_OVER_LIMIT),
        (huge_png(60_000, 60_000), codes.INPUT_OVER_LIMIT),
        (huge_png(2**31 - 1, 2**31 - 1), codes.INPUT_OVER_LIMIT),
        (huge_png(20_000, 20_000, rows=200), codes.INPUT_OVER_LIMIT),
        (huge_png(9_000, 9_000), codes.INPUT_UNSUPPORTED_FORMAT),
        (text_bomb_png(50_000_000), codes.INPUT_UNSUPPORTED_FORMAT),
        (picture() + bytes(21 * 1024 * 1024), codes.INPUT_OVER_LIMIT),
    ],
    ids=[
        "text", "cut png", "cut jpeg", "head of gif", "svg", "postscript", "100 megapixels",
        "3600 megapixels", "the most there is", "some rows of it", "empty 81 megapixels",
        "comment that unpacks to 50 MB", "21 MB",
    ],
)  # fmt: skip
def test_pictures_that_cannot_be_used_end_with_a_reason(platform, api, app, data, code):
    api.PostInputs(user_app_id=app, inputs=[image(data, "bad"), image(picture(), "good")])
    assert platform.wait_idle()
    bad, good = (
        api.GetInput(user_app_id=app, input_id=name).input.status for name in ("bad", "good")
    )
    assert bad.code == code
    assert bad.details
    assert good.code == codes.INPUT_DOWNLOAD_SUCCESS
    answer = api.PostModelOutputs(
        user_app_id=PUBLIC,
        model_id="general-image-recognition",
        inputs=[image(data), image(picture())],
    )
    assert answer.status.code == codes.MIXED_STATUS
    assert [output.status.code for output in answer.outputs] == [code, codes.SUCCESS]
    rank = resources_pb2.Rank(annotation=resources_pb2.Annotation(data=image(data).data))
    search = resources_pb2.Search(query=resources_pb2.Query(ranks=[rank]))
    found = api.PostInputsSearches(user_app_id=app, searches=[search]).status
    assert found.code not in {codes.SUCCESS, codes.INTERNAL_SERVER_ISSUE}


# Addresses


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x.png", "http://10.0.0.1/x.png", "http://169.254.169.254/latest/",
        "http://[::1]/x.png", "http://localhost/x.png", "file:///etc/passwd", "ftp://a.example/x",
        "http://[", "", "x", "http://a.example:99999/x",
    ],
)  # fmt: skip
def test_addresses_are_not_fetched_unless_that_is_allowed(platform, api, app, url):
    part = resources_pb2.Image(url=url)
    given = resources_pb2.Input(id="i", data=resources_pb2.Data(image=part))
    posted = api.PostInputs(user_app_id=app, inputs=[given]).inputs[0].status
    assert platform.wait_idle()
    if url:
        assert posted.code == codes.INPUT_DOWNLOAD_PENDING
        stored = api.GetInput(user_app_id=app, input_id="i").input.status
        assert stored.code == codes.INPUT_DOWNLOAD_FAILED
        assert "address" in stored.details or "not allowed" in stored.details
    else:
        assert posted.code == codes.INPUT_INVALID_ARGUMENT
    answer = api.PostModelOutputs(
        user_app_id=PUBLIC, model_id="general-image-recognition", inputs=[given]
    )
    assert answer.status.code in {codes.INPUT_DOWNLOAD_FAILED, codes.INPUT_INVALID_ARGUMENT}


# Archives


def test_a_state_archive_that_unpacks_without_end_is_refused(tmp_path):
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", bytes(200_000_000))
    with pytest.raises(SnapshotError, match="no manifest"):
        import_state(bomb, tmp_path / "state")
    assert not (tmp_path / "state").exists()
