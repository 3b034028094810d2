"""The model that names a picture's colours: a measurement, no stand-in."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from clarifai_grpc.grpc.api import resources_pb2

from clarifai_local import _upright

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from clarifai_local.engine.contracts import Content, ModelInputs

MAX_COLOURS = 8

_SIDE_PIXELS = 64
_LEAST_SHARE = 0.01
_NEAR = 24
"""Colours that differ less in each channel (0..255) count as one."""

_Colour = tuple[int, int, int]


class ColourRecognizer:
    """Tells the colours of a picture with the share of each, and the nearest name of the W3C's."""

    modalities = frozenset({"image"})
    concepts = ()

    def predict(self, batch: ModelInputs, params: Mapping[str, Any], /) -> list[resources_pb2.Data]:  # noqa: ARG002
        """Return colours per picture, the most frequent first; see `contracts.Predictor`."""
        return [_colours(content) for content in batch]


def _colours(content: Content) -> resources_pb2.Data:
    answer = resources_pb2.Data()
    for colour, share in _shares(content):
        if share < _LEAST_SHARE:
            break
        name, code = _w3c(colour)
        answer.colors.add(
            raw_hex=_hex(colour), w3c=resources_pb2.W3C(hex=code, name=name), value=share
        )
    return answer


def _shares(content: Content) -> list[tuple[_Colour, float]]:
    """Return the colours of a picture by median cut, near ones joined, with their shares."""
    from PIL import Image

    data = content.encode() if isinstance(content, str) else content
    with Image.open(io.BytesIO(data)) as image:
        small = _upright.as_seen(
            image,
            (_SIDE_PIXELS, _SIDE_PIXELS),
            draft_side=4 * _SIDE_PIXELS,
            resample=Image.Resampling.BOX,
        )
    reduced = small.quantize(MAX_COLOURS, method=Image.Quantize.MEDIANCUT)
    palette = reduced.getpalette() or []
    counts = np.bincount(np.asarray(reduced).ravel(), minlength=MAX_COLOURS)
    shares: dict[_Colour, float] = {}
    for index in np.argsort(-counts, kind="stable").tolist():
        red, green, blue = (*palette[3 * index : 3 * index + 3], 0, 0, 0)[:3]
        colour = (red, green, blue)
        near = next((known for known in shares if _distance(known, colour) < _NEAR), colour)
        shares[near] = shares.get(near, 0.0) + float(counts[index] / counts.sum())
    return sorted(shares.items(), key=lambda pair: -pair[1])


def _distance(one: _Colour, other: _Colour) -> int:
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


def _hex(colour: _Colour) -> str:
    return "#" + bytes(colour).hex()


def _w3c(colour: _Colour) -> tuple[str, str]:
    names, values = _named()
    nearest = int(((values - np.array(colour)) ** 2).sum(axis=1).argmin())
    red, green, blue = values[nearest].tolist()
    return names[nearest], _hex((red, green, blue))


@lru_cache(maxsize=1)
def _named() -> tuple[list[str], npt.NDArray[np.int64]]:
    from PIL import ImageColor

    table = {name: ImageColor.getrgb(name)[:3] for name in sorted(ImageColor.colormap)}
    return list(table), np.array(list(table.values()), np.int64)
