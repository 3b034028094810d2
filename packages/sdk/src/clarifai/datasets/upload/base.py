"""Door to the base of loaders; it comes with `pip install "clarifai[datasets]>=13"`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clarifai.constants.dataset import DATASET_UPLOAD_TASKS as DATASET_UPLOAD_TASKS
    from clarifai_datasets.upload.base import ClarifaiDataLoader as ClarifaiDataLoader
    from clarifai_datasets.upload.features import TextFeatures as TextFeatures
    from clarifai_datasets.upload.features import (
        VisualClassificationFeatures as VisualClassificationFeatures,
    )
    from clarifai_datasets.upload.features import VisualDetectionFeatures as VisualDetectionFeatures
    from clarifai_datasets.upload.features import (
        VisualSegmentationFeatures as VisualSegmentationFeatures,
    )
    from clarifai_datasets.upload.protos import ClarifaiDataset as ClarifaiDataset
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        ClarifaiDataLoader="clarifai_datasets.upload.base:ClarifaiDataLoader",
        ClarifaiDataset="clarifai_datasets.upload.protos:ClarifaiDataset",
        DATASET_UPLOAD_TASKS="clarifai_datasets.upload.base:TASKS",
        TextFeatures="clarifai_datasets.upload.features:TextFeatures",
        VisualClassificationFeatures="clarifai_datasets.upload.features:VisualClassificationFeatures",
        VisualDetectionFeatures="clarifai_datasets.upload.features:VisualDetectionFeatures",
        VisualSegmentationFeatures="clarifai_datasets.upload.features:VisualSegmentationFeatures",
    )

__all__ = ["ClarifaiDataLoader", "ClarifaiDataset"]
