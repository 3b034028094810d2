# Made of clarifai_resources.inputs._uploads by a tool:
# change that, and run `python -m tools.asynchronous`.

"""Sending inputs and annotations."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_aio._core import ops
from clarifai_aio._inputs.sender import InputSender, annotation_call
from clarifai_aio._resources.inputs._listings import inputs_there
from clarifai_aio._resources.inputs._series import MessageKind, SentMessages
from clarifai_core.heavy import resources_pb2, service_pb2, status_pb2
from clarifai_core.wire.ids import new_id
from clarifai_inputs.batching import in_batches
from clarifai_inputs.item_statuses import meaning_of
from clarifai_resources._kinds import ANNOTATION, INPUT
from clarifai_resources.inputs._annotations import one_region_each
from clarifai_resources.inputs._given import messages_of
from clarifai_resources.inputs._series import Log, OutgoingMessage, conclude, error_of, refusal_line
from clarifai_resources.inputs._uploads import (
    _check_labels,
    _entries,
    _have_ids,
    _Outgoing,
    _outgoing,
    _shown,
    _told,
)
from clarifai_resources.inputs._uploads import log_line as log_line

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

    from clarifai_aio._core.handles import Handle
    from clarifai_inputs.bulk import BulkResult


async def upload_inputs(
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
    await sender.send(batches, job_id, answer.note)
    response = answer.response()
    faults = [one for one in response.inputs if not meaning_of(one.status).is_accepted]
    for one in faults:
        log(logging.WARNING, refusal_line(f"input {one.id!r}", one.status))
    total = len(response.inputs)
    log(logging.INFO, f"{total - len(faults)} of {total} inputs were accepted, job {job_id}")
    if faults and raise_on_failure:
        raise error_of(handle, "PostInputs", response, [one.status for one in faults])
    return job_id, response


async def upload_annotations(
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

    async def known(some: Sequence[resources_pb2.Annotation]) -> set[object]:
        return await inputs_there(handle, scope, [one.input_id for one in some])

    series = MessageKind[resources_pb2.Annotation](
        handle,
        annotation_call(scope, _entries, _have_ids),
        lambda one: f"annotation of input {one.input_id!r}",
        lambda one: one.input_id,
        known,
    )
    sent = await series.send([part for _, part in parts], log, "annotations were accepted")
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


@attrs.define
class _Answer:
    """The one answer that is made of those to all requests."""

    inputs: list[resources_pb2.Input] = attrs.field(factory=list)
    status: status_pb2.Status | None = None
    """Of the first request that was answered."""

    def note(
        self,
        batch: Sequence[_Outgoing],
        answer: asyncio.Task[Any] | None,
        posted: BulkResult[_Outgoing],
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
