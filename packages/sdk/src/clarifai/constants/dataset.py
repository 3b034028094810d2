"""Door to the constants of datasets; they come with `pip install "clarifai[datasets]>=13"`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clarifai_datasets.upload.base import TASKS as DATASET_UPLOAD_TASKS
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__, DATASET_UPLOAD_TASKS="clarifai_datasets.upload.base:TASKS"
    )

__all__ = ["DATASET_UPLOAD_TASKS"]
