"""The one way that data goes up, on an event loop.

source -> a thread reads and encodes a batch -> requests in flight, as tasks -> many batches are
settled at once, as tasks -> report

It is the wheel of `clarifai_datasets.upload._pipeline`, turned by a task instead of a thread: what
is counted and written down, and when, is the same code. Cancelling the task gives up what is in
flight. The journal then has what was sent, so that the next run looks for it before it sends again.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from clarifai_aio._datasets.upload._processing import Settler
from clarifai_aio._datasets.upload._requests import UploadRequests
from clarifai_core.errors import UserError
from clarifai_core.loggers import logger_for
from clarifai_datasets.upload._journal import NoLedger
from clarifai_datasets.upload._pipeline import UploadLimits as UploadLimits
from clarifai_datasets.upload._pipeline import _Upload, progress_bar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from clarifai_aio._core.session import Session
    from clarifai_core.scope import Scope
    from clarifai_datasets.upload._batching import Batch
    from clarifai_datasets.upload._journal import Ledger
    from clarifai_datasets.upload._processing import ProcessingRound
    from clarifai_datasets.upload._sources import ItemSource
    from clarifai_datasets.upload.encode import ItemRules
    from clarifai_datasets.upload.report import UploadReport

logger = logger_for(__name__)


async def upload(
    session: Session,
    scope: Scope,
    source: ItemSource,
    rules: ItemRules,
    *,
    limits: UploadLimits | None = None,
    progress: bool | None = None,
    ledger: Ledger | None = None,
) -> UploadReport:
    """Upload all items of a source, and say what became of each.

    Args:
        session: The way to the platform.
        scope: User and app.
        source: Where the items come from; `loader.prepare` has seen its loader.
        rules: How items become inputs.
        limits: What may be held and under way.
        progress: Whether to show a bar; None: when stderr is a terminal.
        ledger: What an earlier run has done, and where this one is written down.

    Raises:
        UserError: The source returns something that is no item.
        ApiError: The platform refuses the upload as such, and nothing was accepted before.
        UploadStopped: The upload cannot go on; the error's `report` says what was accepted.
    """
    limits = limits or UploadLimits()
    work = _LoopUpload(session, scope, source, rules, limits, ledger or NoLedger())
    return await work.run_here(progress)


class _LoopUpload(_Upload):
    """The state of one upload; touched by the task that runs it only."""

    def __init__(
        self,
        session: Session,
        scope: Scope,
        source: ItemSource,
        rules: ItemRules,
        limits: UploadLimits,
        ledger: Ledger,
    ) -> None:
        super().__init__(session.shared, scope, source, rules, limits, ledger)
        again, stop = self._reader.again, self._stop
        uplink: Any = UploadRequests(session, scope, rules.dataset_id)
        settler: Any = Settler(uplink, rules, again, stop, limits.processing_timeout_seconds)
        self._uplink, self._settler = uplink, settler
        self._heard: asyncio.Queue[tuple[Callable[..., None], Any, Any]] = asyncio.Queue()
        self._tasks: set[asyncio.Future[Any]] = set()

    async def run_here(self, progress: bool | None) -> UploadReport:
        started = time.monotonic()
        self._bar = progress_bar(self._total, progress)
        try:
            with self._bar:
                await self._turn_here()
        except asyncio.CancelledError:
            done = self._report.uploaded + len(self._report.already_there)
            logger.info("cancelled: %d of %d uploaded; the same call goes on", done, self._total)
            raise
        finally:
            await self._end_tasks()
            self._report.notes += self._reader.remarks.lines()
            self._report.seal(time.monotonic() - started)
        if self._fatal is None and not self._arrived():
            self._fatal = self._lost_why
        if self._fatal is not None:
            self._raise(self._fatal)
        return self._report

    async def _turn_here(self) -> None:
        batches = iter(self._reader.batches())
        try:
            while self._fatal is None and (batch := await _next_of(batches)) is not None:
                self._note_read(batch)
                if batch.items:
                    await self._begin_here(batch)
        except UserError as error:
            self._fatal = error
        self._close_round()
        while self._window.requests or self._settling:
            await self._reap_here()

    async def _begin_here(self, batch: Batch) -> None:
        limits = self._limits
        while not self._heard.empty() or self._window.is_full(batch.bytes):
            await self._reap_here()
        if self._round.size and self._round.size + len(batch.items) > limits.round_inputs:
            self._close_round()
            while self._settling >= limits.rounds:
                await self._reap_here()
        if self._fatal is None:
            self._post(batch, self._round)

    async def _reap_here(self) -> None:
        """Wait for one request or round, and note what came of it."""
        note, future, about = await self._heard.get()
        note(future, *about)

    def _expect(self, future: Any, then: Callable[..., None], *about: Any) -> None:
        self._tasks.add(future)
        future.add_done_callback(lambda done: self._hear_of(done, then, about))

    def _hear_of(self, done: asyncio.Future[Any], then: Callable[..., None], about: Any) -> None:
        self._tasks.discard(done)
        if not done.cancelled():
            done.exception()  # it is looked at where it is noted, if there is still time for that
            self._heard.put_nowait((then, done, about))

    def _post_with_care(self, round_: ProcessingRound, batch: Batch, first: Any = None) -> None:
        work: Any = self._uplink.post(batch.items, round_.job_id, first)
        self._expect(_task(work), self._posted, round_, batch)

    def _settle_with_care(self, round_: ProcessingRound, progress: Any = None) -> None:
        work: Any = self._settler.settle(round_, progress)
        self._expect(_task(work), self._settled, round_)

    async def _end_tasks(self) -> None:
        """Give up what is under way, and wait until it is."""
        self._stop.set()
        left = list(self._tasks)
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)


def _task(work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    return asyncio.ensure_future(work)


async def _next_of(batches: Any) -> Batch | None:
    """Have a thread read the next batch; when the task is cancelled, it still ends that one."""
    reading = asyncio.ensure_future(asyncio.to_thread(next, batches, None))
    try:
        return await asyncio.shield(reading)
    except asyncio.CancelledError:
        await asyncio.wait([reading])
        raise
