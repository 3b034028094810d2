"""xView: satellite images with boxes in one GeoJSON file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from clarifai_core.errors import UserError
from clarifai_datasets.upload.features import Features, VisualDetectionFeatures
from clarifai_datasets.upload.limits import MAX_REGIONS
from clarifai_datasets.upload.loaders._checked import CheckedLoader, ItemFaults
from clarifai_datasets.upload.loaders._files import (
    Files,
    FolderSource,
    SeekableFile,
    open_files,
    within,
)
from clarifai_datasets.upload.loaders._groups import OffsetGroups
from clarifai_datasets.upload.loaders._json_stream import elements
from clarifai_inputs import boxes
from clarifai_inputs.coordinates import ClampedShape
from clarifai_inputs.identity import item_id
from clarifai_inputs.json_text import loads
from clarifai_inputs.regions import Fitting

if TYPE_CHECKING:
    from clarifai_inputs.image_size import Size

IMAGES = "train_images"
LABELS = "xview_train.geojson"
"""In any case of letters."""

CLASSES: dict[float, str] = {
    11: "Fixed-wing Aircraft",
    12: "Small Aircraft",
    13: "Cargo Plane",
    15: "Helicopter",
    17: "Passenger Vehicle",
    18: "Small Car",
    19: "Bus",
    20: "Pickup Truck",
    21: "Utility Truck",
    23: "Truck",
    24: "Cargo Truck",
    25: "Truck w-Box",
    26: "Truck Tractor",
    27: "Trailer",
    28: "Truck w-Flatbed",
    29: "Truck w-Liquid",
    32: "Crane Truck",
    33: "Railway Vehicle",
    34: "Passenger Car",
    35: "Cargo Car",
    36: "Flat Car",
    37: "Tank car",
    38: "Locomotive",
    40: "Maritime Vessel",
    41: "Motorboat",
    42: "Sailboat",
    44: "Tugboat",
    45: "Barge",
    47: "Fishing Vessel",
    49: "Ferry",
    50: "Yacht",
    51: "Container Ship",
    52: "Oil Tanker",
    53: "Engineering Vehicle",
    54: "Tower crane",
    55: "Container Crane",
    56: "Reach Stacker",
    57: "Straddle Carrier",
    59: "Mobile Crane",
    60: "Dump Truck",
    61: "Haul Truck",
    62: "Scraper-Tractor",
    63: "Front loader-Bulldozer",
    64: "Excavator",
    65: "Cement Mixer",
    66: "Ground Grader",
    71: "Hut-Tent",
    72: "Shed",
    73: "Building",
    74: "Aircraft Hangar",
    76: "Damaged Building",
    77: "Facility",
    79: "Construction Site",
    83: "Vehicle Lot",
    84: "Helipad",
    86: "Storage Tank",
    89: "Shipping container lot",
    91: "Shipping Container",
    93: "Pylon",
    94: "Tower",
}
"""`type_id` -> class, as xView publishes them."""


class xviewDetectionDataLoader(CheckedLoader):  # noqa: N801 - the name that programs import
    """The training images of xView with their boxes.

    The published boxes go beyond the edges of their images here and there: they are cut off there.
    Those without a known class, or with nothing left, are left out, and the report of the upload
    has a note of both; with `strict` they are faults.
    """

    def __init__(
        self, data_dir: FolderSource, *, strict: bool = False, allow_outside: bool = False
    ) -> None:
        """Say what to read; nothing is read yet.

        Args:
            data_dir: Folder, zip or URL that holds `train_images/*.tif` and `xView_train.geojson`.
            strict: Whether to check everything first and raise all faults in one error.
            allow_outside: Whether names and links in it may lead to files outside of it.
        """
        self._data_dir = data_dir
        self._allow_outside = allow_outside
        super().__init__(str(data_dir), strict=strict)

    @property
    def task(self) -> str:
        """What the items are."""
        return "visual_detection"

    def _find(self) -> None:
        files = open_files(self._data_dir, "data_dir", allow_outside=self._allow_outside)
        self._images = within(files, IMAGES)
        names = self._names_in(files)
        labels = next((name for name in names if name.lower() == LABELS), "")
        if not labels:
            raise UserError(f"data_dir {self._source!r} holds no xView_train.geojson.")
        self._text = SeekableFile(files, labels)
        self._where = files.shown(labels)
        groups = OffsetGroups()
        prefix = f"{IMAGES}/"
        self._names = [
            name.removeprefix(prefix)
            for name in names
            if name.startswith(prefix) and name.lower().endswith((".tif", ".tiff"))
        ]
        for number, name in enumerate(self._names):
            groups.add_owner(_stem(name), number, number + 1, _stem(name))
        try:
            for element in elements(self._text.start()):
                if element.key == "features":
                    image = _properties(element.value).get("image_id")
                    groups.add_part(_stem(str(image)), element.start, element.end)
        except ValueError as error:
            raise UserError(f"{self._where}: {error}.") from error
        for number, own in enumerate(groups.ids):
            self._claim(number, own)
        self._ids, self._groups = groups.ids, groups.sorted()

    def _count(self) -> int:
        return len(self._groups.owners)

    def _media(self) -> Files | None:
        return self._images

    def _read(self, index: int) -> Features:
        if index >= len(self._names):
            image = self._ids[index].removeprefix("unknown ")
            raise ItemFaults([f"{self._where}: there is no image {image}.tif in {IMAGES}"])
        name = self._names[index]
        size = self._size(self._images, name)
        if (count := self._groups.count(index)) > MAX_REGIONS:
            raise ItemFaults(
                [f"{self._where}: {name}: {count:,} boxes are over the limit of {MAX_REGIONS:,}"]
            )
        labels: list[str | int] = []
        found = []
        fitting = Fitting()
        for start, end in self._groups.parts(index):
            properties = _properties(loads(self._text.part(start, end)))
            feature = properties.get("feature_id")
            where = f"{self._where}: {name}, feature {feature!r}"
            kind = properties.get("type_id")
            if not isinstance(kind, (int, float)) or kind not in CLASSES:
                fitting.leave_out(where, f"type_id {kind!r} is no class of xView")
            elif (box := fitting.take(_box(properties, size), where)) is not None:
                labels.append(CLASSES[kind])
                found.append(list(box))
        image = self._image(self._images, name)
        self._settle(index, fitting)
        return VisualDetectionFeatures(
            labels=labels, bboxes=found, id=item_id(_stem(name)), **image
        )


def _box(properties: dict[str, Any], size: Size) -> ClampedShape[boxes.Box]:
    shown = f"bounds_imcoords {properties.get('bounds_imcoords')!r}"
    edges = str(properties.get("bounds_imcoords")).split(",")
    if len(edges) != 4:
        return ClampedShape(None, f"{shown} is not 'x_min,y_min,x_max,y_max'")
    return boxes.from_pixels(edges, size, shown)


def _properties(feature: Any) -> dict[str, Any]:
    found = feature.get("properties") if isinstance(feature, dict) else None
    return found if isinstance(found, dict) else {}


def _stem(name: str) -> str:
    return os.path.splitext(name)[0]  # noqa: PTH122 - a name, not a path
