"""Door to the loader of COCO's captions; it comes with `pip install "clarifai[datasets]>=13"`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clarifai_datasets.upload.loaders.coco_captions import COCOCaptionsDataLoader
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        COCOCaptionsDataLoader="clarifai_datasets.upload.loaders.coco_captions:COCOCaptionsDataLoader",
    )

__all__ = [
    "COCOCaptionsDataLoader",
]
