"""Lays samples out on disk as `upload_from_folder` and `upload_from_csv` want them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from clarifai_inputs import csv_dialect
from clarifai_inputs.csv_cells import labels_cell
from clarifai_inputs.csv_columns import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clarifai_cli._demo.samples import Kind, Layout, Sample


@attrs.frozen
class StagedUpload:
    """One call of an upload method of a dataset."""

    method: str
    """`"upload_from_folder"` or `"upload_from_csv"`."""
    path: Path
    options: Mapping[str, object]


def stage(
    samples: Sequence[Sample], kind: Kind, layout: Layout, name: str, folder: Path
) -> StagedUpload:
    """Lay samples out, and return the call that uploads them.

    The name of the dataset becomes a part of each input's id, so that equal file names in different
    folders, and equal rows in different files, do not meet.

    Args:
        samples: What to upload.
        kind: What they are.
        layout: Files are linked into a folder per label, or named in a CSV file; texts stand in it.
        name: Of the dataset.
        folder: Where to write.
    """
    if layout == "folder":
        return _folders(samples, kind, name, folder)
    path = folder / f"{name}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv_dialect.writer(file)
        writer.writerow(COLUMNS[:3])
        for number, sample in enumerate(samples):
            writer.writerow([f"{name}-{number:05}", sample.content, labels_cell([sample.label])])
    options = {"input_type": kind, "csv_type": layout, "labels": True}
    return StagedUpload("upload_from_csv", path, options)


def _folders(samples: Sequence[Sample], kind: Kind, name: str, folder: Path) -> StagedUpload:
    for number, sample in enumerate(samples):
        directory = folder / name / sample.label
        directory.mkdir(parents=True, exist_ok=True)
        content = Path(sample.content)
        _link(content, directory / f"{name}-{number:05}-{_plain(content.stem)}{content.suffix}")
    # What is staged are links to the user's own pictures, wherever they lie.
    options = {"input_type": kind, "labels": True, "allow_outside": True}
    return StagedUpload("upload_from_folder", folder / name, options)


def _plain(stem: str) -> str:
    return "".join(c if c.isalnum() and c.isascii() else "-" for c in stem)[:32].strip("-") or "x"


def _link(source: Path, destination: Path) -> None:
    try:
        destination.symlink_to(source.resolve())
    except OSError:  # Windows lets few users make links
        shutil.copyfile(source, destination)
