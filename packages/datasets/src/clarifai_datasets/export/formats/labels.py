"""What is known about an input, sorted by kind, so that a format takes what it can hold.

What it does not take is what it loses.
"""

from __future__ import annotations

import struct
from collections import Counter
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core.wire.messages import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@attrs.frozen
class Box:
    """A labelled box; fractions of width and height."""

    label: str
    corners: list[float]
    """`[x_min, y_min, x_max, y_max]`."""


@attrs.frozen
class Ring:
    """A labelled polygon, or a point; fractions of width and height."""

    label: str
    points: list[list[float]]


@attrs.define
class Labels:
    """All that is known about one input."""

    concepts: list[str] = attrs.field(factory=list)
    boxes: list[Box] = attrs.field(factory=list)
    polygons: list[Ring] = attrs.field(factory=list)
    points: list[Ring] = attrs.field(factory=list)
    metadata: dict[str, Any] | None = None
    geo: list[float] | None = None
    other: Counter[str] = attrs.field(factory=Counter)
    """What none of our formats but Clarifai's own holds: masks, frames ..."""

    def lost(self, *held: str) -> dict[str, int]:
        """Return what a format loses that holds only these fields."""
        counts = Counter(self.other)
        for name in ("concepts", "boxes", "polygons", "points"):
            if name not in held:
                counts[name] += len(getattr(self, name))
        for name in ("metadata", "geo"):
            if name not in held:
                counts[_PLURALS[name]] += getattr(self, name) is not None
        return {name: count for name, count in counts.items() if count}


_PLURALS = {"metadata": "metadata", "geo": "geo points"}


def labels_of(data: Any) -> Labels:
    """Return all that the data of an input say about it."""
    found = Labels()
    found.concepts = _names(data.concepts, found.other)
    for region in data.regions:
        _add_region(region, found)
    for field, plural in (("frames", "frames"), ("time_segments", "time segments")):
        found.other[plural] += len(getattr(data, field))
    if data.HasField("metadata") and data.metadata.fields:
        found.metadata = plain(data.metadata)
    if data.HasField("geo"):
        point = data.geo.geo_point
        found.geo = [short(point.longitude), short(point.latitude)]
    return found


def short(value: float) -> float:
    """Return the shortest number that is the same one in single precision.

    Example:
        >>> short(0.10000000149011612)
        0.1
    """
    packed = struct.pack("f", value)
    for digits in (6, 7, 8):
        made = float(f"{value:.{digits}g}")
        if struct.pack("f", made) == packed:
            return made
    return float(f"{value:.9g}")


def _add_region(region: Any, found: Labels) -> None:
    names = _names(region.data.concepts, found.other)
    kind = next((field.name for field, _ in region.region_info.ListFields()), "")
    if kind not in _SHAPES:
        found.other[_OTHER.get(kind, "regions")] += 1
        return
    if not names:
        found.other["regions without label"] += 1
    for name in names:
        _SHAPES[kind](found, name, getattr(region.region_info, kind))


def _add_box(found: Labels, label: str, box: Any) -> None:
    edges = (box.left_col, box.top_row, box.right_col, box.bottom_row)
    found.boxes.append(Box(label, [short(edge) for edge in edges]))


def _add_polygon(found: Labels, label: str, polygon: Any) -> None:
    found.polygons.append(Ring(label, [_point(point) for point in polygon.points]))


def _add_point(found: Labels, label: str, point: Any) -> None:
    found.points.append(Ring(label, [_point(point)]))


_SHAPES = {"bounding_box": _add_box, "polygon": _add_polygon, "point": _add_point}
_OTHER = {
    "mask": "masks",
    "span": "text spans",
    "token": "tokens",
    "keypoint_locations": "keypoints",
}


def _point(point: Any) -> list[float]:
    return [short(point.col), short(point.row)]


def _names(concepts: Iterable[Any], other: Counter[str]) -> list[str]:
    """Return the names of the concepts that are there; those that are not are counted."""
    return list(_named(concepts, other))


def _named(concepts: Iterable[Any], other: Counter[str]) -> Iterator[str]:
    for concept in concepts:
        if concept.value > 0:
            yield concept.name or concept.id
        else:
            other["negative concepts"] += 1
