import asyncio
import copy
import logging
import os
import pickle
import threading

import grpc
import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_core import errors
from clarifai_core.settings import Settings
from clarifai_core.transport.session import Session, session_for

OK = service_pb2.MultiAppResponse(
    status=status_pb2.Status(code=10000), apps=[resources_pb2.App(id="a")]
)


def test_a_call_carries_the_key_and_its_request_id(server, session):
    server.queue("ListApps", OK)

    reply = session.call("ListApps", service_pb2.ListAppsRequest())

    assert [app.id for app in reply.apps] == ["a"]
    assert server.metadata[0]["authorization"] == "Key test-pat"
    assert len(server.metadata[0]["x-clarifai-request-id"]) == 32


def test_joined_bytes_are_sent_as_they_are(server, session):
    server.queue("PostApps", OK)
    request = service_pb2.PostAppsRequest(apps=[resources_pb2.App(id="x")])

    session.call("PostApps", request.SerializeToString())

    assert server.asked[0][1] == request


def test_attempts_share_a_request_id_and_tell_their_number(server, session):
    server.queue("ListApps", (grpc.StatusCode.UNAVAILABLE, "later"), OK)

    session.call("ListApps", service_pb2.ListAppsRequest())

    first, second = server.metadata
    assert first["x-clarifai-request-id"] == second["x-clarifai-request-id"]
    assert "x-clarifai-attempt" not in first
    assert second["x-clarifai-attempt"] == "2"


def test_the_same_flow_runs_on_asyncio(server, session):
    server.queue("ListApps", (grpc.StatusCode.UNAVAILABLE, "later"), OK)

    async def ask():
        return await session.run_async(session.prepare("ListApps", service_pb2.ListAppsRequest()))

    assert asyncio.run(ask()).apps[0].id == "a"
    assert len(server.asked) == 2


def test_no_call_is_without_a_deadline(server, session):
    slow = threading.Event()
    server.queue("ListApps", lambda _: slow.wait(60) and OK)

    with pytest.raises(errors.DeadlineExceeded, match=r"within 0\.2 seconds"):
        session.call("ListApps", service_pb2.ListAppsRequest(), timeout_seconds=0.2)
    slow.set()


def test_missing_credentials_are_told_before_anything_is_sent(server):
    with pytest.raises(errors.UserError, match="No credentials for 127"):
        Session(Settings.resolve(base_url=server.url))
    assert server.asked == []


def test_handles_with_the_same_settings_share_a_session(server):
    one = Settings.resolve(base_url=server.url, pat="p", user_id="me")
    other = Settings.resolve(base_url=server.url, pat="p", user_id="you")
    third = Settings.resolve(base_url=server.url, pat="q")

    assert session_for(one) is session_for(other)
    assert session_for(one) is not session_for(third)
    session_for(one).close()
    session_for(third).close()


def test_an_api_error_survives_pickle_and_copy(server, session):
    refused = service_pb2.MultiAppResponse(
        status=status_pb2.Status(code=11101, description="Resource does not exist", req_id="r1")
    )
    server.queue("ListApps", refused)

    with pytest.raises(errors.NotFound) as raised:
        session.call("ListApps", service_pb2.ListAppsRequest())

    for twin in (pickle.loads(pickle.dumps(raised.value)), copy.copy(raised.value)):
        assert str(twin) == str(raised.value)
        assert (twin.code, twin.req_id) == (11101, "r1")


def test_no_log_or_error_shows_the_key(server, caplog):
    caplog.set_level(logging.DEBUG)
    made = Session(Settings.resolve(base_url=server.url, pat="very-secret"))
    server.queue("ListApps", (grpc.StatusCode.PERMISSION_DENIED, "no"))

    with pytest.raises(errors.PermissionDenied) as raised:
        made.call("ListApps", service_pb2.ListAppsRequest())

    made.close()
    assert "very-secret" not in f"{raised.value!r} {raised.value} {caplog.text} {vars(made)}"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_a_forked_child_opens_a_session_of_its_own(tmp_path):
    settings = Settings.resolve(base_url="http://127.0.0.1:9", pat="p")
    parents = session_for(settings)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, b"own" if session_for(settings) is not parents else b"shared")
        os._exit(0)
    os.waitpid(child, 0)

    assert os.read(read, 10) == b"own"
    os.close(read)
    os.close(write)
    parents.close()
