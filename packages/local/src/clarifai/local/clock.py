"""The platform's time: a clock that tests can hold and move."""

from __future__ import annotations

import threading
import time
from typing import Protocol

from google.protobuf import timestamp_pb2

MICROSECONDS = 1_000_000
"""Microseconds per second; all stored times count these from 1970 (UTC)."""


class Clock(Protocol):
    """Where the platform reads the time."""

    def now_us(self) -> int:
        """Return microseconds since 1970, never a whole second and never twice the same."""


class SystemClock:
    """The machine's clock, made strictly increasing so that newest-first orders are stable."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()

    def now_us(self) -> int:
        """Return microseconds since 1970."""
        with self._lock:
            self._last = _with_fraction(max(self._read(), self._last + 1))
            return self._last

    def _read(self) -> int:
        return time.time_ns() // 1000


class ManualClock(SystemClock):
    """A clock that stands until it is moved (but for a microsecond per reading).

    Example:
        >>> clock = ManualClock(start_us=1_700_000_000_000_000)
        >>> before = clock.now_us()
        >>> clock.advance(60)
        >>> (clock.now_us() - before) // MICROSECONDS
        60
    """

    def __init__(self, start_us: int = 1_700_000_000_000_000) -> None:
        super().__init__()
        self._time = start_us

    def advance(self, seconds: float) -> None:
        """Move the clock forward.

        Args:
            seconds: How far; not negative.

        Raises:
            ValueError: `seconds` is negative.
        """
        if seconds < 0:
            raise ValueError(f"a clock moves forward only, got {seconds} seconds")
        with self._lock:
            self._time += round(seconds * MICROSECONDS)

    def _read(self) -> int:
        return self._time


def timestamp(us: int) -> timestamp_pb2.Timestamp:
    """Return microseconds since 1970 as a protobuf Timestamp."""
    seconds, rest = divmod(us, MICROSECONDS)
    return timestamp_pb2.Timestamp(seconds=seconds, nanos=rest * 1000)


def _with_fraction(us: int) -> int:
    # Clients parse "%S.%fZ": JSON leaves the fraction out of a whole second, and they fail.
    return us if us % MICROSECONDS else us + 1
