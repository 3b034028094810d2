"""A user and an app on an embedded platform of the test's own, and a server that tests script."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from clarifai_grpc.grpc.api import service_pb2
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_core.transport.session import close_sessions
from clarifai_resources.app import App
from clarifai_resources.user import User
from tests.core.conftest import ScriptedServer


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch, tmp_path) -> Iterator[None]:
    for name in ("API_BASE", "PAT", "SESSION_TOKEN", "USER_ID", "APP_ID", "CONTEXT"):
        monkeypatch.delenv(f"CLARIFAI_{name}", raising=False)
    monkeypatch.setenv("CLARIFAI_CONTEXTS_FILE", str(tmp_path / "contexts.yaml"))
    yield
    close_sessions()


@pytest.fixture
def platform_url(tmp_path) -> str:
    return f"local:{tmp_path / 'platform'}"


@pytest.fixture
def user(platform_url: str) -> User:
    return User("ann", base_url=platform_url)


@pytest.fixture
def app(user: User) -> App:
    return user.create_app("zoo", base_workflow="Empty")


OK = status_pb2.Status(code=10000)


@pytest.fixture
def scripted() -> Iterator[ScriptedServer]:
    """Answers what a test queues, and remembers in `asked` what it was asked."""
    server = ScriptedServer()
    server.queue("ListModelTypes", service_pb2.MultiModelTypeResponse(status=OK))
    yield server
    close_sessions()
    server.stop()


@pytest.fixture
def scripted_app(scripted: ScriptedServer) -> App:
    return App(app_id="zoo", user_id="ann", base_url=scripted.url, pat="test-pat")
