"""Boxes in a column `objects`, as detection data sets of Hugging Face have them.

`{"bbox": [[x, y, width, height], ...], "category": [...]}`, or a list of such dicts. Nothing in the
data says how a box is written, and the corners of many boxes are read as COCO's without a sign of
it; so all of them are looked at first (`check_evidence`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core.errors import UserError
from clarifai_datasets.upload.features import RegionFeatures
from clarifai_inputs import boxes
from clarifai_inputs.label_values import is_missing, labels_in, plain_value

if TYPE_CHECKING:
    from clarifai_inputs.coordinates import ClampedShape
    from clarifai_inputs.image_size import Size

ENOUGH = 20
"""Boxes that can all be corners: where these are [x, y, width, height], some begin right of, or
below, their own width or height."""

AMBIGUOUS = "boxes that could be corners, too, read as [x, y, width, height]: say bbox_format"
UNLABELLED = "objects without a label, left out"
CUT = "boxes cut at the border"

_BOXES = ("bbox", "bboxes", "boxes")
_LABELS = ("category", "categories", "label", "labels", "class", "classes", "category_id", "name")

_READ: dict[str, Callable[[list[Any], Size], ClampedShape[boxes.Box]]] = {
    "coco": boxes.from_coco,
    "pascal_voc": lambda box, size: boxes.from_pixels(box, size, f"bbox {box!r}"),
    "albumentations": lambda box, _: boxes.from_fractions(box),
    "yolo": lambda box, _: boxes.from_yolo(box),
}
"""Names of formats, which are those of the library albumentations."""


@attrs.define
class RowObjects:
    """What the objects of a row are."""

    regions: list[RegionFeatures] = attrs.field(factory=list)
    faults: list[str] = attrs.field(factory=list)
    remarks: Counter[str] = attrs.field(factory=Counter)


class Objects:
    """A column of objects, whose boxes are written in one way."""

    def __init__(self, bbox_format: str) -> None:
        if bbox_format and bbox_format not in _READ:
            raise UserError(f"bbox_format must be one of {', '.join(_READ)}, got {bbox_format!r}.")
        self.is_said = bool(bbox_format)
        self._format = bbox_format or "coco"

    def read(self, objects: Any, size: Size, names: list[str] | None) -> RowObjects:
        """Return the regions of a row.

        Args:
            objects: Its cell.
            size: Of its picture, in pixels.
            names: Of the classes, where labels are their numbers.
        """
        found = RowObjects()
        for number, (box, label) in enumerate(pairs(objects), 1):
            try:
                labels = _label(label, names)
            except ValueError as error:
                found.faults.append(f"object {number}: {error}")
                continue
            if not labels:
                found.remarks[UNLABELLED] += 1
                continue
            self._add(box, size, labels, number, found)
        return found

    def _add(self, box: Any, size: Size, labels: list[str], number: int, found: RowObjects) -> None:
        try:
            fitted = _READ[self._format](box, size)
        except (TypeError, ValueError) as error:
            found.faults.append(f"object {number}: bbox {box!r:.80}: {error}")
            return
        if fitted.shape is None:
            said = "" if self.is_said else "; say bbox_format, if it is none of COCO's"
            found.faults.append(f"object {number}: {fitted.fault}{said}")
            return
        if fitted.fault:
            found.remarks[CUT] += 1
        found.regions.append(RegionFeatures([*labels], bbox=list(fitted.shape)))


def check_evidence(objects: Objects, cells: Iterable[Any]) -> str:
    """Return what to remark on how boxes are written, before any is read; `""`: nothing.

    Raises:
        UserError: They are no boxes of COCO's.
    """
    if objects.is_said:
        return ""
    count = fractions = 0
    could_be_corners = True
    for cell in cells:
        for box, _ in pairs(cell):
            if not isinstance(box, list) or len(box) != 4 or not all(map(_is_number, box)):
                continue  # a fault of its row
            count += 1
            fractions += all(0 <= one <= 1 for one in box)
            could_be_corners = could_be_corners and box[2] > box[0] and box[3] > box[1]
    if count and fractions == count:
        raise UserError(
            "Boxes in the column of objects are fractions, not pixels: say "
            'bbox_format="albumentations" for corners, "yolo" for middles.'
        )
    if could_be_corners and count >= ENOUGH:
        raise UserError(
            f"All {count:,} boxes in the column of objects can be corners as well as [x, y, width, "
            'height]: say bbox_format="pascal_voc" or "coco".'
        )
    return AMBIGUOUS if count and could_be_corners else ""


def pairs(objects: Any) -> list[tuple[Any, Any]]:
    """Return box and label of each object of a row.

    Example:
        >>> pairs({"bbox": [[1, 2, 3, 4]], "category": ["cat"]})
        [([1, 2, 3, 4], 'cat')]
        >>> pairs([{"bbox": [1, 2, 3, 4], "label": "cat"}]), pairs(None)
        ([([1, 2, 3, 4], 'cat')], [])
    """
    if objects is None:
        return []
    if isinstance(objects, Mapping):
        found = plain_value(_value(objects, _BOXES)) or []
        labels = plain_value(_value(objects, _LABELS)) or [None] * len(found)
        if len(found) != len(labels):
            raise ValueError(f"objects has {len(found)} boxes and {len(labels)} labels")
        return list(zip(map(_as_list, found), labels, strict=True))
    return [(_as_list(_value(one, _BOXES)), _value(one, _LABELS)) for one in objects]


def _value(of: Mapping[str, Any], names: tuple[str, ...]) -> object:
    return next((of[name] for name in names if name in of), None)


def _as_list(box: Any) -> list[Any]:
    box = plain_value(box)
    return list(box) if isinstance(box, tuple) else box


def _label(label: Any, names: list[str] | None) -> list[str]:
    label = plain_value(label)
    if is_missing(label):
        return []
    if names is not None and label == -1:
        return []
    if names is not None and isinstance(label, int):
        if not 0 <= label < len(names):
            raise ValueError(f"there is no class {label}; there are {len(names)}")
        return [names[label]]
    return labels_in(label).names


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
