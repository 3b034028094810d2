"""Boxes and points in pixels -> fractions of width and height, with what is wrong said in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clarifai_inputs.image_size import Size

ROUNDING_PIXELS = 1.0
"""How far a box or a point may lie outside of the image: annotation tools round."""


def fractions(box: Sequence[float], size: Size, *, shown: str) -> list[float]:
    """Return `[x_min, y_min, x_max, y_max]` in pixels as fractions.

    Args:
        box: The corners.
        size: Width and height of the image.
        shown: The box as the source has it, for the error.

    Raises:
        ValueError: It is reversed, empty, or outside of the image.

    Example:
        >>> fractions([0, 0, 2, 4], (4, 4), shown="bbox")
        [0.0, 0.0, 0.5, 1.0]
    """
    x_min, x_max = _within(box[0], size[0], shown), _within(box[2], size[0], shown)
    y_min, y_max = _within(box[1], size[1], shown), _within(box[3], size[1], shown)
    if not (x_min < x_max and y_min < y_max):
        raise ValueError(f"{shown} is reversed or empty")
    return [x_min, y_min, x_max, y_max]


def point(x: float, y: float, size: Size, *, shown: str) -> list[float]:
    """Return a point in pixels as fractions.

    Raises:
        ValueError: It is outside of the image.
    """
    return [_within(x, size[0], shown), _within(y, size[1], shown)]


def _within(value: float, length: float, shown: str) -> float:
    if not math.isfinite(value) or not -ROUNDING_PIXELS <= value <= length + ROUNDING_PIXELS:
        raise ValueError(f"{shown} is outside of the image, which has {length:g} pixels there")
    return min(1.0, max(0.0, value / length))
