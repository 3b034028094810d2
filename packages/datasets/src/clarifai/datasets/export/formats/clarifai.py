"""Clarifai's layout: `<split>/inputs/<id>.<ending>`, `<split>/annotations/<id>.json`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from google.protobuf import json_format

from clarifai.core.contracts import Written
from clarifai.datasets.export.formats.media import add_media

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from clarifai.core.contracts import ExportTarget

LABELS = ("concepts", "regions", "frames", "time_segments")
"""Fields of an input's data that are labels, in the order in which they are written."""


class ClarifaiExporter:
    """Original bytes, and all labels as the platform's JSON."""

    def __init__(self, target: ExportTarget) -> None:
        self._target = target

    def add(self, split: str, message: Any, media: Sequence[tuple[str, bytes | Path]]) -> Written:
        """Write one input."""
        _, size = add_media(self._target, f"{split}/inputs/{message.id}", media)
        labels = [
            json_format.MessageToDict(label)
            for field in LABELS
            for label in getattr(message.data, field)
        ]
        if labels:
            name = f"{split}/annotations/{message.id}.json"
            self._target.add(name, json.dumps(labels).encode())
        return Written(size, len(labels))

    def finish(self) -> None:
        """Everything is written already."""
