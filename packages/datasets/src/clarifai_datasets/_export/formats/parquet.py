"""Parquet: `<split>.parquet` with a row for each input, media included."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core.contracts import WriteResult
from clarifai_datasets._export.formats.jsonl import HELD, kind_of, record_of
from clarifai_datasets._export.formats.labels import InputLabels, labels_of
from clarifai_datasets._export.formats.media import SplitNames, file_name, further
from clarifai_datasets._extras import optional

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clarifai_core.contracts import ExportTarget

EXTRA = "arrow"

GROUP_ROWS = 256
GROUP_BYTES = 32_000_000
"""A group of rows is written when it has so many, or so much."""


class ParquetExporter:
    """What the loader `parquet` reads; `media` are bytes and a name, as other readers expect."""

    def __init__(self, target: ExportTarget) -> None:
        optional("pyarrow.parquet", EXTRA)
        self._target = target
        self._splits: dict[str, _ParquetFile] = {}
        self._names = SplitNames()

    def add(
        self, split: str, message: Any, media: Sequence[tuple[str, bytes | Path]]
    ) -> WriteResult:
        """Write one input."""
        labels = labels_of(message.data)
        kind, content = media[0]
        folder, stem = self._names.of(split, message.id)
        name = file_name(stem, kind, content)
        body = content.read_bytes() if isinstance(content, Path) else content
        found: dict[str, Any] = {"input_type": kind, "text": None, "media": None}
        if kind == "text":
            found["text"] = body.decode("utf-8")
        else:
            found["media"] = {"bytes": body, "path": name}
        count = self._add_row(split, folder, message.id, labels, found, len(body))
        return WriteResult(len(body), count, further(media, labels.lost(*HELD)))

    def add_labels(self, split: str, message: Any) -> WriteResult:
        """Write the labels of an input whose media did not come: a row without any."""
        labels = labels_of(message.data)
        if not labels:
            return WriteResult()
        found = {"input_type": kind_of(message), "text": None, "media": None}
        folder = self._names.split(split)
        return WriteResult(0, self._add_row(split, folder, message.id, labels, found, 0))

    def _add_row(
        self,
        split: str,
        folder: str,
        input_id: str,
        labels: InputLabels,
        found: dict[str, Any],
        size: int,
    ) -> int:
        record = {**record_of(split, input_id, labels), **found}
        regions = record["regions"]
        record["regions"] = json.dumps(regions)
        record["metadata"] = None if labels.metadata is None else json.dumps(labels.metadata)
        if split not in self._splits:
            self._splits[split] = _ParquetFile(self._target.scratch / f"{folder}.parquet")
        self._splits[split].add(record, size)
        return len(labels.concepts) + len(regions)

    def finish(self) -> None:
        """Write the files."""
        for split in self._splits.values():
            split.close()
            self._target.add(split.path.name, split.path)


@attrs.define
class _ParquetFile:
    """The file of one split."""

    path: Path
    _rows: list[dict[str, Any]] = attrs.field(factory=list)
    _bytes: int = 0
    _writer: Any = None

    def add(self, row: dict[str, Any], size: int) -> None:
        self._rows.append(row)
        self._bytes += size
        if len(self._rows) >= GROUP_ROWS or self._bytes >= GROUP_BYTES:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        arrow, parquet = optional("pyarrow", EXTRA), optional("pyarrow.parquet", EXTRA)
        if self._writer is None:
            self._writer = parquet.ParquetWriter(str(self.path), _schema(arrow))
        if self._rows:
            table = arrow.Table.from_pylist(self._rows, schema=self._writer.schema)
            self._writer.write_table(table)
        self._rows, self._bytes = [], 0


def _schema(arrow: Any) -> object:
    text = arrow.string()
    return arrow.schema(
        [
            ("id", text),
            ("split", text),
            ("input_type", text),
            ("text", text),
            ("media", arrow.struct([("bytes", arrow.binary()), ("path", text)])),
            ("labels", arrow.list_(text)),
            ("regions", text),
            ("metadata", text),
            ("geo", arrow.list_(arrow.float64())),
        ]
    )
