"""The hits of a search as a dataset of the app."""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core.errors import AlreadyExists, BadReply, ClarifaiError
from clarifai_core.heavy import resources_pb2, service_pb2
from clarifai_core.heavy import status_code_pb2 as codes
from clarifai_core.wire.ids import check_new_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future

    from clarifai_grpc.grpc.api.status import status_pb2

    from clarifai_core.handles import Handle


MAX_PER_REQUEST = 128
"""Inputs that one request may put into a dataset."""

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
class SavedHits:
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
    executor = handle.session.executor
    waiting: deque[Future[Any]] = deque()
    try:
        for batch in _batches(_ids(hits)):
            waiting.append(executor.submit(_put, handle, dataset_id, batch))
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


def _batches(ids: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(ids)
    while batch := list(islice(rest, MAX_PER_REQUEST)):
        yield batch


def _put(handle: Handle, dataset_id: str, ids: list[str]) -> list[tuple[str, status_pb2.Status]]:
    request = service_pb2.PostDatasetInputsRequest(
        user_app_id=handle.user_app_id, dataset_id=dataset_id
    )
    for input_id in ids:
        request.dataset_inputs.add().input.id = input_id
    answer = handle.session.call(
        "PostDatasetInputs", request, accept=(codes.MIXED_STATUS, codes.FAILURE)
    )
    found = {item.input.id: item.input.status for item in answer.dataset_inputs}
    missing = [one for one in ids if one not in found]
    if missing:
        raise BadReply(
            f"PostDatasetInputs: the answer ({answer.status.description or answer.status.code}) "
            f"says nothing about {len(missing)} of {len(ids)} inputs, such as {missing[0]!r}.",
            rpc="PostDatasetInputs",
        )
    return [(one, found[one]) for one in ids]


def _note(report: SavedHits, states: list[tuple[str, status_pb2.Status]]) -> None:
    for input_id, state in states:
        if state.code == codes.DATASET_INPUT_DUPLICATE:
            report.already_there += 1
        elif state.code in _GOOD:
            report.added += 1
        else:
            reason = ": ".join(part for part in (state.description, state.details) if part)
            report.failed.append(FailedHit(input_id, reason or "refused", state.code))


_GOOD = frozenset((codes.ZERO, codes.SUCCESS, codes.DATASET_INPUT_SUCCESS))
"""Status codes of an input that is in the dataset now; none at all says so, too."""
