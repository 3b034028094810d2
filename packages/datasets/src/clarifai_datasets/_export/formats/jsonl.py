"""JSON Lines: `data.jsonl` with an input in each line, and the media beside it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from clarifai_core.contracts import WriteResult
from clarifai_core.wire.data import kind_of as media_of
from clarifai_datasets._export.formats.labels import InputLabels, labels_of
from clarifai_datasets._export.formats.media import SplitNames, add_media, further

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from clarifai_core.contracts import ExportTarget

HELD = ("concepts", "boxes", "polygons", "points", "metadata", "geo")


class JsonlExporter:
    """What the loader `jsonl` reads; texts stand in the lines, other media in `inputs/<split>`."""

    def __init__(self, target: ExportTarget) -> None:
        self._target = target
        self._path = target.scratch / "data.jsonl"
        self._lines = self._path.open("w", encoding="utf-8")
        self._names = SplitNames()

    def add(
        self, split: str, message: Any, media: Sequence[tuple[str, bytes | Path]]
    ) -> WriteResult:
        """Write one input."""
        labels = labels_of(message.data)
        record = record_of(split, message.id, labels)
        kind, content = media[0]
        record["input_type"] = kind
        size = 0
        if kind == "text" and isinstance(content, bytes):
            record["text"] = content.decode("utf-8")
            size = len(content)
        else:
            stem = "/".join(self._names.of(split, message.id))
            (record["file"],), size = add_media(self._target, f"inputs/{stem}", [(kind, content)])
        self._lines.write(json.dumps(record, ensure_ascii=False) + "\n")
        count = len(labels.concepts) + len(record["regions"])
        return WriteResult(size, count, further(media, labels.lost(*HELD)))

    def add_labels(self, split: str, message: Any) -> WriteResult:
        """Write the labels of an input whose media did not come: a line without any."""
        labels = labels_of(message.data)
        if not labels:
            return WriteResult()
        record = {**record_of(split, message.id, labels), "input_type": kind_of(message)}
        self._lines.write(json.dumps(record, ensure_ascii=False) + "\n")
        return WriteResult(0, len(labels.concepts) + len(record["regions"]))

    def finish(self) -> None:
        """Write the lines."""
        self._lines.close()
        self._target.add("data.jsonl", self._path)


def kind_of(message: Any) -> str:
    """Return the kind of an input, also of one without any media."""
    return media_of(message.data) or "image"


def record_of(split: str, input_id: str, labels: InputLabels) -> dict[str, Any]:
    """Return what is known about an input as a record; its media are still missing."""
    regions: list[dict[str, Any]] = [
        {"labels": [one.label], "bbox": list(one.box)} for one in labels.boxes
    ]
    regions += [{"labels": [one.label], "polygon": one.polygon} for one in labels.polygons]
    regions += [{"labels": [one.label], "point": one.point} for one in labels.points]
    return {
        "id": input_id,
        "split": split,
        "labels": labels.concepts,
        "regions": regions,
        "metadata": labels.metadata,
        "geo": labels.geo,
    }
