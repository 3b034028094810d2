"""The in-process channels: what clients may expect of them as of gRPC's own."""

from __future__ import annotations

import asyncio
import threading
import time

import grpc
import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local import Platform
from clarifai_local._faults import Faults
from clarifai_local._methods import Aborted
from clarifai_local.dispatch import rpc

ME = resources_pb2.UserAppIDSet(user_id="me")


class Slow:
    """A service whose GetUser waits, and whose streams count."""

    def __init__(self):
        self.go_on = threading.Event()

    @rpc("GetUser")
    def get_user(self, request, caller):
        self.go_on.wait(60)
        return service_pb2.SingleUserResponse(user=resources_pb2.User(id="slow"))

    @rpc("GenerateModelOutputs")
    def generate(self, request, caller):
        for number in range(3):
            yield service_pb2.MultiOutputResponse(
                outputs=[resources_pb2.Output(id=f"{request.model_id}{number}")]
            )

    @rpc("StreamModelOutputs")
    def stream(self, requests, caller):
        for request in requests:
            yield service_pb2.MultiOutputResponse(
                outputs=[resources_pb2.Output(id=request.model_id)]
            )

    @rpc("ListApps")
    def list_apps(self, request, caller):
        raise Aborted(grpc.StatusCode.UNAVAILABLE, "gone for a moment")

    @rpc("GetApp")
    def get_app(self, request, caller):
        return 1 // 0


@pytest.fixture
def slow():
    return Slow()


@pytest.fixture
def channel(slow):
    with Platform(services=[lambda _: slow]) as platform:
        yield platform.channel()
        slow.go_on.set()


def unary(channel, name, request_type, response_type):
    return channel.unary_unary(
        f"/clarifai.api.V2/{name}",
        request_serializer=request_type.SerializeToString,
        response_deserializer=response_type.FromString,
    )


def get_user(channel):
    return unary(channel, "GetUser", service_pb2.GetUserRequest, service_pb2.SingleUserResponse)


def test_a_timeout_ends_the_call(channel):
    with pytest.raises(grpc.RpcError) as caught:
        get_user(channel)(service_pb2.GetUserRequest(user_app_id=ME), timeout=0.05)
    assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    assert "0.05" in str(caught.value.details())


def test_a_future_has_the_response(channel, slow):
    future = get_user(channel).future(service_pb2.GetUserRequest(user_app_id=ME), timeout=60)
    assert not future.done()
    seen = threading.Event()
    future.add_done_callback(lambda _: seen.set())
    slow.go_on.set()
    assert future.result().user.id == "slow"
    assert seen.wait(60)
    assert future.code() == grpc.StatusCode.OK


def test_with_call_tells_the_code(channel, slow):
    slow.go_on.set()
    response, call = get_user(channel).with_call(service_pb2.GetUserRequest(user_app_id=ME))
    assert (response.user.id, call.code()) == ("slow", grpc.StatusCode.OK)


def test_caller_and_platform_share_no_message(channel, slow):
    slow.go_on.set()
    call = get_user(channel)
    first = call(service_pb2.GetUserRequest(user_app_id=ME))
    first.user.id = "changed"
    assert call(service_pb2.GetUserRequest(user_app_id=ME)).user.id == "slow"


def test_streams_come_answer_by_answer(channel):
    request = service_pb2.PostModelOutputsRequest(model_id="m")
    generate = channel.unary_stream(
        "/clarifai.api.V2/GenerateModelOutputs",
        request_serializer=service_pb2.PostModelOutputsRequest.SerializeToString,
        response_deserializer=service_pb2.MultiOutputResponse.FromString,
    )
    answers = list(generate(request, timeout=60))
    assert [a.outputs[0].id for a in answers] == ["m0", "m1", "m2"]
    assert {a.status.code for a in answers} == {codes.SUCCESS}
    stream = channel.stream_stream(
        "/clarifai.api.V2/StreamModelOutputs",
        request_serializer=service_pb2.PostModelOutputsRequest.SerializeToString,
        response_deserializer=service_pb2.MultiOutputResponse.FromString,
    )
    sent = (service_pb2.PostModelOutputsRequest(model_id=name) for name in "xy")
    assert [a.outputs[0].id for a in stream(sent)] == ["x", "y"]


def test_a_transport_error_is_a_grpc_error(channel):
    call = unary(channel, "ListApps", service_pb2.ListAppsRequest, service_pb2.MultiAppResponse)
    with pytest.raises(grpc.RpcError) as caught:
        call(service_pb2.ListAppsRequest())
    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE


def test_a_failing_handler_is_a_status_and_a_logged_traceback(channel, caplog):
    call = unary(channel, "GetApp", service_pb2.GetAppRequest, service_pb2.SingleAppResponse)
    response = call(service_pb2.GetAppRequest())
    assert response.status.code == codes.INTERNAL_SERVER_ISSUE
    assert "ZeroDivisionError" in caplog.text


def test_an_unknown_method_is_unimplemented(channel):
    with pytest.raises(grpc.RpcError) as caught:
        channel.unary_unary("/clarifai.api.V2/Nope")(b"")
    assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_a_closed_platform_says_so():
    with Platform() as platform:
        channel = platform.channel()
    with pytest.raises(grpc.RpcError) as caught:
        get_user(channel)(service_pb2.GetUserRequest())
    assert "closed" in str(caught.value.details())


class Held(Faults):
    """Holds each call until a test lets it go on."""

    def __init__(self):
        self.entered, self.go_on = threading.Event(), threading.Event()

    def before(self, rpc):
        self.entered.set()
        self.go_on.wait(60)


@pytest.mark.parametrize("rpc_name", ["GetUser", "PostApps"])
def test_a_platform_that_is_closed_under_a_call_ends_it_without_a_traceback(rpc_name, caplog):
    platform = Platform()
    call = getattr(service_pb2, f"{rpc_name}Request")(user_app_id=ME)
    if rpc_name == "PostApps":
        call.apps.add(id="a")
    ask = platform.channel().unary_unary(
        f"/clarifai.api.V2/{rpc_name}",
        request_serializer=type(call).SerializeToString,
        response_deserializer=bytes,
    )
    platform.faults = held = Held()
    pending = ask.future(call)
    assert held.entered.wait(60)
    platform.close()
    held.go_on.set()
    error = pending.exception()
    assert (error.code(), error.details()) == (
        grpc.StatusCode.CANCELLED,
        "the embedded platform is closed",
    )
    assert caplog.records == []


def test_a_channel_can_ask_for_keys():
    with Platform(pats=["secret"]) as platform:
        call = get_user(platform.channel(authenticate=True))
        request = service_pb2.GetUserRequest(user_app_id=ME)
        refused = call(request, metadata=[("authorization", "Key wrong")])
        assert refused.status.code == codes.CONN_KEY_INVALID
        assert "Invalid API key" in refused.status.description
        assert "wrong" not in str(refused)
        for metadata in (
            [("authorization", "Key secret")],
            [("x-clarifai-session-token", "secret")],
        ):
            assert call(request, metadata=metadata).status.code == codes.SUCCESS


async def test_an_answer_behind_the_deadline_is_none_however_busy_the_loop_is(slow):
    """Both are there when the loop looks again: the deadline counts, as on the wire."""
    slow.go_on.set()
    with Platform(services=[lambda _: slow]) as platform:
        async with platform.aio_channel() as channel:
            call = get_user(channel)(service_pb2.GetUserRequest(user_app_id=ME), timeout=0.05)
            await asyncio.sleep(0)  # it has begun
            time.sleep(0.2)
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await call
            assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED


@pytest.mark.parametrize("timeout", [0.0, -1.0])
async def test_the_asyncio_channel_takes_no_call_whose_time_is_over(slow, timeout):
    with Platform(services=[lambda _: slow]) as platform:
        async with platform.aio_channel() as channel:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await get_user(channel)(service_pb2.GetUserRequest(user_app_id=ME), timeout=timeout)
            assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
            slow.go_on.set()


async def test_the_asyncio_channel_answers_without_blocking_the_loop(slow):
    with Platform(services=[lambda _: slow]) as platform:
        async with platform.aio_channel() as channel:
            request = service_pb2.GetUserRequest(user_app_id=ME)
            call = get_user(channel)
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await call(request, timeout=0.05)
            assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
            pending = call(request)
            slow.go_on.set()
            assert (await pending).user.id == "slow"
            generate = channel.unary_stream(
                "/clarifai.api.V2/GenerateModelOutputs",
                request_serializer=service_pb2.PostModelOutputsRequest.SerializeToString,
                response_deserializer=service_pb2.MultiOutputResponse.FromString,
            )
            sent = service_pb2.PostModelOutputsRequest(model_id="m")
            assert [a.outputs[0].id async for a in generate(sent)] == ["m0", "m1", "m2"]


def test_many_threads_write_at_the_same_time(tmp_path, connect):
    with Platform(tmp_path) as platform:
        api = connect(platform.channel())
        app = resources_pb2.UserAppIDSet(user_id="me", app_id="a")
        api.PostApps(user_app_id=ME, apps=[resources_pb2.App(id="a")])

        def upload(name):
            for number in range(10):
                data = resources_pb2.Data(text=resources_pb2.Text(raw=f"{name} {number}"))
                item = resources_pb2.Input(id=f"{name}-{number}", data=data)
                api.PostInputs(user_app_id=app, inputs=[item])

        threads = [threading.Thread(target=upload, args=(f"t{n}",)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert platform.wait_idle()
        assert api.GetInputCount(user_app_id=app).counts.processed == 80
