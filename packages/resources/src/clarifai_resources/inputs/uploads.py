"""Sending inputs and annotations, changing them and deleting them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from clarifai_core import ops
from clarifai_core.errors import UserError
from clarifai_core.heavy import resources_pb2, service_pb2, status_pb2
from clarifai_core.loggers import logger_for
from clarifai_core.status import FAILURE, MIXED_STATUS, SUCCESS, error_within, words_of
from clarifai_core.wire.framing import framed, tag, varint
from clarifai_core.wire.ids import new_id
from clarifai_inputs.batching import in_batches
from clarifai_inputs.bulk import Bulk, Posted, Refused
from clarifai_inputs.concepts import PREFIX, collisions
from clarifai_inputs.item_statuses import INPUT_PENDING, meaning_of
from clarifai_inputs.sender import InputSender, annotation_call
from clarifai_resources._kinds import ANNOTATION, INPUT
from clarifai_resources.inputs.annotations import one_region_each

if TYPE_CHECKING:
    from concurrent.futures import Future

    from clarifai_core.handles import Handle

ACTIONS = ("merge", "overwrite", "remove")
"""What a patch does to what is there."""

_T = TypeVar("_T")
_log = logger_for(__name__)


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
        UserError: Something is no `Input`, or two labels would be one concept; nothing was sent.
        ApiError: The platform took none of them.
        ApiClientError: No answer came to any request, and looking for the inputs failed, too.
    """
    given = _messages(inputs, resources_pb2.Input, "inputs")
    _check_labels(given, "inputs")
    scope = ops.scope_of(handle, INPUT, "create").message()
    job_id = new_id()
    answer = _Answer(len(given))
    sender = InputSender[_Outgoing](handle.session, scope, hear=_Outgoing.hear)
    batches = in_batches(map(_outgoing, given), lambda one: len(one.head) + len(one.content))
    sender.send(batches, job_id, answer.note)
    response = answer.response()
    if not answer.accepted:
        request = service_pb2.PostInputsRequest(user_app_id=scope, inputs_add_job_id=job_id)
        call = handle.session.prepare("PostInputs", request)
        raise error_within(response, _reason(response), call)
    _log_inputs(response, job_id, log)
    return job_id, response


def upload_annotations(
    handle: Handle, batch_annot: object, log: Callable[[int, str], object]
) -> list[resources_pb2.Annotation]:
    """Send annotations, one region in each.

    Returns:
        Those of `batch_annot` that the platform refused, wholly or in part.

    Raises:
        UserError: Something is no `Annotation`, or two labels would be one concept; nothing was
            sent.
        ApiError: The platform refused all that was sent, or the request for what it is.
        ApiClientError: No answer came; annotations before those may be there.
    """
    given = _messages(batch_annot, resources_pb2.Annotation, "batch_annot")
    _check_labels(given, "batch_annot")
    scope = ops.scope_of(handle, ANNOTATION, "create").message()
    bulk = Bulk(handle.session, annotation_call(scope, _entries, _have_ids))
    refused: dict[int, None] = {}
    whole: Exception | None = None
    for batch in in_batches(one_region_each(given), lambda part: part[1].ByteSize()):
        posted = bulk.post(batch)
        if stopped := posted.lost or posted.fatal:
            raise stopped
        whole = whole or posted.whole
        for one in posted.refused:
            index, annotation = one.item
            refused[index] = None
            log(logging.WARNING, _fault(f"annotation of input {annotation.input_id!r}", one.status))
    if whole is not None and len(refused) == len(given):
        raise whole
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
    answers: list[service_pb2.MultiInputResponse] = [
        handle.session.call(
            "PatchInputs",
            service_pb2.PatchInputsRequest(user_app_id=scope, inputs=batch, action=action),
            accept=(MIXED_STATUS,),
        )
        for batch in in_batches(given, resources_pb2.Input.ByteSize)
    ]
    return _merged(answers)


def delete_inputs(handle: Handle, inputs: object) -> None:
    """Delete inputs; see `Inputs.delete_inputs`."""
    ids = list(dict.fromkeys(ids_of(inputs, "inputs")))
    for batch in in_batches(ids, len):
        ops.delete(handle, INPUT, batch)


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


def _check_labels(
    given: Sequence[resources_pb2.Input | resources_pb2.Annotation], name: str
) -> None:
    """Refuse labels that would be one concept, named like the one that comes first.

    Raises:
        UserError: There are such, with the first place of each.
    """
    first: dict[str, dict[str, int]] = {}
    for index, one in enumerate(given):
        whole: resources_pb2.Data = one.data
        for data in (whole, *(region.data for region in whole.regions)):
            for concept in data.concepts:
                if concept.name:
                    first.setdefault(concept.id, {}).setdefault(concept.name, index)
    faults = []
    for own, names in first.items():
        labels = next(iter(collisions(names).values()), ())
        if own.startswith(PREFIX) and labels:
            shown = " and ".join(f"{label!r} ({name}[{names[label]}])" for label in labels)
            faults.append(f"the labels {shown} would be one concept, {own!r}: rename one of them")
    if faults:
        raise UserError.listing(f"Labels of {name} cannot be told apart", faults)


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


@attrs.define(eq=False)
class _Outgoing:
    """An input on its way, and what the platform says of it."""

    id: str
    head: bytes
    content: bytes
    answer: resources_pb2.Input | None = None

    def hear(self, answer: resources_pb2.Input) -> None:
        """Keep what the platform says of it."""
        self.answer = answer


def _outgoing(message: resources_pb2.Input) -> _Outgoing:
    raw = message.SerializeToString()
    head = tag(service_pb2.PostInputsRequest.DESCRIPTOR, "inputs") + varint(len(raw))
    return _Outgoing(message.id, head, raw)


@attrs.define
class _Answer:
    """The one answer that is made of those to all requests."""

    total: int
    accepted: int = 0
    inputs: list[resources_pb2.Input] = attrs.field(factory=list)
    status: status_pb2.Status | None = None
    """Of the first request that was answered."""

    def note(
        self, batch: Sequence[_Outgoing], answer: Future[Any] | None, posted: Posted[_Outgoing]
    ) -> None:
        """Add what became of a batch."""
        self.accepted += len(posted.taken)
        if answer is not None:
            response = answer.result()
            self.status = self.status or response.status
            self.inputs += response.inputs
            return
        self.status = self.status or posted.said
        refused = {id(one.item): one for one in posted.refused}
        self.inputs += [_told(one, refused.get(id(one))) for one in batch]

    def response(self) -> service_pb2.MultiInputResponse:
        """Return it."""
        made = service_pb2.MultiInputResponse(inputs=self.inputs, status=self.status)
        some = MIXED_STATUS if self.accepted else FAILURE
        made.status.code = SUCCESS if self.accepted == self.total else some
        return made


def _told(one: _Outgoing, refused: Refused[_Outgoing] | None) -> resources_pb2.Input:
    """Return what there is to say of an input."""
    if one.answer is not None:
        return one.answer
    if refused is None:  # it is there, by a request whose answer was lost
        return resources_pb2.Input(id=one.id, status=status_pb2.Status(code=INPUT_PENDING))
    made = resources_pb2.Input(id=one.id, status=refused.status)
    made.status.code = made.status.code or FAILURE
    return made


def _entries(parts: Sequence[tuple[int, resources_pb2.Annotation]]) -> bytes:
    field = tag(service_pb2.PostAnnotationsRequest.DESCRIPTOR, "annotations")
    return b"".join(framed(field, one.SerializeToString()) for _, one in parts)


def _have_ids(parts: Sequence[tuple[int, resources_pb2.Annotation]]) -> bool:
    return all(one.id for _, one in parts)


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


def _merged(answers: Sequence[service_pb2.MultiInputResponse]) -> service_pb2.MultiInputResponse:
    merged = answers[0]
    for answer in answers[1:]:
        merged.inputs.extend(answer.inputs)
        if answer.status.code != merged.status.code:
            merged.status.code = MIXED_STATUS
    return merged


def _log_inputs(
    response: service_pb2.MultiInputResponse, job_id: str, log: Callable[[int, str], object]
) -> None:
    faults = [one for one in response.inputs if not meaning_of(one.status).is_accepted]
    for one in faults:
        log(logging.WARNING, _fault(f"input {one.id!r}", one.status))
    total = len(response.inputs)
    log(logging.INFO, f"{total - len(faults)} of {total} inputs were accepted, job {job_id}")


def _fault(what: str, status: status_pb2.Status) -> str:
    return f"{what} was refused: {words_of(status)} [{status.code}]"


def log_line(level: int, line: str) -> None:
    """Write a line about an upload to this module's logger."""
    _log.log(level, "%s", line)
