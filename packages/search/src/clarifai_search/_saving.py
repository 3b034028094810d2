"""The hits of a search as a dataset of the app."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import attrs

from clarifai_core.errors import AlreadyExists, ClarifaiError
from clarifai_core.heavy import resources_pb2, service_pb2
from clarifai_core.tables import Tabular
from clarifai_core.wire.ids import check_new_id
from clarifai_inputs.batching import in_batches
from clarifai_inputs.bulk import BulkSender
from clarifai_inputs.sender import dataset_call
from clarifai_views import views

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from concurrent.futures import Future

    from clarifai_core.handles import Handle
    from clarifai_core.records import Record
    from clarifai_inputs.bulk import BulkResult


REQUESTS_IN_FLIGHT = 4
"""Requests that are under way while further hits are being read."""

MAX_SHOWN = 10
"""Failures that printing a report spells out."""


class SavingFailed(ClarifaiError):
    """Some hits are not in the dataset; `report` says which."""

    def __init__(self, message: str, report: SavedHits) -> None:
        super().__init__(message)
        self.report = report


@attrs.frozen
class FailedHit:
    """An input that the platform did not put into the dataset."""

    input_id: str
    reason: str
    code: int
    """The platform's status code."""

    def __str__(self) -> str:
        return f"input {self.input_id}: {self.reason} [{self.code}]"


@attrs.define
class SavedHits(Tabular):
    """What became of the hits: every input is counted or named here, exactly once.

    Example:
        >>> print(SavedHits("cats", created=True, added=3, already_there=1))
        cats (new): 3 added, 1 already there, 0 failed
    """

    dataset_id: str
    created: bool
    """Whether the dataset is new."""
    added: int = 0
    already_there: int = 0
    failed: list[FailedHit] = attrs.field(factory=list)

    @property
    def total(self) -> int:
        """Return the number of inputs that were found."""
        return self.added + self.already_there + len(self.failed)

    @property
    def ok(self) -> bool:
        """Return whether all of them are in the dataset."""
        return not self.failed

    def raise_for_failures(self) -> SavedHits:
        """Return the report itself when all inputs are in the dataset.

        Raises:
            SavingFailed: Some are not; the error holds the report.
        """
        if self.failed:
            raise SavingFailed(str(self), self)
        return self

    def to_record(self) -> Record:
        """Return the counts as one row."""
        return {
            "dataset_id": self.dataset_id,
            "created": self.created,
            "added": self.added,
            "already_there": self.already_there,
            "failed": len(self.failed),
        }

    def _rows(self) -> Iterator[Record]:
        """Yield a row for each input that is not in the dataset."""
        for one in self.failed:
            yield {"input_id": one.input_id, "reason": one.reason, "code": one.code}

    def _columns(self) -> Sequence[str]:
        return ("input_id", "reason", "code")

    def _view(self) -> views.Html:
        return views.of_report(self.to_record(), self._rows())

    def __str__(self) -> str:
        new = " (new)" if self.created else ""
        counts = f"{self.added:,} added, {self.already_there:,} already there"
        lines = [f"{self.dataset_id}{new}: {counts}, {len(self.failed):,} failed"]
        lines += [f"  {one}" for one in self.failed[:MAX_SHOWN]]
        if len(self.failed) > MAX_SHOWN:
            lines.append(f"  and {len(self.failed) - MAX_SHOWN:,} more")
        return "\n".join(lines)


def save(handle: Handle, hits: Iterable[resources_pb2.Hit], dataset_id: str) -> SavedHits:
    """Put the inputs of hits into a dataset, which is made when there is none.

    Args:
        handle: Whose app it is in.
        hits: The hits; an input that several hits are of, counts once.
        dataset_id: Id of the dataset.

    Raises:
        UserError: The id cannot be one.
        ApiError: The platform refused a request. Those before it had their effect; saving again
            goes on from there.
    """
    check_new_id("dataset_id", dataset_id)
    report = SavedHits(dataset_id, _create(handle, dataset_id))
    bulk = BulkSender(handle.session, dataset_call(handle.user_app_id, dataset_id))
    executor = handle.session.executor
    waiting: deque[Future[BulkResult[str]]] = deque()
    try:
        for batch in in_batches(_ids(hits), len):
            waiting.append(executor.submit(bulk.post, batch))
            if len(waiting) >= REQUESTS_IN_FLIGHT:
                _note(report, waiting.popleft().result())
        while waiting:
            _note(report, waiting.popleft().result())
    finally:
        for future in waiting:
            future.cancel()
    return report


def _create(handle: Handle, dataset_id: str) -> bool:
    request = service_pb2.PostDatasetsRequest(
        user_app_id=handle.user_app_id, datasets=[resources_pb2.Dataset(id=dataset_id)]
    )
    try:
        handle.session.call("PostDatasets", request)
    except AlreadyExists:
        return False
    return True


def _ids(hits: Iterable[resources_pb2.Hit]) -> Iterator[str]:
    seen: set[str] = set()
    for hit in hits:
        if hit.input.id not in seen:
            seen.add(hit.input.id)
            yield hit.input.id


def _note(report: SavedHits, posted: BulkResult[str]) -> None:
    refused = None if posted.taken or posted.there else posted.whole
    if stopped := posted.lost or posted.fatal or refused:
        raise stopped
    report.added += len(posted.taken)
    report.already_there += len(posted.there)
    report.failed += [FailedHit(one.item, one.reason, one.status.code) for one in posted.refused]
