"""Boxes: how each format writes one, and the one way in which it is read.

    fractions   x_min, y_min, x_max, y_max   of width and height; the platform, our JSON Lines
    COCO        x, y, width, height          pixels; x, y is the top left corner
    VOC         xmin, ymin, xmax, ymax       pixels from 1 on; the last one belongs to the box
    YOLO        x, y, width, height          fractions; x, y is the middle
    xView       x_min,y_min,x_max,y_max      pixels

A box has a width and a height: one without either is no box that a model could be trained with.
What goes over the border of its image is cut there, and said to be (`ClampedShape.fault`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from clarifai_core.heavy import resources_pb2
from clarifai_inputs import points
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
    short,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

DECIMALS = 4
"""Of pixels, in what is written."""

Edges: TypeAlias = "tuple[float, float, float, float]"

_FORM = "a box must be [x_min, y_min, x_max, y_max]"


class Box(NamedTuple):
    """A box in fractions of width and height."""

    x_min: float
    y_min: float
    x_max: float
    y_max: float

    @property
    def has_area(self) -> bool:
        """Whether it is neither empty nor reversed."""
        return self.x_min < self.x_max and self.y_min < self.y_max


def from_fractions(corners: Sequence[Any]) -> ClampedShape[Box]:
    """Read `[x_min, y_min, x_max, y_max]` in fractions of width and height.

    Example:
        >>> from_fractions([0.1, 0.2, 0.5, 1.001]).whole()
        Box(x_min=0.1, y_min=0.2, x_max=0.5, y_max=1.0)
        >>> from_fractions([0, 0, 1.5, 1]).visible()
        Box(x_min=0.0, y_min=0.0, x_max=1.0, y_max=1.0)
        >>> from_fractions([0, 0, 150, 100]).shape is None  # pixels
        True
    """
    try:
        x_min, y_min, x_max, y_max = map(number, corners)
    except (TypeError, ValueError, OverflowError) as error:
        return ClampedShape(None, f"{_FORM}, got {corners!r:.200}: {error}")
    if 0 <= x_min < x_max <= 1 and 0 <= y_min < y_max <= 1:  # nearly all: there may be millions
        return ClampedShape(Box(x_min, y_min, x_max, y_max))
    shown = f"got {list(corners)!r}"
    return _in_fractions(
        (x_min, y_min, x_max, y_max),
        lambda _: f"{_FORM}, fractions of width and height within 0..1, {shown}",
        lambda: f"{_FORM} within 0..1, smaller first, {shown}",
    )


def from_pixels(corners: Sequence[Any], size: Size, shown: str) -> ClampedShape[Box]:
    """Read `[x_min, y_min, x_max, y_max]` in pixels.

    Args:
        corners: The edges; 0, 0 to width, height is all of the image.
        size: Width and height of the image.
        shown: The box as its source has it, for the fault.

    Example:
        >>> from_pixels([0, 0, 2, 4], (4, 4), "it").whole()
        Box(x_min=0.0, y_min=0.0, x_max=0.5, y_max=1.0)
        >>> from_pixels([0, 0, 9, 4], (4, 4), "it").fault
        'it is outside of the image, which has 4 pixels there'
    """
    width, height = size
    try:
        x_min, y_min, x_max, y_max = map(number, corners)
    except (TypeError, ValueError, OverflowError) as error:
        return ClampedShape(None, f"{shown} is no box: {error}")
    return _fitted(
        (x_min / width, y_min / height, x_max / width, y_max / height),
        lambda edge: outside(shown, size[edge % 2]),
        lambda: f"{shown} is reversed or empty",
        (rounding_of(width), rounding_of(height)),
    )


def from_coco(bbox: Any, size: Size) -> ClampedShape[Box]:
    """Read COCO's `bbox`: `[x, y, width, height]` in pixels.

    Example:
        >>> from_coco([1, 0, 2, 4], (4, 4)).whole()
        Box(x_min=0.25, y_min=0.0, x_max=0.75, y_max=1.0)
    """
    shown = f"bbox {bbox!r}"
    if not isinstance(bbox, (list, tuple)) or len(bbox) != 4:
        return ClampedShape(None, f"{shown} is not [x, y, width, height]")
    try:
        x, y, width, height = map(number, bbox)
    except (TypeError, ValueError, OverflowError) as error:
        return ClampedShape(None, f"{shown} is not [x, y, width, height]: {error}")
    return from_pixels((x, y, x + width, y + height), size, shown)


def from_voc(bndbox: Sequence[Any], size: Size, shown: str) -> ClampedShape[Box]:
    """Read VOC's `bndbox`: pixels that are counted from 1, and the last one belongs to the box.

    Example:
        >>> from_voc([1, 1, 4, 2], (4, 4), "it").whole()
        Box(x_min=0.0, y_min=0.0, x_max=1.0, y_max=0.5)
    """
    try:
        x_min, y_min, x_max, y_max = map(number, bndbox)
    except (TypeError, ValueError, OverflowError) as error:
        return ClampedShape(None, f"{shown} is no box: {error}")
    return from_pixels((x_min - 1, y_min - 1, x_max, y_max), size, shown)


def from_yolo(numbers: Sequence[float]) -> ClampedShape[Box]:
    """Read a box of YOLO: its middle, its width and its height, in fractions.

    Example:
        >>> from_yolo([0.5, 0.5, 0.5, 1]).whole()
        Box(x_min=0.25, y_min=0.0, x_max=0.75, y_max=1.0)
    """
    x, y, width, height = numbers
    edges = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    wrong = f"width and height of a box must be over 0, got {width:g} and {height:g}"
    if not (width > 0 and height > 0):
        return ClampedShape(None, wrong)
    return _in_fractions(edges, lambda edge: f"{edges[edge]:g} is outside of 0..1", lambda: wrong)


def around(places: Sequence[Sequence[float]]) -> Box:
    """Return the box around points; it is empty where they lie on a line.

    Example:
        >>> around([[0.5, 0.25], [0.75, 0.5], [0.5, 1]])
        Box(x_min=0.5, y_min=0.25, x_max=0.75, y_max=1)
    """
    xs, ys = zip(*places, strict=True)
    return Box(min(xs), min(ys), max(xs), max(ys))


def turned(box: Box, orientation: int) -> Box:
    """Return where a box is in the upright image; see `points.turned`.

    Example:
        >>> turned(Box(0.0, 0.0, 0.5, 0.25), 6)
        Box(x_min=0.75, y_min=0.0, x_max=1.0, y_max=0.5)
    """
    ends = ((box.x_min, box.y_min), (box.x_max, box.y_max))
    return around([points.turned(end, orientation) for end in ends])


def corners(box: Box) -> list[list[float]]:
    """Return a box as a polygon: its corners, clockwise from the top left one."""
    x_min, y_min, x_max, y_max = box
    return [[x_min, y_min], [x_max, y_min], [x_max, y_max], [x_min, y_max]]


def to_coco(box: Box, size: Size) -> list[float]:
    """Return a box as COCO has it.

    Example:
        >>> to_coco(Box(0.25, 0, 0.75, 1), (4, 4))
        [1.0, 0, 2.0, 4]
    """
    x_min, y_min, x_max, y_max = box
    width, height = size
    made = (x_min * width, y_min * height, (x_max - x_min) * width, (y_max - y_min) * height)
    return [round(value, DECIMALS) for value in made]


def to_voc(box: Box, size: Size) -> tuple[int, int, int, int]:
    """Return a box as VOC has it, in whole pixels, at least one each way.

    Example:
        >>> to_voc(Box(0.0, 0.0, 1.0, 0.5), (4, 4))
        (1, 1, 4, 2)
    """
    x_min, x_max = _pixels(box.x_min, box.x_max, size[0])
    y_min, y_max = _pixels(box.y_min, box.y_max, size[1])
    return x_min, y_min, x_max, y_max


def to_yolo(box: Box) -> list[float]:
    """Return a box as YOLO has it.

    Example:
        >>> to_yolo(Box(0.25, 0.0, 0.75, 1.0))
        [0.5, 0.5, 0.5, 1.0]
    """
    x_min, y_min, x_max, y_max = box
    return [(x_min + x_max) / 2, (y_min + y_max) / 2, x_max - x_min, y_max - y_min]


def to_message(box: Box) -> resources_pb2.RegionInfo:
    """Return a box as the platform has it."""
    x_min, y_min, x_max, y_max = box
    made = resources_pb2.BoundingBox(
        left_col=x_min, top_row=y_min, right_col=x_max, bottom_row=y_max
    )
    return resources_pb2.RegionInfo(bounding_box=made)


def from_message(box: resources_pb2.BoundingBox) -> Box:
    """Return the platform's box; it is believed, and may be empty."""
    edges = (box.left_col, box.top_row, box.right_col, box.bottom_row)
    return Box(*map(short, edges))


def _in_fractions(
    edges: Edges, too_far: Callable[[int], str], empty: Callable[[], str]
) -> ClampedShape[Box]:
    fitted = _fitted(edges, too_far, empty)
    return fitted if are_fractions(edges) else ClampedShape(None, fitted.fault)


def _fitted(
    edges: Edges,
    too_far: Callable[[int], str],
    empty: Callable[[], str],
    rounding: tuple[float, float] = (ROUNDING, ROUNDING),
) -> ClampedShape[Box]:
    given = Box(*edges)
    left = Box(*map(clamped, edges)) if are_finite(edges) and given.has_area else None
    if left is not None and not left.has_area:
        left = None
    far = next((at for at, edge in enumerate(edges) if not is_near(edge, rounding[at % 2])), None)
    if far is not None:
        return ClampedShape(left, too_far(far))
    return ClampedShape(left, "" if left else empty())


def _pixels(start: float, end: float, length: float) -> tuple[int, int]:
    """Return the first and the last pixel between two fractions, counted from 1."""
    first = min(round(start * length), int(length) - 1) + 1
    return first, max(first, round(end * length))
