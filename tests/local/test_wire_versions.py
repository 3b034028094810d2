"""Clients of every release of the wire contract: Runner messages by shape, modules, gone RPCs."""

from __future__ import annotations

import socket

import grpc
import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from clarifai_grpc.grpc.api.status import status_pb2
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from hypothesis import given
from hypothesis import strategies as st

from clarifai_local._methods import SERVICE
from clarifai_local._port_multiplexer import PREFACE
from clarifai_local._wire_versions import others, understand, wire
from clarifai_local._wire_versions.module_messages import Module, ModuleVersion

ALICE = resources_pb2.UserAppIDSet(user_id="alice")
ZOO = resources_pb2.UserAppIDSet(user_id="alice", app_id="zoo")

_OLD = {
    "Runner": "id=1 description=2 user_id=6 labels*=7",
    "MultiRunnerResponse": "status:Status=1 runners*:Runner=2",
    "SingleRunnerResponse": "status:Status=1 runner:Runner=2",
    "PostRunnersRequest": "user_app_id:UserAppIDSet=1 runners*:Runner=3",
    "GetRunnerRequest": "user_app_id:UserAppIDSet=1 runner_id=2",
    "ListRunnersRequest": "user_app_id:UserAppIDSet=1 page#=2 per_page#=3",
    "DeleteRunnersRequest": "user_app_id:UserAppIDSet=1 ids*=2",
    "ListRunnerItemsRequest": "user_app_id:UserAppIDSet=1 runner_id=2",
    "RunnerItem": "id=1 description=2 post_model_outputs_request:PostModelOutputsRequest=3",
    "MultiRunnerItemResponse": "status:Status=1 items*:RunnerItem=2",
    "PostRunnerItemOutputsRequest": (
        "user_app_id:UserAppIDSet=1 runner_id=2 item_id=3 runner_item_outputs*:RunnerItemOutput=4"
    ),
    "RunnerItemOutput": "multi_output_response:MultiOutputResponse=1",
    "MultiRunnerItemOutputResponse": "status:Status=1",
}
"""The Runner messages of 10.1: `name=number`, `*` repeated, `#` a number, `:` a message."""

_INSTALLED = {
    "Status": status_pb2.Status,
    "UserAppIDSet": resources_pb2.UserAppIDSet,
    "PostModelOutputsRequest": service_pb2.PostModelOutputsRequest,
    "MultiOutputResponse": service_pb2.MultiOutputResponse,
}
_ANSWERS = {
    "PostRunners": "MultiRunnerResponse",
    "GetRunner": "SingleRunnerResponse",
    "ListRunners": "MultiRunnerResponse",
    "DeleteRunners": "Status",
    "ListRunnerItems": "MultiRunnerItemResponse",
    "PostRunnerItemOutputs": "MultiRunnerItemOutputResponse",
}


def old_messages():
    """The classes of `_OLD`."""
    file = descriptor_pb2.FileDescriptorProto(
        name="tests/runners_10_1.proto",
        package="runners_10_1",
        syntax="proto3",
        dependency=sorted({kind.DESCRIPTOR.file.name for kind in _INSTALLED.values()}),
    )
    for name, fields in _OLD.items():
        message = file.message_type.add(name=name)
        for text in fields.split():
            left, _, number = text.partition("=")
            label, _, kind = left.partition(":")
            field = message.field.add(name=label.strip("*#"), number=int(number))
            field.label = field.LABEL_REPEATED if "*" in label else field.LABEL_OPTIONAL
            field.type = field.TYPE_UINT32 if "#" in label else field.TYPE_STRING
            if kind:
                full = _INSTALLED[kind].DESCRIPTOR.full_name if kind in _INSTALLED else None
                field.type = field.TYPE_MESSAGE
                field.type_name = f".{full or f'runners_10_1.{kind}'}"
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClassesForFiles([file.name], pool)


OLD = {name.rpartition(".")[2]: kind for name, kind in old_messages().items()}


@pytest.fixture(params=["in process", "served"])
def old(request, platform):
    """`old("GetRunner", runner_id="r")`: calls as a client of 10.1 makes them."""
    platform.runner_queue.poll_seconds = 0.01

    def caller(channel, metadata=()):
        def call(rpc, **fields):
            answer = OLD.get(_ANSWERS[rpc], status_pb2.BaseResponse)
            make = channel.unary_unary(
                f"/clarifai.api.V2/{rpc}",
                request_serializer=lambda message: message.SerializeToString(),
                response_deserializer=answer.FromString,
            )
            message = OLD[f"{rpc}Request"](user_app_id=fields.pop("user_app_id", ALICE), **fields)
            return make(message, metadata=metadata, timeout=60)

        return call

    if request.param == "in process":
        yield caller(platform.channel())
        return
    with platform.serve() as server, grpc.insecure_channel(server.address) as channel:
        yield caller(channel, (("authorization", f"Key {server.pat}"),))


def asked(model_id):
    return service_pb2.PostModelOutputsRequest(model_id=model_id)


def test_a_client_of_10_1_keeps_its_runners(old, api):
    made = old("PostRunners", runners=[OLD["Runner"](id=name, labels=["gpu"]) for name in "rs"])
    assert made.status.code == codes.SUCCESS
    got = old("GetRunner", runner_id="r")
    assert (got.runner.id, got.runner.user_id, list(got.runner.labels)) == ("r", "alice", ["gpu"])
    assert {r.id: r.user_id for r in old("ListRunners", page=1, per_page=16).runners} == {
        "r": "alice",
        "s": "alice",
    }
    assert [r.id for r in old("ListRunners", page=2, per_page=1).runners] == ["r"]
    assert old("ListRunners", page=3, per_page=1).ByteSize() > 0
    missing = old("GetRunner", runner_id="none").status
    assert missing.code == codes.RUNNER_DOES_NOT_EXIST

    assert old("DeleteRunners", ids=["r", "s"]).status.code == codes.SUCCESS
    assert not api.ListRunners(user_app_id=ALICE).runners
    assert old("DeleteRunners").status.code == codes.CONN_INVALID_REQUEST


def test_me_is_shown_as_the_owner(old):
    me = resources_pb2.UserAppIDSet(user_id="me")
    old("PostRunners", user_app_id=me, runners=[OLD["Runner"](id="r")])
    assert old("GetRunner", user_app_id=me, runner_id="r").runner.user_id == "local"


def test_a_runner_of_10_1_works(old, platform):
    old("PostRunners", runners=[OLD["Runner"](id="r")])
    assert old("ListRunnerItems", runner_id="r").status.code == codes.RUNNER_NEEDS_RETRY
    work = platform.runner_queue.put(("alice", "r"), asked("m"))

    polled = old("ListRunnerItems", runner_id="r")
    assert polled.status.code == codes.SUCCESS
    (item,) = polled.items
    assert item.post_model_outputs_request == asked("m")
    answer = service_pb2.MultiOutputResponse(outputs=[resources_pb2.Output(id="o")])
    outputs = [OLD["RunnerItemOutput"](multi_output_response=answer)]
    posted = old(
        "PostRunnerItemOutputs", runner_id="r", item_id=item.id, runner_item_outputs=outputs
    )

    assert posted.status.code == codes.SUCCESS
    assert work.wait(0) == answer
    empty = old("PostRunnerItemOutputs", runner_id="r", item_id=item.id)
    assert empty.status.code != codes.SUCCESS


@pytest.mark.parametrize(
    ("rpc", "fields"),
    [
        ("GetRunner", {"runner_id": "r"}),
        ("GetRunner", {"runner_id": "r", "nodepool_id": "n", "compute_cluster_id": "c"}),
        ("ListRunners", {}),
        ("ListRunners", {"page": 2}),
        ("ListRunners", {"page": 1, "per_page": 10}),
        ("ListRunners", {"nodepool_id": "n", "page": 1, "per_page": 10}),
        ("ListRunners", {"nodepool_id": "n", "min_replicas": 1}),
        ("DeleteRunners", {"ids": ["r"]}),
        ("DeleteRunners", {"ids": ["r", "s"], "nodepool_id": "n"}),
        ("DeleteRunners", {"nodepool_id": "n", "compute_cluster_id": "c"}),
        ("ListRunnerItems", {"runner_id": "r", "nodepool_id": "n"}),
        ("PostRunnerItemOutputs", {"runner_id": "r", "runner_item_id": "0a1b"}),
        (
            "PostRunnerItemOutputs",
            {"nodepool_id": "n", "runner_id": "r", "runner_item_id": "0a1b"},
        ),
        (
            "PostRunnerItemOutputs",
            {
                "nodepool_id": "n",
                "runner_id": "r",
                "runner_item_id": "i",
                "runner_item_outputs": [service_pb2.RunnerItemOutput()],
            },
        ),
        ("PostRunners", {"nodepool_id": "n", "runners": [resources_pb2.Runner(id="r")]}),
    ],
)
def test_requests_of_12_are_left_as_they_are(rpc, fields):
    request = getattr(service_pb2, f"{rpc}Request")(user_app_id=ALICE, **fields)
    payload = request.SerializeToString()
    assert understand(rpc, payload) == (payload, None)


@pytest.mark.parametrize("payload", [b"\x12", b"\x0a\x05a", b"\x13\x14", b"\x80" * 20, b"\0"])
def test_garbage_is_left_to_the_parser(payload, api, platform):
    assert understand("GetRunner", payload) == (payload, None)
    method = platform.dispatcher.methods["/clarifai.api.V2/GetRunner"]
    body = platform.dispatcher.unary(method, payload, {}, trusted=True)
    status = service_pb2.SingleRunnerResponse.FromString(body).status
    assert status.code in {codes.CONN_BAD_REQUEST_FORMAT, codes.RUNNER_DOES_NOT_EXIST}


@given(st.binary(max_size=40))
def test_what_can_be_taken_apart_is_put_together_again(payload):
    try:
        fields = wire.split(payload)
    except wire.NotFields:
        return
    again = wire.join(fields)
    assert wire.split(again) == fields


@given(
    st.text(),
    st.floats(allow_nan=False, width=32),
    st.integers(0, 2**32 - 1),
    st.lists(st.text()),
)
def test_messages_survive_being_taken_apart(text, value, number, tags):
    concept = resources_pb2.Concept(id=text, value=value)
    for message in (concept, service_pb2.ListRunnersRequest(page=number, model_version_ids=tags)):
        payload = message.SerializeToString()
        assert wire.join(wire.split(payload)) == payload


def plain(described):
    """A description without what protobuf adds by itself."""
    copy = descriptor_pb2.DescriptorProto()
    copy.CopyFrom(described)
    copy.ClearField("reserved_range")
    for field in copy.field:
        field.ClearField("json_name")
    for inner in copy.nested_type:
        inner.CopyFrom(plain(inner))
    return copy


@pytest.mark.parametrize("described", others.module_messages(), ids=lambda m: m.name)
def test_our_messages_about_modules_are_those_of_12_1_1(described):
    installed = descriptor_pb2.DescriptorProto()
    others.module_message(described.name).DESCRIPTOR.CopyToProto(installed)
    ours, theirs = plain(described), plain(installed)
    for message in (ours, theirs):
        message.field.sort(key=lambda field: field.number)
    assert ours == theirs


def test_our_rpcs_about_modules_are_those_of_12_1_1(platform):
    for described in others.module_rpcs():
        method = platform.dispatcher.methods[f"/clarifai.api.V2/{described.name}"]
        assert described.input_type == f".{method.request_type.DESCRIPTOR.full_name}"
        assert described.output_type == f".{method.response_type.DESCRIPTOR.full_name}"
        rule = next(value for field, value in described.options.ListFields())
        assert rule == method.http
    ours = {described.name for described in others.module_rpcs()}
    assert {name for name in SERVICE.methods_by_name if "Module" in name} <= ours


def without_modules():
    """A pool of descriptors as a release after 12.1.1 brings them."""
    pool = descriptor_pool.DescriptorPool()
    added: set[str] = set()

    def add(file):
        if file.name in added:
            return
        added.add(file.name)
        for needed in file.dependencies:
            add(needed)
        described = descriptor_pb2.FileDescriptorProto()
        file.CopyToProto(described)
        gone = {m.name for m in described.message_type if "Module" in m.name}
        keep(described.message_type, lambda message: message.name not in gone)
        for message in described.message_type:
            keep(message.field, lambda field: field.type_name.rpartition(".")[2] not in gone)
        for service in described.service:
            keep(service.method, lambda method: "Module" not in method.name)
        pool.Add(described)

    for needed in others._NEEDED:
        add(needed)
    return pool


def keep(items, wanted):
    kept = [item for item in items if wanted(item)]
    del items[:]
    items.extend(kept)


def test_a_release_without_modules_gets_messages_that_are_the_same_on_the_wire():
    pool = without_modules()
    service = pool.FindServiceByName(SERVICE.full_name)
    described = others.describe(service.methods_by_name, with_modules=True)
    pool.AddSerializedFile(described.SerializeToString())
    added = pool.FindFileByName(described.name).services_by_name["OtherReleases"]
    assert {"PostModules", "ListInstalledModuleVersions"} <= set(added.methods_by_name)
    ours = message_factory.GetMessageClass(pool.FindMessageTypeByName("clarifai.api.Module"))
    nav = ModuleVersion.ModuleNav(
        title="T", module_sub_navs=[ModuleVersion.ModuleSubNav(query_key="k")]
    )
    theirs = Module(id="m", star_count=-1, module_version=ModuleVersion(id="1", module_nav=nav))
    theirs.created_at.seconds = 7
    theirs.metadata["a"] = "b"
    theirs.visibility.gettable = 50
    read = ours.FromString(theirs.SerializeToString())
    assert str(read) == str(theirs)
    assert read.SerializeToString(deterministic=True) == theirs.SerializeToString(
        deterministic=True
    )


def test_rpcs_of_other_releases_are_not_implemented_rather_than_unknown(platform):
    other = [name for name in others.RPC_NAMES if name not in SERVICE.methods_by_name]
    assert other
    channel = platform.channel()
    for name in other:
        call = channel.unary_unary(
            f"/clarifai.api.V2/{name}",
            request_serializer=lambda request: request.SerializeToString(),
            response_deserializer=status_pb2.BaseResponse.FromString,
        )
        status = call(service_pb2.GetAppRequest(user_app_id=ZOO)).status
        assert status.code == codes.NOT_IMPLEMENTED
        assert name in status.details


def frame(kind, payload=b"", flags=0):
    """An HTTP/2 frame of the connection."""
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + bytes(4) + payload


def frames(stream):
    """Kind, flags and payload of the frames that come."""
    while head := stream.read(9):
        yield head[3], head[4], stream.read(int.from_bytes(head[:3], "big"))


def test_clients_that_ping_often_are_not_sent_away(platform):
    settings, ping, goaway, acknowledged = 4, 6, 7, 1
    with (
        platform.serve() as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=60) as plain,
        plain.makefile("rb") as answers,
    ):
        plain.sendall(PREFACE + frame(settings))
        for number in range(20):
            payload = number.to_bytes(8, "big")
            plain.sendall(frame(ping, payload))
            came = None
            for came in frames(answers):
                assert came[0] != goaway, came
                if came[:2] == (settings, 0):
                    plain.sendall(frame(settings, flags=acknowledged))
                if came[:2] == (ping, acknowledged):
                    break
            assert came == (ping, acknowledged, payload)


def test_metadata_of_old_clients_are_welcome(platform):
    with platform.serve() as server, grpc.insecure_channel(server.address) as channel:
        call = channel.unary_unary(
            "/clarifai.api.V2/GetUser",
            request_serializer=service_pb2.GetUserRequest.SerializeToString,
            response_deserializer=service_pb2.SingleUserResponse.FromString,
        )
        metadata = (
            ("authorization", f"Key {server.pat}"),
            ("x-clarifai-request-id-prefix", "sdk-python-10.1.1"),
        )
        assert call(service_pb2.GetUserRequest(), metadata=metadata).user.id == "local"
