"""Asking a model about inputs."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from clarifai_core import ops
from clarifai_core.errors import UserError
from clarifai_core.heavy import resources_pb2, service_pb2
from clarifai_core.wire.ids import check_id
from clarifai_core.wire.messages import fill, struct
from clarifai_core.wire.preserialized import Joined
from clarifai_resources._kinds import MODEL
from clarifai_resources.inputs.builders import (
    FilePath,
    check_media_type,
    content_only,
    from_files,
    from_urls,
)

if TYPE_CHECKING:
    from clarifai_core.handles import Handle
    from clarifai_core.scope import Scope

MAX_INPUTS = 128
"""Inputs in one request."""


def predict(
    model: Handle,
    inputs: object,
    inference_params: Mapping[str, Any] | None,
    output_config: Mapping[str, Any] | None,
) -> service_pb2.MultiOutputResponse:
    """Ask a model about inputs; see `Model.predict`."""
    given = _inputs(inputs)
    scope = ops.scope_of(model, MODEL, "get")
    wire = model.message.SerializeToString()
    if inference_params in (None, {}) and output_config in (None, {}):
        head = _plain_head(scope, wire)
    else:
        head = _head(scope, wire)
        output_info = head.model.model_version.output_info
        output_info.params.CopyFrom(struct(inference_params, "inference_params"))
        output_info.output_config.CopyFrom(_output_config(output_config))
    request = Joined(head, "inputs", given)
    answer: service_pb2.MultiOutputResponse = model.session.call("PostModelOutputs", request)
    return answer


def _head(scope: Scope, model: bytes) -> service_pb2.PostModelOutputsRequest:
    """Return the request about a model, without inputs, parameters and output configuration."""
    head = service_pb2.PostModelOutputsRequest(
        user_app_id=scope.message(), model=resources_pb2.Model.FromString(model)
    )
    head.model_id = check_id("model_id", head.model.id)
    head.version_id = head.model.model_version.id
    output_info = head.model.model_version.output_info
    output_info.Clear()
    output_info.params.SetInParent()
    output_info.output_config.SetInParent()
    return head


_plain_head = functools.lru_cache(maxsize=64)(_head)
"""The same, shared and only read: a program sends the same one with each input."""


def input_of_bytes(content: bytes, input_type: str) -> resources_pb2.Input:
    """Return the input for `Model.predict_by_bytes`."""
    media = check_media_type(input_type)
    if not isinstance(content, (bytes, bytearray, memoryview)):
        raise UserError(f"input_bytes must be bytes, got {content!r:.80}.")
    if not content:
        raise UserError("input_bytes is empty.")
    return content_only(media, bytes(content), "input_bytes")


def input_of_file(filepath: FilePath, input_type: str) -> resources_pb2.Input:
    """Return the input for `Model.predict_by_filepath`."""
    media = check_media_type(input_type)
    if not filepath:
        raise UserError(f"filepath must be the path of a file, got {filepath!r}.")
    return from_files("", {media: filepath}, None, {})


def input_of_url(url: str, input_type: str) -> resources_pb2.Input:
    """Return the input for `Model.predict_by_url`."""
    media = check_media_type(input_type)
    if not isinstance(url, str) or not url.strip():
        raise UserError(f"url must be a text that is not empty, got {url!r}.")
    return from_urls("", {media: url}, None, {})


def _inputs(inputs: object) -> list[resources_pb2.Input]:
    if not isinstance(inputs, (list, tuple)):
        raise UserError(f"inputs must be a list of Input messages, got {inputs!r:.80}.")
    if not inputs:
        raise UserError("inputs is empty: give at least one Input.")
    if len(inputs) > MAX_INPUTS:
        raise UserError(f"Too many inputs: {len(inputs)}. Max is {MAX_INPUTS}.")
    for index, one in enumerate(inputs):
        if not isinstance(one, resources_pb2.Input):
            raise UserError(f"inputs[{index}] must be an Input message, got {one!r:.80}.")
    return list(inputs)


def _output_config(given: Mapping[str, Any] | None) -> resources_pb2.OutputConfig:
    if isinstance(given, resources_pb2.OutputConfig):
        return given
    if given is not None and not isinstance(given, Mapping):
        raise UserError(f"output_config must be a dict, got {given!r}.")
    return fill(resources_pb2.OutputConfig(), given or {}, "output_config")
