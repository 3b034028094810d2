"""From one item of work to its outputs: each input on its own, and no failure gets out."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core.heavy import resources_pb2, service_pb2, status_pb2
from clarifai_core.loggers import logger_for
from clarifai_core.safe_text import reason, sendable
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

MAX_TRACE_CHARACTERS = 10_000
"""How much of each part of a stack trace a caller is told."""

_log = logger_for(__name__)


@attrs.frozen
class ItemOutputs:
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
) -> ItemOutputs:
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
        text = "this runner answers PostModelOutputs requests only"
        answer.status.CopyFrom(_status(FAILURE, "Failure", text))
        return ItemOutputs(made, 0, 1)
    request = item.post_model_outputs_request  # type: ignore[attr-defined]
    info = request.model.model_version.output_info
    for position, given in enumerate(model(request.inputs, info) if request.inputs else ()):
        error = given if isinstance(given, BaseException) else _add(answer, given)
        if error is not None:
            place = {"item_id": item_id, "position": position}
            _log.warning("an input failed: %s", reason(error), exc_info=error, extra=place)
            answer.outputs.append(_failed(error, stack_traces))
    failures = sum([not is_success(output.status) for output in answer.outputs])
    answer.status.CopyFrom(_overall(failures, len(answer.outputs)))
    return ItemOutputs(made, len(answer.outputs), failures)


def refused(item: Message, error: Exception) -> service_pb2.RunnerItemOutput:
    """Return outputs that say why those of an item never arrive.

    Args:
        item: A `RunnerItem`.
        error: Why the platform does not take its outputs.
    """

    def fail(inputs: Sequence[Any], _: object) -> list[Exception]:
        refusal = RuntimeError(f"the platform refuses the outputs: {error}")
        return [refusal] * len(inputs)

    return outputs_of(item, fail).outputs


def mended(outputs: Any) -> ItemOutputs | None:
    """Return outputs with a failure in the place of those that no request can carry.

    Looked for when the outputs of an item were not taken only: it costs as much as sending them.

    Args:
        outputs: A `RunnerItemOutput`.

    Returns:
        None when each of them can be sent.
    """
    answer = outputs.multi_output_response
    failed = [_unsendable(output) for output in answer.outputs]
    if not any(failed):
        return None
    made = [new or old for new, old in zip(failed, answer.outputs, strict=True)]
    failures = sum([not is_success(output.status) for output in made])
    whole = service_pb2.MultiOutputResponse(status=_overall(failures, len(made)), outputs=made)
    count = sum(map(bool, failed))
    return ItemOutputs(service_pb2.RunnerItemOutput(multi_output_response=whole), 0, count)


def _add(answer: service_pb2.MultiOutputResponse, output: resources_pb2.Output) -> Exception | None:
    """Add an output to the others; return why it cannot be."""
    if not output.status.code:
        output.status.code = SUCCESS
    count = len(answer.outputs)
    try:
        answer.outputs.append(output)
    except Exception as error:  # noqa: BLE001  why: nested too deeply: protobuf copies by parsing
        del answer.outputs[count:]
        return ValueError(f"the output cannot be sent: {reason(error)}")
    return None


def _unsendable(output: resources_pb2.Output) -> resources_pb2.Output | None:
    """Return what takes the place of an output that no request can carry."""
    try:
        answer = service_pb2.MultiOutputResponse(outputs=[output])
        wrapped = service_pb2.RunnerItemOutput(multi_output_response=answer)
        request = service_pb2.PostRunnerItemOutputsRequest(runner_item_outputs=[wrapped])
        request.FromString(request.SerializeToString())
    except Exception as error:  # noqa: BLE001  why: nested too deeply, too large: protobuf's words
        return _failed(ValueError(f"the output cannot be sent: {reason(error)}"), False)
    return None


def _failed(error: BaseException, stack_traces: bool) -> resources_pb2.Output:
    status = _status(MODEL_PREDICTION_FAILED, "Model prediction failed", reason(error))
    if stack_traces:
        parts = traceback.format_exception(error)
        status.stack_trace.extend([sendable(part, MAX_TRACE_CHARACTERS) for part in parts])
    return resources_pb2.Output(status=status)


def _overall(failed: int, total: int) -> status_pb2.Status:
    if not failed:
        return _status(SUCCESS, "Success")
    text = f"{failed} of {total} inputs failed"
    if failed < total:
        return _status(MIXED_STATUS, "Mixed Status", text)
    return _status(FAILURE, "Failure", text)


def _status(code: Any, description: str, details: str = "") -> status_pb2.Status:
    return status_pb2.Status(code=code, description=description, details=sendable(details))
