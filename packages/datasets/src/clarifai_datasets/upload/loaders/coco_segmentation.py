"""Polygons and run-length encoded masks in COCO's JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_datasets.upload.features import Features, VisualSegmentationFeatures
from clarifai_datasets.upload.loaders.coco import CocoLoader
from clarifai_inputs import boxes, masks, polygons

if TYPE_CHECKING:
    from clarifai_inputs.image_size import Size


class COCOSegmentationDataLoader(CocoLoader):
    """Images with labelled polygons, from COCO's JSON.

    An object may have several polygons. A mask in run lengths becomes the polygons around it; an
    object that has a box only becomes that box's polygon.
    """

    @property
    def task(self) -> str:
        """What the items are."""
        return "visual_segmentation"

    def _labelled(self, item: Any, size: Any) -> Any:
        labels, shapes = [], []
        for where, category, one in item.named():
            try:
                shapes.append(_shapes(one, size()))
                labels.append(category)
            except (ValueError, TypeError) as error:
                item.faults.append(f"{where}: {error}")
        return labels, shapes

    def _features(
        self, image: dict[str, Any], labels: Any, id_: str, rest: dict[str, Any]
    ) -> Features:
        names, shapes = labels
        return VisualSegmentationFeatures(labels=names, polygons=shapes, id=id_, **image, **rest)


open_source = COCOSegmentationDataLoader.open
"""The loader of a JSON file, or of a folder, zip or URL that has one."""


def _shapes(annotation: dict[str, Any], size: Size) -> list[polygons.Polygon]:
    segmentation = annotation.get("segmentation")
    if isinstance(segmentation, dict):
        return masks.from_coco(segmentation, size).whole()
    if not segmentation:
        return [boxes.corners(boxes.from_coco(annotation.get("bbox"), size).whole())]
    return [polygons.from_coco(ring, size).whole() for ring in segmentation]
