"""Boxes in COCO's JSON."""

from __future__ import annotations

from typing import Any

from clarifai_datasets.upload.features import Features, VisualDetectionFeatures
from clarifai_datasets.upload.loaders._coco import CocoLoader
from clarifai_inputs import boxes


class COCODetectionDataLoader(CocoLoader):
    """Images with labelled boxes, from COCO's JSON.

    Example:
        >>> loader = COCODetectionDataLoader("val2017", "instances_val2017.json")
        >>> loader.task
        'visual_detection'
    """

    _read_keys = frozenset(
        {"id", "image_id", "category_id", "bbox", "area", "iscrowd", "ignore", "segmentation"}
    )
    _other_keys = {  # noqa: RUF012 - a ClassVar of the base class
        "segmentation": "segmentations, of which coco_detection reads the boxes only",
        "iscrowd": "crowds, which go as any other box",
    }

    @property
    def task(self) -> str:
        """What the items are."""
        return "visual_detection"

    def _labelled(self, item: Any, frames: Any) -> object:
        labels, found = [], []
        for where, category, one in item.named():
            box = item.fitting.take(boxes.from_coco(one.get("bbox"), frames.of_boxes.size), where)
            if box is not None:
                labels.append(category)
                found.append(list(frames.of_boxes.turned_box(box)))
        return labels, found

    def _features(
        self, image: dict[str, Any], labels: Any, id_: str, rest: dict[str, Any]
    ) -> Features:
        names, found = labels
        return VisualDetectionFeatures(labels=names, bboxes=found, id=id_, **image, **rest)


open_source = COCODetectionDataLoader.open
"""The loader of a JSON file, or of a folder, zip or URL that has one."""
