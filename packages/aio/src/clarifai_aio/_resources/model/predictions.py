# Made of clarifai_resources.model.predictions by a tool:
# change that, and run `python -m tools.asynchronous`.

"""Asking a model about inputs."""

from __future__ import annotations

import functools
import os
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from clarifai_aio._core import ops, threads
from clarifai_aio._resources import _input_types
from clarifai_aio._resources.model import _runner_selectors
from clarifai_core.errors import UserError
from clarifai_core.wire.messages import struct
from clarifai_core.wire.preserialized import JoinedRequest
from clarifai_resources._kinds import MODEL
from clarifai_resources._output_config import output_config_of
from clarifai_resources.inputs._builders import (
    FilePath,
    content_only,
    from_files,
    from_urls,
    read_file,
)
from clarifai_resources.model.predictions import _head, _plain_head
from clarifai_resources.model.predictions import checked_inputs as checked_inputs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarifai_aio._resources.model._prediction_methods import PredictionMethods
    from clarifai_core.heavy import resources_pb2, service_pb2
    from clarifai_resources._output_config import OutputSettings
Kinds: TypeAlias = Callable[[], Awaitable[tuple[str, ...]]]
"""Tells the kinds of media that a model takes; it may ask the platform."""


async def predict(
    model: PredictionMethods,
    inputs: object,
    inference_params: Mapping[str, Any] | None,
    output_config: OutputSettings | None,
) -> service_pb2.MultiOutputResponse:
    """Ask a model about inputs; see `Model.predict`."""
    request = await request_of(model, inputs, inference_params, output_config)
    answer: service_pb2.MultiOutputResponse = await model.session.call("PostModelOutputs", request)
    return answer


async def predict_async(
    model: PredictionMethods,
    inputs: object,
    inference_params: Mapping[str, Any] | None,
    output_config: OutputSettings | None,
) -> service_pb2.MultiOutputResponse:
    """Ask a model about inputs on the running event loop; see `Model.async_predict`."""
    request = await request_of(model, inputs, inference_params, output_config)
    answer: service_pb2.MultiOutputResponse = await model.session.call("PostModelOutputs", request)
    return answer


async def request_of(
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
    return JoinedRequest(await head_of(model, inference_params, output_config), "inputs", given)


async def head_of(
    model: PredictionMethods,
    inference_params: Mapping[str, Any] | None,
    output_config: OutputSettings | None,
) -> service_pb2.PostModelOutputsRequest:
    """Return a request without inputs; it may be shared, and is only read."""
    scope = ops.scope_of(model, MODEL, "get")
    wire = model.message.SerializeToString()
    selector = await _runner_selectors.serialized(model)
    if output_config in (None, {}) and model._output_config:
        output_config = model.output_config
    if inference_params in (None, {}) and output_config in (None, {}):
        return _plain_head(scope, wire, selector)
    head = _head(scope, wire, selector)
    output_info = head.model.model_version.output_info
    output_info.params.CopyFrom(struct(inference_params, "inference_params"))
    output_info.output_config.CopyFrom(output_config_of(output_config))
    return head


async def input_of_bytes(
    content: bytes, input_type: str | None, kinds: Kinds
) -> resources_pb2.Input:
    """Return the input for `Model.predict_by_bytes`; `kinds` tells what the model takes."""
    told = functools.partial(_input_types.of_bytes, content)
    media = await _input_types.chosen(input_type, kinds, told, "input_bytes")
    if not isinstance(content, (bytes, bytearray, memoryview)):
        raise UserError(f"input_bytes must be bytes, got {content!r:.80}.")
    if not content:
        raise UserError("input_bytes is empty.")
    return content_only(media, bytes(content), "input_bytes")


async def input_of_file(
    filepath: FilePath, input_type: str | None, kinds: Kinds
) -> resources_pb2.Input:
    """Return the input for `Model.predict_by_filepath`; `kinds` tells what the model takes."""
    if not filepath:
        raise UserError(f"filepath must be the path of a file, got {filepath!r}.")
    content = b"" if input_type else await threads.to_thread(read_file, filepath, "filepath")

    def told(possible: tuple[str, ...]) -> str:
        return _input_types.of_bytes(content, possible, os.fspath(filepath))

    media = await _input_types.chosen(input_type, kinds, told, f"filepath {str(filepath)!r}")
    return await threads.to_thread(from_files, "", {media: filepath}, None, {})


async def input_of_url(url: str, input_type: str | None, kinds: Kinds) -> resources_pb2.Input:
    """Return the input for `Model.predict_by_url`; `kinds` tells what the model takes."""
    told = functools.partial(_input_types.of_url, url)
    media = await _input_types.chosen(input_type, kinds, told, f"url {url!r}")
    if not isinstance(url, str) or not url.strip():
        raise UserError(f"url must be a text that is not empty, got {url!r}.")
    return from_urls("", {media: url}, None, {})
