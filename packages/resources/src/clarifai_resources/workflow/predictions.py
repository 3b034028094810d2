"""Predictions of workflows: inputs from bytes, files and URLs, and the request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from clarifai_core.errors import UserError
from clarifai_core.heavy import resources_pb2, service_pb2
from clarifai_core.wire.ids import check_id
from clarifai_core.wire.messages import fill
from clarifai_resources._versions import id_of
from clarifai_resources.inputs import builders

if TYPE_CHECKING:
    from os import PathLike

    from clarifai_core.handles import Handle

MAX_INPUTS = 32
"""Inputs that one request to a workflow may have."""


def predict(
    workflow: Any, inputs: Sequence[resources_pb2.Input], workflow_state_id: str | None
) -> service_pb2.PostWorkflowResultsResponse:
    """Return the answer of PostWorkflowResults; see `Workflow.predict`."""
    request = service_pb2.PostWorkflowResultsRequest(
        user_app_id=workflow.user_app_id,
        workflow_id=id_of(workflow),
        version_id=_version_of(workflow),
        inputs=_checked(inputs),
        output_config=resources_pb2.OutputConfig.FromString(workflow._output_config),
    )
    if workflow_state_id:
        request.workflow_state.id = check_id("workflow_state_id", workflow_state_id)
    answer: service_pb2.PostWorkflowResultsResponse
    answer = workflow.session.call("PostWorkflowResults", request)
    return answer


def serialized_config(output_config: Mapping[str, Any]) -> bytes:
    """Return the bytes of an `OutputConfig` message.

    Raises:
        UserError: It is no dict, or has keys or values that cannot be.
    """
    if not isinstance(output_config, Mapping):
        raise UserError(f"output_config must be a dict, got {output_config!r}.")
    config = fill(resources_pb2.OutputConfig(), output_config, "output_config")
    if not 0 <= config.min_value <= 1:
        raise UserError(f"output_config: min_value must be from 0 to 1, got {config.min_value:g}.")
    return config.SerializeToString()


def input_of_bytes(content: bytes, input_type: str) -> resources_pb2.Input:
    """Return an input without id that holds `content`.

    Raises:
        UserError: An unknown type, no bytes, or text that is not UTF-8.
    """
    media = builders.check_media_type(input_type)
    if not isinstance(content, (bytes, bytearray, memoryview)) or not content:
        raise UserError(f"input_bytes must be bytes that are not empty, got {_short(content)}.")
    return builders.from_bytes("", {media: bytes(content)}, None, {})


def input_of_file(filepath: str | PathLike[str], input_type: str) -> resources_pb2.Input:
    """Return an input without id that holds the content of a file.

    Raises:
        UserError: An unknown type, no such file, or an empty one.
    """
    media = builders.check_media_type(input_type)
    return input_of_bytes(builders.read_file(filepath, "filepath"), media)


def input_of_url(url: str, input_type: str) -> resources_pb2.Input:
    """Return an input without id whose content the platform fetches.

    Raises:
        UserError: An unknown type, or an empty url.
    """
    media = builders.check_media_type(input_type)
    return builders.from_urls("", {media: builders.text(url, "url")}, None, {})


def _checked(inputs: Sequence[resources_pb2.Input]) -> list[resources_pb2.Input]:
    if not isinstance(inputs, (list, tuple)):
        raise UserError(f"inputs must be a list of Input messages, got {_short(inputs)}.")
    for index, one in enumerate(inputs):
        if not isinstance(one, resources_pb2.Input):
            raise UserError(f"inputs[{index}] must be an Input message, got {_short(one)}.")
    if not 1 <= len(inputs) <= MAX_INPUTS:
        raise UserError(
            f"inputs must be 1 to {MAX_INPUTS} for one request to a workflow, got {len(inputs)}."
        )
    return list(inputs)


def _version_of(workflow: Handle) -> str:
    return str(workflow.message.version.id)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"a {type(value).__name__}"
