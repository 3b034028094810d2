"""Door to what loaders return for an item; it comes with `pip install "clarifai[datasets]>=13"`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clarifai_datasets.upload.features import (
        MediaFeatures,
        RegionFeatures,
        TextFeatures,
        VisualClassificationFeatures,
        VisualDetectionFeatures,
        VisualSegmentationFeatures,
    )
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        MediaFeatures="clarifai_datasets.upload.features:MediaFeatures",
        RegionFeatures="clarifai_datasets.upload.features:RegionFeatures",
        TextFeatures="clarifai_datasets.upload.features:TextFeatures",
        VisualClassificationFeatures="clarifai_datasets.upload.features:VisualClassificationFeatures",
        VisualDetectionFeatures="clarifai_datasets.upload.features:VisualDetectionFeatures",
        VisualSegmentationFeatures="clarifai_datasets.upload.features:VisualSegmentationFeatures",
    )

__all__ = [
    "MediaFeatures",
    "RegionFeatures",
    "TextFeatures",
    "VisualClassificationFeatures",
    "VisualDetectionFeatures",
    "VisualSegmentationFeatures",
]
