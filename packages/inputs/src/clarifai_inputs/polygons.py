"""Polygons: how each format writes one, and the one way in which it is read.

    fractions   [[x, y], ...]       of width and height; the platform, our JSON Lines
    COCO        [x, y, x, y, ...]   pixels
    YOLO        x y x y ...         fractions

A polygon has three points or more.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, TypeAlias

from clarifai_core.heavy import resources_pb2
from clarifai_inputs import points as single
from clarifai_inputs.boxes import DECIMALS
from clarifai_inputs.coordinates import Fitted, Size, are_finite, clamped, is_near, number

if TYPE_CHECKING:
    from collections.abc import Sequence

Polygon: TypeAlias = "list[list[float]]"
"""`[[x, y], ...]`, fractions of width and height."""

MIN_POINTS = 3
MAX_POINTS = 100_000
"""Of one polygon, and of all outlines of one mask."""

_FORM = f"a polygon must have at least {MIN_POINTS} points [x, y]"
_VISIBLE = resources_pb2.Point.Visibility.VISIBLE


def from_fractions(points: Sequence[Any]) -> Fitted[Polygon]:
    """Read `[[x, y], ...]` in fractions of width and height.

    Example:
        >>> from_fractions([[0, 0], [1.001, 0], [1, 1]]).whole()
        [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]]
        >>> from_fractions([[0, 0], [1, 1]]).fault
        'a polygon must have at least 3 points [x, y], got 2'
    """
    try:
        if fault := _count_fault(len(points)):
            return Fitted(None, fault)
        pairs = [[number(x), number(y)] for x, y in points]
    except (TypeError, ValueError, OverflowError) as error:
        return Fitted(None, f"{_FORM}, got {points!r:.80}: {error}")
    if all(0 <= x <= 1 and 0 <= y <= 1 for x, y in pairs):
        return Fitted(pairs)
    left = [[clamped(x), clamped(y)] for x, y in pairs]
    far = next((pair for pair in pairs if not (is_near(pair[0]) and is_near(pair[1]))), None)
    if far is None:
        return Fitted(left)
    fault = f"{_FORM}, fractions of width and height within 0..1, got {far!r}"
    return Fitted(left if are_finite(chain.from_iterable(pairs)) else None, fault)


def from_coco(ring: Any, size: Size) -> Fitted[Polygon]:
    """Read one polygon of COCO's `segmentation`: `[x, y, x, y, ...]` in pixels.

    Example:
        >>> from_coco([0, 0, 2, 0, 2, 4], (4, 4)).whole()
        [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0]]
    """
    if not isinstance(ring, list) or len(ring) % 2 or len(ring) < 2 * MIN_POINTS:
        return Fitted(None, "a polygon must be [x, y, x, y, ...] with at least three points")
    if fault := _count_fault(len(ring) // 2):
        return Fitted(None, fault)
    try:
        numbers = [number(value) for value in ring]
    except (TypeError, ValueError, OverflowError) as error:
        return Fitted(None, f"a polygon must be [x, y, x, y, ...]: {error}")
    pairs = zip(numbers[::2], numbers[1::2], strict=True)
    return _of_points([single.from_pixels(x, y, size) for x, y in pairs])


def from_yolo(numbers: Sequence[float]) -> Fitted[Polygon]:
    """Read a polygon of YOLO: `x y x y ...`, in fractions.

    One of too many points is refused as a polygon only, by `from_fractions`: its box is none the
    worse for them.

    Example:
        >>> from_yolo([0, 0, 0.5, 0, 0.5, 1.001]).whole()
        [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0]]
    """
    if len(numbers) < 2 * MIN_POINTS:
        return Fitted(None, _count_fault(len(numbers) // 2))
    left = [clamped(value) for value in numbers]
    shape = [list(pair) for pair in zip(left[::2], left[1::2], strict=True)]
    far = next((value for value in numbers if not is_near(value)), None)
    if far is None:
        return Fitted(shape)
    return Fitted(shape if are_finite(numbers) else None, f"{far:g} is outside of 0..1")


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


def _of_points(fitted: list[Fitted[list[float]]]) -> Fitted[Polygon]:
    """Return the polygon of these points, with the first of their faults."""
    shapes = [one.shape for one in fitted if one.shape is not None]
    fault = next((one.fault for one in fitted if one.fault), "")
    return Fitted(shapes if len(shapes) == len(fitted) else None, fault)
