"""Records of text: `id:`, `labels:`, then the text; blank lines between them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from clarifai_core.errors import UserError
from clarifai_datasets.upload.base import ClarifaiDataLoader
from clarifai_datasets.upload.features import TextFeatures


class FieldNotesLoader(ClarifaiDataLoader):
    """Texts with labels.

    A record with a fault raises when it is asked for: the upload reports it and goes on. With
    `strict` all faults are raised before anything is sent.
    """

    def __init__(self, source: str, *, strict: bool = False) -> None:
        """Say what to read; nothing is read yet.

        Args:
            source: The file, in UTF-8.
            strict: Whether to check the whole file first.
        """
        self._path = Path(source)
        self._strict = strict
        self._records: list[list[str]] = []

    @property
    def task(self) -> str:
        """What the items are."""
        return "text_classification"

    def load_data(self) -> None:
        """Read the file.

        Raises:
            UserError: There is no such file, or, with `strict`, it has faults.
        """
        if not self._path.is_file():
            raise UserError(f"There is no file {str(self._path)!r}.")
        text = self._path.read_text(encoding="utf-8-sig")
        self._records = [part.splitlines() for part in text.split("\n\n") if part.strip()]
        if self._strict:
            faults = [fault for index in range(len(self)) if (fault := self._fault(index))]
            if faults:
                raise UserError.listing(f"{len(faults)} faults in {str(self._path)!r}", faults)

    def __len__(self) -> int:
        return len(self._records)

    def __getitem__(self, index: int) -> Any:
        """Return one text with its labels."""
        if fault := self._fault(index):
            raise ValueError(fault)
        lines = [line for line in self._records[index] if line.strip()]
        labels: list[str | int] = [label.strip() for label in _value(lines[1]).split(",")]
        return TextFeatures(" ".join(lines[2:]), labels, id=_value(lines[0]))

    def _fault(self, index: int) -> str:
        lines = [line for line in self._records[index] if line.strip()]
        starts = [line.partition(":")[0] for line in lines[:2]]
        if starts != ["id", "labels"] or len(lines) < 3:
            return f"record {index + 1}: it must have id:, labels: and a text, in this order"
        return ""


def _value(line: str) -> str:
    return line.partition(":")[2].strip()
