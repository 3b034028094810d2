"""Clarifai's layout: `<split>/inputs/<id>.<ending>`, `<split>/annotations/<id>.json`."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from clarifai_core.contracts import WriteResult
from clarifai_core.heavy import json_format
from clarifai_datasets._export.formats.media import SplitNames, add_media

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from clarifai_core.contracts import ExportTarget

LABELS = ("concepts", "regions", "frames", "time_segments")
"""Fields of an input's data that are labels, in the order in which they are written."""

LOST = {"metadata": "metadata", "geo": "geo points"}
"""Field of an input's data that this layout has no place for -> how the report calls it."""


class ClarifaiExporter:
    """Original bytes, and all labels as the platform's JSON."""

    def __init__(self, target: ExportTarget) -> None:
        self._target = target
        self._names = SplitNames()

    def add(
        self, split: str, message: Any, media: Sequence[tuple[str, bytes | Path]]
    ) -> WriteResult:
        """Write one input."""
        folder, stem = self._names.of(split, message.id)
        _, size = add_media(self._target, f"{folder}/inputs/{stem}", media)
        labels = self._add_labels(folder, stem, message.data)
        lost = {words: 1 for name, words in LOST.items() if _has(message.data, name)}
        return WriteResult(size, labels, lost)

    def add_labels(self, split: str, message: Any) -> WriteResult:
        """Write the labels of an input whose media did not come."""
        folder, stem = self._names.of(split, message.id)
        return WriteResult(0, self._add_labels(folder, stem, message.data))

    def _add_labels(self, folder: str, stem: str, data: Any) -> int:
        labels = [_text(label) for field in LABELS for label in getattr(data, field)]
        if labels:
            name = f"{folder}/annotations/{stem}.json"
            self._target.add(name, f"[{', '.join(labels)}]".encode())
        return len(labels)

    def finish(self) -> None:
        """Everything is written already."""


def _has(data: Any, field: str) -> bool:
    return data.HasField(field) and bool(getattr(data, field).ByteSize())


def _text(label: Any) -> str:
    label_class: Any = type(label)
    return _written(label_class, label.SerializeToString())


@lru_cache(maxsize=1024)
def _written(label_class: Any, raw: bytes) -> str:
    """Return a label as JSON; a data set has few different ones, but for boxes."""
    return json.dumps(json_format.MessageToDict(label_class.FromString(raw)))
