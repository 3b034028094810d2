"""What a runner did so far: counters for programs; `exposition` writes them for Prometheus."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

BUCKET_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Upper bounds of the buckets in which latencies are counted."""

PATIENCE_SECONDS = 30.0
"""Failing to poll for so long is not healthy."""

COUNTERS: Mapping[str, str] = {
    "items": "Items of work received.",
    "items_posted": "Items whose outputs the platform accepted.",
    "items_unwanted": "Items whose outputs came too late: the platform had dropped them.",
    "items_abandoned": "Items whose outputs were not accepted before the end.",
    "inputs": "Inputs answered, failures among them.",
    "failures": "Inputs that run_input failed on.",
    "polls": "Polls answered, with work or without.",
    "poll_errors": "Polls that failed.",
    "post_errors": "Posts of outputs that failed; they are made again.",
}
"""What is counted, and what it means."""


@attrs.frozen
class Latency:
    """How long items took, as a histogram."""

    count: int
    sum_seconds: float
    buckets: Mapping[float, int]
    """Upper bound in seconds -> items that took no longer."""

    @property
    def mean_seconds(self) -> float:
        """The mean; 0 when there was no item."""
        return self.sum_seconds / self.count if self.count else 0.0


class Metrics:
    """Counters of one runner; they go on over several starts. Thread-safe.

    Example:
        >>> metrics = Metrics()
        >>> metrics.count("items")
        >>> metrics.items
        1
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._in_hand: dict[int, float] = {}
        self._buckets = [0] * (len(BUCKET_SECONDS) + 1)
        self._sum_seconds = 0.0
        self._failing_since: float | None = None
        self._last_error = ""
        self.state = "stopped"
        """`"stopped"`, `"running"` or `"stopping"`."""
        self.address = ""
        """`"host:port"` while they are served over HTTP."""

    def __getattr__(self, name: str) -> int:
        if name in COUNTERS:
            return self._counts[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @property
    def latency(self) -> Latency:
        """How long items took from their arrival until their outputs were accepted."""
        with self._lock:
            running, summed = 0, {}
            for bound, count in zip(BUCKET_SECONDS, self._buckets, strict=False):
                running += count
                summed[bound] = running
            return Latency(sum(self._buckets), self._sum_seconds, summed)

    @property
    def in_hand(self) -> int:
        """Items that were received and are not answered yet."""
        return len(self._in_hand)

    @property
    def queue_age_seconds(self) -> float:
        """Age of the oldest item in hand; 0 when there is none."""
        with self._lock:
            return self._clock() - min(self._in_hand.values()) if self._in_hand else 0.0

    @property
    def problem(self) -> str:
        """Why the runner is not healthy; empty when it is."""
        if self.state != "running":
            return self.state
        since = self._failing_since
        if since is not None and self._clock() - since > PATIENCE_SECONDS:
            seconds = self._clock() - since
            return f"no poll has succeeded for {seconds:.0f} seconds: {self._last_error}"
        return ""

    def snapshot(self) -> dict[str, float]:
        """Return every figure by its name, those of `latency` flat."""
        latency = self.latency
        return {
            **{name: self._counts[name] for name in COUNTERS},
            "in_hand": self.in_hand,
            "queue_age_seconds": self.queue_age_seconds,
            "latency_count": latency.count,
            "latency_sum_seconds": latency.sum_seconds,
        }

    def count(self, name: str, by: int = 1) -> None:
        """Add to a counter."""
        with self._lock:
            self._counts[name] += by

    def polled(self, received: Iterable[int]) -> None:
        """Count a poll that was answered, and its items; each key names one until it is `done`."""
        now = self._clock()
        with self._lock:
            self._counts["polls"] += 1
            self._failing_since = None
            for key in received:
                self._counts["items"] += 1
                self._in_hand[key] = now

    def poll_failed(self, error: Exception) -> None:
        """Count a poll that failed."""
        now = self._clock()
        with self._lock:
            self._counts["poll_errors"] += 1
            self._last_error = str(error)
            if self._failing_since is None:
                self._failing_since = now

    def answered(self, inputs: int, failures: int) -> None:
        """Count the inputs of an item."""
        with self._lock:
            self._counts["inputs"] += inputs
            self._counts["failures"] += failures

    def done(self, key: int, how: str) -> None:
        """Count the end of an item, as the counter `how`."""
        now = self._clock()
        with self._lock:
            self._counts[how] += 1
            seconds = now - self._in_hand.pop(key, now)
            if how == "items_posted":
                self._sum_seconds += seconds
                self._buckets[bisect_left(BUCKET_SECONDS, seconds)] += 1

    def text(self, runner_id: str) -> str:
        """Return everything as Prometheus reads it.

        Args:
            runner_id: The label `runner` of every figure.

        Raises:
            PluginError: The extra `metrics` is not installed.
        """
        from clarifai_runner._exposition import text_of

        return text_of(self, COUNTERS, runner_id)
