"""The requests of an upload, and what their answers mean for each input.

Whatever happens, an input is in one of the lists that come back. An answer that leaves open whether
inputs were accepted is resolved by looking: their ids are ours.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core import status
from clarifai_core.errors import ApiClientError, ApiError, BadReply, ClarifaiError, ServerError
from clarifai_core.heavy import resources_pb2, service_pb2, status_pb2
from clarifai_core.scope import Scope
from clarifai_core.transport.call_group import CallGroup
from clarifai_core.transport.session import Session
from clarifai_datasets.upload.encode import EncodedItem
from clarifai_datasets.upload.report import FailedItem
from clarifai_inputs.bisection import Refusals, blames_content, halves, in_words

if TYPE_CHECKING:
    from concurrent.futures import Future

MAX_ATTEMPTS = 3
"""How often an input or annotation is sent when the platform fails."""

MAX_ANNOTATIONS = 128
"""Annotations in one request ..."""

MAX_ANNOTATION_BYTES = 32_000_000
"""... and their bytes together: an outline may have a hundred thousand points."""

INPUT_SUCCESS = 30000
INPUT_PENDING = 30001
INPUT_IN_PROGRESS = 30003
INPUT_DUPLICATE = 30100
_NOT_FOUND = 11101
_ACCEPTED = frozenset({INPUT_SUCCESS, INPUT_PENDING, INPUT_IN_PROGRESS})
_PARTIAL = (status.MIXED_STATUS, status.FAILURE)
_PASSING = (status.Advice.PASSING, status.Advice.REFUSED_UNREAD)
_ANNOTATED = range(24150, 24152)
_IN_DATASET = frozenset({64100, 64101})
"""Put into the dataset, or in it already."""
_ADDED, _DUPLICATE = "added", "duplicate"


_READY = status_pb2.Status(code=INPUT_SUCCESS)


@attrs.define
class Posted:
    """What became of the inputs of one PostInputs."""

    taken: list[EncodedItem] = attrs.field(factory=list)
    """Those that the app has now; `there` tells which it had before."""
    failed: list[FailedItem] = attrs.field(factory=list)
    lost: ClarifaiError | None = None
    """Why no answer came at all, when none did."""
    fatal: ClarifaiError | None = None
    """Why the upload as such cannot go on, when that turned out on the way."""

    def add(self, part: Posted) -> None:
        """Add what became of some of the inputs."""
        self.taken += part.taken
        self.failed += part.failed
        self.lost = part.lost or self.lost
        self.fatal = self.fatal or part.fatal


@attrs.frozen
class Uplink:
    """Sends the inputs of one upload. Thread-safe."""

    session: Session | CallGroup
    scope: Scope
    dataset_id: str
    sleep: Callable[[float], object] = time.sleep
    refusals: Refusals = attrs.field(factory=Refusals, eq=False)
    annotation_refusals: Refusals = attrs.field(factory=Refusals, eq=False)
    dataset_refusals: Refusals = attrs.field(factory=Refusals, eq=False)

    def start(self, items: Sequence[EncodedItem], job_id: str) -> Future[Any]:
        """Send inputs that nobody sent before; see `answered` for what to do with the answer."""
        call = self.session.prepare("PostInputs", self._body(items, job_id), _PARTIAL)
        return self.session.start(call)

    def answered(self, items: Sequence[EncodedItem], answer: Future[Any]) -> Posted | None:
        """Return what became of inputs if that is simple: all were taken; else `post` goes on."""
        if answer.exception() is not None:
            return None
        response = answer.result()
        # SUCCESS speaks for all. Were one missing, its job would count fewer: see settle.py.
        whole = response.status.code == status.SUCCESS and len(response.inputs) == len(items)
        if not whole:
            return None
        self.refusals.took()
        return Posted(list(items))

    def post(
        self, items: Sequence[EncodedItem], job_id: str, first: Future[Any] | None = None
    ) -> Posted:
        """Send inputs, again where that can help, and say what became of each.

        Args:
            items: At most what one request may hold.
            job_id: Id of the upload job they belong to.
            first: What `start` returned for them, if they were sent.

        Raises:
            ApiError: The platform refuses the upload as such, whatever the inputs.
        """
        posted, doubtful = Posted(), False
        waiting = list(items) if first else self._without_those_there(items, posted)
        for attempt in range(1, MAX_ATTEMPTS + 1):
            if not waiting:
                return posted
            posted.lost = None
            try:
                response = self._response(first, waiting, job_id)
            except (ApiClientError, ServerError) as error:
                posted.lost = error
                if getattr(error, "maybe_applied", True):
                    doubtful = True
                    waiting = self._resolve(waiting, posted)
            except ApiError as error:
                if not blames_content(error):
                    raise
                self._find_culprits(error, waiting, job_id, posted, attempt)
                return posted
            else:
                if response.status.code == status.FAILURE and not response.inputs:
                    refused = self._error(response.status)
                    self._find_culprits(refused, waiting, job_id, posted, attempt)
                    return posted
                waiting = self._sort(response, waiting, posted, attempt, doubtful)
                if posted.taken:
                    self.refusals.took()
            first = None
            if not waiting:
                posted.lost = None
            elif attempt < MAX_ATTEMPTS:
                self._pause(attempt)
        if waiting:
            reason = str(posted.lost or "the platform answered for fewer inputs than were sent")
            posted.failed += [_unanswered(item, reason) for item in waiting]
        return posted

    def _find_culprits(
        self,
        error: ApiError,
        items: Sequence[EncodedItem],
        job_id: str,
        posted: Posted,
        attempt: int,
    ) -> None:
        """A request was refused as a whole: send its halves, down to what is to blame.

        Raises:
            ApiError: All is refused, for one reason.
        """
        if self.refusals.are_alike:
            raise error
        if len(items) == 1:
            self.refusals.add(error)
            (item,) = items
            posted.failed.append(
                FailedItem(item.id, in_words(error), error.code, attempt, index=item.index)
            )
            return
        for half in halves(items):
            if posted.fatal is not None:
                posted.failed += [_not_sent(item, posted.fatal) for item in half]
                continue
            try:
                posted.add(self.post(half, job_id))
            except ClarifaiError as fatal:
                if not posted.taken:
                    raise
                posted.fatal = fatal
                posted.failed += [_not_sent(item, fatal) for item in half]

    def _without_those_there(
        self, items: Sequence[EncodedItem], posted: Posted
    ) -> list[EncodedItem]:
        """Look for the inputs that an earlier run may have sent; return what is to be sent."""
        doubtful = [item.id for item in items if item.doubtful]
        if not doubtful:
            return list(items)
        try:
            there = self.states(doubtful, ready_only=False)
        except (ApiClientError, ServerError) as error:
            posted.lost = error
            reason = f"not sent, as an earlier run may have: {error}"
            posted.failed += [FailedItem(i.id, reason, attempts=0, index=i.index) for i in items]
            return []
        for item in items:
            item.there = item.id in there
        posted.taken += [item for item in items if item.there]
        return [item for item in items if not item.there]

    def start_progress(self, job_id: str) -> Future[Any]:
        """Ask how many inputs of an upload job are processed; see `progress_of` for the answer."""
        request = service_pb2.GetInputsAddJobRequest(user_app_id=self.scope.message(), id=job_id)
        return self.session.start(self.session.prepare("GetInputsAddJob", request))

    def states(self, ids: Sequence[str], ready_only: bool) -> dict[str, status_pb2.Status]:
        """Return the status of each of these inputs that the platform has.

        Args:
            ids: At most 1000.
            ready_only: Only those that are processed.
        """
        request = service_pb2.ListInputsRequest(
            user_app_id=self.scope.message(), ids=ids, per_page=len(ids)
        )
        if ready_only:
            request.status.code = INPUT_SUCCESS
        found = self.session.call("ListInputs", request).inputs
        if ready_only:
            return {one.id: _READY for one in found}  # a status of it would keep it all in memory
        return {one.id: one.status for one in found}

    def delete_failed(self, ids: Sequence[str]) -> None:
        """Delete inputs that the platform has and says it could not process."""
        request = service_pb2.DeleteInputsRequest(user_app_id=self.scope.message(), ids=ids)
        self.session.call("DeleteInputs", request)

    def put_into_dataset(self, ids: Sequence[str]) -> list[FailedItem]:
        """Put inputs of the app into the dataset; return those that are not in it then.

        Args:
            ids: Any number of them; one that is in the dataset already is none that fails.
        """
        failed: list[FailedItem] = []
        for start in range(0, len(ids), MAX_ANNOTATIONS):
            failed += self._put_into_dataset(ids[start : start + MAX_ANNOTATIONS])
        return failed

    def _put_into_dataset(self, ids: Sequence[str]) -> list[FailedItem]:
        entries = [{"input": {"id": one}} for one in ids]
        request = service_pb2.PostDatasetInputsRequest(
            user_app_id=self.scope.message(), dataset_id=self.dataset_id, dataset_inputs=entries
        )
        try:
            answered = self._answers("PostDatasetInputs", request, "dataset_inputs", len(ids))
            self.dataset_refusals.took()
        except ClarifaiError as error:
            if isinstance(error, ApiError) and blames_content(error):
                self.dataset_refusals.add(error)
                if len(ids) > 1 and not self.dataset_refusals.are_alike:
                    return [one for half in halves(ids) for one in self._put_into_dataset(half)]
            reason = f"it is in the app, but not in the dataset: {error}"
            return [FailedItem(one, reason, getattr(error, "code", 0)) for one in ids]
        return [
            FailedItem(one, f"it is in the app, but not in the dataset: {_text(said)}", said.code)
            for one, said in zip(ids, (entry.input.status for entry in answered), strict=True)
            if said.code not in _IN_DATASET
        ]

    def annotate(self, annotations: Sequence[tuple[str, bytes]]) -> tuple[int, list[FailedItem]]:
        """Send annotations; their ids make sending them again harmless.

        Args:
            annotations: (input id, entry of the request), any number of them.

        Returns:
            How many were added, and what failed.
        """
        parts = list(_parts(annotations))
        if len(parts) < 2:
            return self._annotate(parts[0]) if parts else (0, [])
        answered = list(self.session.executor.map(self._annotate, parts))
        added = sum(count for count, _ in answered)
        return added, [one for _, faults in answered for one in faults]

    def _body(self, items: Sequence[EncodedItem], job_id: str) -> bytes:
        head = service_pb2.PostInputsRequest(
            user_app_id=self.scope.message(), inputs_add_job_id=job_id
        )
        entries = [part for item in items for part in (item.head, item.content) if part]
        return b"".join([head.SerializeToString(), *entries])

    def _response(
        self, first: Future[Any] | None, items: Sequence[EncodedItem], job_id: str
    ) -> service_pb2.MultiInputResponse:
        """Return the answer to inputs when it speaks of each, whatever its own status is."""
        answer = first or self.start(items, job_id)
        response: service_pb2.MultiInputResponse = _for_each(answer.result, "inputs", len(items))
        return response

    def _error(self, refused: status_pb2.Status) -> ApiError:
        request = service_pb2.PostInputsRequest(user_app_id=self.scope.message())
        call = self.session.prepare("PostInputs", request)
        return status.error_from(service_pb2.MultiInputResponse(status=refused), call, 1)

    def _sort(
        self,
        response: service_pb2.MultiInputResponse,
        items: Sequence[EncodedItem],
        posted: Posted,
        attempt: int,
        doubtful: bool,
    ) -> list[EncodedItem]:
        """Put each input where its status says; return those to send again."""
        answers = [one.status for one in response.inputs]
        if len(answers) != len(items):
            return self._resolve(items, posted)  # it does not speak of each
        codes = {said.code for said in answers}
        if codes == {_NOT_FOUND}:  # not the inputs are wrong: the dataset or app does not exist
            raise self._error(answers[0])
        if codes <= _ACCEPTED:
            posted.taken += items
            return []
        again = []
        for item, said in zip(items, answers, strict=True):
            if said.code in _ACCEPTED:
                posted.taken.append(item)
            elif _is_duplicate(said):
                # After a request without answer the one that is there is most likely ours.
                item.there = not (doubtful or item.doubtful)
                posted.taken.append(item)
            elif attempt < MAX_ATTEMPTS and status.meaning_of(said.code).advice in _PASSING:
                again.append(item)
            else:
                posted.failed.append(_failed(item, said, attempt))
        return again

    def _resolve(self, items: Sequence[EncodedItem], posted: Posted) -> list[EncodedItem]:
        """Look which inputs are there; return the others, to send them again."""
        try:
            there = self.states([item.id for item in items], ready_only=False)
        except (ApiClientError, ServerError) as error:
            posted.lost = error
            return list(items)
        posted.taken += [item for item in items if item.id in there]
        return [item for item in items if item.id not in there]

    def _annotate(self, part: Sequence[tuple[str, bytes]]) -> tuple[int, list[FailedItem]]:
        waiting, added, failed = list(part), 0, list[FailedItem]()
        reason, doubtful = "the platform keeps failing", False
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                answered = self._send_annotations(waiting)
            except (ApiClientError, ServerError) as error:
                reason, doubtful = str(error), True
            except ApiError as error:
                count, more = self._annotate_halves(error, waiting, attempt)
                return added + count, failed + more
            else:
                waiting, there = self._sort_annotations(answered, waiting, attempt, failed)
                added += there[_ADDED] + (there[_DUPLICATE] if doubtful else 0)
                if added:
                    self.annotation_refusals.took()
            if not waiting:
                return added, failed
            self._pause(attempt)
        return added, failed + _all_failed(waiting, reason, 0, MAX_ATTEMPTS)

    def _annotate_halves(
        self, error: ApiError, items: Sequence[tuple[str, bytes]], attempt: int
    ) -> tuple[int, list[FailedItem]]:
        """A request was refused as a whole: send its halves, down to what is to blame."""
        refusals = self.annotation_refusals
        if not blames_content(error) or refusals.are_alike:
            return 0, _all_failed(items, str(error), error.code, attempt)
        if len(items) == 1:
            refusals.add(error)
            return 0, _all_failed(items, in_words(error), error.code, attempt)
        answered = [self._annotate(half) for half in halves(items)]
        return sum(count for count, _ in answered), [one for _, more in answered for one in more]

    def _send_annotations(self, items: Sequence[tuple[str, bytes]]) -> Sequence[Any]:
        """Return the answer to each annotation."""
        head = service_pb2.PostAnnotationsRequest(user_app_id=self.scope.message())
        body = b"".join([head.SerializeToString(), *(entry for _, entry in items)])
        return self._answers("PostAnnotations", body, "annotations", len(items))

    def _answers(self, rpc: str, request: Any, field: str, sent: int) -> Sequence[Any]:
        """Call, and return the answer to each thing that was sent.

        Raises:
            BadReply: There are more answers, or fewer.
        """
        response = _for_each(lambda: self.session.call(rpc, request, accept=_PARTIAL), field, sent)
        answered: Sequence[Any] = getattr(response, field)
        if len(answered) != sent:
            raise BadReply(f"{rpc}: {len(answered)} answers to {sent} {field}.")
        return answered

    def _sort_annotations(
        self,
        answered: Sequence[Any],
        sent: Sequence[tuple[str, bytes]],
        attempt: int,
        failed: list[FailedItem],
    ) -> tuple[list[tuple[str, bytes]], Counter[str]]:
        """Return the annotations to send again, and how many are there; note what failed."""
        again, counts = [], Counter[str]()
        for (input_id, entry), one in zip(sent, answered, strict=True):
            said = one.status
            if said.code in _ANNOTATED:
                counts[_ADDED] += 1
            elif _is_duplicate(said):
                counts[_DUPLICATE] += 1
            elif attempt < MAX_ATTEMPTS and status.meaning_of(said.code).advice in _PASSING:
                again.append((input_id, entry))
            else:
                failed.append(FailedItem(input_id, _text(said), said.code, attempt, "annotation"))
        return again, counts

    def _pause(self, attempt: int) -> None:
        rules = self.session.rules
        self.sleep(rules.retry.pause_seconds(attempt, rules.spread))


def progress_of(answer: Future[Any]) -> resources_pb2.InputsAddJobProgress:
    """Return how many inputs of an upload job are processed, and how many are not.

    Args:
        answer: What `Uplink.start_progress` returned.
    """
    progress: resources_pb2.InputsAddJobProgress = answer.result().inputs_add_job.progress
    return progress


def _for_each(call: Callable[[], Any], field: str, sent: int) -> Any:
    """Return the answer of a call when it speaks of each item, whatever its own status is."""
    try:
        return call()
    except ApiError as error:
        if len(getattr(error.response, field, ())) != sent:
            raise
        return error.response


def _parts(annotations: Sequence[tuple[str, bytes]]) -> Iterator[list[tuple[str, bytes]]]:
    """Yield annotations in groups that fit one request, by number and by bytes."""
    part: list[tuple[str, bytes]] = []
    size = 0
    for one in annotations:
        length = len(one[1])
        if part and (len(part) == MAX_ANNOTATIONS or size + length > MAX_ANNOTATION_BYTES):
            yield part
            part, size = [], 0
        part.append(one)
        size += length
    if part:
        yield part


def _all_failed(
    waiting: Sequence[tuple[str, Any]], reason: str, code: int, attempts: int
) -> list[FailedItem]:
    return [FailedItem(one, reason, code, attempts, "annotation") for one, _ in waiting]


def _is_duplicate(said: status_pb2.Status) -> bool:
    text = f"{said.description} {said.details}".lower()
    return said.code == INPUT_DUPLICATE or "duplicate id" in text or "already exists" in text


def _failed(item: EncodedItem, said: status_pb2.Status, attempts: int) -> FailedItem:
    return FailedItem(item.id, _text(said), said.code, attempts, index=item.index)


def _not_sent(item: EncodedItem, error: ClarifaiError) -> FailedItem:
    return FailedItem(item.id, f"not sent: {error}", index=item.index)


def _unanswered(item: EncodedItem, reason: str) -> FailedItem:
    return FailedItem(item.id, reason, attempts=MAX_ATTEMPTS, index=item.index)


def _text(said: status_pb2.Status) -> str:
    parts = (said.description, said.details)
    return ": ".join(part for part in parts if part) or "refused without a reason"
