"""Places in pictures: boxes and areas out of annotations, how far they overlap, which to keep.

A box is `[top, left, bottom, right]` in fractions of height and width, as in a `BoundingBox`.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from clarifai_local import _upright

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from clarifai_grpc.grpc.api import resources_pb2

Boxes: TypeAlias = npt.NDArray[np.float64]
"""(n, 4)."""
Area: TypeAlias = npt.NDArray[np.bool_]
"""(height, width): which pixels belong to it."""

POSITIVE = 0.5
"""A concept with a larger value is there."""

_TINY = 1e-9


@attrs.frozen
class MarkedRegion:
    """One region as one concept sees it."""

    concept: str
    value: float
    box: npt.NDArray[np.float64]
    """Around the area where there is one."""
    area: Area | None = None


def boxes_of(
    annotations: Iterable[resources_pb2.Annotation], above: float = POSITIVE
) -> Iterator[MarkedRegion]:
    """Yield each labelled region with its box; polygons and masks count by their bounds.

    Args:
        annotations: Of one picture.
        above: Concepts with a larger value count.
    """
    for concept, region in _labelled(annotations, above):
        box = _box(region.region_info)
        if box is not None and (box[2:] > box[:2]).all():
            yield MarkedRegion(concept.id, concept.value, box)


def areas_of(
    annotations: Iterable[resources_pb2.Annotation],
    height: int,
    width: int,
    above: float = POSITIVE,
) -> Iterator[MarkedRegion]:
    """Yield each labelled polygon or mask with its area, as (height, width) pixels."""
    for concept, region in _labelled(annotations, above):
        area = area_of(region.region_info, height, width)
        if area is not None and area.any():
            yield MarkedRegion(concept.id, concept.value, bounds(area), area)


def area_of(info: resources_pb2.RegionInfo, height: int, width: int) -> Area | None:
    """Return the pixels within a mask or polygon; None for a region that is neither."""
    if info.mask.image.base64:
        return _mask(info.mask.image.base64, height, width)
    if len(info.polygon.points) > 2:
        return _polygon(info.polygon, height, width)
    return None


def overlaps(first: Boxes, second: Boxes) -> npt.NDArray[np.float64]:
    """Return (n, m) intersections over unions of boxes.

    Example:
        >>> overlaps(np.array([[0, 0, 1, 1.0]]), np.array([[0, 0, 1, 0.5]])).tolist()
        [[0.5]]
    """
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    union = _sizes(first)[:, None] + _sizes(second)[None, :] - shared
    return np.asarray(shared / np.maximum(union, _TINY))


def area_overlaps(first: Sequence[Area], second: Sequence[Area]) -> npt.NDArray[np.float64]:
    """Return (n, m) intersections over unions of areas of one size."""
    if not (first and second):
        return np.zeros((len(first), len(second)))
    one, two = (np.stack(list(part)).reshape(len(part), -1) for part in (first, second))
    shared = one.astype(np.float64) @ two.T.astype(np.float64)
    union = one.sum(axis=1)[:, None] + two.sum(axis=1)[None, :] - shared
    return np.asarray(shared / np.maximum(union, _TINY))


def suppress(boxes: Boxes, values: npt.NDArray[Any], most_overlap: float) -> list[int]:
    """Return the places of boxes to keep, best first: non-maximum suppression.

    Args:
        boxes: (n, 4).
        values: (n,) how good each is.
        most_overlap: A box that overlaps a better one by more is left out.
    """
    order = np.argsort(-values, kind="stable")
    kept: list[int] = []
    while len(order):
        best, rest = order[0], order[1:]
        kept.append(int(best))
        order = rest[overlaps(boxes[best : best + 1], boxes[rest])[0] <= most_overlap]
    return kept


def mirrored(boxes: Boxes) -> Boxes:
    """Return the boxes in the mirrored picture."""
    return np.stack([boxes[:, 0], 1 - boxes[:, 3], boxes[:, 2], 1 - boxes[:, 1]], axis=1)


def bounds(area: Area) -> npt.NDArray[np.float64]:
    """Return the box around the pixels of an area that has some."""
    rows, columns = np.flatnonzero(area.any(axis=1)), np.flatnonzero(area.any(axis=0))
    edges = np.array([rows[0], columns[0], rows[-1] + 1, columns[-1] + 1], np.float64)
    return np.asarray(edges / np.array([*area.shape, *area.shape]))


def _labelled(
    annotations: Iterable[resources_pb2.Annotation], above: float
) -> Iterator[tuple[resources_pb2.Concept, resources_pb2.Region]]:
    for annotation in annotations:
        for region in annotation.data.regions:
            for concept in region.data.concepts:
                if concept.value > above:
                    yield concept, region


def _box(info: resources_pb2.RegionInfo) -> npt.NDArray[np.float64] | None:
    if info.HasField("bounding_box"):
        box = info.bounding_box
        edges = [box.top_row, box.left_col, box.bottom_row, box.right_col]
        return np.clip(np.array(edges, np.float64), 0, 1)
    if info.polygon.points:
        points = np.array([(point.row, point.col) for point in info.polygon.points], np.float64)
        edges = [*points.min(axis=0).tolist(), *points.max(axis=0).tolist()]
        return np.clip(np.array(edges, np.float64), 0, 1)
    area = area_of(info, _MASK_PIXELS, _MASK_PIXELS)
    return bounds(area) if area is not None and area.any() else None


_MASK_PIXELS = 256

MAX_MASK_PIXELS = 85_000_000
"""Pixels of a mask that is unpacked."""


def _mask(data: bytes, height: int, width: int) -> Area | None:
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > MAX_MASK_PIXELS:
                return None  # kept by an earlier version; new ones are refused
            levels = _upright.alpha_of(image) if _is_cut_out(image) else _upright.grey_of(image)
            small = levels.resize((width, height), Image.Resampling.BOX)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    values = np.asarray(small, np.float32)
    return np.asarray(values > values.max() / 2, np.bool_)


def _is_cut_out(image: Image.Image) -> bool:
    """Return whether the see-through part says what is outside."""
    return "A" in image.getbands() and image.getchannel("A").getextrema()[0] == 0


def _polygon(polygon: resources_pb2.Polygon, height: int, width: int) -> Area:
    # Drawn four times as large, so that a pixel counts when half of it is inside.
    image = Image.new("L", (width * 4, height * 4))
    points = [(point.col * width * 4, point.row * height * 4) for point in polygon.points]
    ImageDraw.Draw(image).polygon(points, fill=255)
    return np.asarray(image.resize((width, height), Image.Resampling.BOX)) > 127


def _sizes(boxes: Boxes) -> npt.NDArray[np.float64]:
    return np.asarray((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]))
