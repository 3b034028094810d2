"""Points: `[x, y]` in fractions of width and height, or in pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_core.heavy import resources_pb2
from clarifai_inputs.coordinates import (
    ClampedShape,
    Size,
    clamped,
    is_near,
    number,
    outside,
    rounding_of,
    short,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def from_fractions(point: Sequence[Any]) -> ClampedShape[list[float]]:
    """Read `[x, y]` in fractions of width and height.

    Example:
        >>> from_fractions([0.5, 1.001]).whole()
        [0.5, 1.0]
    """
    wanted = "a point must be [x, y], fractions of width and height within 0..1"
    try:
        x, y = map(number, point)
    except (TypeError, ValueError, OverflowError) as error:
        return ClampedShape(None, f"{wanted}, got {point!r:.200}: {error}")
    if is_near(x) and is_near(y):
        return ClampedShape([clamped(x), clamped(y)])
    return ClampedShape(None, f"{wanted}, got {list(point)!r}")


def from_pixels(x: float, y: float, size: Size) -> ClampedShape[list[float]]:
    """Read a point in pixels.

    Example:
        >>> from_pixels(1, 4, (4, 8)).whole()
        [0.25, 0.5]
    """
    left = []
    for pixels, length in zip((x, y), size, strict=True):
        if not is_near(pixels / length, rounding_of(length)):
            return ClampedShape(None, outside(f"point [{x:g}, {y:g}]", length))
        left.append(clamped(pixels / length))
    return ClampedShape(left)


def turned(point: Sequence[float], orientation: int) -> list[float]:
    """Return where a point of the image as it is stored is in the upright one.

    Args:
        point: `[x, y]`, fractions of width and height.
        orientation: As Exif numbers it: 6 is to be turned clockwise, its top left goes to the top
            right.

    Example:
        >>> turned([0.0, 0.0], 6), turned([0.25, 0.5], 1)
        ([1.0, 0.0], [0.25, 0.5])
    """
    return list(_TURNS.get(orientation, _upright)(*point))


def to_pixels(point: Sequence[float], size: Size, decimals: int) -> list[float]:
    """Return a point in pixels."""
    return [round(at * length, decimals) for at, length in zip(point, size, strict=True)]


def to_message(point: Sequence[float]) -> resources_pb2.RegionInfo:
    """Return a point as the platform has it."""
    x, y = point
    return resources_pb2.RegionInfo(point=resources_pb2.Point(row=y, col=x))


def from_message(point: resources_pb2.Point) -> list[float]:
    """Return the platform's point."""
    return [short(point.col), short(point.row)]


def _upright(x: float, y: float) -> tuple[float, float]:
    return x, y


_TURNS: dict[int, Callable[[float, float], tuple[float, float]]] = {
    2: lambda x, y: (1 - x, y),
    3: lambda x, y: (1 - x, 1 - y),
    4: lambda x, y: (x, 1 - y),
    5: lambda x, y: (y, x),
    6: lambda x, y: (1 - y, x),
    7: lambda x, y: (1 - y, 1 - x),
    8: lambda x, y: (y, 1 - x),
}
"""CIPA DC-008 (Exif), tag 0x0112: which sides of what is seen the first row and column are."""
