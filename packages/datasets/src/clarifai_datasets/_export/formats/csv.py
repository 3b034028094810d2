"""CSV: a file for each split and kind of input, as `upload_from_csv` takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TextIO

from clarifai_core.contracts import WriteResult
from clarifai_datasets._export.formats.labels import labels_of
from clarifai_datasets._export.formats.media import SplitNames, add_media, further
from clarifai_inputs import csv_dialect
from clarifai_inputs.csv_cells import labels_cell, metadata_cell, place_cell
from clarifai_inputs.csv_columns import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from clarifai_core.contracts import ExportTarget


class CsvExporter:
    """`<split>-text.csv` with the texts themselves; `<split>-image.csv` and so on with file names.

    CSV holds labels of whole inputs only, no boxes or polygons.
    """

    def __init__(self, target: ExportTarget) -> None:
        self._target = target
        self._files: dict[str, TextIO] = {}
        self._names = SplitNames()

    def add(
        self, split: str, message: Any, media: Sequence[tuple[str, bytes | Path]]
    ) -> WriteResult:
        """Write one input."""
        labels = labels_of(message.data)
        lost = further(media, labels.lost("concepts", "metadata", "geo"))
        kind, content = media[0]
        if kind == "text" and isinstance(content, bytes):
            cell, size = content.decode("utf-8"), len(content)
        else:
            stem = "/".join(self._names.of(split, message.id))
            (cell,), size = add_media(self._target, f"inputs/{stem}", [(kind, content)])
        row = (
            message.id,
            cell,
            labels_cell(labels.concepts),
            metadata_cell(labels.metadata),
            place_cell(labels.geo),
        )
        csv_dialect.writer(self._file(f"{self._names.split(split)}-{kind}.csv")).writerow(row)
        return WriteResult(size, len(labels.concepts), lost)

    def finish(self) -> None:
        """Write the files."""
        for name, file in self._files.items():
            file.close()
            self._target.add(name, self._target.scratch / name)

    def _file(self, name: str) -> TextIO:
        if name not in self._files:
            path = self._target.scratch / name
            self._files[name] = file = path.open("w", encoding="utf-8", newline="")
            csv_dialect.writer(file).writerow(COLUMNS)
        return self._files[name]
