"""Polygons and run-length encoded masks in COCO's JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_datasets.upload.features import Features, VisualSegmentationFeatures
from clarifai_datasets.upload.loaders._coco import CocoLoader
from clarifai_inputs import boxes, masks, polygons

if TYPE_CHECKING:
    from clarifai_inputs.regions import Fitting


class COCOSegmentationDataLoader(CocoLoader):
    """Images with labelled polygons, from COCO's JSON.

    An object may have several polygons. A mask in run lengths becomes the polygons around it; an
    object that has a box only becomes that box's polygon.
    """

    _read_keys = frozenset(
        {"id", "image_id", "category_id", "bbox", "area", "iscrowd", "ignore", "segmentation"}
    )
    _other_keys = {"iscrowd": "crowds, which go as any other mask"}  # noqa: RUF012

    @property
    def task(self) -> str:
        """What the items are."""
        return "visual_segmentation"

    def _labelled(self, item: Any, frames: Any) -> object:
        labels, shapes = [], []
        for where, category, one in item.named():
            if found := _shapes(one, frames, where, item.fitting):
                labels.append(category)
                shapes.append(found)
        return labels, shapes

    def _features(
        self, image: dict[str, Any], labels: Any, id_: str, rest: dict[str, Any]
    ) -> Features:
        names, shapes = labels
        return VisualSegmentationFeatures(labels=names, polygons=shapes, id=id_, **image, **rest)


open_source = COCOSegmentationDataLoader.open
"""The loader of a JSON file, or of a folder, zip or URL that has one."""


def _shapes(
    annotation: dict[str, Any], frames: Any, where: str, fitting: Fitting
) -> list[polygons.Polygon]:
    """Return what an object covers; nothing where it is left out."""
    segmentation = annotation.get("segmentation")
    if isinstance(segmentation, dict):
        frame = frames.of_mask(segmentation)
        found = fitting.take(masks.from_coco(segmentation, frame.size), where, "masks") or []
        return [frame.turned_polygon(ring) for ring in found]
    if not segmentation:
        box = fitting.take(boxes.from_coco(annotation.get("bbox"), frames.of_boxes.size), where)
        return [] if box is None else [boxes.corners(frames.of_boxes.turned_box(box))]
    if not isinstance(segmentation, list):
        fitting.leave_out(where, f"segmentation {segmentation!r:.80} is no list of polygons")
        return []
    if isinstance(segmentation[0], (int, float)):  # one polygon that is no list of polygons
        segmentation = [segmentation]
    taken = (
        fitting.take(polygons.from_coco(ring, frames.of_boxes.size), where, "polygons")
        for ring in segmentation
    )
    return [frames.of_boxes.turned_polygon(ring) for ring in taken if ring is not None]
