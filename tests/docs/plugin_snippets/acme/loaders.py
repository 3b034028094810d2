"""A dataset loader."""

# --8<-- [start:loader]
from __future__ import annotations

import csv
from pathlib import Path

from clarifai_datasets.upload.base import ClarifaiDataLoader
from clarifai_datasets.upload.features import TextFeatures


class TsvLoader(ClarifaiDataLoader):
    """Lines of `label<TAB>text`."""

    def __init__(self, source: str) -> None:
        self.source = Path(source)
        self.rows: list[list[str]] = []

    @property
    def task(self) -> str:
        return "text_classification"

    def load_data(self) -> None:
        with self.source.open(encoding="utf-8", newline="") as file:
            self.rows = list(csv.reader(file, delimiter="\t"))

    def __getitem__(self, index: int) -> TextFeatures:
        label, text = self.rows[index]
        return TextFeatures(text=text, labels=[label], id=f"{self.source.stem}-{index}")

    def __len__(self) -> int:
        return len(self.rows)


# --8<-- [end:loader]
