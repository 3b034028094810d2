"""Work for runners: requests wait here until a runner asks for them, and come back answered.

    work = platform.runner_queue.put(("alice", "gpu-box"), request)
    response = work.wait(timeout_seconds=30)        # the runner's MultiOutputResponse

An item that a runner took and did not answer is given out again after a while: runners die, answers
get lost. The first answer counts. Nothing of it is stored: callers wait in this very process.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING

import attrs
from clarifai_grpc.grpc.api import service_pb2

from clarifai.local import ids

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

POLL_SECONDS = 3.0
"""How long a poll waits for work before it goes away empty."""

LEASE_SECONDS = 120.0
"""How long a runner may take for an item before others get it too."""

ITEMS_PER_POLL = 1
"""Items that one poll gets: a runner that wants more at a time has more polls."""

REMEMBERED_ANSWERS = 1024
"""Items whose answer may come a second time, as when the first reply was lost."""

Runner = tuple[str, str]
"""User id and runner id."""


class RunnerGone(Exception):
    """Nobody will answer: the runner was deleted, or the platform closes."""


@attrs.define(eq=False)
class Work:
    """One request on its way to a runner and back."""

    id: str
    request: service_pb2.PostModelOutputsRequest
    _changed: threading.Condition
    _response: service_pb2.MultiOutputResponse | None = None
    _gone: bool = False
    _lease_ends: float = 0.0

    def wait(self, timeout_seconds: float) -> service_pb2.MultiOutputResponse:
        """Return the runner's answer.

        Raises:
            TimeoutError: There was none in time; a later call may still get it.
            RunnerGone: There will be none.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self._gone or self._response is not None, timeout_seconds
            )
            if self._response is not None:
                return self._response
            if self._gone:
                raise RunnerGone(f"nobody answers the runner item {self.id} any more")
        raise TimeoutError(f"no answer to the runner item {self.id} within {timeout_seconds:g} s")


class RunnerQueue:
    """The work of all runners of a platform.

    Args:
        now: Seconds that only grow.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.poll_seconds = POLL_SECONDS
        """How long `take` waits."""
        self._now = now
        self._changed = threading.Condition()
        self._waiting: dict[Runner, deque[Work]] = {}
        self._taken: dict[Runner, dict[str, Work]] = {}
        self._answered: deque[tuple[Runner, str]] = deque(maxlen=REMEMBERED_ANSWERS)
        self._dropped: set[Runner] = set()
        self._closed = False

    def put(self, runner: Runner, request: service_pb2.PostModelOutputsRequest) -> Work:
        """Give a runner something to do.

        Raises:
            RunnerGone: The platform is closed.
        """
        work = Work(ids.new_id(), request, self._changed)
        with self._changed:
            if self._closed:
                raise RunnerGone("the platform is closed")
            self._waiting.setdefault(runner, deque()).append(work)
            self._changed.notify_all()
        return work

    def take(self, runner: Runner, limit: int = ITEMS_PER_POLL) -> Sequence[Work]:
        """Return work for a runner, waiting up to `poll_seconds` for it; none when there is none.

        Args:
            runner: Who asks.
            limit: Items at most.
        """
        deadline = self._now() + self.poll_seconds
        with self._changed:
            while not self._closed and runner not in self._dropped:
                self._return_late(runner)
                waiting = self._waiting.get(runner)
                if waiting:
                    return [self._lease(runner, waiting) for _ in range(min(limit, len(waiting)))]
                left = min([deadline, *self._lease_ends(runner)]) - self._now()
                if deadline <= self._now():
                    break
                self._changed.wait(max(left, 0.0))
        return []

    def answer(
        self, runner: Runner, item_id: str, response: service_pb2.MultiOutputResponse
    ) -> bool:
        """Keep a runner's answer; returns whether there is such an item.

        The first answer counts; one that comes again is fine.
        """
        with self._changed:
            if (runner, item_id) in self._answered:
                return True
            work = self._take_out(runner, item_id)
            if work is None:
                return False
            self._answered.append((runner, item_id))
            work._response = response
            self._changed.notify_all()
        return True

    def withdraw(self, runner: Runner, work: Work) -> None:
        """Take back what nobody waits for any more."""
        with self._changed:
            self._take_out(runner, work.id)
            work._gone = True
            self._changed.notify_all()

    def add(self, runner: Runner) -> None:
        """Tell that a runner of that name is there (again)."""
        with self._changed:
            self._dropped.discard(runner)

    def drop(self, runner: Runner) -> None:
        """Forget a runner: its polls end, and who waits for an answer is told."""
        with self._changed:
            self._dropped.add(runner)
            self._give_up(runner)
            self._changed.notify_all()

    def close(self) -> None:
        """End all polls and all waiting."""
        with self._changed:
            self._closed = True
            for runner in {*self._waiting, *self._taken}:
                self._give_up(runner)
            self._changed.notify_all()

    def _take_out(self, runner: Runner, item_id: str) -> Work | None:
        work = self._taken.get(runner, {}).pop(item_id, None)
        if work is not None:
            return work
        waiting = self._waiting.get(runner, deque())
        for work in waiting:
            if work.id == item_id:
                waiting.remove(work)
                return work
        return None

    def _lease(self, runner: Runner, waiting: deque[Work]) -> Work:
        work = waiting.popleft()
        work._lease_ends = self._now() + LEASE_SECONDS
        self._taken.setdefault(runner, {})[work.id] = work
        return work

    def _lease_ends(self, runner: Runner) -> list[float]:
        return [work._lease_ends for work in self._taken.get(runner, {}).values()]

    def _return_late(self, runner: Runner) -> None:
        taken = self._taken.get(runner, {})
        for work in [w for w in taken.values() if w._lease_ends <= self._now()]:
            del taken[work.id]
            self._waiting.setdefault(runner, deque()).append(work)

    def _give_up(self, runner: Runner) -> None:
        for work in (*self._waiting.pop(runner, ()), *self._taken.pop(runner, {}).values()):
            work._gone = True
