"""What tests can ask a platform about the calls that it got."""

from __future__ import annotations

import threading

import grpc
import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2

from clarifai_local import ManualClock, Platform, Recorder
from clarifai_local._clock import MICROSECONDS

ALICE = resources_pb2.UserAppIDSet(user_id="alice")


@pytest.fixture
def recorder(platform):
    return platform.recorder


def test_it_is_off_until_it_is_started(api, recorder):
    api.ListApps(user_app_id=ALICE)
    assert (recorder.calls(), recorder.count()) == ([], 0)
    with recorder:
        api.ListApps(user_app_id=ALICE)
    api.ListApps(user_app_id=ALICE)
    assert recorder.count() == 1


def test_a_call_tells_what_was_asked_and_answered(api, recorder, platform):
    recorder.start()
    moment = platform.clock.now_us()
    answer = api.PostApps(user_app_id=ALICE, apps=[resources_pb2.App(id="zoo")])
    call = recorder.last("PostApps")
    assert call.request.apps[0].id == "zoo"
    assert isinstance(call.request, service_pb2.PostAppsRequest)
    assert (call.status_code, call.status.description) == (10000, "Ok")
    assert call.request_id == answer.status.req_id
    assert call.caller == "local"
    assert call.grpc_code is grpc.StatusCode.OK
    assert 0 < call.at_us - moment < MICROSECONDS
    assert call.duration_seconds > 0
    assert call.request_bytes == call.request.ByteSize()


def test_a_refusal_and_a_broken_off_call_are_calls(api, recorder, platform):
    recorder.start()
    missing = resources_pb2.UserAppIDSet(user_id="alice", app_id="nowhere")
    api.GetApp(user_app_id=missing)
    assert (recorder.last().status_code, recorder.last().rpc) == (11101, "GetApp")
    platform.faults.on("GetApp").unavailable(after_effect=True)
    with pytest.raises(grpc.RpcError):
        api.GetApp(user_app_id=missing)
    assert recorder.last().grpc_code is grpc.StatusCode.UNAVAILABLE
    assert recorder.last().status_code == 0


def test_calls_of_several_rpcs(api, recorder):
    recorder.start()
    api.ListApps(user_app_id=ALICE)
    api.PostApps(user_app_id=ALICE, apps=[resources_pb2.App(id="a")])
    api.ListApps(user_app_id=ALICE)
    assert [call.rpc for call in recorder.calls()] == ["ListApps", "PostApps", "ListApps"]
    assert [call.rpc for call in recorder.calls("List*")] == ["ListApps", "ListApps"]
    assert recorder.counts() == {"ListApps": 2, "PostApps": 1}
    assert (recorder.count("*Apps"), recorder.count("DeleteInputs")) == (3, 0)
    with pytest.raises(LookupError, match="DeleteInputs"):
        recorder.last("DeleteInputs")
    recorder.clear()
    assert (recorder.calls(), recorder.counts(), recorder.forgotten) == ([], {}, 0)


def test_credentials_are_not_kept(recorder, platform, connect):
    recorder.start()
    with platform.serve() as server, grpc.insecure_channel(server.address) as channel:
        metadata = (("authorization", f"Key {server.pat}"), ("x-clarifai-request-id", "r1"))
        connect(channel, metadata).ListApps(user_app_id=ALICE)
        connect(channel, (("authorization", "Key wrong"),)).ListApps(user_app_id=ALICE)
    good, bad = recorder.calls("ListApps")
    assert good.metadata["x-clarifai-request-id"] == "r1"
    assert "authorization" not in good.metadata
    assert (good.caller, bad.caller, bad.status_code) == ("local", "", 11008)
    assert server.pat not in repr(good)


def test_asyncio_and_streamed_calls_are_recorded(recorder, platform):
    recorder.start()
    inputs = [resources_pb2.Input(data=resources_pb2.Data(text=resources_pb2.Text(raw="a")))]
    requests = [
        service_pb2.PostModelOutputsRequest(
            user_app_id=resources_pb2.UserAppIDSet(user_id="clarifai", app_id="main"),
            model_id=name,
            inputs=inputs,
        )
        for name in ("one", "two")
    ]
    call = platform.channel().stream_stream(
        "/clarifai.api.V2/StreamModelOutputs",
        request_serializer=service_pb2.PostModelOutputsRequest.SerializeToString,
        response_deserializer=service_pb2.MultiOutputResponse.FromString,
    )
    answers = list(call(iter(requests)))
    recorded = recorder.last("StreamModelOutputs")
    assert [one.model_id for one in recorded.requests][:1] == ["one"]
    assert recorded.status_code == answers[-1].status.code


async def test_asyncio_calls_are_recorded(recorder, platform):
    recorder.start()
    async with platform.aio_channel() as channel:
        await channel.unary_unary(
            "/clarifai.api.V2/ListApps",
            request_serializer=service_pb2.ListAppsRequest.SerializeToString,
            response_deserializer=service_pb2.MultiAppResponse.FromString,
        )(service_pb2.ListAppsRequest(user_app_id=ALICE))
    assert recorder.last().request.user_app_id.user_id == "alice"


class Made:
    """Calls of a recorder without a platform, so that their time can be chosen."""

    def __init__(self, monkeypatch, **limits):
        with Platform() as platform:
            self.method = platform.dispatcher.methods["/clarifai.api.V2/ListApps"]
        self.now = 0.0
        monkeypatch.setattr("clarifai_local._recorder.time.monotonic", lambda: self.now)
        self.recorder = Recorder(ManualClock(), **limits).start()

    def call(self, at=0.0, payload=b""):
        self.now = at
        recording = self.recorder.begin(self.method, {})
        recording.asked(payload)
        recording.end()


def test_rates(monkeypatch):
    made = Made(monkeypatch)
    assert made.recorder.requests_per_second() == 0
    assert made.recorder.most_within(1) == 0
    for moment in (0, 0.2, 0.4, 1.0, 1.1, 4.0):
        made.call(moment)
    assert made.recorder.requests_per_second() == pytest.approx(5 / 4)
    assert made.recorder.most_within(1) == 4
    assert made.recorder.most_within(0.15, "ListApps") == 2
    assert made.recorder.most_within(100) == 6
    assert made.recorder.most_within(1, "GetApp") == 0
    with pytest.raises(ValueError, match="got 0"):
        made.recorder.most_within(0)


def test_the_number_of_calls_is_bounded(monkeypatch):
    made = Made(monkeypatch, max_calls=10)
    for moment in range(25):
        made.call(moment)
    assert [call.began_seconds for call in made.recorder.calls()] == list(range(15, 25))
    assert (made.recorder.count(), made.recorder.forgotten) == (25, 15)


def test_the_bytes_of_requests_are_bounded(monkeypatch):
    made = Made(monkeypatch, max_bytes=1000)
    request = service_pb2.ListAppsRequest(name="x" * 296)
    for moment in range(10):
        made.call(moment, request.SerializeToString())
    kept = made.recorder.calls()
    assert [call.began_seconds for call in kept] == [7, 8, 9]
    assert kept[0].request == request
    made.call(10, bytes(1001))
    assert len(made.recorder.calls()) == 4
    with pytest.raises(LookupError, match="1,001 bytes of this ListApps request"):
        _ = made.recorder.last().request


def test_waiting_for_a_call(api, recorder):
    recorder.start()
    assert not recorder.wait_for("ListApps", timeout_seconds=0.01)
    threads = [threading.Thread(target=lambda: api.ListApps(user_app_id=ALICE)) for _ in range(20)]
    for thread in threads:
        thread.start()
    assert recorder.wait_for("ListApps", 20)
    for thread in threads:
        thread.join()
    assert recorder.count("ListApps") == len(recorder.calls("ListApps")) == 20
