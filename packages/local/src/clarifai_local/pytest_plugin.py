"""Fixtures for tests of programs that use the SDK; pytest finds them by itself.

    def test_my_upload(clarifai_platform):
        my_program.main()                                    # knows nothing of the test
        assert clarifai_platform.recorder.count("PostInputs") == 1

Nothing but pytest is loaded until a test asks for a fixture.
"""

from __future__ import annotations

import sys
import tempfile
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

    from clarifai_local import Platform, Server
else:
    try:
        pytest = import_module("pytest")
    except ImportError as error:
        raise ImportError(
            'the fixtures are for pytest: pip install "clarifai-local[pytest]"'
        ) from error

USER_ID = "me"
APP_ID = "test-app"

_VARIABLES = (
    "CLARIFAI_API_BASE",
    "CLARIFAI_APP_ID",
    "CLARIFAI_CONTEXT",
    "CLARIFAI_PAT",
    "CLARIFAI_ROOT_CERTIFICATES_PATH",
    "CLARIFAI_SESSION_TOKEN",
    "CLARIFAI_TIMEOUT_SECONDS",
    "CLARIFAI_USER_ID",
)

FOLDER = ".clarifai"
"""In the folder of the test (`tmp_path`): what the SDK keeps of it."""

MAX_TEMPORARY_PATH = 70
"""Longest folder for temporary files; behind longer ones, names of sockets would be too long."""


@pytest.fixture
def clarifai_platform(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Platform]:
    """A new, empty platform in memory that the SDK uses by default during the test.

    The environment variables of the SDK lead to it, and to nothing of the developer's own: journals
    of uploads, stored contexts and temporary files are in `.clarifai` in the test's `tmp_path`,
    also those of other processes that the test starts. Its recorder is on. Move its time with
    `clarifai_platform.clock.advance(seconds)`, let it misbehave with `clarifai_platform.faults`.
    """
    from clarifai_local import Platform

    with Platform() as platform:
        pat = platform.keys.first(None)
        for name in _VARIABLES:
            monkeypatch.delenv(name, raising=False)
        _keep_in(tmp_path / FOLDER, monkeypatch)
        monkeypatch.setenv("CLARIFAI_API_BASE", platform.url)
        monkeypatch.setenv("CLARIFAI_PAT", pat)
        monkeypatch.setenv("CLARIFAI_USER_ID", USER_ID)
        platform.recorder.start()
        try:
            yield platform
        finally:
            _close_sessions()


@pytest.fixture
def clarifai_app(clarifai_platform: Platform, monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of a new, empty app of the platform; the SDK uses it by default (CLARIFAI_APP_ID)."""
    from clarifai_grpc.grpc.api import resources_pb2, service_pb2

    post = clarifai_platform.channel().unary_unary(
        "/clarifai.api.V2/PostApps",
        request_serializer=service_pb2.PostAppsRequest.SerializeToString,
        response_deserializer=service_pb2.MultiAppResponse.FromString,
    )
    owner = resources_pb2.UserAppIDSet(user_id=USER_ID)
    post(service_pb2.PostAppsRequest(user_app_id=owner, apps=[resources_pb2.App(id=APP_ID)]))
    clarifai_platform.recorder.clear()
    monkeypatch.setenv("CLARIFAI_APP_ID", APP_ID)
    return APP_ID


@pytest.fixture
def clarifai_server(
    clarifai_platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Server]:
    """The platform on a port of loopback, for programs in other processes or languages."""
    with clarifai_platform.serve() as server:
        monkeypatch.setenv("CLARIFAI_API_BASE", server.base_url)
        try:
            yield server
        finally:
            _close_sessions()


def _keep_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the SDK keep what it keeps in a folder, in this process and in those that it starts."""
    monkeypatch.setenv("CLARIFAI_CONTEXTS_FILE", str(folder / "contexts.yaml"))
    monkeypatch.setenv("CLARIFAI_STATE_DIR", str(folder / "state"))
    temporary = folder / "tmp"
    if len(str(temporary)) > MAX_TEMPORARY_PATH:
        return
    temporary.mkdir(parents=True)
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.setenv(name, str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))


def _close_sessions() -> None:
    """Close the connections of the SDK under test, when it is one of this process.

    It is not imported: where it has not been loaded, there is nothing to close.
    """
    sessions = sys.modules.get("clarifai_core.transport.session")
    if sessions is not None:
        sessions.close_sessions()
