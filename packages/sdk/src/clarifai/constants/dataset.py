"""Door to the constants of datasets; some come with `pip install "clarifai[datasets]>=13"`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_compat.constants import CONTENT_TYPE, MAX_RETRIES, TASK_TO_ANNOTATION_TYPE

if TYPE_CHECKING:
    from clarifai_datasets.upload.base import TASKS as DATASET_UPLOAD_TASKS
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        DATASET_UPLOAD_TASKS="clarifai_datasets.upload.base:TASKS",
    )

__all__ = ["CONTENT_TYPE", "DATASET_UPLOAD_TASKS", "MAX_RETRIES", "TASK_TO_ANNOTATION_TYPE"]
