"""Runs of programs: each once, a few at a time, and what they print."""

from __future__ import annotations

import json
import subprocess
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any

from tests.interop.clients import PROGRAMS, Client
from tests.interop.desk import Desk
from tests.interop.world import World

AT_A_TIME = 4
RUN_SECONDS = 100
_SHOWN_LINES = 40


class Runs:
    """Programs under way and done; use it as a context manager."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._threads = ThreadPoolExecutor(AT_A_TIME)
        self._begun: dict[tuple[str, str], Future[Any]] = {}

    def begin(self, client: Client, story: str) -> None:
        """Run a program as soon as there is room, once."""
        key = (client.name, story)
        if key not in self._begun:
            self._begun[key] = self._threads.submit(self._run, client, story)

    def facts(self, client: Client, story: str) -> Any:
        """Return what a program found out.

        Raises:
            AssertionError: It failed; the text holds the end of what it said.
            environments.Unavailable: The client cannot be installed.
        """
        self.begin(client, story)
        return self._begun[client.name, story].result()

    def __enter__(self) -> Runs:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._threads.shutdown(cancel_futures=True)

    def _run(self, client: Client, story: str) -> Any:
        desk = Desk(self._world.platform, client.user_id) if story == "runners" else None
        code, said = self._output(client, story, desk)
        # Old clients write their logs to the same stream.
        facts = [line for line in said.splitlines() if line.startswith("{")]
        if code or not facts:
            end = said.splitlines()[-_SHOWN_LINES:]
            raise AssertionError("\n".join([f"{client.name}: {story} ended with {code}", *end]))
        return {**json.loads(facts[-1]), **({"answers": desk.answers} if desk else {})}

    def _output(self, client: Client, story: str, desk: Desk | None) -> tuple[int, str]:
        folder = self._world.folder / f"{client.name}-{story}"
        folder.mkdir()
        program = PROGRAMS / client.programs / f"{story}.py"
        with (
            (folder / "output.txt").open("w+", encoding="utf-8") as output,
            subprocess.Popen(
                [client.interpreter(), program, self._world.materials],
                cwd=folder,
                env=self._world.environment(client.user_id, folder),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
            ) as process,
        ):
            try:
                if desk:
                    desk.wait(lambda: process.poll() is not None)
                process.communicate(timeout=RUN_SECONDS)
            except subprocess.TimeoutExpired:
                output.write(f"\nended after {RUN_SECONDS} s\n")
            finally:
                process.kill()
            output.seek(0)
            return process.wait(), output.read()
