"""What the numbers of a picture's regions count in: its pixels, upright or as it is stored.

A picture that lies on its side has both, and its Exif data alone say so. Where a label file gives
the stored size, most tools meant the upright picture all the same, and only read the size with a
library that does not turn it (label-studio#6608, labelme2coco#9, supervision#2577). Boxes that fit
the stored picture only were drawn on it, as coco-annotator does, and are turned.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import attrs

from clarifai_inputs import boxes, polygons
from clarifai_inputs.image_size import UPRIGHT, ImageHeader, Size

if TYPE_CHECKING:
    from collections.abc import Iterable

TURNED = "pictures whose regions were turned upright with them"
STORED_SIZE = "pictures whose stored size is said, and whose regions count in the upright one"
"""Kinds of remark."""


@attrs.frozen
class Frame:
    """Width and height that regions count in, and how those are to be turned."""

    size: Size
    orientation: int = UPRIGHT
    remark: str = ""

    def turned_box(self, box: boxes.Box) -> boxes.Box:
        """Return where a box is in the upright picture."""
        return box if self.orientation == UPRIGHT else boxes.turned(box, self.orientation)

    def turned_polygon(self, polygon: polygons.Polygon) -> polygons.Polygon:
        """Return where a polygon is in the upright picture."""
        return (
            polygon if self.orientation == UPRIGHT else polygons.turned(polygon, self.orientation)
        )


def frame_of(said: Size, picture: ImageHeader | None, ends: Iterable[tuple[float, float]]) -> Frame:
    """Return what regions count in.

    Args:
        said: Width and height by the label file.
        picture: By the picture itself, where it tells.
        ends: Right and bottom edge of each region, in pixels.

    Example:
        >>> phone = ImageHeader(stored=(40, 20), orientation=6)
        >>> frame_of((20, 40), phone, []).size, frame_of((40, 20), phone, [(10, 35)]).size
        ((20, 40), (20, 40))
        >>> frame_of((40, 20), phone, [(35, 10)]).orientation
        6
    """
    if picture is None or picture.stored == picture.upright or said != picture.stored:
        return Frame(said)
    known = [end for end in ends if math.isfinite(sum(end))]
    across, down = (max((end[axis] for end in known), default=0) for axis in (0, 1))
    if _fit(across, down, picture.stored) and not _fit(across, down, picture.upright):
        return Frame(picture.stored, picture.orientation, TURNED)
    return Frame(picture.upright, UPRIGHT, STORED_SIZE)


def may_be_on_its_side(said: Size | None) -> bool:
    """Return whether the picture has to be looked at: of a square one, nothing would change."""
    return said is None or said[0] != said[1]


def _fit(across: float, down: float, size: Size) -> bool:
    return across <= size[0] + 1 and down <= size[1] + 1
