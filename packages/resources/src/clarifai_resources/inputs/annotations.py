"""`Annotation` messages of boxes and outlines."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from clarifai_core.errors import UserError
from clarifai_core.heavy import resources_pb2
from clarifai_resources.inputs.builders import concept, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ROUNDING = 1e-6
"""How far over 0 or 1 a coordinate may lie, as float arithmetic leaves it; it is then cut."""

MIN_POINTS = 3
"""Points that an outline needs at least."""


def box(input_id: str, label: str, bbox: Sequence[float]) -> resources_pb2.Annotation:
    """Return the annotation of a box.

    Args:
        input_id: The input it belongs to.
        label: What is in the box.
        bbox: [x_min, y_min, x_max, y_max], fractions of width and height, 0..1.

    Raises:
        UserError: It is no such list.
    """
    if not isinstance(bbox, list) or len(bbox) != 4:
        raise UserError(f"bbox must be a list [x_min, y_min, x_max, y_max], got {bbox!r}.")
    x_min, y_min, x_max, y_max = (_fraction(value, "bbox", bbox) for value in bbox)
    if x_min > x_max or y_min > y_max:
        raise UserError(f"bbox is [x_min, y_min, x_max, y_max], smaller first; got {bbox!r}.")
    bounding_box = resources_pb2.BoundingBox(
        top_row=y_min, left_col=x_min, bottom_row=y_max, right_col=x_max
    )
    return _annotation(input_id, label, [resources_pb2.RegionInfo(bounding_box=bounding_box)])


def mask(input_id: str, label: str, polygons: Sequence[Any]) -> resources_pb2.Annotation:
    """Return the annotation of one or several outlines, a region for each.

    Args:
        input_id: The input it belongs to.
        label: What is inside.
        polygons: One outline [[x, y], ...] or several [[[x, y], ...], ...]; fractions, 0..1.

    Raises:
        UserError: It is no such list.
    """
    if not isinstance(polygons, list) or not polygons:
        raise UserError(f"polygons must be a list of lists of [x, y], got {polygons!r:.80}.")
    outlines = [polygons] if _is_point(polygons[0]) else polygons
    infos = [
        resources_pb2.RegionInfo(polygon=_polygon(outline, f"polygons[{index}]"))
        for index, outline in enumerate(outlines)
    ]
    return _annotation(input_id, label, infos)


def one_region_each(
    annotations: Iterable[resources_pb2.Annotation],
) -> Iterator[tuple[int, resources_pb2.Annotation]]:
    """Yield (index, annotation) with one region in each, as the platform wants them."""
    for index, annotation in enumerate(annotations):
        if len(annotation.data.regions) < 2:
            yield index, annotation
            continue
        for region in annotation.data.regions:
            part = resources_pb2.Annotation()
            part.CopyFrom(annotation)
            part.id = ""
            del part.data.regions[:]
            part.data.regions.append(region)
            yield index, part


def _annotation(
    input_id: str, label: str, infos: Iterable[resources_pb2.RegionInfo]
) -> resources_pb2.Annotation:
    named = concept(label)
    data = resources_pb2.Data(
        regions=[
            resources_pb2.Region(region_info=info, data=resources_pb2.Data(concepts=[named]))
            for info in infos
        ]
    )
    return resources_pb2.Annotation(input_id=text(input_id, "input_id"), data=data)


def _polygon(outline: Any, name: str) -> resources_pb2.Polygon:
    if not isinstance(outline, (list, tuple)) or not all(_is_point(point) for point in outline):
        raise UserError(f"{name} must be a list of [x, y], got {outline!r:.80}.")
    if len(outline) < MIN_POINTS:
        raise UserError(f"{name} needs at least {MIN_POINTS} points, got {len(outline)}.")
    return resources_pb2.Polygon(
        points=[
            resources_pb2.Point(
                row=_fraction(y, name, [x, y]),
                col=_fraction(x, name, [x, y]),
                visibility=resources_pb2.Point.Visibility.VISIBLE,
            )
            for x, y in outline
        ]
    )


def _is_point(value: Any) -> bool:
    return (
        isinstance(value, (list, tuple))
        and len(value) == 2
        and not any(isinstance(part, (list, tuple, str)) for part in value)
    )


def _fraction(value: Any, name: str, whole: Any) -> float:
    try:
        number = math.nan if isinstance(value, (bool, str)) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not -ROUNDING <= number <= 1 + ROUNDING:
        raise UserError(f"{name} holds fractions of width and height, 0 to 1; got {whole!r}.")
    return min(1.0, max(0.0, number))
