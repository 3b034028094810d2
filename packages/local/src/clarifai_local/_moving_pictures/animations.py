"""Animated GIF, WebP and PNG, frame by frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_local import media
from clarifai_local._moving_pictures.sampling import DecodedFrame

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL import Image

_SHORTEST_MS = 20
_SHOWN_MS = 100
"""How long browsers show a frame that says it is shown for less than `_SHORTEST_MS`."""


def frames(image: Image.Image) -> Iterator[DecodedFrame[Image.Image]]:
    """Yield the frames of an opened picture, each as a picture of its own.

    Raises:
        Rejected: 30105, for more pixels than a picture may have.
    """
    start_ms = 0.0
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        media.check_pixels(*image.size, "video")
        image.load()
        end_ms = start_ms + _duration_ms(image)
        yield DecodedFrame(start_ms, end_ms, number, image.copy())
        start_ms = end_ms


def _duration_ms(image: Image.Image) -> float:
    told = image.info.get("duration", 0)
    duration = float(told) if isinstance(told, (int, float)) else 0.0
    return duration if duration >= _SHORTEST_MS else _SHOWN_MS
