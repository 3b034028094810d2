"""Reads a CSV file with a text, or the path of a file, and a label in every row."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from clarifai_cli.demo.folders import ENDINGS, check_files, kind_of
from clarifai_cli.demo.samples import LabelledData, Sample, check_counts
from clarifai_core.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

COLUMNS = ("inputid", "input", "labels", "metadata", "geopoints")
"""What `Dataset.upload_from_csv` reads; the demo needs `input` and `labels`."""

LABEL_NAMES = ("labels", "label", "concepts")
"""Names of the column with the labels."""

MAX_FAULTS = 20
"""Faults that one error lists; more are only counted."""


def read_table(path: Path, title: str = "") -> LabelledData:
    """Return the samples of a CSV file.

    Args:
        path: A UTF-8 file. Cells of `input` that all end like image or text files are paths,
            relative ones to the folder of the CSV file.
        title: What to call the data; else the file's name.

    Raises:
        UserError: The columns or cells are wrong, or nothing can be learned from them.
    """
    origin = str(path)
    rows = list(_rows(path))
    if not rows:
        raise UserError(f"--data {origin!r} has no rows below its column names.")
    _check_cells(origin, rows)
    check_counts(origin, Counter(label for _, _, label in rows))
    title = title or path.name
    if not all(_looks_like_a_path(cell) for _, cell, _ in rows):
        samples = tuple(Sample(label, cell) for _, cell, label in rows)
        return LabelledData(title, "text", samples, "raw")
    files = _files(path, rows)
    kind = kind_of(origin, files)
    check_files(files, kind)
    samples = tuple(Sample(row[2], file) for row, file in zip(rows, files, strict=True))
    return LabelledData(title, kind, samples, "file_path")


def _rows(path: Path) -> Iterator[tuple[int, str, str]]:
    """Yield line number, input and label."""
    origin = f"--data {str(path)!r}"
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            header = [cell.strip().lower() for cell in next(reader, [])]
            label_name = _check_header(origin, header)
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    if len(cells) != len(header):
                        raise UserError(
                            f"{origin}, line {reader.line_num}: {len(cells)} cells for "
                            f"{len(header)} columns; put quotes around cells with commas."
                        )
                    row = dict(zip(header, cells, strict=True))
                    yield reader.line_num, row["input"].strip(), row[label_name].strip()
    except OSError as error:
        raise UserError(f"{origin} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{origin} is not UTF-8 text.") from error
    except csv.Error as error:
        raise UserError(f"{origin}, line {reader.line_num}: it is no CSV: {error}.") from None


def _check_header(origin: str, header: list[str]) -> str:
    wanted = "the first line must be: input,labels"
    if not any(header):
        raise UserError(f"{origin} is empty: {wanted}.")
    named = [name for name in LABEL_NAMES if name in header]
    unknown = [name for name in header if name not in (*COLUMNS, *LABEL_NAMES)]
    if "input" not in header or len(named) != 1 or unknown or len(set(header)) < len(header):
        raise UserError(f"{origin} has the columns {','.join(header)}: {wanted}.")
    return named[0]


def _check_cells(origin: str, rows: list[tuple[int, str, str]]) -> None:
    faults = [f"line {line}: {fault}" for line, *cells in rows if (fault := _fault(*cells))]
    if faults:
        more = [f"... and {len(faults) - MAX_FAULTS} more"] if len(faults) > MAX_FAULTS else []
        raise UserError.listing(f"--data {origin!r} has faults", [*faults[:MAX_FAULTS], *more])


def _fault(cell: str, label: str) -> str:
    if not cell:
        return "the input is empty"
    if cell.startswith(("http://", "https://")):
        return f"{cell!r} is a URL; the demo takes texts and files"
    if not label:
        return "the label is empty"
    return f"{label!r} are several labels; the demo takes one each" if "," in label else ""


def _looks_like_a_path(cell: str) -> bool:
    return Path(cell).suffix.lower() in ENDINGS and "\n" not in cell


def _files(path: Path, rows: list[tuple[int, str, str]]) -> list[Path]:
    files = [path.resolve().parent / Path(cell).expanduser() for _, cell, _ in rows]
    missing = [
        f"line {row[0]}: there is no file {row[1]!r}"
        for row, file in zip(rows, files, strict=True)
        if not file.is_file()
    ]
    if missing:
        raise UserError.listing(f"--data {str(path)!r} names missing files", missing[:MAX_FAULTS])
    return files
