"""Uploading by many workers: the partitions of a source go through any executor.

    items -> units of a few hundred -> executor.submit(run_unit, unit) -> one report, one journal

The calling process asks the loader for features, in order, and gives them to the workers, which
read the files that the features name, encode and send them. So any loader will do, while workers on
other machines must see the same files. A unit travels by pickle, with the credentials in it.

What a worker that died was doing is sent as another unit, which first looks what is there.
"""

from __future__ import annotations

import os
import pickle
import time
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core.errors import ClarifaiError, UserError
from clarifai_core.scope import Scope
from clarifai_core.settings import Settings
from clarifai_core.transport.session import session_for
from clarifai_datasets.upload._broken import BrokenItem
from clarifai_datasets.upload._journal import Entry
from clarifai_datasets.upload._pipeline import (
    LOOK_SECONDS,
    UploadLimits,
    interrupted,
    progress_bar,
    upload,
)
from clarifai_datasets.upload._sources import LoadedItems
from clarifai_datasets.upload.encode import ItemRules, check_features, input_id, signature_of
from clarifai_datasets.upload.report import FailedItem, UploadFailed, UploadReport, UploadStopped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clarifai_core.transport.session import Session
    from clarifai_datasets.upload._journal import Ledger
    from clarifai_datasets.upload._sources import ItemSource

MAX_UNIT_BYTES = 16_000_000
"""Bytes of texts and images in memory that one unit carries."""

MAX_UNIT_ATTEMPTS = 3
"""How often a unit is given to a worker when workers die over it."""


@attrs.frozen
class Partition:
    """A partition of an upload: everything that a worker needs."""

    settings: Settings
    scope: Scope
    rules: ItemRules
    limits: UploadLimits
    features: dict[int, Any] = attrs.field(repr=False)
    """Number of an item -> what the loader gave."""
    doubtful: frozenset[str] | None = frozenset()
    """Ids of inputs that may have been sent before; None: all of them."""
    pid: int = attrs.field(factory=os.getpid, eq=False)
    """The process that made it."""


@attrs.frozen
class PartitionResult:
    """What a worker says of a unit."""

    report: UploadReport
    done: list[Entry]
    """For the journal: ids, and signatures of annotations."""
    stopped: ClarifaiError | None = None
    """Why it could not go on, if so."""


class _WorkerLedger:
    """The ledger of a worker: what it writes travels back with the report."""

    def __init__(self, doubtful: frozenset[str] | None) -> None:
        self._doubtful = doubtful
        self.resumed = doubtful is None or bool(doubtful)
        self.written: list[Entry] = []

    def find(self, ids: Sequence[str]) -> dict[str, bytes | None]:
        doubtful = self._doubtful
        return dict.fromkeys(one for one in ids if doubtful is None or one in doubtful)

    def sent(self, ids: Any) -> None:
        """Leave it to the calling process, which wrote it before the unit left."""

    def done(self, entries: Any) -> None:
        self.written += entries


def run_unit(unit: Partition) -> PartitionResult:
    """Upload a unit; this is what runs in a worker."""
    notes = _WorkerLedger(unit.doubtful)
    try:
        _check_reach(unit)
        report = upload(
            session_for(unit.settings),
            unit.scope,
            LoadedItems(unit.features),
            unit.rules,
            limits=unit.limits,
            progress=False,
            ledger=notes,
        )
    except UploadFailed as error:
        cause = error.__cause__
        why = cause if isinstance(cause, ClarifaiError) else ClarifaiError(str(error))
        return PartitionResult(error.report, notes.written, _portable(why))
    except ClarifaiError as error:
        return PartitionResult(_all_failed(unit, str(error)), notes.written, _portable(error))
    return PartitionResult(report, notes.written)


def _check_reach(unit: Partition) -> None:
    """Refuse a platform that is in the memory of the calling process: here is another one."""
    if unit.settings.endpoint.scheme == "local" and os.getpid() != unit.pid:
        raise UserError(
            f"base_url {unit.settings.base_url!r} is a platform within one process, which workers "
            "in other processes cannot reach: serve it (`clarifai local up`), and give its address."
        )


def upload_with(
    executor: Executor,
    session: Session,
    scope: Scope,
    source: ItemSource,
    rules: ItemRules,
    *,
    limits: UploadLimits,
    progress: bool | None,
    ledger: Ledger,
) -> UploadReport:
    """Upload all items of a source by the workers of an executor; see `pipeline.upload`."""
    spread = _ParallelUpload(executor, session, scope, source, rules, limits, ledger)
    return spread.run(progress)


class _ParallelUpload:
    """The state of one upload; touched by the calling thread only."""

    def __init__(
        self,
        executor: Executor,
        session: Session,
        scope: Scope,
        source: ItemSource,
        rules: ItemRules,
        limits: UploadLimits,
        ledger: Ledger,
    ) -> None:
        self._executor, self._source, self._rules = executor, source, rules
        self._limits, self._ledger = limits, ledger
        self._empty = Partition(session.settings, scope, rules, limits, {})
        self._report = UploadReport(rules.dataset_id)
        self._under_way: dict[Future[PartitionResult], tuple[Partition, int]] = {}
        self._fatal: Exception | None = None

    def run(self, progress: bool | None) -> UploadReport:
        started = time.monotonic()
        report, total = self._report, len(self._source)
        self._bar = progress_bar(total, progress)
        try:
            with self._bar:
                self._send_all()
                while self._under_way:
                    self._reap()
        except KeyboardInterrupt:
            for unit, _ in self._under_way.values():
                self._leave(unit, "the upload was interrupted while a worker had it")
            raise interrupted(report, total, self._ledger) from None
        finally:
            for future in self._under_way:
                future.cancel()
            report.seal(time.monotonic() - started)
        if self._fatal is None:
            return report
        if not (report.uploaded or report.already_there or report.unconfirmed):
            raise self._fatal
        raise UploadStopped(f"The upload stopped: {self._fatal}\n{report}", report) from self._fatal

    def _send_all(self) -> None:
        for unit in self._units():
            while len(self._under_way) >= self._limits.units_in_flight:
                self._reap()
            if self._fatal is not None:
                return
            self._ledger.sent(self._ids(unit))
            self._submit(unit, 1)

    def _submit(self, unit: Partition, attempt: int) -> None:
        try:
            self._under_way[self._executor.submit(run_unit, unit)] = (unit, attempt)
        except RuntimeError as error:  # it is broken, or was shut down
            self._lose(unit, error)

    def _reap(self) -> None:
        """Wait for one unit, and write down what came of it."""
        finished, _ = wait(self._under_way, LOOK_SECONDS, return_when=FIRST_COMPLETED)
        for future in finished:
            unit, attempt = self._under_way.pop(future)
            try:
                self._note(unit, future.result())
            except BrokenExecutor as error:
                self._lose(unit, error)
            except Exception as error:  # noqa: BLE001 - whatever an executor says of a dead worker
                if attempt < MAX_UNIT_ATTEMPTS:
                    self._submit(attrs.evolve(unit, doubtful=None), attempt + 1)
                else:
                    self._lose(unit, error)

    def _note(self, unit: Partition, done: PartitionResult) -> None:
        self._report.add(done.report)
        self._ledger.done(done.done)
        self._bar.update(len(unit.features))
        if done.stopped:
            self._fatal = self._fatal or done.stopped

    def _lose(self, unit: Partition, error: Exception) -> None:
        """Say of a unit that nobody knows what became of it; the next run looks."""
        self._leave(unit, f"the worker that had it is gone ({type(error).__name__})")
        self._fatal = self._fatal or ClarifaiError(
            f"{error or type(error).__name__}: run the same again, and it goes on from here."
        )

    def _leave(self, unit: Partition, reason: str) -> None:
        self._report.unconfirmed += [
            FailedItem(input_id(features, index, self._rules), reason, attempts=1, index=index)
            for index, features in unit.features.items()
        ]

    # -- partitions ------------------------------------------------------------------------------

    def _units(self) -> Iterator[Partition]:
        features: dict[int, Any] = {}
        size = 0
        for index, item in self._source.items():
            check_features(item, index, self._rules.task)
            features[index] = item
            size += _carried_bytes(item)
            if len(features) >= self._limits.round_inputs or size >= MAX_UNIT_BYTES:
                yield from self._left_of(features)
                features, size = {}, 0
        yield from self._left_of(features)

    def _left_of(self, features: dict[int, Any]) -> Iterator[Partition]:
        """Yield a unit of what an earlier run has not done."""
        doubtful: set[str] = set()
        if self._ledger.resumed:
            ids = {index: input_id(item, index, self._rules) for index, item in features.items()}
            known = self._ledger.find(list(ids.values()))
            for index, one in ids.items():
                if one not in known or isinstance(features[index], BrokenItem):
                    continue
                if known[one] is not None and known[one] == self._signature(features, index):
                    del features[index]
                    self._note_finished(one)
                else:
                    doubtful.add(one)
        if features:
            yield attrs.evolve(self._empty, features=features, doubtful=frozenset(doubtful))

    def _signature(self, features: dict[int, Any], index: int) -> bytes | None:
        return signature_of(features[index], index, self._rules)

    def _note_finished(self, input_id_: str) -> None:
        self._report.already_there.append(input_id_)
        self._report.resumed += 1
        self._bar.update(1)

    def _ids(self, unit: Partition) -> list[str]:
        return [input_id(item, index, self._rules) for index, item in unit.features.items()]


def _carried_bytes(features: Any) -> int:
    found = (getattr(features, name, None) for name in ("image_bytes", "text", "content"))
    return sum(len(content) for content in found if content)


def _all_failed(unit: Partition, reason: str) -> UploadReport:
    report = UploadReport(unit.rules.dataset_id)
    report.failed = [
        FailedItem(input_id(item, index, unit.rules), f"not sent: {reason}", index=index)
        for index, item in unit.features.items()
    ]
    return report


def _portable(error: ClarifaiError) -> ClarifaiError:
    """Return the error, or its words when it cannot travel."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - made in the line itself
    except (pickle.PickleError, TypeError, AttributeError):
        return ClarifaiError(str(error))
    return error
