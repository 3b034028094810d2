"""Threads that fetch ahead, in an order that is kept.

A `ThreadPoolExecutor` and its futures cost more CPU than a small GET does; a queue in C and a lock
for each task do not.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")

AHEAD_PER_WORKER = 4
"""Tasks that may be done and wait for their turn, for each thread."""

PAUSE_SECONDS = 0.05
"""How long results that are there may wait for others."""

ENDING_SECONDS = 0.5
"""How long to wait for what is under way when all else has ended."""


class _Turn(Generic[_Task, _Result]):
    """A task, and what came of it once its lock is free."""

    __slots__ = ("error", "lock", "result", "task")

    result: _Result

    def __init__(self, task: _Task) -> None:
        self.task = task
        self.error: BaseException | None = None
        self.lock = threading.Lock()
        self.lock.acquire()

    def is_done(self, seconds: float = 0.0) -> bool:
        """Return whether it is done, or comes to be within some time."""
        done = self.lock.acquire(timeout=seconds)
        if done:
            self.lock.release()
        return done

    def outcome(self) -> _Result:
        """Wait for the result and return it, or raise what it ended with."""
        with self.lock:
            if self.error is not None:
                raise self.error
            return self.result


def in_order(
    work: Callable[[_Task], _Result], tasks: Iterable[_Task], workers: int
) -> Generator[tuple[_Task, _Result], None, None]:
    """Yield each task with its result, in their order, while threads work ahead.

    Args:
        work: What is done with a task. What it raises is raised here, at the task's turn.
        tasks: Taken as they are needed, in the thread that iterates.
        workers: How many threads there are.
    """
    queue: SimpleQueue[_Turn[_Task, _Result] | None] = SimpleQueue()
    ahead: deque[_Turn[_Task, _Result]] = deque()
    threads: list[threading.Thread] = []
    most = AHEAD_PER_WORKER * workers
    try:
        for task in tasks:
            turn: _Turn[_Task, _Result] = _Turn(task)
            queue.put(turn)
            if len(threads) < workers:
                threads.append(_started(work, queue))
            ahead.append(turn)
            if len(ahead) > most:
                # Whoever waits for the one in the middle finds the first half done, and is woken
                # once for all of them. But not for long: what is done should be written.
                ahead[most // 2].is_done(PAUSE_SECONDS)
                while len(ahead) > most or (len(ahead) > most // 2 and ahead[0].is_done()):
                    yield (first := ahead.popleft()).task, first.outcome()
        while ahead:
            yield (first := ahead.popleft()).task, first.outcome()
    finally:
        _stop(queue, threads)


def _started(
    work: Callable[[_Task], _Result], queue: SimpleQueue[_Turn[_Task, _Result] | None]
) -> threading.Thread:
    thread = threading.Thread(target=_work, args=(work, queue), name="clarifai-export", daemon=True)
    thread.start()
    return thread


def _work(
    work: Callable[[_Task], _Result], queue: SimpleQueue[_Turn[_Task, _Result] | None]
) -> None:
    while (turn := queue.get()) is not None:
        try:
            turn.result = work(turn.task)
        except BaseException as error:  # noqa: BLE001  why: it is raised where its turn comes
            turn.error = error
        finally:
            turn.lock.release()


def _stop(
    queue: SimpleQueue[_Turn[_Task, _Result] | None], threads: list[threading.Thread]
) -> None:
    """Let the threads end what they are at, and nothing else.

    None of them is waited for until a server that hangs has answered: whoever presses Ctrl-C wants
    to be gone, and a thread that ends later finds nobody who wants its result.
    """
    with suppress(Empty):
        while True:
            queue.get_nowait()
    for _ in threads:
        queue.put(None)
    deadline = time.monotonic() + ENDING_SECONDS
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
