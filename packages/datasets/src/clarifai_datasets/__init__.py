"""Bulk data in and out of Clarifai apps.

What datasets hand out is named by `from clarifai_datasets import ExportReport`, for annotations and
`except`. Importing this costs nothing; each name is imported when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_core.lazy import lazy_submodules

if TYPE_CHECKING:
    from clarifai_datasets._export.report import ExportFailed, ExportReport, FailedInput
    from clarifai_datasets._upload_status import Stats, Tally, UploadStatus
    from clarifai_datasets.upload._broken import BrokenItem, NoItems
    from clarifai_datasets.upload.loaders._files import FileAt, Files, FileSource, FolderSource
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        BrokenItem="clarifai_datasets.upload._broken:BrokenItem",
        ExportFailed="clarifai_datasets._export.report:ExportFailed",
        ExportReport="clarifai_datasets._export.report:ExportReport",
        FailedInput="clarifai_datasets._export.report:FailedInput",
        FileAt="clarifai_datasets.upload.loaders._files:FileAt",
        FileSource="clarifai_datasets.upload.loaders._files:FileSource",
        Files="clarifai_datasets.upload.loaders._files:Files",
        FolderSource="clarifai_datasets.upload.loaders._files:FolderSource",
        NoItems="clarifai_datasets.upload._broken:NoItems",
        Stats="clarifai_datasets._upload_status:Stats",
        Tally="clarifai_datasets._upload_status:Tally",
        UploadStatus="clarifai_datasets._upload_status:UploadStatus",
    )

__all__ = [
    "BrokenItem",
    "ExportFailed",
    "ExportReport",
    "FailedInput",
    "FileAt",
    "FileSource",
    "Files",
    "FolderSource",
    "NoItems",
    "Stats",
    "Tally",
    "UploadStatus",
]

lazy_submodules(__name__)
