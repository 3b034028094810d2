"""Pictures as small arrays of pixels, for what looks at places in them: detectors, segmenters."""

from __future__ import annotations

import contextlib
import io
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs
import numpy as np
import numpy.typing as npt
from PIL import Image

from clarifai_local import _upright
from clarifai_local.engine._images import DRAFT_PIXELS, UndecodableImageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarifai_local.engine.contracts import Content

Pixels: TypeAlias = npt.NDArray[np.float32]

SIDE_PIXELS = 96
"""Longer side of what detectors and segmenters look at."""


@attrs.frozen
class Picture:
    """A picture, made small."""

    pixels: Pixels
    """(height, width, 3), 0..1, red, green, blue."""
    height: int
    """Of the original."""
    width: int

    @property
    def area(self) -> int:
        """Pixels of the original."""
        return self.height * self.width

    def mirrored(self) -> Picture:
        """Return it with left and right swapped."""
        return attrs.evolve(self, pixels=np.ascontiguousarray(self.pixels[:, ::-1]))


def look(content: Content, side: int = SIDE_PIXELS) -> Picture:
    """Decode a picture and shrink or stretch it, so that its longer side has `side` pixels.

    Raises:
        UndecodableImageError: The bytes are no picture.
    """
    with _decoded(content) as image:
        width, height = _upright.size_of(image)
        size = fitting(height, width, side)[::-1]
        small = _upright.as_seen(image, size, draft_side=DRAFT_PIXELS)
    return Picture(np.asarray(small, np.float32) / np.float32(255), height, width)


def as_seen(content: Content, width: int, height: int, position: int = 0) -> npt.NDArray[np.uint8]:
    """Decode a picture as people see it, and stretch it to a size.

    Args:
        content: The encoded picture, of any mode.
        width: In pixels.
        height: In pixels.
        position: Where it stands in its batch, for the error message.

    Returns:
        Array (height, width, 3), red, green, blue.

    Raises:
        UndecodableImageError: The bytes are no picture.
    """
    with _decoded(content, position) as image:
        draft = 2 * max(width, height)
        return np.asarray(_upright.as_seen(image, (width, height), draft_side=draft), np.uint8)


def seen_within(content: Content, side: int) -> Image.Image:
    """Decode a picture as people see it, made smaller so that its longer side has `side` pixels.

    Raises:
        UndecodableImageError: The bytes are no picture.
    """
    with _decoded(content) as image:
        width, height = _upright.size_of(image)
        if max(width, height) <= side:
            return _upright.as_seen(image)
        return _upright.as_seen(image, fitting(height, width, side)[::-1], draft_side=2 * side)


@contextlib.contextmanager
def _decoded(content: Content, position: int = 0) -> Iterator[Image.Image]:
    if isinstance(content, str):
        raise TypeError("a picture must be bytes")
    try:
        with Image.open(io.BytesIO(content)) as image:
            yield image
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UndecodableImageError(f"image {position} cannot be decoded: {error}") from error


def size_of(content: Content) -> tuple[int, int]:
    """Return height and width of a picture, without decoding it."""
    if isinstance(content, str):
        raise TypeError("a picture must be bytes")
    with Image.open(io.BytesIO(content)) as image:
        width, height = _upright.size_of(image)
        return height, width


def side_pixels(image_size: Any, most: int = SIDE_PIXELS) -> int:
    """Return the side that `image_size` ([320], [width, height] or nothing) allows.

    Example:
        >>> side_pixels([320]), side_pixels([64, 48]), side_pixels(None)
        (96, 48, 96)
    """
    sizes = image_size if isinstance(image_size, (list, tuple)) else [image_size]
    return int(min((most, *(size for size in sizes if size))))


def fitting(height: int, width: int, side: int) -> tuple[int, int]:
    """Return the height and width of the same shape whose longer side is `side`.

    Example:
        >>> fitting(60, 80, 40)
        (30, 40)
    """
    scale = side / max(height, width)
    return max(1, round(height * scale)), max(1, round(width * scale))
