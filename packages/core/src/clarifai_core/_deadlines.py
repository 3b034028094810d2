"""One deadline over several calls: a wait ends in time whatever the calls within it wait for."""

from __future__ import annotations

import contextlib
import contextvars
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_ends_at: contextvars.ContextVar[float] = contextvars.ContextVar("ends_at", default=float("inf"))


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """Let no call that this thread or task begins in the block go on for longer.

    Blocks within each other: the nearest end counts. Threads that the block starts do not inherit
    it.

    Args:
        seconds: From now on.

    Example:
        >>> with within(5.0):
        ...     left_seconds() <= 5.0
        True
    """
    token = _ends_at.set(min(_ends_at.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _ends_at.reset(token)


def left_seconds() -> float:
    """Return how long a call that begins now may take: infinite where no block says otherwise."""
    end = _ends_at.get()
    return end if end == float("inf") else max(0.001, end - time.monotonic())
