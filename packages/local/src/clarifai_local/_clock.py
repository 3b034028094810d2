"""The platform's time: a clock that tests can hold and move."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Protocol

from google.protobuf import timestamp_pb2

if TYPE_CHECKING:
    from collections.abc import Callable

MICROSECONDS = 1_000_000
"""Microseconds per second; all stored times count these from 1970 (UTC)."""


class Clock(Protocol):
    """Where the platform reads the time, and what it waits by; derive from `SystemClock`."""

    def now_us(self) -> int:
        """Return microseconds since 1970, never a whole second and never twice the same."""

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""

    def seconds_until(self, us: int) -> float | None:
        """Return how long to wait, in real time, for a moment of this clock.

        Returns:
            0 when it has come; None when no waiting brings it, only `advance`.
        """

    def on_advance(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Have `callback` called after each `advance`; returns what ends that."""


class SystemClock:
    """The machine's clock, made strictly increasing so that newest-first orders are stable.

    It can be moved forward and goes on from there.

    Example:
        >>> clock = SystemClock()
        >>> before = clock.now_us()
        >>> clock.advance(3600)
        >>> (clock.now_us() - before) // MICROSECONDS >= 3600
        True
    """

    def __init__(self) -> None:
        self._last = 0
        self._ahead = 0
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[], None]] = []

    def now_us(self) -> int:
        """Return microseconds since 1970."""
        with self._lock:
            self._last = _with_fraction(max(self._read() + self._ahead, self._last + 1))
            return self._last

    def advance(self, seconds: float) -> None:
        """Move the clock forward, and wake what waits for its time.

        Args:
            seconds: How far; not negative.

        Raises:
            ValueError: `seconds` is negative.
        """
        if seconds < 0:
            raise ValueError(f"a clock moves forward only, got {seconds} seconds")
        with self._lock:
            # From the last reading, which may be ahead: what was 60 s away has come after 60 s.
            behind = max(0, self._last - self._read() - self._ahead)
            self._ahead += behind + round(seconds * MICROSECONDS)
            callbacks = tuple(self._callbacks)
        for callback in callbacks:
            callback()

    def seconds_until(self, us: int) -> float | None:
        """Return how long to wait, in real time, for a moment of this clock; 0 when it came."""
        return max(0.0, (us - self.now_us()) / MICROSECONDS)

    def on_advance(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Have `callback` called after each `advance`; returns what ends that."""

        def end() -> None:
            with self._lock:
                if callback in self._callbacks:
                    self._callbacks.remove(callback)

        with self._lock:
            self._callbacks.append(callback)
        return end

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

    def seconds_until(self, us: int) -> float | None:
        """Return 0 when the moment has come; None otherwise, as waiting does not bring it."""
        return 0.0 if self.now_us() >= us else None

    def _read(self) -> int:
        return self._time


def timestamp(us: int) -> timestamp_pb2.Timestamp:
    """Return microseconds since 1970 as a protobuf Timestamp."""
    seconds, rest = divmod(us, MICROSECONDS)
    return timestamp_pb2.Timestamp(seconds=seconds, nanos=rest * 1000)


def _with_fraction(us: int) -> int:
    # Clients parse "%S.%fZ": JSON leaves the fraction out of a whole second, and they fail.
    return us if us % MICROSECONDS else us + 1
