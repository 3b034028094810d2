"""Door to the base of loaders; it comes with `pip install "clarifai[datasets]>=13"`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clarifai_datasets.upload.base import ClarifaiDataLoader
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        ClarifaiDataLoader="clarifai_datasets.upload.base:ClarifaiDataLoader",
    )

__all__ = [
    "ClarifaiDataLoader",
]
