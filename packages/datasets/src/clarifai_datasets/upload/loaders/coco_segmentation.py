"""Polygons and run-length encoded masks in COCO's JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_datasets.upload.features import Features, VisualSegmentationFeatures
from clarifai_datasets.upload.limits import MAX_POINTS
from clarifai_datasets.upload.loaders.boxes import point
from clarifai_datasets.upload.loaders.coco import CocoLoader, box_of
from clarifai_datasets.upload.loaders.masks import polygons

if TYPE_CHECKING:
    from clarifai_datasets.pixels import Size

Polygon = list[list[float]]


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
            except (ValueError, TypeError, KeyError, OverflowError) as error:
                item.faults.append(f"{where}: {error}")
        return labels, shapes

    def _features(
        self, image: dict[str, Any], labels: Any, id_: str, rest: dict[str, Any]
    ) -> Features:
        names, shapes = labels
        return VisualSegmentationFeatures(labels=names, polygons=shapes, id=id_, **image, **rest)


open_source = COCOSegmentationDataLoader.open
"""The loader of a JSON file, or of a folder, zip or URL that has one."""


def _shapes(annotation: dict[str, Any], size: Size) -> list[Polygon]:
    segmentation = annotation.get("segmentation")
    if isinstance(segmentation, dict):
        return _around_mask(segmentation, size)
    if not segmentation:
        x_min, y_min, x_max, y_max = box_of(annotation, size)
        return [[[x_min, y_min], [x_max, y_min], [x_max, y_max], [x_min, y_max]]]
    return [_polygon(ring, size) for ring in segmentation]


def _around_mask(segmentation: dict[str, Any], size: Size) -> list[Polygon]:
    if not {"size", "counts"} <= segmentation.keys():
        raise ValueError("segmentation has no size and counts")
    height, width = segmentation["size"]
    if (width, height) != size:
        raise ValueError(
            f"a mask of {width} x {height} pixels, for an image of {size[0]} x {size[1]}"
        )
    found = polygons(segmentation)
    if not found:
        raise ValueError("the mask covers nothing")
    return [[[x / width, y / height] for x, y in ring] for ring in found]


def _polygon(ring: Any, size: Size) -> Polygon:
    if not isinstance(ring, list) or len(ring) % 2 or len(ring) < 6:
        raise ValueError("a polygon must be [x, y, x, y, ...] with at least three points")
    if len(ring) > 2 * MAX_POINTS:
        raise ValueError(
            f"a polygon of {len(ring) // 2:,} points is over the limit of {MAX_POINTS:,}"
        )
    pairs = zip(ring[::2], ring[1::2], strict=True)
    return [point(float(x), float(y), size, shown=f"point [{x}, {y}]") for x, y in pairs]
