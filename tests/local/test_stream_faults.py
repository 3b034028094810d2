"""Streams that fail: what came before is there, and the end is an error that says what happened.

Through the raw methods (`create_stub`) and through the session, which is what all else uses.
"""

from __future__ import annotations

import itertools

import grpc
import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2

from clarifai_compat.auth_helper import ClarifaiAuthHelper, create_stub
from clarifai_core.errors import DeadlineExceeded, PermissionDenied, Unreachable
from clarifai_core.settings import Settings
from clarifai_core.transport.session import Session

PUBLIC = resources_pb2.UserAppIDSet(user_id="clarifai", app_id="main")
STREAMS = ("GenerateModelOutputs", "StreamModelOutputs")


@pytest.fixture
def server(platform):
    with platform.serve() as served:
        yield served


@pytest.fixture
def session(server):
    made = Session(Settings.resolve(base_url=server.base_url, pat=server.pat, user_id="alice"))
    yield made
    made.close()


@pytest.fixture
def ask(session):
    """`ask(rpc)` returns the answers of a model to three texts, as a stream."""
    listed = session.call("ListModels", service_pb2.ListModelsRequest(user_app_id=PUBLIC))
    model_id = next(m.id for m in listed.models if m.model_type_id == "text-embedder")

    def request(number):
        made = service_pb2.PostModelOutputsRequest(user_app_id=PUBLIC, model_id=model_id)
        made.inputs.add().data.text.raw = f"text {number}"
        return made

    def stream(rpc, **options):
        asked = request(0) if rpc == "GenerateModelOutputs" else map(request, range(3))
        return session.stream(rpc, asked, **options)

    return stream


@pytest.mark.parametrize("rpc", STREAMS)
def test_what_came_before_a_stream_broke_is_there_and_the_error_is_clear(platform, ask, rpc):
    platform.faults.on(rpc, times=1).breaks_stream(after_messages=1)
    answers = ask(rpc)
    assert next(answers).status.code == 10000
    with pytest.raises(Unreachable, match="the stream broke") as caught:
        next(answers)
    assert (caught.value.rpc, caught.value.attempts) == (rpc, 1)
    assert caught.value.request_id
    assert next(answers, "ended") == "ended"
    assert {one.status.code for one in ask(rpc)} == {10000}


def test_a_stream_may_break_after_any_message(platform, ask):
    for count in (1, 2):
        with platform.faults.on("StreamModelOutputs").breaks_stream(after_messages=count):
            answers = ask("StreamModelOutputs")
            assert len(list(itertools.islice(answers, count))) == count
            with pytest.raises(Unreachable):
                next(answers)


@pytest.mark.parametrize("rpc", STREAMS)
def test_a_stream_that_is_refused_is_that_error_at_once_and_never_none(platform, ask, rpc):
    """The official SDK retries nine times and then returns None."""
    fault = platform.faults.on(rpc).grpc_error(grpc.StatusCode.PERMISSION_DENIED, "no such scope")
    with pytest.raises(PermissionDenied, match="no such scope"):
        list(ask(rpc))
    assert fault.struck == 1


def test_a_stream_that_is_not_answered_ends_with_its_deadline(platform, ask):
    with platform.faults.on("GenerateModelOutputs").latency(600), pytest.raises(DeadlineExceeded):
        list(ask("GenerateModelOutputs", timeout_seconds=0.3))


def test_the_raw_method_behaves_the_same(platform, server):
    auth = ClarifaiAuthHelper("alice", "zoo", pat=server.pat, base=server.base_url)
    stub = create_stub(auth)
    listed = stub.ListModels(service_pb2.ListModelsRequest(user_app_id=PUBLIC))
    model_id = next(m.id for m in listed.models if m.model_type_id == "text-embedder")
    request = service_pb2.PostModelOutputsRequest(user_app_id=PUBLIC, model_id=model_id)
    request.inputs.add().data.text.raw = "a text"
    platform.faults.on("GenerateModelOutputs", times=1).breaks_stream()
    answers = stub.GenerateModelOutputs(request)
    assert next(answers).outputs[0].data.embeddings
    with pytest.raises(Unreachable, match="the stream broke"):
        next(answers)
    assert len(list(stub.GenerateModelOutputs(request))) == 1
    auth.session.close()
