"""One thread for small sums: trainings multiply small matrices thousands of times.

A linear algebra library that hands each of them to all cores waits more than it computes, ten times
as long on a busy machine.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs
import threadpoolctl
from threadpoolctl import threadpool_limits

if TYPE_CHECKING:
    from collections.abc import Iterator


@attrs.define
class _Limit:
    lock: threading.Lock = attrs.field(factory=threading.Lock)
    users: int = 0
    active: threadpool_limits | None = None

    def enter(self) -> None:
        with self.lock:
            self.users += 1
            if self.users == 1:
                _take_over()
                self.active = threadpool_limits(1, user_api="blas")

    def leave(self) -> None:
        with self.lock:
            self.users -= 1
            if not self.users and self.active is not None:
                _take_over()
                self.active.restore_original_limits()
                self.active = None
                _take_over()


def _take_over() -> None:
    """Let any thread set the limit.

    Since its 3.8, threadpoolctl heeds only the first thread that did, as long as that one lives,
    and silently does nothing for others: a training in the background had no limit at all. The
    limit is the process's, and `_Limit` counts who needs it: who comes first or goes last sets it.
    """
    controller = getattr(threadpoolctl, "OpenBLASController", None)
    clear = getattr(controller, "clear_controlling_thread", None)
    if clear is not None:
        clear(force=True)


_LIMIT = _Limit()


@contextmanager
def one_thread() -> Iterator[None]:
    """Let linear algebra use one thread, until the last of those that ask for it is done."""
    _LIMIT.enter()
    try:
        yield
    finally:
        _LIMIT.leave()
