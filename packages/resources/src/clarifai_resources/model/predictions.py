"""Asking a model about inputs."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from clarifai_core import ops
from clarifai_core.errors import UserError
from clarifai_core.heavy import resources_pb2, service_pb2
from clarifai_core.wire.ids import check_id
from clarifai_core.wire.messages import struct
from clarifai_core.wire.preserialized import JoinedRequest
from clarifai_resources import _input_types
from clarifai_resources._kinds import MODEL
from clarifai_resources._output_config import output_config_of
from clarifai_resources.inputs._builders import (
    FilePath,
    content_only,
    from_files,
    from_urls,
    read_file,
)
from clarifai_resources.model import _runner_selectors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarifai_core.scope import Scope
    from clarifai_resources._output_config import OutputSettings
    from clarifai_resources.model._prediction_methods import PredictionMethods

Kinds: TypeAlias = Callable[[], tuple[str, ...]]
"""Tells the kinds of media that a model takes; it may ask the platform."""

MAX_INPUTS = 128
"""Inputs in one request."""


def predict(
    model: PredictionMethods,
    inputs: object,
    inference_params: Mapping[str, Any] | None,
    output_config: OutputSettings | None,
) -> service_pb2.MultiOutputResponse:
    """Ask a model about inputs; see `Model.predict`."""
    request = request_of(model, inputs, inference_params, output_config)
    answer: service_pb2.MultiOutputResponse = model.session.call("PostModelOutputs", request)
    return answer


async def predict_async(
    model: PredictionMethods,
    inputs: object,
    inference_params: Mapping[str, Any] | None,
    output_config: OutputSettings | None,
) -> service_pb2.MultiOutputResponse:
    """Ask a model about inputs on the running event loop; see `Model.async_predict`."""
    request = request_of(model, inputs, inference_params, output_config)
    call = model.session.prepare("PostModelOutputs", request)
    answer: service_pb2.MultiOutputResponse = await model.session.run_async(call)
    return answer


def request_of(
    model: PredictionMethods,
    inputs: object,
    inference_params: Mapping[str, Any] | None,
    output_config: OutputSettings | None,
) -> JoinedRequest:
    """Return the request about inputs; its arguments are checked.

    Raises:
        UserError: The inputs are none, or too many, or an argument is wrong.
    """
    given = checked_inputs(inputs)
    return JoinedRequest(head_of(model, inference_params, output_config), "inputs", given)


def head_of(
    model: PredictionMethods,
    inference_params: Mapping[str, Any] | None,
    output_config: OutputSettings | None,
) -> service_pb2.PostModelOutputsRequest:
    """Return a request without inputs; it may be shared, and is only read."""
    scope = ops.scope_of(model, MODEL, "get")
    wire = model.message.SerializeToString()
    selector = _runner_selectors.serialized(model)
    if output_config in (None, {}) and model._output_config:
        output_config = model.output_config
    if inference_params in (None, {}) and output_config in (None, {}):
        return _plain_head(scope, wire, selector)
    head = _head(scope, wire, selector)
    output_info = head.model.model_version.output_info
    output_info.params.CopyFrom(struct(inference_params, "inference_params"))
    output_info.output_config.CopyFrom(output_config_of(output_config))
    return head


def _head(scope: Scope, model: bytes, selector: bytes) -> service_pb2.PostModelOutputsRequest:
    """Return the request about a model, without inputs, parameters and output configuration."""
    head = service_pb2.PostModelOutputsRequest(
        user_app_id=scope.message(), model=resources_pb2.Model.FromString(model)
    )
    head.model_id = check_id("model_id", head.model.id)
    head.version_id = head.model.model_version.id
    if selector:
        head.runner_selector.ParseFromString(selector)
    output_info = head.model.model_version.output_info
    output_info.Clear()
    output_info.params.SetInParent()
    output_info.output_config.SetInParent()
    return head


_plain_head = functools.lru_cache(maxsize=64)(_head)
"""The same, shared and only read: a program sends the same one with each input."""


def input_of_bytes(content: bytes, input_type: str | None, kinds: Kinds) -> resources_pb2.Input:
    """Return the input for `Model.predict_by_bytes`; `kinds` tells what the model takes."""
    told = functools.partial(_input_types.of_bytes, content)
    media = _input_types.chosen(input_type, kinds, told, "input_bytes")
    if not isinstance(content, (bytes, bytearray, memoryview)):
        raise UserError(f"input_bytes must be bytes, got {content!r:.80}.")
    if not content:
        raise UserError("input_bytes is empty.")
    return content_only(media, bytes(content), "input_bytes")


def input_of_file(filepath: FilePath, input_type: str | None, kinds: Kinds) -> resources_pb2.Input:
    """Return the input for `Model.predict_by_filepath`; `kinds` tells what the model takes."""
    if not filepath:
        raise UserError(f"filepath must be the path of a file, got {filepath!r}.")
    content = b"" if input_type else read_file(filepath, "filepath")

    def told(possible: tuple[str, ...]) -> str:
        return _input_types.of_bytes(content, possible, os.fspath(filepath))

    media = _input_types.chosen(input_type, kinds, told, f"filepath {str(filepath)!r}")
    return from_files("", {media: filepath}, None, {})


def input_of_url(url: str, input_type: str | None, kinds: Kinds) -> resources_pb2.Input:
    """Return the input for `Model.predict_by_url`; `kinds` tells what the model takes."""
    told = functools.partial(_input_types.of_url, url)
    media = _input_types.chosen(input_type, kinds, told, f"url {url!r}")
    if not isinstance(url, str) or not url.strip():
        raise UserError(f"url must be a text that is not empty, got {url!r}.")
    return from_urls("", {media: url}, None, {})


def checked_inputs(inputs: object) -> list[resources_pb2.Input]:
    """Return the inputs of one request.

    Raises:
        UserError: They are no list of inputs, none, or too many.
    """
    if not isinstance(inputs, (list, tuple)):
        raise UserError(
            f"inputs must be a list of Input messages, got {inputs!r:.80}; predict_by_bytes, "
            "predict_by_filepath and predict_by_url take a content."
        )
    if not inputs:
        raise UserError("inputs is empty: give at least one Input.")
    if len(inputs) > MAX_INPUTS:
        raise UserError(f"Too many inputs: {len(inputs)}. Max is {MAX_INPUTS}.")
    for index, one in enumerate(inputs):
        if not isinstance(one, resources_pb2.Input):
            raise UserError(f"inputs[{index}] must be an Input message, got {one!r:.80}.")
    return list(inputs)
