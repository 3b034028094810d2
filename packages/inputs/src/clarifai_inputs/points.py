"""Points: `[x, y]` in fractions of width and height, or in pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_core.heavy import resources_pb2
from clarifai_inputs.coordinates import (
    Fitted,
    Size,
    are_finite,
    clamped,
    is_near,
    number,
    outside,
    short,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


def from_fractions(point: Sequence[Any]) -> Fitted[list[float]]:
    """Read `[x, y]` in fractions of width and height.

    Example:
        >>> from_fractions([0.5, 1.001]).whole()
        [0.5, 1.0]
    """
    wanted = "a point must be [x, y], fractions of width and height within 0..1"
    try:
        x, y = map(number, point)
    except (TypeError, ValueError, OverflowError) as error:
        return Fitted(None, f"{wanted}, got {point!r:.200}: {error}")
    fault = "" if is_near(x) and is_near(y) else f"{wanted}, got {list(point)!r}"
    return _fitted(x, y, fault)


def from_pixels(x: float, y: float, size: Size) -> Fitted[list[float]]:
    """Read a point in pixels.

    Example:
        >>> from_pixels(1, 4, (4, 8)).whole()
        [0.25, 0.5]
    """
    fractions = (x / size[0], y / size[1])
    far = [length for at, length in zip(fractions, size, strict=True) if not is_near(at)]
    return _fitted(*fractions, outside(f"point [{x:g}, {y:g}]", far[0]) if far else "")


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


def _fitted(x: float, y: float, fault: str) -> Fitted[list[float]]:
    return Fitted([clamped(x), clamped(y)] if are_finite((x, y)) else None, fault)
