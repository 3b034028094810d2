"""The stand-in for models that make pictures: bands of colour that depend on the prompt alone."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, Any

from clarifai_grpc.grpc.api import resources_pb2

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarifai_local.engine.contracts import ModelInputs

SIDE_PIXELS = 512
"""Side of a picture when `width` and `height` do not say otherwise."""

_LIMITS = (16, 2048)
_BANDS = 8


class Paint:
    """Answers a text with a picture: the same text always with the same one."""

    modalities = frozenset({"text"})
    concepts = ()

    def predict(self, batch: ModelInputs, params: Mapping[str, Any], /) -> list[resources_pb2.Data]:
        """Return one picture per text; see `contracts.Predictor`."""
        size = _pixels(params, "width"), _pixels(params, "height")
        return [_painted(str(prompt), size) for prompt in batch]


def _painted(prompt: str, size: tuple[int, int]) -> resources_pb2.Data:
    from PIL import Image

    digest = hashlib.sha256(prompt.encode()).digest()
    bands = Image.frombytes("RGB", (1, _BANDS), digest[: 3 * _BANDS])
    out = io.BytesIO()
    bands.resize(size, Image.Resampling.BICUBIC).save(out, "PNG")
    return resources_pb2.Data(image=resources_pb2.Image(base64=out.getvalue()))


def _pixels(params: Mapping[str, Any], name: str) -> int:
    value = params.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return SIDE_PIXELS
    low, high = _LIMITS
    return int(min(max(value, low), high))
