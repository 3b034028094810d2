"""Sending inputs and annotations, changing them and deleting them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast

from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_core import ops
from clarifai_core.errors import ApiError, UserError
from clarifai_core.status import FAILURE, MIXED_STATUS, SUCCESS, error_within
from clarifai_core.wire.ids import new_id
from clarifai_inputs.bisection import Refusals, blames_content, halves
from clarifai_resources.inputs.annotations import one_region_each
from clarifai_resources.inputs.sending import Sender
from clarifai_resources.kinds import ANNOTATION, INPUT

if TYPE_CHECKING:
    from clarifai_core.handles import Handle

MAX_ITEMS = 128
"""Inputs, or annotations, in one request."""

MAX_REQUEST_BYTES = 120 * 1024 * 1024
"""Bytes of messages in one request; the platform's limit is 128 MB."""

ACTIONS = ("merge", "overwrite", "remove")
"""What a patch does to what is there."""

_ACCEPTED_STATUSES = (10000, 30000, 30001, 30003)
_ANNOTATED = (0, SUCCESS, 24150)

_T = TypeVar("_T")
_log = logging.getLogger(__name__)


def upload_inputs(
    handle: Handle, inputs: object, log: Callable[[int, str], object]
) -> tuple[str, service_pb2.MultiInputResponse]:
    """Send inputs under one job id; more than a request may hold go in several at a time.

    Args:
        handle: Whose app they go to.
        inputs: A list of `Input` messages.
        log: Gets (logging level, line) about what was sent.

    Returns:
        The id of the job, and the answer: `inputs` in order, each with its status.

    Raises:
        UserError: Something is no `Input`; nothing was sent.
        ApiError: The platform took none of them.
        ApiClientError: No answer came to any request, and looking for the inputs failed, too.
    """
    given = _messages(inputs, resources_pb2.Input, "inputs")
    scope = ops.scope_of(handle, INPUT, "create").message()
    job_id = new_id()
    merged = _merged(Sender(handle.session, scope, job_id).send(batches(given)))
    if merged.status.code == FAILURE:
        request = service_pb2.PostInputsRequest(user_app_id=scope, inputs_add_job_id=job_id)
        call = handle.session.prepare("PostInputs", request)
        raise error_within(merged, _reason(merged), call)
    _log_inputs(merged, job_id, log)
    return job_id, merged


def upload_annotations(
    handle: Handle, batch_annot: object, log: Callable[[int, str], object]
) -> list[resources_pb2.Annotation]:
    """Send annotations, one region in each.

    Returns:
        Those of `batch_annot` that the platform refused, wholly or in part.

    Raises:
        UserError: Something is no `Annotation`; nothing was sent.
        ApiError: The platform refused all that was sent, or the request for what it is.
    """
    given = _messages(batch_annot, resources_pb2.Annotation, "batch_annot")
    scope = ops.scope_of(handle, ANNOTATION, "create").message()
    sender = _AnnotationSender(handle, scope)
    refused: set[int] = set()
    parts = list(one_region_each(given))
    position = 0
    for batch in batches([part for _, part in parts]):
        answers = sender.send(batch)
        for (index, _), answer in zip(parts[position:], answers, strict=False):
            if answer.status.code not in _ANNOTATED:
                refused.add(index)
                log(logging.WARNING, _fault(f"annotation of input {answer.input_id!r}", answer))
        position += len(batch)
    sender.raise_for_all(len(given), len(refused))
    log(logging.INFO, f"{len(given) - len(refused)} of {len(given)} annotations were accepted")
    return [given[index] for index in sorted(refused)]


def patch_inputs(handle: Handle, inputs: object, action: str) -> service_pb2.MultiInputResponse:
    """Change inputs; see `Inputs.patch_inputs`."""
    if action not in ACTIONS:
        raise UserError(f"action must be one of {', '.join(ACTIONS)}, got {action!r}.")
    given = _messages(inputs, resources_pb2.Input, "inputs")
    for index, one in enumerate(given):
        if not one.id:
            raise UserError(f"inputs[{index}] has no id; a patch names the input by its id.")
    scope = ops.scope_of(handle, INPUT, "patch").message()
    answers = [
        handle.session.call(
            "PatchInputs",
            service_pb2.PatchInputsRequest(user_app_id=scope, inputs=batch, action=action),
            accept=(MIXED_STATUS,),
        )
        for batch in batches(given)
    ]
    merged: service_pb2.MultiInputResponse = _merged(answers)
    return merged


def delete_inputs(handle: Handle, inputs: object) -> None:
    """Delete inputs; see `Inputs.delete_inputs`."""
    ids = list(dict.fromkeys(ids_of(inputs, "inputs")))
    for start in range(0, len(ids), MAX_ITEMS):
        ops.delete(handle, INPUT, ids[start : start + MAX_ITEMS])


def ids_of(inputs: object, name: str) -> list[str]:
    """Return the ids of `Input` messages, or of ids.

    Raises:
        UserError: It is nothing to go through, or something in it has no id.
    """
    if isinstance(inputs, (str, bytes, resources_pb2.Input)) or not isinstance(inputs, Iterable):
        raise UserError(f"{name} must be a list of Input messages or ids, got {inputs!r:.80}.")
    ids = []
    for index, one in enumerate(inputs):
        found = one.id if isinstance(one, resources_pb2.Input) else one
        if not isinstance(found, str) or not found.strip():
            raise UserError(f"{name}[{index}] must be an Input with an id, got {one!r:.80}.")
        ids.append(found)
    return ids


def batches(items: Sequence[_T]) -> Iterator[list[_T]]:
    """Yield the messages in lists that fit one request, by number and by bytes."""
    batch: list[_T] = []
    size = 0
    for item in items:
        length = item.ByteSize()  # type: ignore[attr-defined]
        if batch and (len(batch) == MAX_ITEMS or size + length > MAX_REQUEST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += length
    if batch:
        yield batch


def _messages(given: object, cls: type[_T], name: str) -> list[_T]:
    kind = cls.__name__
    if isinstance(given, (str, bytes, cls)) or not isinstance(given, Iterable):
        raise UserError(f"{name} must be a list of {kind} messages, got {given!r:.80}.")
    items = list(given)
    if not items:
        raise UserError(f"{name} is empty: give at least one {kind}.")
    for index, item in enumerate(items):
        if not isinstance(item, cls):
            raise UserError(f"{name}[{index}] must be a message {kind}, got {item!r:.80}.")
    return items


class _AnnotationSender:
    """Sends annotations; when a request is refused as a whole, its halves."""

    def __init__(self, handle: Handle, scope: resources_pb2.UserAppIDSet) -> None:
        self._handle, self._scope = handle, scope
        self._refusals = Refusals()
        self._refused: ApiError | None = None

    def send(self, batch: Sequence[resources_pb2.Annotation]) -> list[resources_pb2.Annotation]:
        """Return the answer to each.

        Raises:
            ApiError: The refusal is not about single annotations.
        """
        request = service_pb2.PostAnnotationsRequest(user_app_id=self._scope, annotations=batch)
        try:
            answers = list(_post_annotations(self._handle, request).annotations)
        except ApiError as error:
            if not blames_content(error) or self._refusals.are_alike:
                raise
            self._refused = self._refused or error
            if len(batch) > 1:
                return [one for half in halves(batch) for one in self.send(half)]
            self._refusals.add(error)
            said = status_pb2.Status(
                code=error.code, description=error.description, details=error.details
            )
            return [resources_pb2.Annotation(input_id=batch[0].input_id, status=said)]
        if any(one.status.code in _ANNOTATED for one in answers):
            self._refusals.took()
        return answers

    def raise_for_all(self, count: int, refused: int) -> None:
        """Raise the first refusal when every one of them was refused.

        Raises:
            ApiError: As above.
        """
        if self._refused is not None and count == refused:
            raise self._refused


def _post_annotations(
    handle: Handle, request: service_pb2.PostAnnotationsRequest
) -> service_pb2.MultiAnnotationResponse:
    """Return the answer, also of a request in which each annotation was refused for itself."""
    response: service_pb2.MultiAnnotationResponse | None
    try:
        response = handle.session.call("PostAnnotations", request, accept=(MIXED_STATUS,))
    except ApiError as error:
        response = cast("service_pb2.MultiAnnotationResponse | None", error.response)
        if response is None or not response.annotations:
            raise
    return cast("service_pb2.MultiAnnotationResponse", response)


def _reason(response: service_pb2.MultiInputResponse) -> Any:
    """Return the status that all inputs share, else the one on top with the first one's words."""
    statuses = [one.status for one in response.inputs if one.status.code]
    if statuses and len({status.code for status in statuses}) == 1:
        return statuses[0]
    top = type(response.status)()
    top.CopyFrom(response.status)
    if statuses and not top.details:
        top.details = statuses[0].details or statuses[0].description
    return top


def _merged(answers: Sequence[Any]) -> Any:
    merged = answers[0]
    for answer in answers[1:]:
        merged.inputs.extend(answer.inputs)
        if answer.status.code != merged.status.code:
            merged.status.code = MIXED_STATUS
    return merged


def _log_inputs(
    response: service_pb2.MultiInputResponse, job_id: str, log: Callable[[int, str], object]
) -> None:
    faults = [one for one in response.inputs if one.status.code not in (0, *_ACCEPTED_STATUSES)]
    for one in faults:
        log(logging.WARNING, _fault(f"input {one.id!r}", one))
    total = len(response.inputs)
    log(logging.INFO, f"{total - len(faults)} of {total} inputs were accepted, job {job_id}")


def _fault(what: str, item: Any) -> str:
    status = item.status
    return f"{what} was refused: {status.description} {status.details} [{status.code}]"


def log_line(level: int, line: str) -> None:
    """Write a line about an upload to this module's logger."""
    _log.log(level, "%s", line)
