"""Door to the loader of xView; it comes with `pip install "clarifai[datasets]>=13"`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clarifai_datasets.upload.loaders.xview_detection import xviewDetectionDataLoader
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        xviewDetectionDataLoader="clarifai_datasets.upload.loaders.xview_detection:xviewDetectionDataLoader",
    )

__all__ = [
    "xviewDetectionDataLoader",
]
