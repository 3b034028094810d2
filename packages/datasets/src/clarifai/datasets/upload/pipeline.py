"""The one way that data goes up.

    source -> read ahead, encode once -> batch by count and bytes -> a window of requests in flight
           -> settle many batches at once (settle.py) -> report

The thread that calls `upload` turns the wheel: it alone asks the source for items, groups them, and
writes the journal and the report. What an earlier run has done by the journal is neither read nor
sent, and what it may have sent is looked for first (uplink.py). Every stage holds a bounded amount,
so memory does not grow with the data set.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import attrs

from clarifai.core.errors import ClarifaiError, UserError
from clarifai.datasets.upload.encode import (
    ENVELOPE_BYTES,
    MAX_REQUEST_BYTES,
    EncodedItem,
    Finished,
    ItemFault,
    ItemRules,
    check_features,
    encode,
    input_id,
    needs_reading,
    signature_of,
    source_bytes,
)
from clarifai.datasets.upload.journal import Ledger, NoLedger
from clarifai.datasets.upload.loader import BrokenItem
from clarifai.datasets.upload.report import FailedItem, UploadReport, UploadStopped
from clarifai.datasets.upload.settle import (
    PROCESSING_TIMEOUT_SECONDS,
    Round,
    Settled,
    Settler,
    accepted,
)
from clarifai.datasets.upload.uplink import Posted, Uplink

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarifai.core.scope import Scope
    from clarifai.core.transport.session import Session
    from clarifai.datasets.upload.sources import Source

MAX_BATCH_INPUTS = 128
"""The platform's limit for one request."""


@attrs.frozen
class UploadLimits:
    """What an upload may hold and have under way."""

    batch_inputs: int = MAX_BATCH_INPUTS
    """Inputs in one request."""
    batch_bytes: int = 32_000_000
    """Bytes in one request. A larger input goes alone, up to the platform's 128 MB: smaller
    requests cost nothing in speed, and less memory and less to repeat."""
    requests_in_flight: int = 16
    bytes_in_flight: int = MAX_REQUEST_BYTES
    """Of all requests in flight together; a single one may be larger."""
    round_inputs: int = 7 * MAX_BATCH_INPUTS
    """Inputs that are settled together; one ListInputs page holds 1000."""
    rounds: int = 8
    """Rounds that may wait for the platform at once."""
    chunk_items: int = 32
    """Items that are read and encoded in one go."""
    chunk_bytes: int = 8_000_000
    chunks_ahead: int = 4
    readers: int = 4
    """Threads that read files."""
    units_in_flight: int = 16
    """Partitions that workers of an executor have, `round_inputs` items each."""
    lost_batches: int = 8
    """Batches in a row without any answer after which the upload stops."""
    processing_timeout_seconds: float = PROCESSING_TIMEOUT_SECONDS

    def __attrs_post_init__(self) -> None:
        size = self.batch_inputs
        if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= 128:
            raise UserError(f"batch_size must be a whole number from 1 to 128, got {size!r}.")


def upload(
    session: Session,
    scope: Scope,
    source: Source,
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
    return _Upload(session, scope, source, rules, limits, ledger or NoLedger()).run(progress)


_Made = EncodedItem | ItemFault | Finished


@attrs.define
class _Batch:
    items: list[EncodedItem] = attrs.field(factory=list)
    bytes: int = 0


class _Upload:
    """The state of one upload; touched by the calling thread only."""

    def __init__(
        self,
        session: Session,
        scope: Scope,
        source: Source,
        rules: ItemRules,
        limits: UploadLimits,
        ledger: Ledger,
    ) -> None:
        self._source, self._rules, self._limits, self._ledger = source, rules, limits, ledger
        self._stop = threading.Event()
        self._source_lock = threading.Lock()
        self._uplink = Uplink(session, scope, self._stop.wait)
        self._settler = Settler(
            self._uplink, self._reread, self._stop, limits.processing_timeout_seconds
        )
        self._report = UploadReport(rules.dataset_id)
        self._events: queue.SimpleQueue[tuple[Round, _Batch | None, Future[Any]]] = (
            queue.SimpleQueue()
        )
        self._round = Round()
        self._posts = self._post_bytes = self._settling = self._lost = 0
        self._lost_why: ClarifaiError | None = None
        self._fatal: Exception | None = None

    def run(self, progress: bool | None) -> UploadReport:
        started = time.monotonic()
        limits = self._limits
        self._bar = progress_bar(len(self._source), progress)
        self._post_pool = ThreadPoolExecutor(limits.requests_in_flight, "clarifai-post")
        self._settle_pool = ThreadPoolExecutor(limits.rounds, "clarifai-settle")
        try:
            with self._bar, self._post_pool, self._settle_pool:
                self._turn()
        finally:
            self._drain()
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
            while self._posts or self._settling:
                self._reap()
        except BaseException:  # why: Ctrl-C ends the waits, not what is in flight; raised again
            self._stop.set()
            raise

    def _send_all(self) -> None:
        try:
            for batch in self._batches():
                self._begin(batch)
                if self._fatal is not None:
                    return
        except UserError as error:
            self._fatal = error

    def _raise(self, error: Exception) -> None:
        if not self._arrived():
            raise error
        report = self._report
        raise UploadStopped(f"The upload stopped: {error}\n{report}", report) from error

    def _arrived(self) -> bool:
        report = self._report
        return bool(report.uploaded or report.already_there or report.unconfirmed)

    # -- sending ---------------------------------------------------------------------------------

    def _begin(self, batch: _Batch) -> None:
        limits = self._limits
        while not self._events.empty():
            self._reap()
        while self._posts >= limits.requests_in_flight or (
            self._posts and self._post_bytes + batch.bytes > limits.bytes_in_flight
        ):
            self._reap()
        if self._round.size and self._round.size + len(batch.items) > limits.round_inputs:
            self._close_round()
            while self._settling >= limits.rounds:
                self._reap()
        if self._fatal is None:
            self._post(batch, self._round)

    def _post(self, batch: _Batch, round_: Round) -> None:
        round_.size += len(batch.items)
        round_.open_posts += 1
        self._posts += 1
        self._post_bytes += batch.bytes
        self._ledger.sent(item.id for item in batch.items)
        future = self._post_pool.submit(self._uplink.post, batch.items, round_.job_id)
        future.add_done_callback(lambda done: self._events.put((round_, batch, done)))

    def _close_round(self) -> None:
        closing, self._round = self._round, Round()
        closing.closed = True
        self._settle_if_complete(closing)

    def _settle_if_complete(self, round_: Round) -> None:
        if not round_.closed or round_.open_posts or not round_.items:
            return
        self._settling += 1
        future = self._settle_pool.submit(self._settler.settle, round_)
        future.add_done_callback(lambda done: self._events.put((round_, None, done)))

    # -- results ---------------------------------------------------------------------------------

    def _reap(self) -> None:
        """Wait for one request or round, and write down what came of it."""
        round_, batch, future = self._events.get()
        if batch is None:
            self._settling -= 1
            self._note_settled(future.result())
            return
        self._posts -= 1
        self._post_bytes -= batch.bytes
        round_.open_posts -= 1
        try:
            self._note_posted(future.result(), round_)
        except ClarifaiError as error:
            reason = f"not sent: {error}"
            self._fail(FailedItem(one.id, reason, index=one.index) for one in batch.items)
            self._fatal = self._fatal or error
        self._bar.update(len(batch.items))
        self._settle_if_complete(round_)

    def _drain(self) -> None:
        """After an interrupt: write down what was settled while everything came to its end."""
        while not self._events.empty():
            _, batch, future = self._events.get()
            if batch is None and future.exception() is None:
                self._note_settled(future.result())

    def _note_posted(self, posted: Posted, round_: Round) -> None:
        round_.items += [accepted(item, there=False) for item in posted.accepted]
        round_.items += [accepted(item, there=True) for item in posted.there]
        self._fail(iter(posted.failed))
        self._lost = self._lost + 1 if posted.lost is not None else 0
        self._lost_why = posted.lost
        if self._lost >= self._limits.lost_batches:
            self._fatal = self._fatal or posted.lost

    def _note_settled(self, settled: Settled) -> None:
        report = self._report
        report.uploaded += settled.uploaded
        report.bytes += settled.bytes
        report.annotations += settled.annotations
        report.already_there.extend(settled.there)
        report.unconfirmed += settled.unconfirmed
        self._fail(iter(settled.failed))
        self._ledger.done(settled.done)

    def _note_finished(self, item: Finished) -> None:
        self._report.already_there.append(item.id)
        self._report.resumed += 1
        self._bar.update(1)

    def _fail(self, failed: Iterator[FailedItem]) -> None:
        self._report.failed += failed

    # -- reading ---------------------------------------------------------------------------------

    def _batches(self) -> Iterator[_Batch]:
        """Yield encoded items in groups that fit one request."""
        limits, batch = self._limits, _Batch()
        for made in self._encoded():
            if isinstance(made, Finished):
                self._note_finished(made)
                continue
            if isinstance(made, ItemFault):
                fault = FailedItem(made.id, made.reason, attempts=0, index=made.index)
                self._fail(iter([fault]))
                self._bar.update(1)
                continue
            size = len(made.record)
            full = len(batch.items) >= limits.batch_inputs
            if batch.items and (full or batch.bytes + size > limits.batch_bytes - ENVELOPE_BYTES):
                yield batch
                batch = _Batch()
            batch.items.append(made)
            batch.bytes += size
        if batch.items:
            yield batch

    def _encoded(self) -> Iterator[_Made]:
        """Yield items in order, while the next ones are being read by other threads."""
        ahead: deque[Future[list[_Made]]] = deque()
        with ThreadPoolExecutor(self._limits.readers, "clarifai-read") as readers:
            for chunk in self._chunks():
                if not ahead and not any(needs_reading(features) for _, features in chunk):
                    yield from self._encode(chunk)  # threads would only wait for each other
                    continue
                ahead.append(readers.submit(self._encode, chunk))
                if len(ahead) > self._limits.chunks_ahead:
                    yield from ahead.popleft().result()
            while ahead:
                yield from ahead.popleft().result()

    def _chunks(self) -> Iterator[list[tuple[int, Any]]]:
        source = self._source.items()
        while chunk := self._chunk(source):
            yield chunk

    def _chunk(self, source: Iterator[tuple[int, Any]]) -> list[tuple[int, Any]]:
        """Return the next items; none at the end."""
        limits, task = self._limits, self._rules.task
        chunk: list[tuple[int, Any]] = []
        size = 0
        with self._source_lock:
            for index, features in source:
                check_features(features, index, task)
                chunk.append((index, features))
                size += source_bytes(features)
                if len(chunk) >= limits.chunk_items or size >= limits.chunk_bytes:
                    break
        return chunk

    def _encode(self, chunk: list[tuple[int, Any]]) -> list[_Made]:
        rules = self._rules
        if not self._ledger.resumed:
            return [encode(features, index, rules) for index, features in chunk]
        known = self._ledger.find([input_id(features, index, rules) for index, features in chunk])
        return [self._again(features, index, known) for index, features in chunk]

    def _again(self, features: Any, index: int, known: dict[str, bytes | None]) -> _Made:
        """Encode an item of which an earlier run may have left word."""
        item_id = input_id(features, index, self._rules)
        if item_id not in known or isinstance(features, BrokenItem):
            return encode(features, index, self._rules)
        before = known[item_id]
        if before is not None and before == signature_of(features, index, self._rules):
            return Finished(index, item_id)
        made = encode(features, index, self._rules)
        return attrs.evolve(made, doubtful=True) if isinstance(made, EncodedItem) else made

    def _reread(self, index: int) -> EncodedItem | None:
        with self._source_lock:
            features = self._source.item(index)
        made = encode(features, index, self._rules)
        return made if isinstance(made, EncodedItem) else None


def progress_bar(total: int, progress: bool | None) -> Any:
    """Return a bar; None: one that shows itself when stderr is a terminal."""
    from tqdm import tqdm

    disable = None if progress is None else not progress
    return tqdm(total=total, desc="Uploading", unit=" inputs", disable=disable)
