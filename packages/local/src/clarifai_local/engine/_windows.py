"""Windows of a picture and what is in them, measured for thousands of windows at a time.

Per pixel there are 36 channels: three opponent colours, the strength of edges in six directions,
and a soft histogram of 27 colours. Their sums over any rectangle come from four corners of an
integral image. A window is measured with its surroundings, a quarter of its size on each side:

| block | numbers | what it tells |
|---|---|---|
| layout | 6 x 6 cells x 9 channels | shape and colours, the inner 4 x 4 cells being the window |
| colours | 27 | which colours the window has |
| contrast | 27 | how they differ from those around it |
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarifai_local.engine.pictures import Pixels
    from clarifai_local.engine.regions import Boxes

CELLS = 6
MARGIN = 0.25
"""Share of the window's size that is looked at on each side of it."""

STEP = 0.25
"""From window to window, in shares of its size."""

_DIRECTIONS = 6
_LEVELS = np.array([0.0, 0.5, 1.0], np.float32)
_GREY = np.array([0.299, 0.587, 0.114], np.float32)
_OPPONENT = np.array([[0.3, 0.6, 0.1], [0.5, -0.5, 0.0], [0.25, 0.25, -0.5]], np.float32)
LAYOUT = 3 + _DIRECTIONS
"""Channels of colour and edges; those of the histogram follow."""
_COLOURS = len(_LEVELS) ** 3

MEASURES = CELLS * CELLS * LAYOUT + 2 * _COLOURS
"""Numbers per window."""


@attrs.frozen
class IntegralImage:
    """Sums of the channels of a picture, from its top left corner on."""

    sums: npt.NDArray[np.float32]
    """(height + 1, width + 1, channels)."""

    @classmethod
    def of(cls, pixels: Pixels) -> IntegralImage:
        """Measure a picture."""
        channels = np.concatenate([_colours(pixels), _edges(pixels), _histogram(pixels)], axis=2)
        sums = np.zeros((pixels.shape[0] + 1, pixels.shape[1] + 1, channels.shape[2]), np.float32)
        sums[1:, 1:] = channels.cumsum(axis=0, dtype=np.float64).cumsum(axis=1)
        return cls(sums)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the picture."""
        return self.sums.shape[0] - 1, self.sums.shape[1] - 1

    def measure(self, boxes: Boxes) -> npt.NDArray[np.float32]:
        """Return (n, MEASURES) for windows in fractions of the picture."""
        rows, columns = self._grid(boxes, 0), self._grid(boxes, 1)
        corners = self.sums[rows[:, :, None], columns[:, None, :]]
        cells = np.diff(np.diff(corners[..., :LAYOUT], axis=1), axis=2)
        spaces = np.diff(rows, axis=1)[:, :, None] * np.diff(columns, axis=1)[:, None, :]
        layout = cells / np.maximum(spaces, 1)[..., None]
        inner = _rectangle(corners[..., LAYOUT:], 1, CELLS - 1)
        whole = _rectangle(corners[..., LAYOUT:], 0, CELLS)
        within = _shares(inner)
        around = _shares(whole - inner)
        return np.concatenate(
            [layout.reshape(len(boxes), MEASURES - 2 * _COLOURS), within, within - around], axis=1
        )

    def means(self, radius: int) -> npt.NDArray[np.float32]:
        """Return (height, width, channels): means over the square around each pixel."""
        height, width = self.size
        rows, columns = np.arange(height), np.arange(width)
        top, bottom = np.maximum(rows - radius, 0), np.minimum(rows + radius + 1, height)
        left, right = np.maximum(columns - radius, 0), np.minimum(columns + radius + 1, width)
        tall = self.sums[bottom] - self.sums[top]
        sums = tall[:, right] - tall[:, left]
        spaces = (bottom - top)[:, None] * (right - left)[None, :]
        return np.asarray(sums / spaces[..., None], np.float32)

    def _grid(self, boxes: Boxes, axis: int) -> npt.NDArray[np.int64]:
        low, high = boxes[:, axis], boxes[:, axis + 2]
        margin = MARGIN * (high - low)
        places = np.linspace(low - margin, high + margin, CELLS + 1, axis=1)
        return np.clip(np.rint(places * self.size[axis]), 0, self.size[axis]).astype(np.int64)


def sliding(height: int, width: int, shapes: npt.NDArray[np.float64]) -> Boxes:
    """Return windows all over a picture, in fractions of it.

    Args:
        height: Of the picture, in pixels.
        width: Of the picture.
        shapes: (n, 2) heights and widths of windows, in fractions of the picture's longer side.
    """
    return np.concatenate(list(_sliding(height, width, shapes)))


def _sliding(height: int, width: int, shapes: npt.NDArray[np.float64]) -> Iterator[Boxes]:
    size = np.array([height, width], np.float64)
    for shape in shapes:
        window = np.minimum(shape * size.max() / size, 1.0)
        tops, lefts = (
            _starts(float(part), float(total)) for part, total in zip(window, size, strict=True)
        )
        corners = np.stack(np.meshgrid(tops, lefts, indexing="ij"), axis=-1).reshape(-1, 2)
        yield np.concatenate([corners, corners + window], axis=1)


def _starts(window: float, pixels: float) -> npt.NDArray[np.float64]:
    step = max(window * STEP, 2 / pixels)
    return np.linspace(0, 1 - window, max(1, round((1 - window) / step)) + 1)


def _colours(pixels: Pixels) -> Pixels:
    return np.asarray((pixels - np.float32(0.5)) @ _OPPONENT.T)


def _edges(pixels: Pixels) -> Pixels:
    """Return (height, width, 6): edge strength, shared by the two nearest directions."""
    grey = np.pad(pixels @ _GREY, 1, mode="edge")
    across = grey[1:-1, 2:] - grey[1:-1, :-2]
    down = grey[2:, 1:-1] - grey[:-2, 1:-1]
    position = (np.arctan2(down, across) % np.pi) * (_DIRECTIONS / np.pi)
    lower = np.floor(position)
    share = (position - lower)[..., None]
    first = lower.astype(np.int64)[..., None] % _DIRECTIONS
    strength = np.hypot(across, down)[..., None]
    planes = np.zeros((*across.shape, _DIRECTIONS), np.float32)
    np.put_along_axis(planes, first, strength * (1 - share), axis=2)
    np.put_along_axis(planes, (first + 1) % _DIRECTIONS, strength * share, axis=2)
    return planes


def _histogram(pixels: Pixels) -> Pixels:
    """Return (height, width, 27): how near a pixel is to each of 27 colours, summing to 1."""
    near = np.maximum(0, 1 - 2 * np.abs(pixels[..., None] - _LEVELS))
    red, green, blue = (near[:, :, channel] for channel in range(3))
    mixed = red[..., :, None, None] * green[..., None, :, None] * blue[..., None, None, :]
    return np.asarray(mixed.reshape(*pixels.shape[:2], _COLOURS), np.float32)


def _rectangle(corners: npt.NDArray[Any], low: int, high: int) -> npt.NDArray[Any]:
    return np.asarray(
        corners[:, high, high]
        - corners[:, low, high]
        - corners[:, high, low]
        + corners[:, low, low]
    )


def _shares(sums: npt.NDArray[Any]) -> npt.NDArray[Any]:
    # Differences of large sums can be a little below nothing.
    positive = np.maximum(sums, 0)
    return np.asarray(np.sqrt(positive / np.maximum(positive.sum(axis=1, keepdims=True), 1e-3)))
