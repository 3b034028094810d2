"""What `ClarifaiAuthHelper` has besides: tests/sdk/test_neighbours.py has the rest."""

from __future__ import annotations

import types

import pytest

from clarifai.client.auth import create_stub
from clarifai.client.auth.helper import ClarifaiAuthHelper
from clarifai.client.auth.register import RpcCallable, V2Stub
from clarifai.client.auth.stub import AuthorizedStub, RetryStub, throttle_status_codes
from clarifai.errors import UserError


def helper(**more):
    return ClarifaiAuthHelper("me", "zoo", "abc", base="local:", **more)


def test_what_programs_read_and_set():
    auth = helper()
    assert (auth._pat, auth._token, auth._root_certificates_path) == ("abc", "", "")
    auth._pat = "other"
    assert auth.metadata == (("authorization", "Key other"),)
    auth.token = "session"
    assert (auth.metadata[0][1], auth.pat) == ("session", "")
    auth.set_base("https://other.example")
    auth.set_ui("https://ui.example")
    assert (auth.settings.endpoint.host, auth.base) == ("other.example", "https://other.example")
    assert auth.ui == "https://ui.example"


def test_a_page_takes_the_place_of_what_is_there():
    auth = helper()
    auth.add_streamlit_query_params({"user_id": ["ann"], "pat": ["page"]})
    assert (auth.user_id, auth.app_id, auth.pat) == ("ann", "zoo", "page")
    with pytest.raises(UserError, match="no pat or token for it"):
        auth.add_streamlit_query_params({"base": ["https://evil.example"]})


def streamlit(**parts):
    return types.SimpleNamespace(**parts)


QUERY = "user_id=ann&app_id=zoo&pat=page"
PARTS = {"user_id": ["ann"], "app_id": ["zoo"], "pat": ["page"]}


def forbidden(*_):
    raise AssertionError("a page that asks in the other way would end with an error")


@pytest.mark.parametrize(
    "st",
    [
        streamlit(
            runtime=streamlit(
                scriptrunner=streamlit(get_script_run_ctx=lambda: streamlit(query_string=QUERY))
            ),
            experimental_get_query_params=forbidden,
        ),
        streamlit(query_params={name: one for name, (one,) in PARTS.items()}),
        streamlit(experimental_get_query_params=lambda: PARTS),
    ],
    ids=["running", "from 1.30 on", "before 1.30"],
)
def test_the_query_of_a_page_is_read_in_the_way_of_every_age(st):
    auth = ClarifaiAuthHelper.from_streamlit(st)
    assert (auth.user_id, auth.app_id, auth.pat) == ("ann", "zoo", "page")


def test_a_page_without_a_query_takes_the_environment(monkeypatch):
    monkeypatch.setenv("CLARIFAI_USER_ID", "env")
    monkeypatch.setenv("CLARIFAI_PAT", "env-pat")
    assert ClarifaiAuthHelper.from_streamlit(streamlit()).pat == "env-pat"


def test_secrets_that_are_empty_are_named():
    assert ClarifaiAuthHelper.validate_secrets_dict({"CLARIFAI_PAT": "x", "other": ""})
    with pytest.raises(UserError, match="CLARIFAI_PAT is empty"):
        ClarifaiAuthHelper.validate_secrets_dict({"CLARIFAI_PAT": ""})
    assert "CLARIFAI_USER_ID" in ClarifaiAuthHelper.required_env_vars()


def test_stubs_by_their_official_names():
    made = create_stub(helper(), max_retry_attempts=3)
    for stub in (made, AuthorizedStub(helper()), RetryStub(made, max_attempts=2)):
        assert isinstance(stub, V2Stub)
        assert isinstance(stub.ListApps, RpcCallable)
    assert 11005 in throttle_status_codes
    with pytest.raises(UserError, match="no stub of coroutines"):
        create_stub(helper(), is_async=True)
    with pytest.raises(UserError, match="max_retry_attempts must be"):
        create_stub(helper(), max_retry_attempts="3")


def test_the_stubs_of_the_wire_package_count_as_stubs():
    import grpc
    from clarifai_grpc.channel.clarifai_channel import ClarifaiChannel
    from clarifai_grpc.grpc.api import service_pb2_grpc

    channel = ClarifaiChannel.get_insecure_grpc_channel(base="localhost", port=1)
    stub = service_pb2_grpc.V2Stub(channel)
    assert isinstance(stub, V2Stub)
    assert isinstance(stub.ListApps, RpcCallable)
    assert not isinstance(grpc.StatusCode.OK, RpcCallable)
    assert not isinstance("stub", V2Stub)
