"""Door to texts of a loader as messages; they come with `pip install "clarifai[datasets]>=13"`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clarifai_datasets.upload.protos import (
        TextClassificationDataset as TextClassificationDataset,
    )
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        TextClassificationDataset="clarifai_datasets.upload.protos:TextClassificationDataset",
    )

__all__ = ["TextClassificationDataset"]
