"""Door to the loader of ImageNet's folders; it comes with `pip install "clarifai[datasets]"`."""

from __future__ import annotations

TYPE_CHECKING = False
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
