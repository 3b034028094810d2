"""Door to what uploads report; it comes with `pip install "clarifai[datasets]>=13"`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clarifai_datasets.upload.report import (
        FailedItem,
        UploadFailed,
        UploadReport,
        UploadStopped,
    )
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        FailedItem="clarifai_datasets.upload.report:FailedItem",
        UploadFailed="clarifai_datasets.upload.report:UploadFailed",
        UploadReport="clarifai_datasets.upload.report:UploadReport",
        UploadStopped="clarifai_datasets.upload.report:UploadStopped",
    )

__all__ = [
    "FailedItem",
    "UploadFailed",
    "UploadReport",
    "UploadStopped",
]
