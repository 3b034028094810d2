"""Door to the loader of ImageNet; it comes with `pip install "clarifai[datasets]>=13"`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clarifai_datasets.upload.loaders.imagenet_classification import ImageNetDataLoader
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        ImageNetDataLoader="clarifai_datasets.upload.loaders.imagenet_classification:ImageNetDataLoader",
    )

__all__ = [
    "ImageNetDataLoader",
]
