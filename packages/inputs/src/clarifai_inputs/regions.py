"""Regions: a labelled part of an image is a box, a polygon or a point.

    bbox        [x_min, y_min, x_max, y_max]    RegionInfo.bounding_box
    polygon     [[x, y], ...]                   RegionInfo.polygon
    point       [x, y]                          RegionInfo.point

What else a message may hold (masks, spans of text, tokens) is none of ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import attrs

from clarifai_inputs import boxes, points, polygons
from clarifai_inputs.coordinates import ClampedShape

if TYPE_CHECKING:
    from collections.abc import Callable

    from clarifai_grpc.grpc.api import resources_pb2

    from clarifai_inputs.remarks import Remarks

T = TypeVar("T")

KINDS = ("bbox", "polygon", "point")


@attrs.define
class Fitting:
    """What becomes of the regions of one item: a bad one costs neither its input nor the others.

    Example:
        >>> fitting = Fitting()
        >>> fitting.take(boxes.from_fractions([0.5, 0, 1.2, 1]), "box 1")
        Box(x_min=0.5, y_min=0.0, x_max=1.0, y_max=1.0)
        >>> fitting.take(boxes.from_fractions([0.5, 0, 0.5, 1]), "box 2") is None
        True
        >>> fitting.noted["boxes cut at the border"], len(fitting.left_out)
        (['box 1'], 1)
    """

    left_out: list[str] = attrs.field(factory=list)
    """Where each is that is not sent, and why."""
    noted: dict[str, list[str]] = attrs.field(factory=dict)
    """Kind of remark, `"boxes cut at the border"`, -> where each is of which not all is sent."""

    def take(self, fitted: ClampedShape[T], where: str, kind: str = "boxes") -> T | None:
        """Return what of a region lies in the image; None: it is left out.

        Args:
            fitted: The region.
            where: Its place, for people: `"a.json: annotation 7"`.
            kind: What it is, in the plural.
        """
        if fitted.shape is None:
            self.leave_out(where, fitted.fault)
        elif fitted.fault:
            self.note(f"{kind} cut at the border", where)
        return fitted.shape

    def leave_out(self, where: str, why: object) -> None:
        """Note a region that is not sent."""
        self.left_out.append(f"{where}: {why}")

    def note(self, what: str, where: str) -> None:
        """Note a region of which not everything is sent as it was given."""
        self.noted.setdefault(what, []).append(where)

    def remark(self, remarks: Remarks, item: int, name: str = "") -> None:
        """Remark on what was noted, once for each kind and item.

        Args:
            remarks: Those of the source.
            item: Number of the item.
            name: What it is called, where the places of its regions do not tell.
        """
        for what, places in self.noted.items():
            remarks.add(what, f"{name}{places[0]}", count=len(places), item=item)


class Shape(NamedTuple):
    """A shape that the platform has."""

    kind: str
    """One of `KINDS`."""
    numbers: Any
    """A `boxes.Box`, a polygon or a point; fractions of width and height."""


def fit(given: Any) -> ClampedShape[resources_pb2.RegionInfo]:
    """Return where a region is, as the platform has it.

    Args:
        given: Something with `bbox`, `polygon` and `point`, of which one is not None.

    Example:
        >>> from types import SimpleNamespace
        >>> fit(SimpleNamespace(bbox=[0, 0, 0.5, 1], polygon=None, point=None)).fault
        ''
    """
    fitted = _fitted(given)
    made = None if fitted.shape is None else _WRITTEN[fitted.shape.kind](fitted.shape.numbers)
    return ClampedShape(made, fitted.fault)


def taken(given: Any, where: str, fitting: Fitting) -> Shape | None:
    """Return what of a region lies in the image; None: it is left out.

    Args:
        given: As for `fit`.
        where: Its place, for people.
        fitting: What becomes of the regions of its item.
    """
    return fitting.take(_fitted(given), where, plural(given))


def plural(given: Any) -> str:
    """Return what remarks call such regions: `"boxes"`.

    Args:
        given: As for `fit`.
    """
    kind = next((key for key in KINDS if getattr(given, key) is not None), "")
    return _PLURALS.get(kind, "regions")


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


def _fitted(given: Any) -> ClampedShape[Shape]:
    found = [(kind, value) for kind in KINDS if (value := getattr(given, kind)) is not None]
    if len(found) != 1:
        return ClampedShape(None, f"a region must have one of {', '.join(KINDS)}, got {len(found)}")
    ((kind, value),) = found
    fitted = _READ[kind](value)
    return ClampedShape(None if fitted.shape is None else Shape(kind, fitted.shape), fitted.fault)


_PLURALS = {"bbox": "boxes", "polygon": "polygons", "point": "points"}
_READ: dict[str, Callable[[Any], ClampedShape[Any]]] = {
    "bbox": boxes.from_fractions,
    "polygon": polygons.from_fractions,
    "point": points.from_fractions,
}
_WRITTEN: dict[str, Callable[[Any], resources_pb2.RegionInfo]] = {
    "bbox": boxes.to_message,
    "polygon": polygons.to_message,
    "point": points.to_message,
}
_FROM_MESSAGE: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "bounding_box": ("bbox", boxes.from_message),
    "polygon": ("polygon", polygons.from_message),
    "point": ("point", points.from_message),
}
