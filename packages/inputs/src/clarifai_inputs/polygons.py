"""Polygons: how each format writes one, and the one way in which it is read.

    fractions   [[x, y], ...]       of width and height; the platform, our JSON Lines
    COCO        [x, y, x, y, ...]   pixels
    YOLO        x y x y ...         fractions

A polygon has three points or more, which are not all on one line. It may touch and cross itself:
what people draw does, and so do the outlines of masks with holes. What of it goes over the border
of its image is cut off there.
"""

from __future__ import annotations

import math
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeAlias

from clarifai_core.heavy import resources_pb2
from clarifai_inputs import points as single
from clarifai_inputs.boxes import DECIMALS
from clarifai_inputs.coordinates import (
    ROUNDING,
    ClampedShape,
    Size,
    are_finite,
    are_fractions,
    clamped,
    is_near,
    number,
    outside,
    rounding_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Polygon: TypeAlias = "list[list[float]]"
"""`[[x, y], ...]`, fractions of width and height."""

MIN_POINTS = 3
MAX_POINTS = 100_000
"""Of one polygon, and of all outlines of one mask."""

_FORM = f"a polygon must have at least {MIN_POINTS} points [x, y]"
_VISIBLE = resources_pb2.Point.Visibility.VISIBLE


def from_fractions(points: Sequence[Any]) -> ClampedShape[Polygon]:
    """Read `[[x, y], ...]` in fractions of width and height.

    Example:
        >>> from_fractions([[0, 0], [1.001, 0], [1, 1]]).whole()
        [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]]
        >>> from_fractions([[0, 0], [1, 1]]).fault
        'a polygon must have at least 3 points [x, y], got 2'
    """
    try:
        if fault := _count_fault(len(points)):
            return ClampedShape(None, fault)
        pairs = [[number(x), number(y)] for x, y in points]
    except (TypeError, ValueError, OverflowError) as error:
        return ClampedShape(None, f"{_FORM}, got {points!r:.80}: {error}")
    return _in_fractions(
        pairs, lambda far: f"{_FORM}, fractions of width and height within 0..1, got {far!r}"
    )


def from_coco(ring: Any, size: Size) -> ClampedShape[Polygon]:
    """Read one polygon of COCO's `segmentation`: `[x, y, x, y, ...]` in pixels.

    Example:
        >>> from_coco([0, 0, 2, 0, 2, 4], (4, 4)).whole()
        [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0]]
    """
    if not isinstance(ring, (list, tuple)) or len(ring) % 2 or len(ring) < 2 * MIN_POINTS:
        return ClampedShape(None, "a polygon must be [x, y, x, y, ...] with at least three points")
    if fault := _count_fault(len(ring) // 2):
        return ClampedShape(None, fault)
    try:
        numbers = [number(value) for value in ring]
    except (TypeError, ValueError, OverflowError) as error:
        return ClampedShape(None, f"a polygon must be [x, y, x, y, ...]: {error}")
    width, height = size
    pairs = [[x / width, y / height] for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
    return _fitted(
        pairs,
        lambda far: _outside(far, size),
        (rounding_of(width), rounding_of(height)),
    )


def from_yolo(numbers: Sequence[float]) -> ClampedShape[Polygon]:
    """Read a polygon of YOLO: `x y x y ...`, in fractions.

    One of too many points is refused as a polygon only, by `from_fractions`: its box is none the
    worse for them.

    Example:
        >>> from_yolo([0, 0, 0.5, 0, 0.5, 1.001]).whole()
        [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0]]
    """
    if len(numbers) < 2 * MIN_POINTS:
        return ClampedShape(None, _count_fault(len(numbers) // 2))
    pairs = [list(pair) for pair in zip(numbers[::2], numbers[1::2], strict=True)]
    return _in_fractions(
        pairs, lambda far: f"{next(one for one in far if not is_near(one)):g} is outside of 0..1"
    )


def outlines(shape: Any) -> Sequence[Any]:
    """Return the polygons of one label, which may have one or several.

    Raises:
        ValueError: It has none.

    Example:
        >>> outlines([[0, 0], [1, 0], [1, 1]]), len(outlines([[[0, 0], [1, 0], [1, 1]]] * 2))
        ([[[0, 0], [1, 0], [1, 1]]], 2)
    """
    if not len(shape) or not len(shape[0]):
        raise ValueError("a polygon has no points")
    first: Any = shape[0][0]
    several: Sequence[Any] = shape
    return several if hasattr(first, "__len__") and not isinstance(first, str) else [shape]


def to_coco(polygon: Polygon, size: Size) -> Polygon:
    """Return a polygon in pixels, `[[x, y], ...]`; COCO has them all in one list."""
    return [single.to_pixels(point, size, DECIMALS) for point in polygon]


def area(polygon: Polygon) -> float:
    """Return what a polygon covers, in the square of its unit, by the shoelace formula.

    Example:
        >>> area([[0, 0], [4, 0], [4, 2]])
        4.0
    """
    pairs = zip(polygon, polygon[1:] + polygon[:1], strict=True)
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2


def turned(polygon: Polygon, orientation: int) -> Polygon:
    """Return where a polygon is in the upright image; see `points.turned`."""
    return [single.turned(point, orientation) for point in polygon]


def to_message(polygon: Polygon) -> resources_pb2.RegionInfo:
    """Return a polygon as the platform has it, with points that are seen."""
    made = [resources_pb2.Point(row=y, col=x, visibility=_VISIBLE) for x, y in polygon]
    return resources_pb2.RegionInfo(polygon=resources_pb2.Polygon(points=made))


def from_message(polygon: resources_pb2.Polygon) -> Polygon:
    """Return the platform's polygon."""
    return [single.from_message(point) for point in polygon.points]


def _count_fault(count: int) -> str:
    if count < MIN_POINTS:
        return f"{_FORM}, got {count}"
    if count > MAX_POINTS:
        return f"a polygon of {count:,} points is over the limit of {MAX_POINTS:,}"
    return ""


def _outside(point: Sequence[float], size: Size) -> str:
    """Return what to say of a point, in fractions, that lies beyond its image."""
    pixels = [at * length for at, length in zip(point, size, strict=True)]
    beyond = [
        length
        for at, length in zip(point, size, strict=True)
        if not is_near(at, rounding_of(length))
    ]
    return outside(f"point [{pixels[0]:g}, {pixels[1]:g}]", beyond[0])


def _in_fractions(pairs: Polygon, too_far: Callable[[list[float]], str]) -> ClampedShape[Polygon]:
    fitted = _fitted(pairs, too_far)
    if fitted.fault and not are_fractions(chain.from_iterable(pairs)):
        return ClampedShape(None, fitted.fault)
    return fitted


def _fitted(
    pairs: Polygon,
    too_far: Callable[[list[float]], str],
    rounding: tuple[float, float] = (ROUNDING, ROUNDING),
) -> ClampedShape[Polygon]:
    """Return what of a polygon lies in the image.

    Args:
        pairs: Its points, in fractions.
        too_far: What to say of it, for the first point that lies beyond the image.
        rounding: How far beyond is none, across and down.
    """
    across, down = rounding
    far = None
    if not all(0 <= x <= 1 and 0 <= y <= 1 for x, y in pairs):
        far = next((p for p in pairs if not (is_near(p[0], across) and is_near(p[1], down))), None)
        if far is None:
            pairs = [[clamped(x), clamped(y)] for x, y in pairs]
        elif are_finite(chain.from_iterable(pairs)):
            pairs = _cut(pairs)
        else:
            pairs = []
    fault = "" if far is None else too_far(far)
    if covers_nothing(pairs):
        return ClampedShape(
            None, fault or f"the points of the polygon are on one line: {pairs!r:.80}"
        )
    return ClampedShape(pairs, fault)


def covers_nothing(polygon: Polygon) -> bool:
    """Return whether all points are on one line, or there are none.

    Example:
        >>> covers_nothing([[0, 0], [0.5, 0.5], [1, 1]]), covers_nothing([[0, 0], [1, 0], [1, 1]])
        (True, False)
    """
    if not polygon:
        return True
    start = polygon[0]
    # The farthest: a line through two points that nearly are one could have any direction.
    other = max(polygon, key=lambda point: math.dist(start, point))
    across, down = other[0] - start[0], other[1] - start[1]
    return all(abs(across * (y - start[1]) - down * (x - start[0])) <= _ON_LINE for x, y in polygon)


_ON_LINE = 1e-12
"""Of the image, what a triangle must cover at least."""


def _cut(polygon: Polygon) -> Polygon:
    """Cut a polygon at one edge of the image after the other, as Sutherland and Hodgman do."""
    for axis, edge, sign in ((0, 0.0, 1), (0, 1.0, -1), (1, 0.0, 1), (1, 1.0, -1)):
        polygon = _cut_at(polygon, axis, edge, sign)
    return polygon


def _cut_at(polygon: Polygon, axis: int, edge: float, sign: int) -> Polygon:
    """Return what lies on one side of an edge: above it where sign is 1, else below."""
    kept: Polygon = []
    for before, point in zip(polygon[-1:] + polygon[:-1], polygon, strict=True):
        was, is_ = (sign * (one[axis] - edge) for one in (before, point))
        if (was < 0) != (is_ < 0):
            share = was / (was - is_)
            crossing = [a + share * (b - a) for a, b in zip(before, point, strict=True)]
            crossing[axis] = edge
            kept.append(crossing)
        if is_ >= 0:
            kept.append(point)
    return kept
