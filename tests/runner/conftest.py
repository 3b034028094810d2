"""A platform of this process whose runner RPCs are a `Desk`, and runners started in threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from clarifai_core.errors import ClarifaiError
from clarifai_core.transport.session import close_sessions
from clarifai_local import _open_platforms
from clarifai_runner.handle import Runner
from tests.runner.desk import Desk, Echo


@pytest.fixture
def base_url(tmp_path: Path) -> str:
    return f"local:{tmp_path}"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch) -> Iterator[Desk]:
    for name in ("USER_ID", "APP_ID", "PAT", "CONTEXT"):
        monkeypatch.delenv(f"CLARIFAI_{name}", raising=False)
    platform = _open_platforms.acquire(tmp_path)
    made = Desk()
    platform.dispatcher.add(made)
    yield made
    close_sessions()
    _open_platforms.release(platform)


class Running:
    """A runner whose `start()` runs in a thread; what it raises is kept."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self.error: ClarifaiError | None = None
        self.thread = threading.Thread(target=self._start)
        self.thread.start()

    def _start(self) -> None:
        try:
            self.runner.start()
        except ClarifaiError as error:
            self.error = error

    def finish(self) -> None:
        """Wait until `start()` returned."""
        self.thread.join(60)
        assert not self.thread.is_alive()


@pytest.fixture
def run(desk: Desk, base_url: str):
    """`run(Echo, num_parallel_polls=1)`: start a runner; all are stopped at the end."""
    started: list[Running] = []

    def start(cls: type[Runner] = Echo, **options) -> Running:
        made = cls(runner_id="run-1", user_id="alice", base_url=base_url, **options)
        started.append(Running(made))
        return started[-1]

    yield start
    for running in started:
        running.runner.stop()
    for running in started:
        running.finish()
