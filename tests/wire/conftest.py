"""One recording server for all uses, and the figures at the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from clarifai_core.transport.session import close_sessions
from tests.wire.recording import RecordingServer
from tests.wire.written import DIFFERENCES

REPLAYED = pytest.StashKey[dict[str, Any]]()


@pytest.fixture(scope="session")
def recording_server() -> Iterator[RecordingServer]:
    server = RecordingServer()
    yield server
    server.stop()


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """The working directory of a use, with nothing in the environment."""
    for name in ("API_BASE", "PAT", "SESSION_TOKEN", "USER_ID", "APP_ID", "CONTEXT"):
        monkeypatch.delenv(f"CLARIFAI_{name}", raising=False)
    monkeypatch.setenv("CLARIFAI_CONTEXTS_FILE", str(tmp_path / "contexts.yaml"))
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    yield work
    close_sessions()


@pytest.fixture
def replayed(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Name of each use that has been replayed, and what was seen."""
    return request.config.stash.setdefault(REPLAYED, {})


def pytest_terminal_summary(terminalreporter, config: pytest.Config) -> None:
    count = len(config.stash.get(REPLAYED, {}))
    if count:
        figures = f"replayed {count} uses, {len(DIFFERENCES)} written differences"
        terminalreporter.write_line(figures)
