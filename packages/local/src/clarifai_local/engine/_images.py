"""Pictures as vectors, with Pillow and numpy alone: shape, orientation of edges, and colour.

A picture becomes a 32 x 32 thumbnail, and the thumbnail 512 numbers in six blocks. Each block has
its mean removed and is scaled to a weight of its own, so that the scalar product of two vectors is
a weighted mean of correlations: 1 for the same picture, about 0 for unrelated ones.

| block | numbers | what it tells apart |
|---|---|---|
| intensities | 8 x 8 | coarse shape, whatever the brightness |
| fine gradients | 6 x 6 cells x 8 orientations | strokes, contours, texture |
| coarse gradients | 2 x 2 cells x 8 orientations | the same, tolerant of shifts |
| colour layout | 4 x 4 cells x 3 channels | which colour is where |
| colour histogram | 4 x 4 x 4 bins | which colours there are |
| lightness histogram | 16 bins | dark, bright, flat or full of contrast |
"""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

from clarifai_local import _upright

if TYPE_CHECKING:
    from collections.abc import Sequence

Floats: TypeAlias = npt.NDArray[np.float32]
Thumbnails: TypeAlias = npt.NDArray[np.uint8]

DIMENSIONS = 512
SIDE_PIXELS = 32

DRAFT_PIXELS = 4 * SIDE_PIXELS
"""Shorter side below which a JPEG is decoded in full."""

_BATCH_IMAGES = 256
_ORIENTATIONS = 8
_GREY = np.array([0.299, 0.587, 0.114], np.float32)
_OPPONENT = np.array([[0.3, 0.6, 0.1], [0.5, -0.5, 0.0], [0.25, 0.25, -0.5]], np.float32)
_WEIGHTS = {
    "intensities": 0.45,
    "fine": 1.0,
    "coarse": 0.35,
    "layout": 0.55,
    "colours": 0.55,
    "lightness": 0.25,
}


class UndecodableImageError(ValueError):
    """The bytes are no picture that Pillow can read, or a bomb."""


def embed_images(blobs: Sequence[bytes]) -> Floats:
    """Return one unit vector per picture.

    Args:
        blobs: Encoded pictures, such as PNG or JPEG files.

    Returns:
        Array (len(blobs), 512), float32, each row of length 1.

    Raises:
        UndecodableImageError: One of the blobs is no picture; the message has its position.
    """
    vectors = np.empty((len(blobs), DIMENSIONS), np.float32)
    for start in range(0, len(blobs), _BATCH_IMAGES):
        batch = blobs[start : start + _BATCH_IMAGES]
        thumbnails = [thumbnail(blob, start + offset) for offset, blob in enumerate(batch)]
        vectors[start : start + len(batch)] = embed_thumbnails(np.stack(thumbnails))
    return vectors


def thumbnail(blob: bytes, position: int = 0) -> Thumbnails:
    """Decode a picture and shrink or stretch it to 32 x 32 pixels, RGB.

    Args:
        blob: The encoded picture.
        position: Where it stands in its batch, for the error message.

    Raises:
        UndecodableImageError: The bytes are no picture.
    """
    try:
        with Image.open(io.BytesIO(blob)) as image:
            return shrink(image)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UndecodableImageError(f"image {position} cannot be decoded: {error}") from error


def shrink(image: Image.Image) -> Thumbnails:
    """Return a freshly opened picture as 32 x 32 pixels, as `_seen` says."""
    small = _upright.as_seen(image, (SIDE_PIXELS, SIDE_PIXELS), draft_side=DRAFT_PIXELS)
    return np.asarray(small, np.uint8)


def embed_thumbnails(thumbnails: Thumbnails) -> Floats:
    """Return the vectors of thumbnails (n, 32, 32, 3)."""
    pixels = thumbnails.astype(np.float32) * np.float32(1 / 255)
    grey = pixels @ _GREY
    gradients = _gradients(grey)
    blocks = {
        "intensities": _contrast(_cells(grey, 8)),
        "fine": np.sqrt(_cells(gradients, 6)),
        "coarse": np.sqrt(_cells(gradients, 2)),
        "layout": _cells(pixels, 4) @ _OPPONENT.T - np.float32(0.5) * _OPPONENT.sum(axis=1),
        "colours": np.sqrt(_histogram(thumbnails // np.uint8(64), (16, 4, 1), 64)),
        "lightness": np.sqrt(_histogram((grey * 15.999).astype(np.uint8)[..., None], (1,), 16)),
    }
    parts = [_weighed(name, block.reshape(len(thumbnails), -1)) for name, block in blocks.items()]
    return unit_rows(np.concatenate(parts, axis=1))


def unit_rows(rows: npt.NDArray[Any]) -> Floats:
    """Scale each row to length 1; a row of zeros stays."""
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
    return np.asarray(rows / np.maximum(lengths, 1e-12), np.float32)


def _gradients(grey: Floats) -> Floats:
    """Return (n, 32, 32, 8): edge strength per direction, shared by the two nearest directions."""
    padded = np.pad(grey, ((0, 0), (1, 1), (1, 1)), mode="edge")
    across = padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2]
    down = padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]
    strength = np.hypot(across, down)
    position = np.arctan2(down, across) * np.float32(_ORIENTATIONS / (2 * np.pi))
    lower = np.floor(position)
    share = (position - lower)[..., None]
    first = lower.astype(np.int64)[..., None] % _ORIENTATIONS
    planes = np.zeros((*grey.shape, _ORIENTATIONS), np.float32)
    np.put_along_axis(planes, first, strength[..., None] * (1 - share), axis=3)
    np.put_along_axis(planes, (first + 1) % _ORIENTATIONS, strength[..., None] * share, axis=3)
    return planes


def _cells(planes: Floats, cells: int) -> Floats:
    """Average over a grid of overlapping cells: (n, 32, 32, ...) -> (n, cells, cells, ...)."""
    weights = _tent(cells)
    channels = planes.reshape(len(planes), SIDE_PIXELS, SIDE_PIXELS, -1)
    rows = np.matmul(weights, channels.reshape(len(planes), SIDE_PIXELS, -1))
    rows = rows.reshape(len(planes), cells, SIDE_PIXELS, -1)
    return np.asarray(np.matmul(weights, rows))


@lru_cache(maxsize=8)
def _tent(cells: int) -> Floats:
    """Return (cells, 32) weights: a pixel is shared by the two nearest cells."""
    centres = (np.arange(cells) + 0.5) * (SIDE_PIXELS / cells) - 0.5
    distance = np.abs(np.arange(SIDE_PIXELS)[None, :] - centres[:, None])
    weights = np.maximum(0.0, 1.0 - distance * (cells / SIDE_PIXELS))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)


def _contrast(values: Floats) -> Floats:
    flat = values.reshape(len(values), -1)
    deviation = flat.std(axis=1, keepdims=True)
    return np.asarray((flat - flat.mean(axis=1, keepdims=True)) / np.maximum(deviation, 0.02))


def _histogram(levels: Thumbnails, strides: tuple[int, ...], bins: int) -> Floats:
    count = len(levels)
    codes = (levels.astype(np.int64) @ np.array(strides)).reshape(count, -1)
    codes += np.arange(count)[:, None] * bins
    counts = np.bincount(codes.ravel(), minlength=count * bins).reshape(count, bins)
    return np.asarray(counts / codes.shape[1], np.float32)


def _weighed(name: str, block: Floats) -> Floats:
    centred = block if name == "layout" else block - block.mean(axis=1, keepdims=True)
    # A block with next to no signal (a uniform picture has no edges) must not be blown up.
    lengths = np.sqrt(np.einsum("ij,ij->i", centred, centred))[:, None]
    scale = np.float32(_WEIGHTS[name]) / np.maximum(lengths, 0.05)
    return np.asarray(centred * scale)
