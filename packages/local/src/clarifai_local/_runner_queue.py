"""Work for runners: requests wait here until a runner asks for them, and come back answered.

    work = platform.runner_queue.put(("alice", "gpu-box"), request)
    response = work.wait(timeout_seconds=30)        # the runner's MultiOutputResponse

Work has an address: one runner, or whatever runner carries a label or serves a model. A runner that
asks by a call has what it gets on lease: unanswered when the lease ends, it is given out again, the
next time on a longer lease. What a runner gets by a stream is its own until the stream ends. The
first answer counts, and an answer that comes again is fine. Nothing is stored: callers wait in this
very process, and ask again when it ends.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from math import inf
from typing import TYPE_CHECKING

import attrs
from clarifai_grpc.grpc.api import service_pb2

from clarifai_local import _ids

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

POLL_SECONDS = 3.0
"""How long a poll waits for work before it goes away empty."""

LEASE_SECONDS = 30.0
"""How long a runner may take for an item before others get it too; doubles each time."""

MAX_LEASE_SECONDS = 16 * LEASE_SECONDS

ANSWER_SECONDS = 120.0
"""How long a prediction waits for a runner's answer."""

ITEMS_PER_POLL = 1
"""Items that one poll gets: a runner that wants more at a time has more polls."""

REMEMBERED_ANSWERS = 4096
"""Items whose answer may come a second time, as when the first reply was lost."""

Address = tuple[str, ...]
"""Whom work is for: a `Runner`, or what `labelled` and `serving` return."""
Runner = tuple[str, str]
"""User id and runner id."""


def labelled(user_id: str, label: str) -> Address:
    """Return the address of whatever runner of a user has a label."""
    return user_id, "label", label


def serving(user_id: str, app_id: str, model_id: str, version_id: str) -> Address:
    """Return the address of whatever runner of a user serves a version of a model."""
    return user_id, "model", app_id, model_id, version_id


class RunnerGone(Exception):
    """Nobody will answer: the runner was deleted, or the work was withdrawn."""


class QueueClosed(RunnerGone):
    """Nobody will answer here: the platform or its server ends. Asking again later may help."""


@attrs.define(eq=False)
class RunnerWork:
    """One request on its way to a runner and back."""

    id: str
    address: Address
    request: service_pb2.PostModelOutputsRequest
    _changed: threading.Condition
    _response: service_pb2.MultiOutputResponse | None = None
    _gone: RunnerGone | None = None
    _lease_ends: float = 0.0
    _holder: RunnerConnection | None = None
    _takers: list[Runner] = attrs.field(factory=list)
    """Who got it so far; the last one may still be at it."""

    def wait(self, timeout_seconds: float) -> service_pb2.MultiOutputResponse:
        """Return the runner's answer.

        Raises:
            TimeoutError: There was none in time; a later call may still get it.
            RunnerGone: There will be none.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self._gone is not None or self._response is not None, timeout_seconds
            )
            if self._response is not None:
                return self._response
            if self._gone is not None:
                raise self._gone
        raise TimeoutError(f"no answer to the runner item {self.id} within {timeout_seconds:g} s")

    @property
    def taken_by(self) -> Sequence[Runner]:
        """The runners that got it so far."""
        return tuple(self._takers)


class RunnerConnection:
    """A runner's open connection: the work that it wants, and what it is to be told."""

    def __init__(
        self, queue: RunnerQueue, runner: Runner, addresses: Iterable[Address], *, leases: bool
    ) -> None:
        self.runner = runner
        self.addresses = frozenset((runner, *addresses))
        self.leases = leases
        """Whether what it gets is on a lease; else it is its own until the line ends."""
        self.wanted = 0
        self.changed = threading.Condition(queue.lock)
        self.woken = False
        self.ended = False
        self.told: deque[service_pb2.RunnerItem] = deque()
        self._queue = queue

    def want(self, count: int = 1) -> None:
        """Ask for `count` more items."""
        with self.changed:
            self.wanted += count
            self.changed.notify()

    def tell(self, message: service_pb2.RunnerItem) -> None:
        """Have `next` return a message."""
        with self.changed:
            self.told.append(message)
            self.changed.notify()

    def next(self) -> RunnerWork | service_pb2.RunnerItem | None:
        """Return a message or a piece of work, as soon as there is one; None at the end."""
        return self._queue.next(self, inf)

    def end(self) -> None:
        """End it; what it holds without a lease is given to others. Ending twice is fine."""
        self._queue.close_line(self)


class RunnerQueue:
    """The work of all runners of a platform.

    Args:
        now: Seconds that only grow.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.poll_seconds = POLL_SECONDS
        """How long `take` waits."""
        self.lease_seconds = LEASE_SECONDS
        """The first lease of an item."""
        self.answer_seconds = ANSWER_SECONDS
        """How long predictions wait."""
        self.lock = threading.RLock()
        self._now = now
        self._open: dict[str, RunnerWork] = {}
        self._waiting: dict[Address, deque[RunnerWork]] = {}
        self._taken: dict[str, RunnerWork] = {}
        self._lines: dict[int, RunnerConnection] = {}
        self._answered: OrderedDict[str, tuple[Address, ...]] = OrderedDict()
        self._dropped: set[Runner] = set()
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether the platform ends: nothing is put in or given out any more."""
        return self._closed

    def put(self, address: Address, request: service_pb2.PostModelOutputsRequest) -> RunnerWork:
        """Give a runner something to do: the one that is named, or any that the address fits.

        Raises:
            QueueClosed: The platform is closed.
        """
        work = RunnerWork(_ids.new_id(), address, request, threading.Condition(self.lock))
        with self.lock:
            if self._closed:
                raise QueueClosed("the platform is closed")
            self._open[work.id] = work
            self._queue(work)
        return work

    def take(
        self,
        runner: Runner,
        limit: int = ITEMS_PER_POLL,
        also: Iterable[Address] = (),
        on_leaving: Callable[[Callable[[], None]], bool] | None = None,
    ) -> Sequence[RunnerWork]:
        """Return work for a runner, waiting up to `poll_seconds` for it; none when there is none.

        Args:
            runner: Who asks.
            limit: Items at most.
            also: Addresses that fit the runner besides its own.
            on_leaving: Has a function called when the runner does not wait for the answer any
                more, and returns whether it still does: who left is handed out nothing.
        """
        line = RunnerConnection(self, runner, also, leases=True)
        self.open(line)
        try:
            if on_leaving is not None and not on_leaving(line.end):
                return []
            with self.lock:
                line.wanted = limit
                first = self.next(line, self._now() + self.poll_seconds)
                if not isinstance(first, RunnerWork):  # nobody tells a line that polls anything
                    return []
                more = iter(lambda: self._give(line) if line.wanted else None, None)
                return [first, *more]
        finally:
            self.close_line(line)

    def open(self, line: RunnerConnection) -> None:
        """Let a line have work."""
        with self.lock:
            self._lines[id(line)] = line

    def close_line(self, line: RunnerConnection) -> None:
        """Forget a line, and give what it holds without a lease to others."""
        with self.lock:
            line.ended = True
            line.changed.notify()
            self._lines.pop(id(line), None)
            if not line.leases:
                self._return(work for work in self._taken.values() if work._holder is line)
            if line.woken:
                self._wake_for_all()

    def next(
        self, line: RunnerConnection, deadline: float
    ) -> RunnerWork | service_pb2.RunnerItem | None:
        """Return the next message or work for a line; None at its end or when the time is over."""
        with self.lock:
            while True:
                line.woken = False
                over = self._closed or line.ended or line.runner in self._dropped
                work = None if over else self._next_work(line)
                if work is not None:
                    return work
                if line.told:
                    return line.told.popleft()
                if over or deadline <= self._now():
                    return None
                self._rest(line, deadline)

    def answer(
        self, runner: Runner, item_id: str, response: service_pb2.MultiOutputResponse
    ) -> bool:
        """Keep a runner's answer; returns whether there is such an item for this runner.

        The first answer counts; one that comes again is fine.
        """
        with self.lock:
            if item_id in self._answered:
                return runner in self._answered[item_id]
            work = self._open.get(item_id)
            if work is None or runner not in (work.address, *work._takers):
                return False
            self._take_out(work)
            self._answered[item_id] = (work.address, *work._takers)
            if len(self._answered) > REMEMBERED_ANSWERS:
                self._answered.popitem(last=False)
            work._response = response
            work._changed.notify_all()
        return True

    def withdraw(self, work: RunnerWork) -> None:
        """Take back what nobody waits for any more."""
        with self.lock:
            if work.id in self._open:
                self._give_up(work, RunnerGone(f"the runner item {work.id} was withdrawn"))

    def connected(self, address: Address) -> bool:
        """Return whether a runner that the address fits asks for work, or has some in hand."""
        with self.lock:
            if any(address in line.addresses for line in self._lines.values()):
                return True
            return any(work.address == address for work in self._taken.values())

    def open_count(self) -> int:
        """Return how many items wait or are in hand."""
        return len(self._open)

    def add(self, runner: Runner) -> None:
        """Tell that a runner of that name is there (again)."""
        with self.lock:
            self._dropped.discard(runner)

    def drop(self, runner: Runner) -> None:
        """Forget a runner: its polls end, and who waits for an answer of it alone is told."""
        with self.lock:
            self._dropped.add(runner)
            for work in [work for work in self._open.values() if work.address == runner]:
                self._give_up(work, RunnerGone(f"runner {runner[1]!r} was deleted"))
            self._return(work for work in self._taken.values() if work._takers[-1] == runner)
            for line in self._lines.values():
                line.changed.notify()

    def hang_up(self) -> None:
        """End all polls, streams and waiting, as when a server stops; new ones may come."""
        with self.lock:
            for line in self._lines.values():
                line.ended = True
                line.changed.notify()
            for work in list(self._open.values()):
                self._give_up(work, QueueClosed("the platform stops"))

    def close(self) -> None:
        """End all polls and all waiting, for good."""
        with self.lock:
            self._closed = True
            self.hang_up()

    def _next_work(self, line: RunnerConnection) -> RunnerWork | None:
        now = self._now()
        self._return(work for work in self._taken.values() if work._lease_ends <= now)
        return self._give(line) if line.wanted else None

    def _rest(self, line: RunnerConnection, deadline: float) -> None:
        """Wait until there may be something for a line."""
        ends = [work._lease_ends for work in self._taken.values()] if line.wanted else []
        until = min([deadline, *ends])
        line.changed.wait(None if until == inf else max(until - self._now(), 0.0))

    def _queue(self, work: RunnerWork, *, first: bool = False) -> None:
        waiting = self._waiting.setdefault(work.address, deque())
        (waiting.appendleft if first else waiting.append)(work)
        self._wake_one(work.address)

    def _wake_one(self, address: Address) -> None:
        for line in self._lines.values():
            if line.wanted and not line.woken and address in line.addresses:
                line.woken = True
                line.changed.notify()
                return

    def _wake_for_all(self) -> None:
        for address, waiting in self._waiting.items():
            for _ in waiting:
                self._wake_one(address)

    def _give(self, line: RunnerConnection) -> RunnerWork | None:
        for address in line.addresses:
            waiting = self._waiting.get(address)
            if waiting:
                work = waiting.popleft()
                if not waiting:
                    del self._waiting[address]
                self._lease(line, work)
                return work
        return None

    def _lease(self, line: RunnerConnection, work: RunnerWork) -> None:
        line.wanted -= 1
        seconds = min(self.lease_seconds * 2 ** len(work._takers), MAX_LEASE_SECONDS)
        work._takers.append(line.runner)
        work._lease_ends = self._now() + seconds if line.leases else inf
        work._holder = line
        self._taken[work.id] = work

    def _return(self, works: Iterable[RunnerWork]) -> None:
        for work in list(works):
            del self._taken[work.id]
            work._holder = None
            self._queue(work, first=True)

    def _take_out(self, work: RunnerWork) -> None:
        del self._open[work.id]
        if self._taken.pop(work.id, None) is None:
            waiting = self._waiting[work.address]
            waiting.remove(work)
            if not waiting:
                del self._waiting[work.address]

    def _give_up(self, work: RunnerWork, reason: RunnerGone) -> None:
        self._take_out(work)
        work._gone = reason
        work._changed.notify_all()
