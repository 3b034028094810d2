# Made of clarifai_resources.model._classifications by a tool:
# change that, and run `python -m tools.asynchronous`.

"""Asking a model what contents are, and getting labels and scores: `Model.classify`.

What is done is a flow of steps (`AskKinds`, `LoadContents`, `AskModel`) that a driver carries out:
reading files and sending requests are the driver's, so that an event loop can have one of its own.
"""

from __future__ import annotations

from asyncio import to_thread
from typing import TYPE_CHECKING, Any, cast

from clarifai_aio._resources.model import predictions
from clarifai_core.errors import ClarifaiError, UserError
from clarifai_core.heavy import resources_pb2
from clarifai_core.progress import SHOWN_AFTER_SECONDS, bar
from clarifai_resources._output_config import output_config_of
from clarifai_resources.inputs._builders import check_media_type
from clarifai_resources.model._classifications import (
    AskKinds,
    AskModel,
    Classification,
    Classifications,
    LoadContents,
    Step,
    checked,
    flow,
    load,
    result,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarifai_grpc.grpc.api import service_pb2

    from clarifai_aio._resources.model._prediction_methods import PredictionMethods
    from clarifai_resources._output_config import OutputSettings


async def classify(
    model: PredictionMethods,
    given: Any,
    input_type: str | None,
    head: Any,
    progress: bool | None,
) -> Classification | Classifications:
    """Ask a model about contents; see `Model.classify`."""
    several = checked(given)
    steps = flow(
        cast("Any", model), several, check_media_type(input_type) if input_type else "", head
    )
    shown = bar(
        len(several), "Classifying", "contents", progress, delay_seconds=SHOWN_AFTER_SECONDS
    )
    answer: Any = None
    with shown:
        while True:
            try:
                step = steps.send(answer)
            except StopIteration as done:
                return result(done.value, given)
            answer = await _carried_out(model, step)
            shown.update(len(step.inputs) if isinstance(step, AskModel) else 0)


async def _carried_out(model: PredictionMethods, step: Step) -> object:
    if isinstance(step, AskKinds):
        return await model._kinds()
    if isinstance(step, LoadContents):
        return await to_thread(load, step.contents)
    try:
        return await model.session.call("PostModelOutputs", step.request)
    except ClarifaiError as error:
        return error


async def head_of(
    model: PredictionMethods,
    inference_params: Mapping[str, Any] | None,
    output_config: OutputSettings | None,
    max_labels: int | None,
    min_score: float | None,
) -> service_pb2.PostModelOutputsRequest:
    """Return the request without inputs.

    Raises:
        UserError: An argument is wrong.
    """
    config = resources_pb2.OutputConfig()
    config.CopyFrom(
        model.output_config if output_config is None else output_config_of(output_config)
    )
    if max_labels is not None:
        if isinstance(max_labels, bool) or not isinstance(max_labels, int) or max_labels < 1:
            raise UserError(f"max_labels must be a whole number from 1, got {max_labels!r}.")
        config.max_concepts = max_labels
    if min_score is not None:
        if isinstance(min_score, bool) or not isinstance(min_score, (int, float)):
            raise UserError(f"min_score must be a number from 0 to 1, got {min_score!r}.")
        if not 0 <= min_score <= 1:
            raise UserError(f"min_score must be from 0 to 1, got {min_score!r}.")
        config.min_value = min_score
    return await predictions.head_of(model, inference_params, config if config.ByteSize() else None)
