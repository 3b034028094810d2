"""Door to images of a loader as messages; they come with `pip install "clarifai[datasets]>=13"`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clarifai_datasets.upload.protos import (
        VisualClassificationDataset as VisualClassificationDataset,
    )
    from clarifai_datasets.upload.protos import VisualDetectionDataset as VisualDetectionDataset
    from clarifai_datasets.upload.protos import (
        VisualSegmentationDataset as VisualSegmentationDataset,
    )
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        VisualClassificationDataset="clarifai_datasets.upload.protos:VisualClassificationDataset",
        VisualDetectionDataset="clarifai_datasets.upload.protos:VisualDetectionDataset",
        VisualSegmentationDataset="clarifai_datasets.upload.protos:VisualSegmentationDataset",
    )

__all__ = ["VisualClassificationDataset", "VisualDetectionDataset", "VisualSegmentationDataset"]
