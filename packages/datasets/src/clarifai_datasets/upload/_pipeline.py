"""The one way that data goes up.

    source -> read, encode once, batch by count and bytes (batching.py) -> a window of requests in
           flight (clarifai_inputs.sender) -> settle many batches at once (processing.py) -> report

The thread that calls `upload` turns the wheel: it alone asks the source for items, groups them, and
writes the journal and the report. What an earlier run has done by the journal is neither read nor
sent, and what it may have sent is looked for first. Every stage holds a bounded amount, so memory
does not grow with the data set.
"""

from __future__ import annotations

import queue
import threading
import time
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core.errors import ClarifaiError, Interrupted, UserError
from clarifai_core.progress import bar
from clarifai_core.transport.workers import Workers
from clarifai_datasets.upload._batching import Batch, BatchReader, ReadLimits
from clarifai_datasets.upload._journal import Ledger, NoLedger
from clarifai_datasets.upload._outage import Outage
from clarifai_datasets.upload._processing import (
    PROCESSING_TIMEOUT_SECONDS,
    ProcessingRound,
    Settled,
    Settler,
)
from clarifai_datasets.upload._requests import UploadRequests, failed_item, not_sent
from clarifai_datasets.upload.report import FailedItem, UploadReport, UploadStopped
from clarifai_inputs.batching import (
    BYTES_IN_FLIGHT,
    MAX_BATCH_ITEMS,
    REQUESTS_IN_FLIGHT,
    InFlight,
)
from clarifai_inputs.bulk import BulkResult
from clarifai_inputs.call_group import CallGroup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from clarifai_core.progress import Bar
    from clarifai_core.scope import Scope
    from clarifai_core.transport.session import Session
    from clarifai_datasets.upload._sources import ItemSource
    from clarifai_datasets.upload.encode import EncodedItem, ItemRules


GRACE_SECONDS = 5.0
"""How long what is in flight is waited for after an interrupt; a second interrupt ends that."""

QUIET_SECONDS = 0.7
"""After so long without any answer nothing is waited for: the server may be silent."""

LOOK_SECONDS = 1.0
"""How often the calling thread looks up from waiting: on Windows, Ctrl-C waits for that."""

_NO_WORD = "it was sent, and the upload was interrupted before the platform confirmed it"


@attrs.frozen
class UploadLimits(ReadLimits):
    """What an upload may hold and have under way."""

    requests_in_flight: int = REQUESTS_IN_FLIGHT
    bytes_in_flight: int = BYTES_IN_FLIGHT
    """Of all requests in flight together; a single one may be larger."""
    round_inputs: int = 7 * MAX_BATCH_ITEMS
    """Inputs that are settled together; one ListInputs page holds 1000."""
    rounds: int = 16
    """Rounds that may wait for the platform at once."""
    units_in_flight: int = 16
    """Partitions that workers of an executor have, `round_inputs` items each."""
    lost_batches: int = 8
    """Batches in a row after which the upload stops: the platform is reached, and answers none of
    them as it should. One that cannot be reached is a matter of time: `settings.outage_seconds`."""
    processing_timeout_seconds: float = PROCESSING_TIMEOUT_SECONDS


def upload(
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
        Interrupted: Ctrl-C (a KeyboardInterrupt); its `report` says what was done.
    """
    limits = limits or UploadLimits()
    return _Upload(session, scope, source, rules, limits, ledger or NoLedger()).run(progress)


class _Upload:
    """The state of one upload; touched by the calling thread only."""

    def __init__(
        self,
        session: Session,
        scope: Scope,
        source: ItemSource,
        rules: ItemRules,
        limits: UploadLimits,
        ledger: Ledger,
    ) -> None:
        self._limits, self._ledger = limits, ledger
        self._total = len(source)
        self._reader = BatchReader(source, rules, limits, ledger)
        self._stop = threading.Event()
        self._calls = CallGroup(session)
        self._outage = Outage(session.rules, session.settings.endpoint.where)
        self._uplink = UploadRequests(self._calls, scope, rules.dataset_id, self._stop.wait)
        self._settler = Settler(
            self._uplink, rules, self._reader.again, self._stop, limits.processing_timeout_seconds
        )
        self._report = UploadReport(rules.dataset_id)
        self._events: queue.SimpleQueue[tuple[Callable[..., None], Future[Any], Any]] = (
            queue.SimpleQueue()
        )
        self._round = ProcessingRound()
        self._in_flight: dict[int, Batch] = {}
        """Batches without an answer, by the id of the object."""
        self._unsettled: dict[int, ProcessingRound] = {}
        self._window = InFlight(limits.requests_in_flight, limits.bytes_in_flight)
        self._settling = self._lost = 0
        self._lost_why: ClarifaiError | None = None
        self._fatal: Exception | None = None

    def run(self, progress: bool | None) -> UploadReport:
        started = time.monotonic()
        limits = self._limits
        self._bar = progress_bar(self._total, progress)
        self._post_pool = Workers(limits.requests_in_flight, "clarifai-post")
        self._settle_pool = Workers(limits.rounds, "clarifai-settle")
        try:
            with self._bar:
                self._turn()
        except KeyboardInterrupt:
            self._drain()
            raise interrupted(self._report, self._total, self._ledger) from None
        finally:
            self._give_up()
            self._report.notes += self._reader.remarks.lines()
            self._note_untried()
            self._report.seal(time.monotonic() - started)
        if self._fatal is None and not self._arrived():
            self._fatal = self._lost_why
        if self._fatal is not None:
            self._raise(self._fatal)
        return self._report

    def _turn(self) -> None:
        try:
            self._send_all()
            self._close_round()
            while self._window.requests or self._settling:
                self._reap()
        except BaseException:  # why: Ctrl-C ends the waits, not what is in flight; raised again
            self._stop.set()
            raise

    def _send_all(self) -> None:
        try:
            for batch in self._reader.batches():
                self._note_read(batch)
                if batch.items:
                    self._begin(batch)
                if self._fatal is not None:
                    return
        except UserError as error:
            self._fatal = error

    def _note_untried(self) -> None:
        """Say of an upload that stopped how much of its source it did not come to."""
        report = self._report
        left = self._total - report.total
        if self._fatal is not None and left > 0:
            report.notes.append(f"{left:,} of {self._total:,} items were not tried")

    def _raise(self, error: Exception) -> None:
        if not self._arrived():
            raise error
        report = self._report
        raise UploadStopped(f"The upload stopped: {error}\n{report}", report) from error

    def _arrived(self) -> bool:
        report = self._report
        return bool(report.uploaded or report.already_there or report.unconfirmed)

    # -- sending ---------------------------------------------------------------------------------

    def _begin(self, batch: Batch) -> None:
        limits = self._limits
        while not self._events.empty():
            self._reap()
        while self._window.is_full(batch.bytes):
            self._reap()
        if self._round.size and self._round.size + len(batch.items) > limits.round_inputs:
            self._close_round()
            while self._settling >= limits.rounds:
                self._reap()
        if self._fatal is None:
            self._post(batch, self._round)

    def _post(self, batch: Batch, round_: ProcessingRound) -> None:
        round_.size += len(batch.items)
        round_.open_posts += 1
        self._unsettled[id(round_)] = round_
        self._in_flight[id(batch)] = batch
        self._window.add(batch.bytes)
        self._ledger.sent([item.id for item in batch.items])
        if any([item.doubtful for item in batch.items]):  # noqa: C419 - twice as quick
            self._post_with_care(round_, batch)
        else:
            future = self._uplink.inputs.start(batch.items, round_.job_id)
            self._expect(future, self._answered, round_, batch)

    def _post_with_care(
        self, round_: ProcessingRound, batch: Batch, first: Future[Any] | None = None
    ) -> None:
        """Go on in a thread, which may wait, look and send again."""
        post = self._uplink.post
        future = self._post_pool.submit(post, batch.items, round_.job_id, first)
        self._expect(future, self._posted, round_, batch)

    def _expect(self, future: Future[Any], then: Callable[..., None], *about: Any) -> None:
        """Have the calling thread note what came of something, as soon as that is known."""
        future.add_done_callback(lambda done: self._events.put((then, done, about)))

    def _close_round(self) -> None:
        closing, self._round = self._round, ProcessingRound()
        closing.closed = True
        self._settle_if_complete(closing)

    def _settle_if_complete(self, round_: ProcessingRound) -> None:
        if not round_.closed or round_.open_posts:
            return
        if not round_.items:
            self._unsettled.pop(id(round_), None)
            return
        self._settling += 1
        if all(item.there for item in round_.items):
            self._settle_with_care(round_)
        else:
            self._expect(self._uplink.start_progress(round_.job_id), self._progressed, round_)

    def _settle_with_care(
        self, round_: ProcessingRound, progress: Future[Any] | None = None
    ) -> None:
        """Go on in a thread, which may wait, look and send again."""
        future = self._settle_pool.submit(self._settler.settle, round_, progress)
        self._expect(future, self._settled, round_)

    # -- results ---------------------------------------------------------------------------------

    def _reap(self) -> None:
        """Wait for one request or round, and note what came of it."""
        while True:
            try:
                note, future, about = self._events.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                self._look_out()
                continue
            self._look_out()
            note(future, *about)
            return

    def _look_out(self) -> None:
        """Tell when the platform cannot be reached; give up what is under way after long enough."""
        self._outage.look()
        if self._outage.is_too_long and not self._stop.is_set():
            self._fatal = self._fatal or self._outage.error()
            self._stop.set()
            self._calls.end(f"{self._outage.reason}.")

    def _answered(self, future: Future[Any], round_: ProcessingRound, batch: Batch) -> None:
        # Were one missing, its job would count fewer: see processing.py.
        if self._uplink.inputs.taken_by(batch.items, future):
            self._note_posted(BulkResult(list(batch.items)), round_, batch)
        else:
            self._post_with_care(round_, batch, future)

    def _posted(
        self, future: Future[BulkResult[EncodedItem]], round_: ProcessingRound, batch: Batch
    ) -> None:
        try:
            posted = future.result()
        except ClarifaiError as error:
            posted = not_sent(batch.items, error)
            self._fatal = self._fatal or error
        self._note_posted(posted, round_, batch)

    def _progressed(self, future: Future[Any], round_: ProcessingRound) -> None:
        """Settle a round: at once when the platform is done and all is well; else in a thread."""
        settled = self._settler.settled_by(future, round_)
        if settled is None:
            self._settle_with_care(round_, future)
        else:
            self._settling -= 1
            self._note_settled(settled, round_)

    def _settled(self, future: Future[Settled], round_: ProcessingRound) -> None:
        self._settling -= 1
        self._note_settled(future.result(), round_)

    def _drain(self) -> None:
        """After an interrupt: note what arrives as long as something does; give up the rest."""
        deadline = time.monotonic() + GRACE_SECONDS
        try:
            while (self._in_flight or self._settling) and time.monotonic() < deadline:
                self._hear(*self._events.get(timeout=QUIET_SECONDS))
        except (queue.Empty, KeyboardInterrupt):
            pass  # why: a second Ctrl-C means now
        self._give_up()
        self._report.unconfirmed += [
            FailedItem(item.id, _NO_WORD, index=item.index)
            for items in self._left()
            for item in items
        ]

    def _left(self) -> Iterator[list[EncodedItem]]:
        """Yield what was sent and of which nothing is known."""
        for batch in self._in_flight.values():
            yield batch.items
        for round_ in self._unsettled.values():
            yield round_.items

    def _hear(self, note: Callable[..., None], future: Future[Any], about: Any) -> None:
        """Note what came of something, and begin nothing new."""
        if note in (self._answered, self._posted):
            round_, batch = about
            posted: BulkResult[EncodedItem] | None = None
            if note == self._answered:
                if self._uplink.inputs.taken_by(batch.items, future):
                    posted = BulkResult(list(batch.items))
            elif future.exception() is None:
                posted = future.result()
            if posted is not None and posted.lost is None:
                self._in_flight.pop(id(batch), None)
                round_.items += posted.taken
                self._report.failed += map(failed_item, posted.refused)
            return
        self._settling -= 1
        if future.exception() is None:
            (round_,) = about
            settled = future.result() if note == self._settled else None
            settled = settled or self._settler.settled_by(future, round_)
            if settled is not None:
                self._note_settled(settled, round_)

    def _give_up(self) -> None:
        """Let nothing that may still be under way keep anybody waiting."""
        self._stop.set()
        self._calls.end()
        for pool in (self._post_pool, self._settle_pool):
            pool.shutdown(wait=False, cancel_futures=True)

    def _note_posted(
        self, posted: BulkResult[EncodedItem], round_: ProcessingRound, batch: Batch
    ) -> None:
        self._in_flight.pop(id(batch), None)
        self._window.remove(batch.bytes)
        round_.open_posts -= 1
        for item in posted.taken:  # what was needed for sending only
            item.head = item.content = b""
        round_.items += posted.taken
        self._report.failed += map(failed_item, posted.refused)
        self._fatal = self._fatal or posted.fatal
        self._bar.update(len(batch.items))
        self._lost = self._lost + 1 if posted.lost is not None else 0
        self._lost_why = posted.lost
        if self._lost >= self._limits.lost_batches:
            self._fatal = self._fatal or posted.lost
        self._settle_if_complete(round_)

    def _note_settled(self, settled: Settled, round_: ProcessingRound) -> None:
        self._unsettled.pop(id(round_), None)
        report = self._report
        report.uploaded += settled.uploaded
        report.labelled += settled.labelled
        report.bytes += settled.bytes
        report.annotations += settled.annotations
        report.already_there.extend(settled.there)
        report.unconfirmed += settled.unconfirmed
        report.failed += settled.failed
        report.conflicts += settled.conflicts
        self._ledger.done(settled.done)

    def _note_read(self, batch: Batch) -> None:
        """Note what needs not, or cannot, be sent."""
        if not (batch.finished or batch.faults):
            return
        self._report.already_there.extend(one.id for one in batch.finished)
        self._report.resumed += len(batch.finished)
        self._report.failed += [
            FailedItem(one.id, one.reason, attempts=0, index=one.index) for one in batch.faults
        ]
        self._bar.update(len(batch.finished) + len(batch.faults))


def interrupted(report: UploadReport, total: int, ledger: Ledger) -> Interrupted:
    """Return what Ctrl-C ends an upload with."""
    done = report.uploaded + len(report.already_there)
    text = f"{done:,} of {total:,} uploaded"
    if report.unconfirmed:
        text += f", {len(report.unconfirmed):,} sent and not confirmed"
    return Interrupted(text, report, goes_on=not isinstance(ledger, NoLedger))


def progress_bar(total: int, progress: bool | None) -> Bar:
    """Return a bar; None: one that shows itself where somebody looks."""
    return bar(total, "Uploading", "inputs", progress)
