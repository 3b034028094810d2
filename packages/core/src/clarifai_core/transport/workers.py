"""Threads that work ahead and never keep a program that wants to end.

`concurrent.futures.ThreadPoolExecutor` joins all its threads when the interpreter ends, and at the
end of a `with` block, even of one that Ctrl-C left: with a server that says nothing, that is as
long as the longest deadline. These threads are daemons that nobody joins.
"""

from __future__ import annotations

import threading
import weakref
from concurrent.futures import Executor, Future
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

T = TypeVar("T")
_Task: TypeAlias = "tuple[Future[Any], Callable[..., Any], tuple[Any, ...], dict[str, Any]]"


class Workers(Executor):
    """An executor of daemon threads, started as they are needed. Thread-safe.

    Args:
        most: How many threads there may be.
        name: What their names begin with.

    Example:
        >>> with Workers(2, "example") as workers:
        ...     print(list(workers.map(abs, [-1, 2])))
        [1, 2]
    """

    def __init__(self, most: int, name: str) -> None:
        self._most, self._name = most, name
        self._tasks: SimpleQueue[_Task | None] = SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._closed = False
        # The threads know the queue only: they end with the last reference to their executor.
        weakref.finalize(self, self._tasks.put, None).atexit = False

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Have a function called by a thread, and return its result as a future.

        Raises:
            RuntimeError: It was shut down.
        """
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError("cannot schedule new futures after shutdown")
            self._tasks.put((future, fn, args, kwargs))
            if not self._idle.acquire(blocking=False) and len(self._threads) < self._most:
                self._start()
        return future

    def _start(self) -> None:
        thread = threading.Thread(
            target=_work,
            args=(self._tasks, self._idle),
            name=f"{self._name}_{len(self._threads)}",
            daemon=True,
        )
        self._threads.append(thread)
        thread.start()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more work, and let the threads end.

        Args:
            wait: For what was submitted.
            cancel_futures: Give up what has not begun.
        """
        with self._lock:
            self._closed = True
            if cancel_futures:
                self._cancel()
            self._tasks.put(None)
        if wait:
            for thread in self._threads:
                thread.join()

    def _cancel(self) -> None:
        while True:
            try:
                task = self._tasks.get_nowait()
            except Empty:
                return
            if task is not None:
                task[0].cancel()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> bool | None:
        """Wait for everything, but not on the way out of trouble or Ctrl-C."""
        self.shutdown(wait=exc_type is None, cancel_futures=exc_type is not None)
        return None


def _work(tasks: SimpleQueue[_Task | None], idle: threading.Semaphore) -> None:
    while (task := _next(tasks, idle)) is not None:
        _run(*task)
        del task  # why: what it holds must go before the next one comes
    tasks.put(None)  # for the next thread


def _next(tasks: SimpleQueue[_Task | None], idle: threading.Semaphore) -> _Task | None:
    try:
        return tasks.get_nowait()
    except Empty:
        idle.release()  # only now: whoever submits must not count on a thread that is busy
        return tasks.get()


def _run(
    future: Future[Any],
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = function(*args, **kwargs)
    except BaseException as error:  # noqa: BLE001  why: it is raised where the result is asked for
        future.set_exception(error)
    else:
        future.set_result(result)
