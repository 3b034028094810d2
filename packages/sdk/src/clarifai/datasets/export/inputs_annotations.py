"""Door to the platform's archives; they come with `pip install "clarifai[datasets]>=13"`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clarifai_datasets.export_reader import DatasetExportReader as DatasetExportReader
    from clarifai_datasets.export_reader import (
        InputAnnotationDownloader as InputAnnotationDownloader,
    )
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        DatasetExportReader="clarifai_datasets.export_reader:DatasetExportReader",
        InputAnnotationDownloader="clarifai_datasets.export_reader:InputAnnotationDownloader",
    )

__all__ = ["DatasetExportReader", "InputAnnotationDownloader"]
