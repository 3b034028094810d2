"""The loop: poll, run, post, again, in a fixed number of threads.

Each polling thread runs what it got and lets the result go, so that it goes out while the next poll
waits: the poller posts it by itself when it can (`start_post`), else a posting thread does. There
is a slot for each result that is not accepted yet, reserved before the poll that brings the item: a
runner never takes more work than it has room for. Posting threads post again what failed, until the
platform has it or no longer wants it.
"""

from __future__ import annotations

import logging
import queue
import random
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from clarifai_core.contracts import QuickPoller
from clarifai_core.errors import (
    AlreadyExists,
    ApiClientError,
    ApiError,
    InvalidArgument,
    NotFound,
    NotSupported,
    PermissionDenied,
    UserError,
)
from clarifai_core.loggers import logger_for
from clarifai_core.transport.policies import RetryRules
from clarifai_runner import _items

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from google.protobuf.message import Message

    from clarifai_core.contracts import Poller
    from clarifai_runner._metrics import Metrics

    _Result: TypeAlias = tuple[Message, Message, Future[None] | None]
    """An item, its outputs, and the attempt to post them that failed."""

POLL_TIMEOUT_SECONDS = 120.0
"""Deadline of one poll; the platform answers sooner, with work or without."""

SLOTS_PER_POLL = 2
"""One item that runs, and one result on its way out."""

MAX_REFUSALS = 5
"""After so many refusals of the very outputs, a failure takes their place."""

_PASSING = RetryRules(base_seconds=0.5, cap_seconds=30.0)
_IDLE = RetryRules(base_seconds=0.02, cap_seconds=1.0)
_QUICK_SECONDS = 0.1
"""An empty answer that comes sooner did not wait for work: asking at once would be a hot loop."""

_LOOK_SECONDS = 0.5
"""How often a thread without a slot looks whether the runner stops."""

_FINAL = (PermissionDenied, NotSupported, UserError)
"""What no further attempt can mend."""
_UNWANTED = (NotFound, AlreadyExists)
"""Answers to a post that say: the item is gone, or has its outputs already."""

_log = logger_for(__name__)


class Worker:
    """Runs until it is stopped, or until the platform refuses it for good.

    Args:
        poller: Gets the items and returns their outputs.
        answer: Makes the outputs of one item; does not raise.
        parallel_polls: Number of polling threads, and of posting ones.
        stopping: Set from outside to stop: no new polls; what runs is finished and posted.
        graceful_shutdown_seconds: How long that may take.
        metrics: What happens is counted there.
        about: Fields of every log record, such as the runner's id.
    """

    def __init__(
        self,
        poller: Poller,
        answer: Callable[[Message], _items.ItemOutputs],
        *,
        parallel_polls: int,
        stopping: threading.Event,
        graceful_shutdown_seconds: float,
        metrics: Metrics,
        about: dict[str, Any],
    ) -> None:
        self._poller = poller
        self._quick = poller if isinstance(poller, QuickPoller) else None
        self._answer = answer
        self._parallel_polls = parallel_polls
        self._stopping = stopping
        self._graceful_shutdown_seconds = graceful_shutdown_seconds
        self._metrics = metrics
        self._about = about
        self._abandoned = threading.Event()
        # A queue of tokens: half the cost of a semaphore, for each item.
        self._slots: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._slot_count = SLOTS_PER_POLL * parallel_polls
        for _ in range(self._slot_count):
            self._slots.put(None)
        self._ended: queue.SimpleQueue[None] = queue.SimpleQueue()
        """A token for each polling thread that ended."""
        self._results: queue.SimpleQueue[_Result | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._active = 0
        """Polling threads."""
        self._error: BaseException | None = None

    def run(self) -> None:
        """Work until stopped.

        Raises:
            ApiError: The platform refuses this runner for good, such as a revoked PAT.
        """
        self._log(logging.INFO, "polling", polls=self._parallel_polls)
        try:
            for number in range(self._parallel_polls):
                self._thread(self._serve, f"clarifai-runner-{number}")
                self._thread(self._post_results, f"clarifai-runner-post-{number}")
            while not self._stopping.wait(1.0):
                pass
            self._drain()
        finally:
            self._abandoned.set()
            for _ in range(self._parallel_polls):
                self._results.put(None)
            _call(self._poller, "close")
        if self._error is not None:
            raise self._error
        self._log(logging.INFO, "stopped", **self._metrics.snapshot())

    def _thread(self, target: Callable[[], None], name: str) -> None:
        self._active += target == self._serve
        threading.Thread(target=target, name=name, daemon=True).start()

    def _drain(self) -> None:
        self._metrics.state = "stopping"
        self._log(logging.INFO, "stopping: finishing what runs", in_hand=self._metrics.in_hand)
        _call(self._poller, "interrupt")
        left = self._wait_for_the_rest(time.monotonic() + self._graceful_shutdown_seconds)
        if left:
            seconds = self._graceful_shutdown_seconds
            text = f"stopped after {seconds:g} seconds with {left} polls or items under way"
            self._log(logging.WARNING, text, in_hand=self._metrics.in_hand)

    def _wait_for_the_rest(self, deadline: float) -> int:
        """Wait until no thread polls and every slot is free; returns how many are not in time."""
        waited_for = [self._ended] * self._parallel_polls + [self._slots] * self._slot_count
        for number, one in enumerate(waited_for):
            try:
                one.get(timeout=max(deadline - time.monotonic(), 0.001))
            except queue.Empty:
                return max(self._active, 1) if one is self._ended else len(waited_for) - number
        return 0

    def _serve(self) -> None:
        try:
            self._loop()
        except BaseException as error:  # noqa: BLE001  why: kept, and raised by run()
            self._slots.put(None)
            self._fail(error)
        finally:
            with self._lock:
                self._active -= 1
            self._ended.put(None)

    def _fail(self, error: BaseException) -> None:
        self._error = self._error or error
        self._stopping.set()

    def _loop(self) -> None:
        failures = idle = 0
        while self._reserve(self._stopping):
            started = time.monotonic()
            try:
                found = self._poller.poll(POLL_TIMEOUT_SECONDS)
            except (*_FINAL, NotFound):
                raise
            except (ApiError, ApiClientError) as error:
                self._slots.put(None)
                failures += 1
                self._metrics.poll_failed(error)
                self._pause("no work", error, failures, self._stopping)
                continue
            failures = 0
            self._metrics.polled(received=map(id, found))
            if found:
                idle = 0
                self._work(found)
                continue
            self._slots.put(None)
            idle = idle + 1 if time.monotonic() - started < _QUICK_SECONDS else 0
            if idle > 1:
                self._stopping.wait(_IDLE.pause_seconds(min(idle, 16), _upper_half))

    def _reserve(self, ended: threading.Event) -> bool:
        """Wait for a slot; returns False when there is no use for it any more."""
        while not (ended.is_set() or self._abandoned.is_set()):
            try:
                self._slots.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                continue
            return True
        return False

    def _work(self, found: list[Message]) -> None:
        for number, item in enumerate(found):
            # The poll reserved a slot for the first one; others wait for theirs.
            if self._abandoned.is_set() or (number and not self._reserve(self._abandoned)):
                self._log(logging.ERROR, "it came after the end; it is left", item_id=_id(item))
                self._metrics.done(id(item), "items_abandoned")
                continue
            answered = self._answer(item)
            self._metrics.answered(answered.inputs, answered.failures)
            self._let_go(item, answered.outputs)

    def _let_go(self, item: Message, outputs: Message) -> None:
        """Have a result posted, by the poller itself or by a posting thread."""
        if self._quick is None:
            self._results.put((item, outputs, None))
            return
        try:
            first = self._quick.start_post(item, outputs)
        except Exception:  # noqa: BLE001  why: it will say so again, where it is handled
            self._results.put((item, outputs, None))
            return
        first.add_done_callback(partial(self._heard, item, outputs))

    def _heard(self, item: Message, outputs: Message, first: Future[None]) -> None:
        """What came of a first attempt; runs in a thread of the poller's."""
        if first.exception() is not None:
            self._results.put((item, outputs, first))
            return
        self._metrics.done(id(item), "items_posted")
        self._slots.put(None)

    def _post_results(self) -> None:
        for item, outputs, first in iter(self._results.get, None):
            try:
                self._metrics.done(id(item), self._post(item, outputs, first))
            except BaseException as error:  # noqa: BLE001  why: kept, and raised by run()
                self._metrics.done(id(item), "items_abandoned")
                self._fail(error)
            finally:
                self._slots.put(None)

    def _post(self, item: Message, outputs: Message, first: Future[None] | None) -> str:
        """Post until accepted; returns the counter for what came of it."""
        failures = refusals = 0
        while first or not self._abandoned.is_set():
            try:
                if first:
                    first.result()
                else:
                    self._poller.post(item, outputs)
            except _FINAL:
                raise
            except _UNWANTED as error:
                text = f"its outputs came too late: {error}"
                self._log(logging.WARNING, text, item_id=_id(item))
                return "items_unwanted"
            except Exception as error:
                first = None
                failures += 1
                mended = _items.mended(outputs) if failures == 1 else None
                if mended is not None:
                    outputs = mended.outputs
                    self._metrics.count("post_errors")
                    self._metrics.count("failures", mended.failures)
                    continue
                if not isinstance(error, (ApiError, ApiClientError)):
                    raise
                refusals += isinstance(error, InvalidArgument)
                if refusals == MAX_REFUSALS:
                    outputs = _items.refused(item, error)
                self._metrics.count("post_errors")
                self._pause("not posted", error, failures, self._abandoned, item_id=_id(item))
            else:
                return "items_posted"
        self._log(logging.ERROR, "its outputs were not posted before the end", item_id=_id(item))
        return "items_abandoned"

    def _pause(
        self, what: str, error: Exception, failures: int, ended: threading.Event, **fields: Any
    ) -> None:
        seconds = _PASSING.pause_seconds(min(failures, 16), _upper_half)
        text = f"{what}: {error}; trying again in {seconds:.1f} seconds"
        self._log(logging.WARNING, text, failures=failures, pause_seconds=seconds, **fields)
        ended.wait(seconds)

    def _log(self, level: int, text: str, **fields: Any) -> None:
        _log.log(level, text, extra={**self._about, **fields})


def _call(poller: Poller, name: str) -> None:
    """Call a method that pollers may have."""
    method = getattr(poller, name, None)
    if method is not None:
        method()


def _id(item: Message) -> str:
    return getattr(item, "id", "")


def _upper_half(_: float, most: float) -> float:
    """Jitter that never comes near zero: a failing platform is not asked in a hot loop."""
    return random.uniform(most / 2, most)
