"""Background work: trainings, evaluations, snapshots and clean-ups, on a few threads.

What a job works on is a row in the store with a status, so that nothing is lost when the platform
ends: services pick unfinished rows up again in `resume`.
"""

from __future__ import annotations

import queue
import threading
import time
from typing import TYPE_CHECKING

from clarifai_core.loggers import logger_for
from clarifai_local._store.directory_errors import passes, sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

THREADS = 2

PAUSE_SECONDS = 1.0
"""How long a job waits for space or descriptors before it tries again."""

_log = logger_for(__name__)


class Job:
    """What a running job sees of itself."""

    def __init__(self) -> None:
        self._stop = threading.Event()

    @property
    def cancelled(self) -> bool:
        """Whether to stop soon, leaving the row in a state that can be resumed."""
        return self._stop.is_set()

    def cancel(self) -> None:
        """Ask the job to stop."""
        self._stop.set()

    def wait(self, seconds: float) -> bool:
        """Wait, but no longer than until the job is cancelled; returns whether it is."""
        return self._stop.wait(seconds)


class Jobs:
    """Runs jobs in the order they are submitted, `THREADS` at a time."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[tuple[Hashable, Job, Callable[[Job], None]] | None] = (
            queue.SimpleQueue()
        )
        self._known: dict[Hashable, Job] = {}
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._closed = False

    def submit(self, key: Hashable, work: Callable[[Job], None]) -> None:
        """Run `work(job)` soon; a key that is queued or running already is left alone.

        Args:
            key: Names the work, such as `("train", row.seq)`.
            work: Looks at `job.cancelled` now and then. It records its own failure; an
                exception that leaves it is logged.
        """
        with self._changed:
            if self._closed or key in self._known:
                return
            if len(self._threads) < THREADS:
                self._add_thread()
            job = self._known[key] = Job()
        self._queue.put((key, job, work))

    def cancel(self, key: Hashable) -> None:
        """Ask a queued or running job to stop; unknown keys are fine."""
        with self._changed:
            job = self._known.get(key)
        if job is not None:
            job.cancel()

    def wait_idle(self, timeout_seconds: float) -> bool:
        """Wait until no job is queued or running; returns whether that came true."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._known, timeout_seconds)

    def close(self, timeout_seconds: float = 10) -> None:
        """Ask all jobs to stop and wait for those that run."""
        with self._changed:
            self._closed = True
            for job in self._known.values():
                job.cancel()
        for _ in self._threads:
            self._queue.put(None)
        deadline = time.monotonic() + timeout_seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _add_thread(self) -> None:
        name = f"clarifai-local-job-{len(self._threads)}"
        thread = threading.Thread(target=self._run, name=name, daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the system has no thread left: the others do the work
            if not self._threads:
                raise
        else:
            self._threads.append(thread)

    @staticmethod
    def _do(job: Job, work: Callable[[Job], None]) -> None:
        """Do the work; while something is lacking for that, do it again now and then."""
        while not job.cancelled:
            try:
                work(job)
            except Exception as error:  # why: raised again
                if not passes(error):
                    raise
                _log.warning("a job waits: %s", sentence(error))
                job.wait(PAUSE_SECONDS)
            else:
                return

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            key, job, work = item
            try:
                self._do(job, work)
            except BaseException as error:  # noqa: BLE001 - logged; the thread lives on
                if trouble := sentence(error):
                    _log.error("the job %s failed: %s", key, trouble)
                elif not self._closed:
                    _log.exception("the job %s failed", key)
            finally:
                with self._changed:
                    self._known.pop(key, None)
                    self._changed.notify_all()
