"""Regions: a labelled part of an image is a box, a polygon or a point.

    bbox        [x_min, y_min, x_max, y_max]    RegionInfo.bounding_box
    polygon     [[x, y], ...]                   RegionInfo.polygon
    point       [x, y]                          RegionInfo.point

What else a message may hold (masks, spans of text, tokens) is none of ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from clarifai_inputs import boxes, points, polygons
from clarifai_inputs.coordinates import Fitted

if TYPE_CHECKING:
    from collections.abc import Callable

    from clarifai_grpc.grpc.api import resources_pb2

KINDS = ("bbox", "polygon", "point")


class Shape(NamedTuple):
    """A shape that the platform has."""

    kind: str
    """One of `KINDS`."""
    numbers: Any
    """A `boxes.Box`, a polygon or a point; fractions of width and height."""


def fit(given: Any) -> Fitted[resources_pb2.RegionInfo]:
    """Return where a region is, as the platform has it.

    Args:
        given: Something with `bbox`, `polygon` and `point`, of which one is not None.

    Example:
        >>> from types import SimpleNamespace
        >>> fit(SimpleNamespace(bbox=[0, 0, 0.5, 1], polygon=None, point=None)).fault
        ''
    """
    found = [(kind, value) for kind in KINDS if (value := getattr(given, kind)) is not None]
    if len(found) != 1:
        return Fitted(None, f"a region must have one of {', '.join(KINDS)}, got {len(found)}")
    ((kind, value),) = found
    read, written = _READ[kind]
    fitted = read(value)
    return Fitted(None if fitted.shape is None else written(fitted.shape), fitted.fault)


def kind_of(info: resources_pb2.RegionInfo) -> str:
    """Return what the platform calls the shape of a region, such as `"mask"`; `""`: it has none."""
    return next((field.name for field, _ in info.ListFields()), "")


def shape_of(info: resources_pb2.RegionInfo) -> Shape | None:
    """Return the shape of a region; None: it is none of `KINDS`."""
    kind = kind_of(info)
    if kind not in _FROM_MESSAGE:
        return None
    name, numbers = _FROM_MESSAGE[kind]
    return Shape(name, numbers(getattr(info, kind)))


_READ: dict[str, tuple[Callable[[Any], Fitted[Any]], Callable[[Any], Any]]] = {
    "bbox": (boxes.from_fractions, boxes.to_message),
    "polygon": (polygons.from_fractions, polygons.to_message),
    "point": (points.from_fractions, points.to_message),
}
_FROM_MESSAGE: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "bounding_box": ("bbox", boxes.from_message),
    "polygon": ("polygon", polygons.from_message),
    "point": ("point", points.from_message),
}
