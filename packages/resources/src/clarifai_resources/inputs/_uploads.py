"""Sending inputs and annotations."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core import ops
from clarifai_core.errors import UserError
from clarifai_core.heavy import resources_pb2, service_pb2, status_pb2
from clarifai_core.loggers import logger_for
from clarifai_core.status import FAILURE
from clarifai_core.wire.framing import framed, tag, varint
from clarifai_core.wire.ids import new_id
from clarifai_inputs.batching import in_batches
from clarifai_inputs.concepts import PREFIX, collisions
from clarifai_inputs.item_statuses import INPUT_PENDING, meaning_of
from clarifai_inputs.sender import InputSender, annotation_call
from clarifai_resources._kinds import ANNOTATION, INPUT
from clarifai_resources.inputs._annotations import one_region_each
from clarifai_resources.inputs._given import messages_of
from clarifai_resources.inputs._listings import inputs_there
from clarifai_resources.inputs._series import (
    Log,
    MessageKind,
    OutgoingMessage,
    SentMessages,
    conclude,
    error_of,
    refusal_line,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

    from clarifai_core.handles import Handle
    from clarifai_inputs.bulk import BulkResult, RefusedItem

_log = logger_for(__name__)


def upload_inputs(
    handle: Handle, inputs: object, log: Log, *, raise_on_failure: bool
) -> tuple[str, service_pb2.MultiInputResponse]:
    """Send inputs under one job id; more than a request may hold go in several at a time.

    Args:
        handle: Whose app they go to.
        inputs: A list of `Input` messages.
        log: Gets (logging level, line) about what was sent.
        raise_on_failure: Whether any that is refused is an error.

    Returns:
        The id of the job, and the answer: `inputs` in order, each with its status.

    Raises:
        UserError: Something is no `Input`, or two labels would be one concept; nothing was sent.
        ApiError: The platform refuses the upload as such; or some of them, if that is an error.
        ApiClientError: No answer came to any request, and looking for the inputs failed, too.
    """
    given = messages_of(inputs, resources_pb2.Input, "inputs")
    _check_labels(given, "inputs")
    scope = ops.scope_of(handle, INPUT, "create").message()
    job_id = new_id()
    answer = _Answer()
    sender = InputSender[_Outgoing](handle.session, scope, hear=_Outgoing.hear)
    batches = in_batches(map(_outgoing, given), lambda one: len(one.head) + len(one.content))
    sender.send(batches, job_id, answer.note)
    response = answer.response()
    faults = [one for one in response.inputs if not meaning_of(one.status).is_accepted]
    for one in faults:
        log(logging.WARNING, refusal_line(f"input {one.id!r}", one.status))
    total = len(response.inputs)
    log(logging.INFO, f"{total - len(faults)} of {total} inputs were accepted, job {job_id}")
    if faults and raise_on_failure:
        raise error_of(handle, "PostInputs", response, [one.status for one in faults])
    return job_id, response


def upload_annotations(
    handle: Handle, batch_annot: object, log: Log, *, raise_on_failure: bool
) -> list[resources_pb2.Annotation]:
    """Send annotations, one region in each.

    Returns:
        Those of `batch_annot` that the platform does not have; of one with several regions, a copy
        with those that it does not have.

    Raises:
        UserError: Something is no `Annotation`, or two labels would be one concept; nothing was
            sent.
        ApiError: The platform refuses what is done here as such; or some, if that is an error.
        ApiClientError: No answer came to the first request.
    """
    given = messages_of(batch_annot, resources_pb2.Annotation, "batch_annot")
    _check_labels(given, "batch_annot")
    scope = ops.scope_of(handle, ANNOTATION, "create").message()
    parts = list(one_region_each(given))

    def known(some: Sequence[resources_pb2.Annotation]) -> set[object]:
        return inputs_there(handle, scope, [one.input_id for one in some])

    series = MessageKind[resources_pb2.Annotation](
        handle,
        annotation_call(scope, _entries, _have_ids),
        lambda one: f"annotation of input {one.input_id!r}",
        lambda one: one.input_id,
        known,
    )
    sent = series.send([part for _, part in parts], log, "annotations were accepted")
    if raise_on_failure and sent.failed:
        sent.response(service_pb2.MultiAnnotationResponse(), _shown, raise_on_failure=True)
    return _left(given, [index for index, _ in parts], sent)


def _left(
    given: Sequence[resources_pb2.Annotation],
    indexes: Sequence[int],
    sent: SentMessages[resources_pb2.Annotation],
) -> list[resources_pb2.Annotation]:
    """Return the annotations, or their parts, that the platform does not have.

    Args:
        given: What the parts are of.
        indexes: For each part, which of `given` it is of.
        sent: What became of the parts.
    """
    parts: dict[int, list[OutgoingMessage[resources_pb2.Annotation]]] = {}
    for index, item in zip(indexes, sent.items, strict=True):
        parts.setdefault(index, []).append(item)
    left = []
    for index, items in parts.items():
        refused = [item.message for item in items if item.refusal is not None]
        if len(refused) == len(items):
            left.append(given[index])
        elif refused:
            rest = resources_pb2.Annotation()
            rest.CopyFrom(refused[0])
            rest.data.regions.extend(one.data.regions[0] for one in refused[1:])
            left.append(rest)
    return left


def _shown(one: resources_pb2.Annotation) -> resources_pb2.Annotation:
    return resources_pb2.Annotation(id=one.id, input_id=one.input_id)


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

    inputs: list[resources_pb2.Input] = attrs.field(factory=list)
    status: status_pb2.Status | None = None
    """Of the first request that was answered."""

    def note(
        self, batch: Sequence[_Outgoing], answer: Future[Any] | None, posted: BulkResult[_Outgoing]
    ) -> None:
        """Add what became of a batch."""
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
        refused = [one.status for one in self.inputs if not meaning_of(one.status).is_accepted]
        conclude(made, refused, len(self.inputs))
        return made


def _told(one: _Outgoing, refused: RefusedItem[_Outgoing] | None) -> resources_pb2.Input:
    """Return what there is to say of an input."""
    if one.answer is not None:
        return one.answer
    if refused is None:  # it is there, by a request whose answer was lost
        return resources_pb2.Input(id=one.id, status=status_pb2.Status(code=INPUT_PENDING))
    made = resources_pb2.Input(id=one.id, status=refused.status)
    made.status.code = made.status.code or FAILURE
    return made


def _entries(parts: Sequence[OutgoingMessage[resources_pb2.Annotation]]) -> bytes:
    field = tag(service_pb2.PostAnnotationsRequest.DESCRIPTOR, "annotations")
    return b"".join(framed(field, one.message.SerializeToString()) for one in parts)


def _have_ids(parts: Sequence[OutgoingMessage[resources_pb2.Annotation]]) -> bool:
    return all(one.message.id for one in parts)


def log_line(level: int, line: str) -> None:
    """Write a line about an upload to this module's logger."""
    _log.log(level, "%s", line)
