"""What is known about an input, sorted by kind, so that a format takes what it can hold.

What it does not take is what it loses.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core.wire.messages import plain
from clarifai_inputs import regions
from clarifai_inputs.boxes import Box
from clarifai_inputs.coordinates import short
from clarifai_inputs.polygons import Polygon

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@attrs.frozen
class LabelledBox:
    """A box and what is in it."""

    label: str
    box: Box


@attrs.frozen
class LabelledPolygon:
    """A polygon and what is in it."""

    label: str
    polygon: Polygon


@attrs.frozen
class LabelledPoint:
    """A point and what is there."""

    label: str
    point: list[float]
    """`[x, y]`, fractions of width and height."""


@attrs.define
class InputLabels:
    """All that is known about one input."""

    concepts: list[str] = attrs.field(factory=list)
    boxes: list[LabelledBox] = attrs.field(factory=list)
    polygons: list[LabelledPolygon] = attrs.field(factory=list)
    points: list[LabelledPoint] = attrs.field(factory=list)
    metadata: dict[str, Any] | None = None
    geo: list[float] | None = None
    other: Counter[str] = attrs.field(factory=Counter)
    """What none of our formats but Clarifai's own holds: masks, frames ..."""

    def __bool__(self) -> bool:
        """Whether there is anything that a format could hold."""
        found = (self.concepts, self.boxes, self.polygons, self.points, self.metadata, self.geo)
        return any(found)

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


def labels_of(data: Any) -> InputLabels:
    """Return all that the data of an input say about it."""
    found = InputLabels()
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


def _add_region(region: Any, found: InputLabels) -> None:
    names = _names(region.data.concepts, found.other)
    shape = regions.shape_of(region.region_info)
    if shape is None:
        found.other[_OTHER.get(regions.kind_of(region.region_info), "regions")] += 1
        return
    if not names:
        found.other["regions without label"] += 1
    for name in names:
        if shape.kind == "bbox":
            found.boxes.append(LabelledBox(name, shape.numbers))
        elif shape.kind == "polygon":
            found.polygons.append(LabelledPolygon(name, shape.numbers))
        else:
            found.points.append(LabelledPoint(name, shape.numbers))


_OTHER = {
    "mask": "masks",
    "span": "text spans",
    "token": "tokens",
    "keypoint_locations": "keypoints",
}


def _names(concepts: Iterable[Any], other: Counter[str]) -> list[str]:
    """Return the names of the concepts that are there; those that are not are counted."""
    return list(_named(concepts, other))


def _named(concepts: Iterable[Any], other: Counter[str]) -> Iterator[str]:
    for concept in concepts:
        if concept.value > 0:
            yield concept.name or concept.id
        else:
            other["negative concepts"] += 1
