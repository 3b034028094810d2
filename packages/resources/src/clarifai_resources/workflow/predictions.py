"""Predictions of workflows: inputs from bytes, files and URLs, and the request."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from clarifai_core import existing, ops
from clarifai_core.errors import UserError
from clarifai_core.heavy import resources_pb2, service_pb2
from clarifai_core.wire.ids import check_id
from clarifai_inputs.media import KINDS
from clarifai_resources import _input_types
from clarifai_resources._kinds import MODEL, WORKFLOW
from clarifai_resources._versions import id_of
from clarifai_resources.inputs import _builders

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

Kinds: TypeAlias = Callable[[], tuple[str, ...]]

MAX_INPUTS = 32
"""Inputs that one request to a workflow may have."""


def predict(
    workflow: Any, inputs: Sequence[resources_pb2.Input], workflow_state_id: str | None
) -> service_pb2.PostWorkflowResultsResponse:
    """Return the answer of PostWorkflowResults; see `Workflow.predict`."""
    request = service_pb2.PostWorkflowResultsRequest(
        user_app_id=workflow.user_app_id,
        workflow_id=id_of(workflow),
        version_id=workflow.asked_version_id,
        inputs=_checked(inputs),
        output_config=workflow.output_config,
    )
    if workflow_state_id:
        request.workflow_state.id = check_id("workflow_state_id", workflow_state_id)
    answer: service_pb2.PostWorkflowResultsResponse
    answer = workflow.session.call("PostWorkflowResults", request)
    return answer


def input_of_bytes(content: bytes, input_type: str | None, kinds: Kinds) -> resources_pb2.Input:
    """Return an input without id that holds `content`.

    Args:
        content: Of a file; texts in UTF-8.
        input_type: What it is; else the workflow or the content tells.
        kinds: Tells the kinds of media that the workflow takes; it may ask the platform.

    Raises:
        UserError: An unknown type, no bytes, or text that is not UTF-8.
    """
    told = functools.partial(_input_types.of_bytes, content)
    media = _input_types.chosen(input_type, kinds, told, "input_bytes")
    return _holding(content, media)


def input_of_file(
    filepath: str | PathLike[str], input_type: str | None, kinds: Kinds
) -> resources_pb2.Input:
    """Return an input without id that holds the content of a file; see `input_of_bytes`.

    Raises:
        UserError: An unknown type, no such file, or an empty one.
    """
    if input_type:
        _builders.check_media_type(input_type)
    content = _builders.read_file(filepath, "filepath")

    def told(possible: tuple[str, ...]) -> str:
        return _input_types.of_bytes(content, possible, os.fspath(filepath))

    media = _input_types.chosen(input_type, kinds, told, f"filepath {str(filepath)!r}")
    return _holding(content, media)


def input_of_url(url: str, input_type: str | None, kinds: Kinds) -> resources_pb2.Input:
    """Return an input without id whose content the platform fetches; see `input_of_bytes`.

    Raises:
        UserError: An unknown type, or an empty url.
    """
    told = functools.partial(_input_types.of_url, url)
    media = _input_types.chosen(input_type, kinds, told, f"url {url!r}")
    return _builders.from_urls("", {media: _builders.text(url, "url")}, None, {})


def kinds_of(workflow: Any) -> tuple[str, ...]:
    """Return the kinds of media that a workflow takes: those that its first nodes all take.

    Nodes that work on the outputs of others take whatever those are.
    """
    message: Any = ops.get(workflow, WORKFLOW, id_of(workflow))
    found = [
        set(kinds)
        for node in message.nodes or message.version.nodes
        if not node.node_inputs and (kinds := _kinds_of_model(workflow, node.model))
    ]
    shared = set.intersection(*found) if found else set()
    return tuple(kind for kind in KINDS if kind in shared)


def _kinds_of_model(workflow: Any, model: resources_pb2.Model) -> tuple[str, ...]:
    type_id = model.model_type_id
    if not type_id:
        owner = existing.scoped(
            workflow, model.user_id or workflow.user_id, model.app_id or workflow.app_id
        )
        asked: Any = ops.get(owner, MODEL, model.id)
        type_id = asked.model_type_id
    return _input_types.of_model_type(workflow, type_id)


def _holding(content: bytes, media: str) -> resources_pb2.Input:
    if not isinstance(content, (bytes, bytearray, memoryview)) or not content:
        raise UserError(f"input_bytes must be bytes that are not empty, got {_short(content)}.")
    return _builders.from_bytes("", {media: bytes(content)}, None, {})


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


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"a {type(value).__name__}"
