"""The loop: poll, run, post, again, in a fixed number of threads.

Each thread has at most the items of one poll in hand, so that a runner never takes more work than
it has room for. A result is posted again until the platform has it or no longer wants it.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from typing import TYPE_CHECKING

from clarifai.core.errors import (
    AlreadyExists,
    ApiClientError,
    ApiError,
    NotFound,
    NotSupported,
    PermissionDenied,
    UserError,
)
from clarifai.core.transport.policies import RetryRules

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.message import Message

    from clarifai.core.contracts import Poller

POLL_TIMEOUT_SECONDS = 120.0
"""Deadline of one poll; the platform answers sooner, with work or without."""

_PASSING = RetryRules(base_seconds=0.5, cap_seconds=30.0)
_IDLE = RetryRules(base_seconds=0.02, cap_seconds=1.0)
_QUICK_SECONDS = 0.1
"""An empty answer that comes sooner did not wait for work: asking at once would be a hot loop."""

_FINAL = (PermissionDenied, NotSupported, UserError)
"""What no further attempt can mend."""
_UNWANTED = (NotFound, AlreadyExists)
"""Answers to a post that say: the item is gone, or has its outputs already."""

_log = logging.getLogger(__name__)


class Worker:
    """Runs until it is stopped, or until the platform refuses it for good.

    Args:
        poller: Gets the items and returns their outputs.
        answer: Makes the outputs of one item; does not raise.
        parallel_polls: Number of threads.
        stopping: Set from outside to stop: no new polls; what runs is finished and posted.
        graceful_shutdown_seconds: How long that may take.
    """

    def __init__(
        self,
        poller: Poller,
        answer: Callable[[Message], Message],
        *,
        parallel_polls: int,
        stopping: threading.Event,
        graceful_shutdown_seconds: float,
    ) -> None:
        self._poller = poller
        self._answer = answer
        self._stopping = stopping
        self._graceful_shutdown_seconds = graceful_shutdown_seconds
        self._abandoned = threading.Event()
        self._idle = threading.Condition()
        self._active = 0
        self._error: BaseException | None = None
        self._threads = [
            threading.Thread(target=self._serve, name=f"clarifai-runner-{number}", daemon=True)
            for number in range(parallel_polls)
        ]

    def run(self) -> None:
        """Work until stopped.

        The first Ctrl-C stops it as `stopping` does; a second one ends it at once.

        Raises:
            ApiError: The platform refuses this runner for good, such as a revoked PAT.
        """
        try:
            for thread in self._threads:
                thread.start()
            while not self._stopping.wait(1.0):
                pass
        except KeyboardInterrupt:
            _log.info("interrupted: finishing what runs")
            self._stopping.set()
        try:
            self._drain()
        finally:
            self._abandoned.set()
        if self._error is not None:
            raise self._error

    def _drain(self) -> None:
        with self._idle:
            self._idle.wait_for(lambda: not self._active, self._graceful_shutdown_seconds)
            left = self._active
        if left:
            _log.warning(
                "stopped after %g seconds with %d polls or items under way",
                self._graceful_shutdown_seconds,
                left,
            )

    def _serve(self) -> None:
        with self._idle:
            self._active += 1
        try:
            self._loop()
        except BaseException as error:  # noqa: BLE001  why: kept, and raised by run()
            self._error = self._error or error
            self._stopping.set()
        finally:
            with self._idle:
                self._active -= 1
                self._idle.notify_all()

    def _loop(self) -> None:
        failures = idle = 0
        while not (self._stopping.is_set() or self._abandoned.is_set()):
            started = time.monotonic()
            try:
                items = self._poller.poll(POLL_TIMEOUT_SECONDS)
            except (*_FINAL, NotFound):
                raise
            except (ApiError, ApiClientError) as error:
                failures += 1
                pause = _PASSING.pause_seconds(min(failures, 16), _upper_half)
                _log.warning("no work: %s; asking again in %.1f seconds", error, pause)
                self._stopping.wait(pause)
                continue
            failures = 0
            for item in items:
                self._work(item)
            quick = not items and time.monotonic() - started < _QUICK_SECONDS
            idle = idle + 1 if quick else 0
            if idle > 1:
                self._stopping.wait(_IDLE.pause_seconds(min(idle, 16), _upper_half))

    def _work(self, item: Message) -> None:
        if self._abandoned.is_set():
            _log.error("runner item %s came after the end; it is left", getattr(item, "id", ""))
        else:
            self._post(item, self._answer(item))

    def _post(self, item: Message, outputs: Message) -> None:
        item_id = getattr(item, "id", "")
        failures = 0
        while not self._abandoned.is_set():
            try:
                self._poller.post(item, outputs)
            except _FINAL:
                raise
            except _UNWANTED as error:
                _log.warning("the outputs of runner item %s came too late: %s", item_id, error)
                return
            except (ApiError, ApiClientError) as error:
                failures += 1
                pause = _PASSING.pause_seconds(min(failures, 16), _upper_half)
                _log.warning("item %s: %s; posting again in %.1f seconds", item_id, error, pause)
                self._abandoned.wait(pause)
            else:
                return
        _log.error("the outputs of runner item %s were not posted before the end", item_id)


def _upper_half(_: float, most: float) -> float:
    """Jitter that never comes near zero: a failing platform is not asked in a hot loop."""
    return random.uniform(most / 2, most)
