"""The JSON gateway: every RPC at its paths, JSON in and out, HTTP statuses."""

from __future__ import annotations

import base64
import contextlib
import json
import re
import socket

import grpc
import httpx
import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from google.protobuf import empty_pb2

from clarifai_local import Platform, _asgi
from clarifai_local._gateway.binding import Bindings
from clarifai_local._gateway.statuses import http_status
from clarifai_local._methods import SERVICE, Method
from clarifai_local.dispatch import rpc

METHODS = [Method(descriptor) for descriptor in SERVICE.methods]
BINDINGS = Bindings(METHODS)

_NODEPOOL = (
    "/v2/users/{user_app_id.user_id}/compute_clusters/{compute_cluster_id}/nodepools/{nodepool_id}"
)
_CLUSTER = _NODEPOOL.replace(
    "{compute_cluster_id}", "{compute_cluster_user_id}/{compute_cluster_id}"
)
MISBOUND = {
    ("PatchRunners", "post", f"{_NODEPOOL}/runners"): "PostRunners",
    ("PostPipelines", "get", "/v2/pipelines"): "ListPipelines",
    ("StreamLogEntries", "get", f"{_NODEPOOL}/runners/{{runner_id}}/{{log_type}}/logs"): (
        "ListLogEntries"
    ),
    (
        "StreamLogEntries",
        "get",
        f"{_CLUSTER}/versions/{{model_version_id}}/{{log_type}}/logs",
    ): "ListLogEntries",
}
"""Bindings of the contract to the verb and path of another RPC, and that RPC, which goes before."""

REFUSED = {
    ("PostModelOutputs", "runner_selector.deployment"): (
        "the embedded platform has no deployments, and says so rather than asking other runners"
    ),
}
"""RPC and field -> why a path that fills in that field is refused before the RPC is asked."""


@pytest.fixture
def http(platform):
    """An httpx client of the platform in this process."""
    with httpx.Client(base_url="http://clarifai.local", transport=platform.http_transport()) as one:
        yield one


@pytest.fixture(scope="module")
def served():
    """A served platform."""
    with Platform() as platform, platform.serve() as server:
        yield server


@pytest.fixture(scope="module")
def remote(served):
    """An httpx client of a served platform, with its key."""
    key = {"Authorization": f"Key {served.pat}"}
    with httpx.Client(base_url=served.base_url, headers=key, timeout=60) as client:
        yield client


def described(method):
    """Verb and path of every binding in the descriptor, read without the code under test."""
    options = SERVICE.methods_by_name[method.name].GetOptions()
    rule = next(value for field, value in options.ListFields() if field.name == "http")
    rules = [rule, *rule.additional_bindings]
    return [(r.WhichOneof("pattern"), getattr(r, r.WhichOneof("pattern"))) for r in rules]


def filled(template):
    """A path with a value of its own for each variable, and those values by field."""
    names = re.findall(r"\{([^}]+)\}", template)
    values = {name: f"v{number}" for number, name in enumerate(names)}
    return re.sub(r"\{([^}]+)\}", lambda found: values[found[1]], template), values


def refused_field(method, values):
    """The field of REFUSED that the variables of a path fill in, or None."""
    fields = [path for name, path in REFUSED if name == method.name]
    return next((f for f in fields if any(v.startswith(f"{f}.") for v in values)), None)


class Echo:
    """Answers an RPC by remembering what it was asked."""

    def __init__(self, method):
        self.asked = []
        answers = [method.response_type()]

        def answer(_, request, caller):
            self.asked += list(request) if method.client_streaming else [request]
            return iter(answers) if method.server_streaming else answers[0]

        type(self).answer = rpc(method.name)(answer)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_every_rpc_is_dispatched_from_its_paths(method, served, remote, monkeypatch):
    echo = type("Echo", (Echo,), {})(method)
    dispatcher = served._platform.dispatcher
    monkeypatch.setattr(dispatcher, "_handlers", dict(dispatcher._handlers))
    dispatcher.add(echo)
    own = [one for one in described(method) if (method.name, *one) not in MISBOUND]
    added = [(b.verb, b.template) for b in BINDINGS.all if b.method is method]
    assert own or added
    for verb, template in [*own, *(one for one in added if one not in described(method))]:
        path, values = filled(template)
        reply = remote.request(verb, path)
        refused = refused_field(method, values)
        if refused:
            assert reply.status_code == 501, reply.text
            assert f"does not honour {refused}:" in reply.json()["status"]["details"]
            assert not echo.asked
            continue
        assert reply.status_code == 200, reply.text
        request = echo.asked.pop()
        assert {name: field(request, name) for name in values} == values
        assert not echo.asked


@pytest.mark.parametrize(("rpc_name", "verb", "template"), MISBOUND)
def test_of_two_rpcs_on_one_path_the_one_named_like_the_verb_answers(rpc_name, verb, template):
    found = BINDINGS.find(verb, filled(template)[0])
    assert found.binding.method.name == MISBOUND[rpc_name, verb, template]


def field(message, path):
    for name in path.split("."):
        message = getattr(message, name)
    return str(message)


def test_only_the_known_bindings_are_shared():
    places: dict[tuple[str, str], set[str]] = {}
    for binding in BINDINGS.all:
        shape = "/".join(segment or "{}" for segment in binding.segments)
        places.setdefault((binding.verb, shape), set()).add(binding.method.name)
    shared = {(verb, frozenset(names)) for (verb, _), names in places.items() if len(names) > 1}
    known = {(verb, frozenset({n, first})) for (n, verb, _), first in MISBOUND.items()}
    assert shared == known


def test_every_path_leads_back_to_its_own_binding():
    for binding in BINDINGS.all:
        path, values = filled(binding.template)
        streams = binding.method.server_streaming
        if not streams and (binding.method.name, binding.verb, binding.template) in MISBOUND:
            continue
        found = BINDINGS.find(binding.verb, path, streams=streams)
        assert found.binding.method.name == binding.method.name
        assert found.variables == values


def test_literal_segments_go_before_variables():
    assert BINDINGS.find("POST", "/v2/models/searches").binding.method.name == "PostModelsSearches"
    stream = BINDINGS.find("POST", "/v2/models/outputs/stream").binding.method.name
    assert stream == "StreamModelOutputs"
    assert BINDINGS.find("POST", "/v2/models/m/outputs").variables == {"model_id": "m"}


def test_crud_with_nothing_but_http(remote):
    apps = "/v2/users/me/apps"
    made = remote.post(apps, json={"apps": [{"id": "zoo", "description": "Tiere"}]})
    assert made.status_code == 200
    assert made.headers["content-type"] == "application/json"
    assert made.json()["status"]["code"] == codes.SUCCESS
    assert made.json()["apps"][0]["description"] == "Tiere"

    again = remote.post(apps, json={"apps": [{"id": "zoo"}]})
    assert again.status_code == 400
    assert "already exists" in again.json()["status"]["details"]

    app = f"{apps}/zoo"
    texts = [
        {"id": f"t{n}", "data": {"text": {"raw": f"text {n}"}, "concepts": [{"id": "short"}]}}
        for n in range(3)
    ]
    assert remote.post(f"{app}/inputs", json={"inputs": texts}).status_code == 200
    listed = remote.get(f"{app}/inputs", params={"page": 1, "per_page": 2}).json()
    assert [item["id"] for item in listed["inputs"]] == ["t2", "t1"]
    assert listed["inputs"][0]["data"]["concepts"][0]["value"] == 1.0

    patch = {
        "action": "merge",
        "inputs": [{"id": "t0", "data": {"metadata": {"a": {"b": [1, None]}}}}],
    }
    assert remote.patch(f"{app}/inputs", json=patch).status_code == 200
    got = remote.get(f"{app}/inputs/t0").json()["input"]
    assert got["data"]["metadata"] == {"a": {"b": [1, None]}}

    gone = remote.request("DELETE", f"{app}/inputs", json={"ids": ["t0"]})
    assert gone.status_code == 200
    assert remote.get(f"{app}/inputs/t0").status_code == 404
    assert remote.delete(app).status_code == 200
    missing = remote.get(app)
    assert missing.status_code == 404
    assert missing.json()["status"]["code"] == codes.CONN_DOES_NOT_EXIST


def test_bytes_are_base64_and_names_and_enums_come_either_way(http, api, app):
    path = "/v2/users/alice/apps/zoo"
    body = {"inputs": [{"id": "i", "data": {"image": {"base64": base64.b64encode(b"x").decode()}}}]}
    assert http.post(f"{path}/inputs", json=body).status_code == 200
    for visibility in ({"gettable": "PUBLIC"}, {"gettable": 50}):
        given = {"userAppId": {}, "action": "overwrite", "app": {"id": "zoo"}}
        given["app"]["visibility"] = visibility
        assert http.patch(path, json=given).json()["app"]["visibility"] == {"gettable": 50}


def test_empty_lists_and_zeroes_are_shown_where_the_contract_says_so(http, api, app):
    path = "/v2/users/alice/apps/zoo"
    assert http.get(f"{path}/inputs").json()["inputs"] == []
    api.PostInputs(
        user_app_id=app,
        inputs=[
            resources_pb2.Input(
                id="i",
                data=resources_pb2.Data(
                    text=resources_pb2.Text(raw="t"),
                    concepts=[resources_pb2.Concept(id="no", value=0)],
                ),
            )
        ],
    )
    concept = http.get(f"{path}/inputs/i").json()["input"]["data"]["concepts"][0]
    assert concept["value"] == 0
    assert "language" not in concept


def test_a_concept_without_value_is_positive_and_zero_is_kept(http, api, app):
    given = [{"id": "yes"}, {"id": "no", "value": 0}]
    data = {"text": {"raw": "t"}, "concepts": given}
    http.post("/v2/users/alice/apps/zoo/inputs", json={"inputs": [{"id": "i", "data": data}]})
    kept = api.GetInput(user_app_id=app, input_id="i").input.data.concepts
    assert [(c.id, c.value) for c in kept] == [("yes", 1.0), ("no", 0.0)]


def test_query_parameters_are_fields(http, api, app):
    for n in range(3):
        item = resources_pb2.Input(
            id=f"i{n}", data=resources_pb2.Data(text=resources_pb2.Text(raw="t"))
        )
        api.PostInputs(user_app_id=app, inputs=[item])
    where = {"user_app_id.user_id": "alice", "userAppId.appId": "zoo"}
    both = http.get("/v2/inputs", params=[*where.items(), ("ids", "i0"), ("ids", "i2")]).json()
    assert {item["id"] for item in both["inputs"]} == {"i0", "i2"}
    assert len(http.get("/v2/inputs", params={**where, "perPage": "1"}).json()["inputs"]) == 1
    trained = http.get("/v2/models", params={**where, "trained_only": "True"})
    assert trained.json()["models"] == []


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("pgae=1", "'pgae'"),
        ("page=x", "'page'"),
        ("page=1&page=2", "2 times"),
        ("trained_only=maybe", "true or false"),
        ("user_app_id=x", "user_app_id"),
        ("user_app_id.nobody=x", "'user_app_id.nobody'"),
        ("page.x=1", "'page.x'"),
    ],
)
def test_wrong_parameters_are_named(http, query, place):
    reply = http.get(f"/v2/models?{query}")
    assert reply.status_code == 400
    assert reply.json()["status"]["code"] == codes.CONN_INVALID_REQUEST
    assert place in reply.json()["status"]["details"]


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        (b'{"apps": [\n{]}', codes.CONN_BAD_REQUEST_FORMAT, "line 2, column 2"),
        (b"{} {}", codes.CONN_BAD_REQUEST_FORMAT, "more than one"),
        (b'{"apps": NaN}', codes.CONN_BAD_REQUEST_FORMAT, "NaN"),
        (b'"\xff"', codes.CONN_BAD_REQUEST_FORMAT, "byte 1"),
        (b"[" * 100_000, codes.CONN_BAD_REQUEST_FORMAT, "JSON"),
        (b"9" * 5000, codes.CONN_BAD_REQUEST_FORMAT, "JSON"),
        (b"[]", codes.CONN_INVALID_REQUEST, "an array"),
        (b'{"apps": [{}, {"idd": "x"}]}', codes.CONN_INVALID_REQUEST, "apps[1]"),
        (b'{"apps": [{"id": 7}]}', codes.CONN_INVALID_REQUEST, "id"),
        (b'{"apps": [{"id": "\\ud800"}]}', codes.CONN_INVALID_REQUEST, "apps"),
        (b'{"apps": [{"visibility": {"gettable": "LOUD"}}]}', codes.CONN_INVALID_REQUEST, "LOUD"),
        (
            b'{"apps": [{"metadata": {"a": ' + b"[" * 500 + b"]" * 500 + b"}}]}",
            codes.CONN_INVALID_REQUEST,
            "PostAppsRequest",
        ),
    ],
)
def test_bodies_that_are_no_request_are_refused_with_the_place(http, body, code, place):
    reply = http.post("/v2/users/alice/apps", content=body)
    assert reply.status_code == 400
    assert reply.json()["status"]["code"] == code
    assert place in reply.json()["status"]["details"]
    assert http.get("/v2/users/alice/apps").json()["apps"] == []


def test_unknown_paths_and_wrong_verbs_get_an_envelope(http):
    for path in ("/v2/nothing", "/v2/", "/v2/users//apps", "/v2/users/me/apps/a/b/c"):
        reply = http.get(path)
        assert reply.status_code == 404
        assert reply.json()["status"]["code"] == codes.RPC_UNKNOWN_METHOD
    wrong = http.put("/v2/users/me/apps")
    assert wrong.status_code == 405
    assert set(wrong.headers["allow"].split(", ")) >= {"GET", "POST"}
    assert wrong.json()["status"]["code"] == codes.CONN_METHOD_NOT_ALLOWED


def test_path_variables_are_decoded_one_by_one_and_win(http, api, app):
    api.PostConcepts(user_app_id=app, concepts=[resources_pb2.Concept(id="a/b ü")])
    got = http.get("/v2/users/alice/apps/zoo/concepts/a%2Fb%20%C3%BC")
    assert got.json()["concept"]["id"] == "a/b ü"
    body = {"user_app_id": {"user_id": "bob"}, "apps": [{"id": "mine"}]}
    assert http.post("/v2/users/alice/apps", json=body).json()["apps"][0]["user_id"] == "alice"


def test_a_key_is_needed_in_one_of_three_ways(served):
    url = f"{served.base_url}/v2/users/me/apps"
    for headers in ({}, {"Authorization": "Key wrong"}, {"X-Clarifai-Session-Token": "wrong"}):
        reply = httpx.get(url, headers=headers)
        assert reply.status_code == 401
        assert reply.json()["status"]["code"] == codes.CONN_KEY_INVALID
    for headers in (
        {"Authorization": f"Key {served.pat}"},
        {"Authorization": f"Bearer {served.pat}"},
        {"X-Clarifai-Session-Token": served.pat, "X-Clarifai-Request-ID-Prefix": "sdk"},
    ):
        assert httpx.get(url, headers=headers).status_code == 200


def test_what_is_not_implemented_says_so(http):
    reply = http.get("/v2/users/me/secrets")
    assert reply.status_code == 501
    assert reply.json()["status"]["code"] == codes.NOT_IMPLEMENTED
    assert "ListSecrets" in reply.json()["status"]["details"]


def test_too_large_bodies_are_refused_unread(remote, monkeypatch):
    monkeypatch.setattr(_asgi, "MAX_BODY_BYTES", 1000)
    assert remote.post("/v2/users/me/apps", content=b" " * 1001).status_code == 413
    reply = remote.post("/v2/users/me/apps", content=iter([b" " * 600, b" " * 600]))
    assert reply.status_code == 413
    assert "1,000 bytes" in reply.json()["status"]["details"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (codes.SUCCESS, 200),
        (codes.MIXED_STATUS, 207),
        (codes.FAILURE, 400),
        (codes.CONN_INSUFFICIENT_SCOPES, 403),
        (codes.CONN_THROTTLED, 429),
        (codes.MODEL_DOES_NOT_EXIST, 404),
        (codes.MODEL_DEPLOYING, 503),
        (codes.INPUT_DUPLICATE, 400),
        (codes.INTERNAL_SERVER_ISSUE, 500),
    ],
)
def test_the_http_status_follows_the_code(code, expected):
    assert http_status(code) == expected


def test_a_transport_error_is_a_server_error_with_an_envelope(platform, http):
    platform.faults.on("ListApps", times=1).unavailable()
    reply = http.get("/v2/users/me/apps")
    assert reply.status_code == 503
    assert "UNAVAILABLE" in reply.json()["status"]["details"]
    assert http.get("/v2/users/me/apps").status_code == 200


class Streams:
    """Answers each request of a stream, or one request three times."""

    @rpc("StreamModelOutputs")
    def stream(self, requests, caller):
        for request in requests:
            yield service_pb2.MultiOutputResponse(
                outputs=[resources_pb2.Output(id=request.model_id)]
            )

    @rpc("GenerateModelOutputs")
    def generate(self, request, caller):
        for number in range(3):
            output = resources_pb2.Output(id=f"{request.model_id}-{number}")
            yield service_pb2.MultiOutputResponse(outputs=[output])


@pytest.mark.parametrize("place", ["in process", "served"])
def test_streams_are_lines_of_json(place, platform, http, served, remote):
    owner, client = (platform, http) if place == "in process" else (served._platform, remote)
    owner.dispatcher.add(Streams())
    with client.stream("POST", "/v2/users/u/apps/a/models/m/outputs/generate", json={}) as reply:
        assert reply.headers["content-type"] == "application/x-ndjson"
        lines = [json.loads(line) for line in reply.iter_lines()]
    assert [line["outputs"][0]["id"] for line in lines] == ["m-0", "m-1", "m-2"]
    body = b'{"model_id": "a"}\n{\n "model_id": "b"}'
    reply = client.post("/v2/models/outputs/stream", content=body)
    assert [json.loads(line)["outputs"][0]["id"] for line in reply.text.splitlines()] == ["a", "b"]


async def test_streams_reach_asyncio_clients(platform):
    platform.dispatcher.add(Streams())
    client = httpx.AsyncClient(
        base_url="http://clarifai.local", transport=platform.http_transport()
    )
    async with (
        client,
        client.stream("POST", "/v2/users/u/apps/a/models/m/outputs/generate", json={}) as reply,
    ):
        assert len([line async for line in reply.aiter_lines()]) == 3


def test_a_runner_of_10_1_finds_its_paths_and_names(http, api, platform):
    runners = "/v2/users/alice/runners"
    assert http.post(runners, json={"runners": [{"id": "r"}]}).status_code == 200
    assert [r["id"] for r in http.get(runners).json()["runners"]] == ["r"]
    asked = service_pb2.PostModelOutputsRequest(model_id="m")
    work = platform.runner_queue.put(("alice", "r"), asked)
    (item,) = http.get(f"{runners}/r/items").json()["items"]
    assert item["post_model_outputs_request"]["model_id"] == "m"
    outputs = {"runner_item_outputs": [{"multi_output_response": {"outputs": [{"id": "o"}]}}]}
    path = f"{runners}/r/items/{item['id']}/outputs"
    assert http.post(path, json={"item_id": item["id"], **outputs}).status_code == 200
    assert work.wait(0).outputs[0].id == "o"
    assert http.request("DELETE", runners, json={"ids": ["r"]}).status_code == 200


def test_grpc_and_http_share_the_port(served, remote):
    assert served.http_url == served.base_url
    assert remote.get("/v2/users/me").json()["user"]["id"] == "local"
    with grpc.insecure_channel(served.address) as channel:
        call = channel.unary_unary(
            "/clarifai.api.V2/GetUser",
            request_serializer=empty_pb2.Empty.SerializeToString,
            response_deserializer=service_pb2.SingleUserResponse.FromString,
        )
        metadata = (("authorization", f"Key {served.pat}"), ("x-clarifai-request-id-prefix", "x"))
        assert call(empty_pb2.Empty(), metadata=metadata).user.id == "local"


def test_a_preface_that_comes_in_pieces_is_grpc_all_the_same(served):
    with socket.create_connection(("127.0.0.1", served.port), timeout=60) as plain:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in (b"PRI * HT", b"TP/2.0\r\n\r\nSM\r\n", b"\r\n\0\0\0\4\0\0\0\0\0"):
            plain.sendall(piece)
        settings = plain.recv(9)
    assert settings[3] == 4  # a SETTINGS frame


def test_stopping_the_server_ends_every_connection():
    with Platform() as platform:
        server = platform.serve()
        silent = socket.create_connection(("127.0.0.1", server.port), timeout=60)
        with silent, grpc.insecure_channel(server.address) as channel:
            grpc.channel_ready_future(channel).result(60)
            server.stop()
            with contextlib.suppress(ConnectionResetError):
                assert silent.recv(1) == b""
