"""What may not be shown: how probably a picture is pornographic, by Open NSFW.

It was trained for that alone. What is suggestive, and drugs and gore, it cannot tell: those are
left out of the answer, rather than guessed.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
from clarifai_grpc.grpc.api import resources_pb2
from PIL import Image

from clarifai_local.engine.concepts import concept_id
from clarifai_local.engine.pictures import as_seen
from clarifai_models._catalogue import OPEN_NSFW
from clarifai_models._imagenet import MODERATION_NAMES, NSFW_NAMES
from clarifai_models._onnx import Floats, Graph, once

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarifai_local.engine.contracts import Content, Embedder, ModelInputs

SIDE, SEEN = 256, 224
"""Pixels a side that a picture is stretched to, and those in the middle that are looked at."""

_MEANS = np.array([104, 117, 123], np.float32)
"""Of the pictures it was trained with: blue, green, red."""

_SHARES = "4195"
"""Name of the output: safe, then not."""


class Moderator:
    """Tells whether a picture is safe to show.

    Args:
        safe: Name of the concept for pictures that are.
        unsafe: Name of the concept for those that are not.
    """

    modalities = frozenset({"image"})

    def __init__(self, safe: str, unsafe: str) -> None:
        self.concepts = (concept_id(safe), concept_id(unsafe))

    def predict(self, batch: ModelInputs, params: Mapping[str, Any], /) -> list[resources_pb2.Data]:  # noqa: ARG002
        """Return the two concepts per picture; see `contracts.Predictor`."""
        return [self._judge(content) for content in batch]

    def _judge(self, content: Content) -> resources_pb2.Data:
        (values,) = _network()(_SHARES, input_0=_looked_at(content)).tolist()
        return resources_pb2.Data(
            concepts=[
                resources_pb2.Concept(id=name, value=value)
                for name, value in zip(self.concepts, values, strict=True)
            ]
        )


def _looked_at(content: Content) -> Floats:
    """Return (1, 224, 224, 3): blue, green, red around their means.

    The network saw pictures that had been written as JPEG at this size, and expects the traces.
    """
    written = io.BytesIO()
    Image.fromarray(as_seen(content, SIDE, SIDE)).save(written, "JPEG")
    with Image.open(written) as picture:
        pixels = np.asarray(picture.convert("RGB"), np.float32)
    edge = (SIDE - SEEN) // 2
    middle = pixels[edge : edge + SEEN, edge : edge + SEEN, ::-1]
    return np.ascontiguousarray((middle - _MEANS)[None])


@once
def _network() -> Graph:
    return Graph(OPEN_NSFW.weights[0].checked_path())


def moderator(_: Embedder) -> Moderator:
    """Return what answers for moderation-recognition."""
    return Moderator(*MODERATION_NAMES)


def nsfw(_: Embedder) -> Moderator:
    """Return what answers for nsfw-recognition."""
    return Moderator(*NSFW_NAMES)
