"""Door to the loader of COCO's masks; it comes with `pip install "clarifai[datasets]>=13"`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clarifai_datasets.upload.loaders.coco_segmentation import COCOSegmentationDataLoader
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        COCOSegmentationDataLoader="clarifai_datasets.upload.loaders.coco_segmentation:COCOSegmentationDataLoader",
    )

__all__ = [
    "COCOSegmentationDataLoader",
]
