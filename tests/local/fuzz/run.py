"""Sends drawn requests to a platform, one after the other, and looks at every answer.

What must hold: an answer with a known status code that is no internal error, nothing logged as an
error, no exception, an answer in time; at the end the canary is as it was, what is stored fits
together, and the platform opens again from disk.
"""

from __future__ import annotations

import collections
import logging
import sys
import threading
import time
import traceback
import warnings
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from pathlib import Path
from typing import Any

import attrs
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message
from hypothesis import HealthCheck, Phase, given, seed, settings

from clarifai_local import Platform
from clarifai_local._methods import Method
from tests.local import consistency
from tests.local.fuzz.ids import Ids
from tests.local.fuzz.strategies import OVERDONE_PERCENT, Call, calls
from tests.local.fuzz.world import Canary, furnish, open_platform

HANG_SECONDS = 30.0
"""An answer that takes longer ends the run."""

SLOW_SECONDS = 5.0
"""An answer that takes longer is reported."""

IDLE_SECONDS = 300.0
FURNISH_EVERY = 100
"""Requests after which what the fuzzer has deleted is made anew."""

_INTERNAL = range(98000, 100_000)
_RETRIED = {codes.CONN_THROTTLED, codes.CONN_EXCEED_HOURLY_LIMIT, codes.MODEL_DEPLOYING}
"""Clients wait and ask again: such an answer by mistake stalls them."""


class Hang(Exception):
    """A request was not answered in time."""


@attrs.define
class Report:
    """What came of a run."""

    requests: int = 0
    rpcs: set[str] = attrs.field(factory=set)
    statuses: collections.Counter[int] = attrs.field(factory=collections.Counter)
    succeeded: set[str] = attrs.field(factory=set)
    """RPCs that had effect, or found something, at least once."""
    implemented: set[str] = attrs.field(factory=set)
    failures: dict[str, str] = attrs.field(factory=dict)
    """What went wrong, each kind once, with the request."""
    slowest_seconds: float = 0.0
    slowest: str = ""
    seconds: float = 0.0

    def fail(self, kind: str, example: str) -> None:
        """Note something that must not happen."""
        self.failures.setdefault(kind, example)

    @property
    def never_succeeded(self) -> set[str]:
        """Implemented RPCs that refused every request."""
        return self.implemented - self.succeeded

    def __str__(self) -> str:
        named: Any = codes.StatusCode.Name
        most = ", ".join(
            f"{count:,} x {code} {named(code)}" for code, count in self.statuses.most_common(12)
        )
        lines = [
            f"{self.requests:,} requests over {len(self.rpcs)} RPCs in {self.seconds:.0f} s",
            f"{len(self.succeeded)} RPCs answered with success at least once",
            f"{len(self.statuses)} status codes; most: {most}",
            f"never successful: {', '.join(sorted(self.never_succeeded)) or 'none'}",
            f"slowest answer: {self.slowest_seconds:.2f} s ({self.slowest})",
            f"{len(self.failures)} failures",
            *(f"FAILURE {kind}\n    {example}" for kind, example in self.failures.items()),
        ]
        return "\n".join(lines)


class Fuzzer:
    """One run on one platform.

    Args:
        directory: Where the platform is kept.
        seconds: How long it may take; None: until all requests are sent.
        overdone_percent: How many requests are too much of something.
    """

    def __init__(self, directory: Path, seconds: float | None, overdone_percent: int) -> None:
        self.report = Report()
        self._until = None if seconds is None else time.monotonic() + seconds
        self._overdone_percent = overdone_percent
        self._directory = directory
        self._ids = Ids()
        self._worker = ThreadPoolExecutor(1, "fuzz")
        self._sent: collections.deque[str] = collections.deque(maxlen=3)

    def run(self, requests: int, seed_number: int) -> Report:
        """Send requests; returns what came of it."""
        started = time.monotonic()
        watch = _Watch(self.report, self._sent)
        logging.getLogger("clarifai").addHandler(watch)
        try:
            with open_platform(self._directory) as platform:
                furnish(platform, self._ids)
                platform.wait_idle(IDLE_SECONDS)
                canary = Canary(platform)
                self._send_all(platform, requests, seed_number)
                if not platform.wait_idle(IDLE_SECONDS):
                    self.report.fail("background work does not end", _stacks())
                self._look(platform, canary, "at the end")
            with open_platform(self._directory) as platform:
                platform.wait_idle(IDLE_SECONDS)
                self._look(platform, canary, "after reopening")
        finally:
            logging.getLogger("clarifai").removeHandler(watch)
            self._worker.shutdown(wait=False)
        self.report.seconds = time.monotonic() - started
        return self.report

    def _send_all(self, platform: Platform, requests: int, seed_number: int) -> None:
        methods = _weighted(platform)
        self.report.implemented |= platform.dispatcher.implemented()

        @seed(seed_number)
        @settings(
            max_examples=requests,
            phases=[Phase.generate],
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(calls(methods, self._ids, self._overdone_percent))
        def send(call: Call) -> None:
            if self._until is not None and time.monotonic() > self._until:
                return
            if self.report.requests % FURNISH_EVERY == 0:
                furnish(platform, self._ids)
            self._send(platform, call)

        send()

    def _send(self, platform: Platform, call: Call) -> None:
        name = call.method.name
        self._sent.append(_shown(call))
        self.report.requests += 1
        self.report.rpcs.add(name)
        started = time.monotonic()
        future: Future[list[bytes]] = self._worker.submit(_answers, platform, call)
        try:
            answers = future.result(HANG_SECONDS)
        except Late:
            self.report.fail(f"{name} hangs", f"{_shown(call)}\n{_stacks()}")
            raise Hang(name) from None
        except Exception as error:  # noqa: BLE001 - what the fuzzer looks for
            self.report.fail(f"{name} raises {error!r}", _shown(call) + traceback.format_exc())
            return
        took = time.monotonic() - started
        if took > self.report.slowest_seconds:
            self.report.slowest_seconds, self.report.slowest = took, _shown(call)[:300]
        if took > SLOW_SECONDS:
            self.report.fail(f"{name} is slow", f"{took:.1f} s: {_shown(call)}")
        for answer in answers:
            self._check(call, answer)

    def _check(self, call: Call, answer: bytes) -> None:
        name = call.method.name
        try:
            response: Any = call.method.response_type.FromString(answer)
        except DecodeError as error:
            self.report.fail(f"{name} answers what cannot be read: {error}", _shown(call))
            return
        code = response.status.code
        self.report.statuses[code] += 1
        if code not in codes.StatusCode.values() or not code or code in _INTERNAL:
            self.report.fail(f"{name} answers status {code}", _shown(call))
        if code in _RETRIED:
            self.report.fail(f"{name} answers {code}, which clients retry", _shown(call))
        if code in {codes.SUCCESS, codes.MIXED_STATUS}:
            self.report.succeeded.add(name)
            if name.startswith("Post") or name == "ListRunnerItems":
                self._ids.learn(response)
        try:
            json_format.MessageToDict(response)
        except Exception as error:  # noqa: BLE001 - what the fuzzer looks for
            self.report.fail(f"{name} answers what no JSON can hold: {error}"[:120], _shown(call))

    def _look(self, platform: Platform, canary: Canary, when: str) -> None:
        for problem in (*canary.changes(platform), *consistency.problems(platform)):
            self.report.fail(f"{when}: {problem}", "")


class _Watch(logging.Handler):
    """Notes what the platform logs as an error."""

    def __init__(self, report: Report, sent: collections.deque[str]) -> None:
        super().__init__(logging.WARNING)
        self._report = report
        self._sent = sent

    def emit(self, record: logging.LogRecord) -> None:
        where = ""
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            frames = traceback.extract_tb(error.__traceback__)
            ours = [f for f in frames if "clarifai" in f.filename] or frames
            last = f" at {Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
            where = f" [{type(error).__name__}{last}: {str(error)[:100]}]"
            trace = "".join(traceback.format_exception(error))
        else:
            trace = ""
        text = f"logged: {record.msg}{where}"
        self._report.fail(text, f"{record.getMessage()}\n{trace}\nlast: {list(self._sent)[-1:]}")


def _answers(platform: Platform, call: Call) -> list[bytes]:
    method = call.method
    if method.client_streaming or method.server_streaming:
        found = platform.dispatcher.stream(method, iter(call.payloads), {}, trusted=True)
        return list(found)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return [platform.dispatcher.unary(method, call.payloads[0], {}, trusted=True)]


def _weighted(platform: Platform) -> list[Method]:
    """Return every RPC, those that are implemented several times."""
    implemented = platform.dispatcher.implemented()
    methods = sorted(platform.dispatcher.methods.values(), key=lambda method: method.name)
    return [
        method
        for method in methods
        for _ in range(10 if method.name in implemented else 1)
        if method.name != "DeleteApp" or _ == 0
    ]


def _shown(call: Call) -> str:
    parts = []
    for payload in call.payloads:
        try:
            message: Message = call.method.request_type.FromString(payload)
            parts.append(str(message)[:1500])
        except DecodeError:
            parts.append(repr(payload[:300]))
    return f"{call.method.name}: {' | '.join(parts)}"


def _stacks() -> str:
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    return "\n".join(
        f"{names.get(ident)}:\n{''.join(traceback.format_stack(frame))}"
        for ident, frame in sys._current_frames().items()
    )


def fuzz(
    directory: Path,
    requests: int,
    seed_number: int,
    seconds: float | None = None,
    overdone_percent: int = OVERDONE_PERCENT,
) -> Report:
    """Run the fuzzer on a platform in an empty directory."""
    return Fuzzer(directory, seconds, overdone_percent).run(requests, seed_number)
