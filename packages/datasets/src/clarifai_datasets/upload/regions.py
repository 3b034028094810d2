"""Labelled parts of images -> the platform's regions: boxes, polygons and points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_core.heavy import resources_pb2
from clarifai_datasets.upload.limits import MAX_POINTS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from clarifai_datasets.upload.features import RegionFeatures


def region_info(shape: RegionFeatures) -> resources_pb2.RegionInfo:
    """Return where a region is.

    Raises:
        ValueError: It has no shape or several, or its numbers cannot be one.
    """
    given = [(name, getattr(shape, name)) for name in _SHAPES if getattr(shape, name) is not None]
    if len(given) != 1:
        raise ValueError(f"a region must have one of {', '.join(_SHAPES)}, got {len(given)}")
    name, value = given[0]
    return _SHAPES[name](value)


def box_info(box: Sequence[float]) -> resources_pb2.RegionInfo:
    """Return a box `[x_min, y_min, x_max, y_max]` of fractions as a region.

    Raises:
        ValueError: It is reversed, or not within 0..1.
    """
    x_min, y_min, x_max, y_max = (float(value) for value in box)
    if not (0 <= x_min < x_max <= 1 and 0 <= y_min < y_max <= 1):
        raise ValueError(
            f"a box must be [x_min, y_min, x_max, y_max] within 0..1, got {list(box)!r}"
        )
    corners = resources_pb2.BoundingBox(
        left_col=x_min, top_row=y_min, right_col=x_max, bottom_row=y_max
    )
    return resources_pb2.RegionInfo(bounding_box=corners)


def polygon_info(points: Sequence[Sequence[float]]) -> resources_pb2.RegionInfo:
    """Return a polygon `[[x, y], ...]` of fractions as a region.

    Raises:
        ValueError: It has fewer than three points, or one outside of 0..1.
    """
    if len(points) > MAX_POINTS:
        raise ValueError(f"a polygon of {len(points):,} points is over the limit of {MAX_POINTS:,}")
    corners = [(float(x), float(y)) for x, y in points]
    if len(corners) < 3 or not all(0 <= x <= 1 and 0 <= y <= 1 for x, y in corners):
        raise ValueError("a polygon must have at least 3 points [x, y] within 0..1")
    shape = resources_pb2.Polygon(points=[resources_pb2.Point(row=y, col=x) for x, y in corners])
    return resources_pb2.RegionInfo(polygon=shape)


def point_info(point: Sequence[float]) -> resources_pb2.RegionInfo:
    """Return a point `[x, y]` of fractions as a region.

    Raises:
        ValueError: It is not within 0..1.
    """
    x, y = (float(value) for value in point)
    if not (0 <= x <= 1 and 0 <= y <= 1):
        raise ValueError(f"a point must be [x, y] within 0..1, got {list(point)!r}")
    return resources_pb2.RegionInfo(point=resources_pb2.Point(row=y, col=x))


_SHAPES: dict[str, Callable[[Any], resources_pb2.RegionInfo]] = {
    "bbox": box_info,
    "polygon": polygon_info,
    "point": point_info,
}
