"""What came of a run of the fuzzers of bytes: figures, and what must not have happened."""

from __future__ import annotations

import collections
import logging
import sys
import time
import traceback

import attrs


@attrs.define
class Figures:
    """Counts of a run; it went well without failures."""

    requests: int = 0
    statuses: collections.Counter[str] = attrs.field(factory=collections.Counter)
    failures: dict[str, str] = attrs.field(factory=dict)
    """What went wrong, each kind once, with an example."""
    slowest_seconds: float = 0.0
    slowest: str = ""
    seconds: float = 0.0
    megabytes_before: int = attrs.field(factory=lambda: peak_megabytes())
    megabytes: int = 0

    def fail(self, kind: str, example: str) -> None:
        """Note something that must not happen."""
        self.failures.setdefault(kind, example[:1000])

    def took(self, seconds: float, what: str) -> None:
        """Note how long something took."""
        if seconds > self.slowest_seconds:
            self.slowest_seconds, self.slowest = seconds, what[:200]

    def __str__(self) -> str:
        most = ", ".join(f"{count:,} x {status}" for status, count in self.statuses.most_common(14))
        lines = [
            f"{self.requests:,} requests in {self.seconds:.0f} s",
            f"statuses: {most}",
            f"slowest: {self.slowest_seconds:.2f} s ({self.slowest})",
            f"memory: {self.megabytes} MB at the most, {self.megabytes_before} MB before",
            f"{len(self.failures)} failures",
            *(f"FAILURE {kind}\n    {example}" for kind, example in self.failures.items()),
        ]
        return "\n".join(lines)


class Watch(logging.Handler):
    """Notes what the platform, or its server, logs as an error; use it as a context manager."""

    LOGGERS = ("clarifai", "uvicorn.error", "asyncio", "grpc")

    def __init__(self, figures: Figures) -> None:
        super().__init__(logging.ERROR)
        self._figures = figures
        self.last = ""
        """What is being sent."""

    def emit(self, record: logging.LogRecord) -> None:
        kind = f"logged: {record.msg}"
        if record.exc_info and record.exc_info[1] is not None:
            last = traceback.extract_tb(record.exc_info[2])[-1]
            kind = f"{kind} [{record.exc_info[1]!r:.100} at {last.filename}:{last.lineno}]"
        self._figures.fail(kind, f"{record.getMessage()}\n    {self.last}")

    def __enter__(self) -> Watch:
        self._started = time.monotonic()
        for name in self.LOGGERS:
            logging.getLogger(name).addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        for name in self.LOGGERS:
            logging.getLogger(name).removeHandler(self)
        self._figures.seconds = time.monotonic() - self._started
        self._figures.megabytes = peak_megabytes()


def peak_megabytes() -> int:
    """Return the most memory that this process has used; 0 where that is not told."""
    if sys.platform == "win32":
        return 0
    from benchmarks.contestants.driver import peak_kib

    return peak_kib() // 1024
