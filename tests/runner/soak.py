"""A soak: many predictions through runner processes that get killed, on a server that restarts.

    python -m tests.runner.soak --items 20000

Four runner processes, two of each poller, answer for one model of an embedded platform that is
served by a process of its own. Every few seconds one of them dies by SIGKILL and another takes its
place; the server is stopped and started again twice. Callers ask on when the server went away under
them. In the end every caller has exactly one answer, and it is the answer to its own question.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import attrs
from clarifai_grpc.grpc.api import resources_pb2

from clarifai.client.model import Model
from clarifai.client.runner import Runner
from clarifai.client.user import User
from clarifai.errors import ApiClientError
from clarifai_core.transport.session import close_sessions
from clarifai_local import Platform

ROOT = Path(__file__).parents[2]
POLLERS = ("long_poll", "stream", "long_poll", "stream")
USER, APP, MODEL, LABEL = "soak", "app", "shout", "soak"
LEASE_SECONDS = 3.0
RUN_SECONDS = 0.002
"""What an answer costs: some items are always in hand when a runner dies."""


class Shouting(Runner):
    """Says its text in capitals."""

    def run_input(self, input: Any, output_info: Any) -> resources_pb2.Output:  # noqa: A002
        time.sleep(RUN_SECONDS)
        _say(input.data.text.raw)
        said = resources_pb2.Text(raw=input.data.text.raw.upper())
        return resources_pb2.Output(data=resources_pb2.Data(text=said))


@attrs.define
class Figures:
    """What happened."""

    items: int
    answered: int = 0
    """Callers with an answer."""
    wrong: list[str] = attrs.field(factory=list)
    """Answers that were not to the question, or more or fewer than one."""
    asked_again: int = 0
    """Times a caller had to ask again because the server went away."""
    runs: int = 0
    """Times a runner ran an item, as far as it lived to say so."""
    kills: int = 0
    restarts: int = 0
    seconds: float = 0.0

    @property
    def fine(self) -> bool:
        """Whether every caller got exactly one answer, its own."""
        return self.answered == self.items and not self.wrong


class Program:
    """A process of this module."""

    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "tests.runner.soak", *arguments]
        self.process = subprocess.Popen(
            command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert self.process.stdout is not None
        self.first_line = self.process.stdout.readline().strip()

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(60)


class RunnerProgram(Program):
    """A runner process; what it runs is counted."""

    def __init__(self, counts: Counter[str], *arguments: str) -> None:
        super().__init__("runner", *arguments)
        self._thread = threading.Thread(target=self._count, args=(counts,))
        self._thread.start()

    def _count(self, counts: Counter[str]) -> None:
        with contextlib.suppress(ValueError):
            for line in self.process.stdout or ():
                counts[line.strip()] += 1

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, read what it had said, and return the exit code."""
        code = super().end(number)
        self._thread.join(60)
        self.process.stdout.close()  # type: ignore[union-attr]
        return code


def soak(
    items: int,
    *,
    kill_seconds: float,
    restarts: int,
    callers: int = 32,
    pollers: tuple[str, ...] = POLLERS,
) -> Figures:
    """Do it and return what happened."""
    figures, runs = Figures(items), Counter[str]()
    over = threading.Event()
    with tempfile.TemporaryDirectory() as folder:
        port = str(_free_port())
        server = Program("server", folder, port)
        where: dict[str, Any] = {"base_url": f"http://127.0.0.1:{port}", "pat": server.first_line}
        _prepare(where)
        runners = [RunnerProgram(runs, port, where["pat"], poller) for poller in pollers]
        started = time.monotonic()

        def kill() -> None:
            while not over.wait(kill_seconds):
                at = figures.kills % len(runners)
                runners[at].end(signal.SIGKILL)
                runners[at] = RunnerProgram(runs, port, where["pat"], pollers[at])
                figures.kills += 1

        def restart() -> None:
            nonlocal server
            for number in range(restarts):
                while figures.answered < items * (number + 1) / (restarts + 1):
                    if over.wait(0.05):
                        return
                server.end()
                server.process.stdout.close()  # type: ignore[union-attr]
                server = Program("server", folder, port)
                figures.restarts += 1

        troubles = [threading.Thread(target=trouble) for trouble in (kill, restart)]
        for thread in troubles:
            thread.start()
        try:
            _ask_all(figures, where, callers)
        finally:
            over.set()
            for thread in troubles:
                thread.join(60)
            figures.seconds = time.monotonic() - started
            codes = [runner.end() for runner in runners]
            server.end()
            server.process.stdout.close()  # type: ignore[union-attr]
            close_sessions()
    figures.runs = runs.total()
    assert codes == [0] * len(codes), f"runners ended with {codes} after SIGTERM"
    return figures


def _ask_all(figures: Figures, where: dict[str, Any], callers: int) -> None:
    model = Model(model_id=MODEL, user_id=USER, app_id=APP, **where)
    lock, answers = threading.Lock(), Counter[str]()

    def ask(number: int) -> None:
        text = f"item {number}"
        while True:
            try:
                outputs = model.predict_by_bytes(text.encode(), "text").outputs
                break
            except ApiClientError:
                with lock:
                    figures.asked_again += 1
                threading.Event().wait(0.2)
        said = [output.data.text.raw for output in outputs]
        with lock:
            figures.answered += 1
            answers[text] += len(said)
            if said != [text.upper()]:
                figures.wrong.append(f"{text}: {said}")

    with ThreadPoolExecutor(callers) as threads:
        list(threads.map(ask, range(figures.items)))
    figures.wrong += [f"{text}: {count} answers" for text, count in answers.items() if count != 1]


def _prepare(where: dict[str, Any]) -> None:
    user = User(USER, **where)
    user.create_runner("soak-runner", labels=[LABEL], description="A runner of many processes.")
    model = user.create_app(APP).create_model(MODEL, model_type_id="multimodal-to-text")
    model.create_version(metadata={"runner_label": LABEL})


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextlib.contextmanager
def _until_sigterm() -> Iterator[threading.Event]:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    yield stop


def _serve(folder: str, port: str) -> None:
    with _until_sigterm() as stop, Platform(folder) as platform:
        platform.runner_queue.lease_seconds = LEASE_SECONDS
        platform.runner_queue.poll_seconds = 1.0
        with platform.serve(int(port)) as server:
            _say(server.pat)
            while not stop.wait(1.0):
                pass


def _run(port: str, pat: str, poller: str) -> None:
    where: dict[str, Any] = {"base_url": f"http://127.0.0.1:{port}", "pat": pat}
    runner = Shouting("soak-runner", USER, False, poller=poller, **where)
    signal.signal(signal.SIGTERM, lambda *_: runner.stop())  # it may come before start() listens
    _say("ready")
    runner.start()


def main() -> None:
    """Run the command."""
    modes: dict[str, Any] = {"server": _serve, "runner": _run}
    if sys.argv[1:2] and sys.argv[1] in modes:
        modes[sys.argv[1]](*sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--kill-seconds", type=float, default=3.0)
    parser.add_argument("--restarts", type=int, default=2)
    parser.add_argument("--callers", type=int, default=32)
    figures = soak(**vars(parser.parse_args()))
    for name, value in attrs.asdict(figures).items():
        _say(f"{name:<12} {value}")
    sys.exit(0 if figures.fine else 1)


if __name__ == "__main__":
    main()
