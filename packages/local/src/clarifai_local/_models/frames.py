"""Asking a model about videos and animated pictures: about frame after frame.

A model of this platform sees stills. What it says of the frames at the middle of each step comes
back as `data.frames`. Models that runners answer for get the video itself.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from clarifai_grpc.grpc.api import resources_pb2

from clarifai_local._models import inference
from clarifai_local._models.asked import PredictionInput
from clarifai_local._models.remote import RunnerModel
from clarifai_local._moving_pictures import moving
from clarifai_local.engine.contracts import is_operator
from clarifai_local.media import Rejected

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from clarifai_local._context import ServiceContext
    from clarifai_local._moving_pictures.sampling import Moment
    from clarifai_local.engine.contracts import Operator, Predictor

AT_A_TIME = 32
"""Frames in memory."""


def ask(
    context: ServiceContext,
    model: Predictor | Operator | RunnerModel,
    asked: Sequence[PredictionInput],
    params: Mapping[str, Any],
    config: resources_pb2.OutputConfig,
    step_ms: int,
) -> None:
    """Let a model answer about inputs; each of `asked` is filled in.

    Args:
        context: Where contents are.
        model: What answers.
        asked: The inputs; those that failed already are left alone.
        params: `output_info.params`.
        config: `output_info.output_config`.
        step_ms: Milliseconds between the frames of a video that are looked at.
    """
    if isinstance(model, RunnerModel) or is_operator(model) or "image" not in model.modalities:
        inference.ask(context, model, asked, params, config)
        return
    inference.ask(context, model, [i for i in asked if not moves(i.given)], params, config)
    for item in asked:
        if moves(item.given) and not item.failed:
            try:
                item.data = _answer(context, model, item, params, config, step_ms)
            except Rejected as error:
                item.fail(error.code, error.reason)


def moves(data: resources_pb2.Data) -> bool:
    """Return whether an input is a video, and nothing that can be looked at by itself."""
    still = data.HasField("image") or data.HasField("text")
    return data.HasField("video") and not still and bool(data.video.base64 or data.video.url)


def parts(
    context: ServiceContext, video: resources_pb2.Video, step_ms: int
) -> Iterator[list[Moment[bytes]]]:
    """Yield the frames of a video that are looked at, some at a time.

    Raises:
        Rejected: It is not there, or cannot be decoded.
    """
    frames = moving.pictures(context.content.video(video), step_ms)
    while part := list(itertools.islice(frames, AT_A_TIME)):
        yield part


def still_of(moment: Moment[bytes]) -> resources_pb2.Data:
    """Return a frame as the data of an input."""
    return resources_pb2.Data(image=resources_pb2.Image(base64=moment.frame))


def add_frame(data: resources_pb2.Data, moment: Moment[bytes], said: resources_pb2.Data) -> None:
    """Add what was said of a frame to the answer about a video."""
    added = data.frames.add(data=said)
    added.frame_info.index = moment.index
    added.frame_info.time = moment.time_ms
    added.frame_info.number = moment.number


def _answer(
    context: ServiceContext,
    model: Predictor,
    item: PredictionInput,
    params: Mapping[str, Any],
    config: resources_pb2.OutputConfig,
    step_ms: int,
) -> resources_pb2.Data | None:
    data = resources_pb2.Data()
    for part in parts(context, item.given.video, step_ms):
        stills = [PredictionInput(still_of(moment), id=item.id) for moment in part]
        inference.ask(context, model, stills, params, config)
        for moment, still in zip(part, stills, strict=True):
            if still.failed or still.data is None:
                item.fail(still.code, f"the frame at {moment.time_ms} ms: {still.details}")
                return None
            add_frame(data, moment, still.data)
    return data
