"""Markup that is drawn: pictures with what is marked on them, and the curves of an evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_core.wire import data as contents
from clarifai_views import thumbnails
from clarifai_views.figures import thinned
from clarifai_views.markup import Html, escaped, note, tag

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clarifai_views.thumbnails import Thumbnail

COLOURS = (
    *("#3b82f6", "#ef4444", "#10b981", "#f59e0b", "#8b5cf6", "#ec4899", "#14b8a6", "#84cc16"),
    *("#a16207", "#64748b", "#f97316", "#0ea5e9"),
)
"""Lines that are seen on light, on dark, and on pictures; classes take them in turn."""

MAX_REGIONS = 60
"""Regions that are drawn on one picture."""

MAX_LINES = 12
"""Classes whose curve is drawn."""

MAX_POINTS = 120
"""Of one curve."""

_POINT = 1.2
"""Radius of a point, in percent of the picture."""


def picture(
    found: Thumbnail,
    regions: Sequence[Any] = (),
    alternative: str = "",
    colours: Colours | None = None,
) -> Html:
    """Return a picture with what is marked on it, or the word why there is none.

    Args:
        found: The picture.
        regions: `Region` messages; those that have a place on the picture are drawn.
        alternative: What it is, for who does not see it.
        colours: Those of the labels, where pictures stand side by side.
    """
    if not found.source:
        return note(found.fault)
    drawn = list(regions)[:MAX_REGIONS]
    colours = colours or Colours()
    marked = [(one, colours.of(_label(one))) for one in drawn]
    shapes = [shape for one, colour in marked for shape in _shapes(one.region_info, colour)]
    layer = tag("svg", *shapes, viewBox="0 0 100 100", preserveAspectRatio="none")
    masks = [mask for one, colour in marked for mask in _masks(one.region_info, colour)]
    width = f"width:{found.size[0]}px" if found.size[0] else None
    image = tag("img", src=found.source, alt=alternative)
    labels = [_tab(one, colour) for one, colour in marked]
    more = len(regions) - len(drawn)
    shown = tag("figure", image, *masks, layer if shapes else None, *labels, style=width)
    return Html(shown + note(f"and {more} regions more")) if more > 0 else shown


def curves(lines: Mapping[str, Sequence[tuple[float, float]]], axes: tuple[str, str]) -> Html:
    """Return lines of points, 0..1 on both axes, each with its name.

    Args:
        lines: Name -> points.
        axes: What x and y are.
    """
    colours = Colours()
    drawn = list(lines.items())[:MAX_LINES]
    frame = tag("rect", x=30, y=10, width=200, height=200, fill="none", stroke="currentColor")
    parts = [frame, *_ticks(axes)]
    for place, (name, points) in enumerate(drawn):
        colour = colours.of(name)
        path = " ".join(
            f"{30 + x * 200:.1f},{210 - y * 200:.1f}" for x, y in thinned(points, MAX_POINTS)
        )
        parts.append(tag("polyline", points=path, fill="none", stroke=colour, stroke_width="1.8"))
        parts.append(_legend(name, colour, 20 + place * 15))
    more = len(lines) - len(drawn)
    if more > 0:
        parts.append(tag("text", f"and {more} more", x=240, y=20 + len(drawn) * 15))
    return tag("svg", *parts, viewBox="0 0 330 245", class_="plot", role="img")


def _ticks(axes: tuple[str, str]) -> list[Html]:
    x_axis, y_axis = axes
    return [
        tag("text", "0", x=28, y=222, text_anchor="end"),
        tag("text", "1", x=28, y=18, text_anchor="end"),
        tag("text", "1", x=230, y=222, text_anchor="middle"),
        tag("text", x_axis, x=130, y=230, text_anchor="middle"),
        tag("text", y_axis, x=14, y=110, text_anchor="middle", transform="rotate(-90 14 110)"),
    ]


def _legend(name: str, colour: str, y: int) -> Html:
    line = tag("line", x1=236, y1=y - 3, x2=248, y2=y - 3, stroke=colour, stroke_width="3")
    short = name if len(name) <= 14 else f"{name[:13]}\u2026"
    return Html(line + tag("text", short, tag("title", name), x=252, y=y))


class Colours:
    """A colour for each label, the same one each time."""

    def __init__(self) -> None:
        self._of: dict[str, str] = {}

    def of(self, label: str) -> str:
        """Return the colour of a label."""
        return self._of.setdefault(label, COLOURS[len(self._of) % len(COLOURS)])


def _label(region: Any) -> str:
    best = max(region.data.concepts, key=lambda one: one.value, default=None)
    return "" if best is None else contents.name_of(best)


def _shapes(info: Any, colour: str) -> list[Html]:
    style = {"fill": "none", "stroke": colour, "stroke_width": "2"}
    still = {"vector_effect": "non-scaling-stroke", **style}
    if info.HasField("bounding_box"):
        box = info.bounding_box
        left, top = box.left_col * 100, box.top_row * 100
        size = {"width": box.right_col * 100 - left, "height": box.bottom_row * 100 - top}
        return [tag("rect", x=_short(left), y=_short(top), **_shortened(size), **still)]
    if info.HasField("polygon"):
        corners = " ".join(
            f"{_short(one.col * 100)},{_short(one.row * 100)}" for one in info.polygon.points
        )
        return [tag("polygon", points=corners, **still)]
    points = [info.point] if info.HasField("point") else list(info.keypoint_locations)
    return [
        tag("circle", cx=_short(one.col * 100), cy=_short(one.row * 100), r=_POINT, fill=colour)
        for one in points
    ]


def _shortened(size: Mapping[str, float]) -> dict[str, str]:
    return {name: _short(max(value, 0.0)) for name, value in size.items()}


def _short(value: float) -> str:
    return f"{value:.2f}"


def _masks(info: Any, colour: str) -> list[Html]:
    if not (info.HasField("mask") and info.mask.image.base64):
        return []
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    source = thumbnails.tinted(info.mask.image.base64, (red, green, blue))
    style = "position:absolute;left:0;top:0;width:100%;height:100%"
    return [tag("img", src=source, alt="", style=style)] if source else []


def _tab(region: Any, colour: str) -> Html | None:
    """Return the label of a region, at its upper left corner."""
    label, place = _label(region), _corner(region.region_info)
    if not label or place is None:
        return None
    left, top = (max(0.0, min(one, 0.94)) * 100 for one in place)
    style = f"left:{left:.1f}%;top:{top:.1f}%;border-left:3px solid {colour}"
    return tag("span", escaped(label), style=style)


def _corner(info: Any) -> tuple[float, float] | None:
    if info.HasField("bounding_box"):
        return info.bounding_box.left_col, info.bounding_box.top_row
    if info.HasField("mask"):
        return 0.0, 0.0
    points = [info.point] if info.HasField("point") else list(info.keypoint_locations)
    points = list(info.polygon.points) if info.HasField("polygon") else points
    if not points:
        return None
    return min(one.col for one in points), min(one.row for one in points)
