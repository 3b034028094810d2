"""From one item of work to its outputs: each input on its own, and no failure gets out."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from clarifai_grpc.grpc.api.status import status_pb2

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.message import Message

MAX_REASON_CHARACTERS = 500
"""How much of an exception's text a caller is told."""

_log = logging.getLogger(__name__)


def outputs_of(item: Message, run_input: Callable[[Any, Any], Any]) -> service_pb2.RunnerItemOutput:
    """Return the outputs of one item: an output per input, in order, and the status of the whole.

    Args:
        item: A `RunnerItem`.
        run_input: Gets an `Input` and the `OutputInfo` of the request, returns an `Output`; what it
            raises becomes the status 21313 of that output alone.
    """
    item_id: str = getattr(item, "id", "")
    answer = service_pb2.MultiOutputResponse()
    if item.HasField("post_model_outputs_request"):
        request = item.post_model_outputs_request  # type: ignore[attr-defined]
        info = request.model.model_version.output_info
        for position, given in enumerate(request.inputs):
            answer.outputs.append(_output(run_input, given, info, f"{item_id}[{position}]"))
        answer.status.CopyFrom(_overall(answer.outputs))
    else:
        _log.error("runner item %s holds no PostModelOutputs request", item_id)
        reason = "this runner answers PostModelOutputs requests only"
        answer.status.CopyFrom(_status(codes.FAILURE, "Failure", reason))
    return service_pb2.RunnerItemOutput(multi_output_response=answer)


def _output(run_input: Callable[[Any, Any], Any], given: Any, info: Any, where: str) -> Any:
    try:
        output = _checked(run_input(given, info))
    except Exception as error:  # noqa: BLE001  why: the user's code may fail in any way
        _log.warning("run_input failed on runner item %s", where, exc_info=True)
        reason = f"{type(error).__name__}: {error}"
        failed = _status(codes.MODEL_PREDICTION_FAILED, "Model prediction failed", reason)
        return resources_pb2.Output(status=failed)
    if not output.status.code:
        output.status.code = codes.SUCCESS
    return output


def _checked(output: Any) -> resources_pb2.Output:
    if isinstance(output, resources_pb2.Output):
        return output
    raise TypeError(f"run_input must return a resources_pb2.Output, got {output!r:.100}")


def _overall(outputs: Any) -> status_pb2.Status:
    failed = sum(output.status.code != codes.SUCCESS for output in outputs)
    if not failed:
        return _status(codes.SUCCESS, "Success")
    reason = f"{failed} of {len(outputs)} inputs failed"
    if failed < len(outputs):
        return _status(codes.MIXED_STATUS, "Mixed Status", reason)
    return _status(codes.FAILURE, "Failure", reason)


def _status(code: Any, description: str, details: str = "") -> status_pb2.Status:
    short = details[:MAX_REASON_CHARACTERS]
    return status_pb2.Status(code=code, description=description, details=short)
