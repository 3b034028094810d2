"""The loaders that the recorded uploads had, inferred from the inputs that they became."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from clarifai_datasets.upload.base import ClarifaiDataLoader
from clarifai_datasets.upload.features import TextFeatures, VisualClassificationFeatures


class WireLoader(ClarifaiDataLoader):
    """Items that a function makes."""

    def __init__(self, task: str, count: int, make: Callable[[int], Any]) -> None:
        self._task, self._count, self._make = task, count, make

    @property
    def task(self) -> str:
        return self._task

    def __getitem__(self, index: int) -> Any:
        return self._make(index)

    def __len__(self) -> int:
        return self._count


def _text(index: int) -> TextFeatures:
    return TextFeatures(f"text {index}", ["cat", "big dog"], id=index, metadata={"n": index})


def _texts(count: int) -> WireLoader:
    return WireLoader("text_classification", count, _text)


def _captioned(index: int) -> VisualClassificationFeatures:
    labels: list[str | int] = ["cat", "dog"] if index == 0 else ["cat"]
    place = [1.5, 2.5] if index == 0 else None
    return VisualClassificationFeatures("images/a.png", labels, place, id=index)


LOADERS: dict[str, WireLoader] = {
    "dataset.upload_dataset.batches": _texts(7),
    "dataset.upload_dataset.duplicate": _texts(3),
    "dataset.upload_dataset.empty": _texts(0),
    "dataset.upload_dataset.failed_retry": _texts(3),
    "dataset.upload_dataset.failed_twice": _texts(3),
    "dataset.upload_dataset.get_upload_status": _texts(3),
    "dataset.upload_dataset.job_pending": _texts(3),
    "dataset.upload_dataset.loader_raises": WireLoader(
        "text_classification", 3, lambda _: object()
    ),
    "dataset.upload_dataset.log_warnings": _texts(1),
    "dataset.upload_dataset.text_classification": _texts(3),
    "dataset.upload_dataset.visual_captioning": WireLoader("visual_captioning", 3, _captioned),
}
"""Use -> its loader."""
