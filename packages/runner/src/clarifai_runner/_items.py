"""From one item of work to its outputs: each input on its own, and no failure gets out."""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core.heavy import resources_pb2, service_pb2, status_pb2
from clarifai_core.status import (
    FAILURE,
    MIXED_STATUS,
    MODEL_PREDICTION_FAILED,
    SUCCESS,
    is_success,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from google.protobuf.message import Message

MAX_REASON_CHARACTERS = 500
"""How much of an exception's text a caller is told."""

_log = logging.getLogger(__name__)


@attrs.frozen
class Answered:
    """What came of one item."""

    outputs: service_pb2.RunnerItemOutput
    inputs: int = 0
    failures: int = 0
    """Inputs without an answer."""


def outputs_of(
    item: Message,
    model: Callable[[Sequence[Any], Any], Sequence[Any]],
    *,
    stack_traces: bool = False,
) -> Answered:
    """Return the outputs of one item: an output per input, in order, and the status of the whole.

    Args:
        item: A `RunnerItem`.
        model: Gets the inputs and the `OutputInfo` of the request; returns an `Output` for each, or
            the exception that becomes the status 21313 of that output alone. Does not raise.
        stack_traces: Tell the caller where it went wrong, too.
    """
    item_id: str = getattr(item, "id", "")
    made = service_pb2.RunnerItemOutput()
    answer = made.multi_output_response  # filled in place: each copy of an output costs
    if not item.HasField("post_model_outputs_request"):
        _log.error("it holds no PostModelOutputs request", extra={"item_id": item_id})
        reason = "this runner answers PostModelOutputs requests only"
        answer.status.CopyFrom(_status(FAILURE, "Failure", reason))
        return Answered(made, 0, 1)
    request = item.post_model_outputs_request  # type: ignore[attr-defined]
    info = request.model.model_version.output_info
    for position, given in enumerate(model(request.inputs, info) if request.inputs else ()):
        if isinstance(given, BaseException):
            place = {"item_id": item_id, "position": position}
            _log.warning("an input failed: %r", given, exc_info=given, extra=place)
            answer.outputs.append(_failed(given, stack_traces))
            continue
        if not given.status.code:
            given.status.code = SUCCESS
        answer.outputs.append(given)
    failures = sum([not is_success(output.status) for output in answer.outputs])
    answer.status.CopyFrom(_overall(failures, len(answer.outputs)))
    return Answered(made, len(answer.outputs), failures)


def refused(item: Message, error: Exception) -> service_pb2.RunnerItemOutput:
    """Return outputs that say why those of an item never arrive.

    Args:
        item: A `RunnerItem`.
        error: Why the platform does not take its outputs.
    """

    def fail(inputs: Sequence[Any], _: object) -> list[Exception]:
        reason = RuntimeError(f"the platform refuses the outputs: {error}")
        return [reason] * len(inputs)

    return outputs_of(item, fail).outputs


def _failed(error: BaseException, stack_traces: bool) -> resources_pb2.Output:
    reason = f"{type(error).__name__}: {error}"
    status = _status(MODEL_PREDICTION_FAILED, "Model prediction failed", reason)
    if stack_traces:
        status.stack_trace.extend(traceback.format_exception(error))
    return resources_pb2.Output(status=status)


def _overall(failed: int, total: int) -> status_pb2.Status:
    if not failed:
        return _status(SUCCESS, "Success")
    reason = f"{failed} of {total} inputs failed"
    if failed < total:
        return _status(MIXED_STATUS, "Mixed Status", reason)
    return _status(FAILURE, "Failure", reason)


def _status(code: Any, description: str, details: str = "") -> status_pb2.Status:
    short = details[:MAX_REASON_CHARACTERS]
    return status_pb2.Status(code=code, description=description, details=short)
