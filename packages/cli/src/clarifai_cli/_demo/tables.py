"""Reads a CSV file with a text, or the path of a file, and a label in every row."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from clarifai_cli._demo.folders import KINDS, check_files, kind_of
from clarifai_cli._demo.samples import LabelledData, Sample, check_counts
from clarifai_core.errors import FileError, UserError
from clarifai_inputs import csv_dialect, texts
from clarifai_inputs.csv_columns import Columns, TableRow, WrongColumns, columns_of
from clarifai_inputs.media import kind_of_name

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_FAULTS = 20
"""Faults that one error lists; more are only counted."""


def read_table(path: Path, title: str = "") -> LabelledData:
    """Return the samples of a CSV file.

    Args:
        path: A CSV file, as `Dataset.upload_from_csv` reads it. Cells of `input` that all end like
            image or text files are paths, relative ones to the folder of the CSV file.
        title: What to call the data; else the file's name.

    Raises:
        UserError: The columns or cells are wrong, or nothing can be learned from them.
    """
    origin = str(path)
    found = list(_rows(path))
    if not found:
        raise UserError(f"--data {origin!r} has no rows below its column names.")
    _check_cells(origin, found)
    rows = [(line, row.input, row.labels[0]) for line, row in found]
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


def _rows(path: Path) -> Iterator[tuple[int, TableRow]]:
    """Yield the first line of each row, and what it says."""
    origin = f"--data {str(path)!r}"
    try:
        with csv_dialect.open_csv(path) as file:
            rows = csv_dialect.rows(file)
            columns = _columns(origin, next(rows, (0, []))[1])
            for line, cells in rows:
                if len(cells) != columns.width:
                    raise UserError(
                        f"{origin}, line {line}: {len(cells)} cells for {columns.width} columns; "
                        "put quotes around cells with commas."
                    )
                yield line, columns.row(cells)
    except OSError as error:
        raise FileError.of(f"{origin} cannot be read: {error.strerror}.", error) from error
    except UnicodeDecodeError as error:
        raise UserError(f"{origin} is not UTF-8 text: {texts.fault_of(error)}.") from error
    except csv_dialect.NotCsv as error:
        raise UserError(f"{origin}, line {error.line}: it is no CSV: {error}.") from None


def _columns(origin: str, header: list[str]) -> Columns:
    wanted = "the first line must be: input,labels"
    if not header:
        raise UserError(f"{origin} is empty: {wanted}.")
    shown = ",".join(cell.strip().lower() for cell in header)
    try:
        columns = columns_of(header)
    except WrongColumns as error:
        raise UserError(f"{origin} has the columns {shown}: {wanted}; {error}.") from None
    if columns.at_labels < 0:
        raise UserError(f"{origin} has the columns {shown}: {wanted}.")
    return columns


def _check_cells(origin: str, rows: list[tuple[int, TableRow]]) -> None:
    faults = [f"line {line}: {fault}" for line, row in rows if (fault := _fault(row))]
    if faults:
        more = [f"... and {len(faults) - MAX_FAULTS} more"] if len(faults) > MAX_FAULTS else []
        raise UserError.listing(f"--data {origin!r} has faults", [*faults[:MAX_FAULTS], *more])


def _fault(row: TableRow) -> str:
    if not row.input.strip():
        return "the input is empty"
    if row.input.startswith(("http://", "https://")):
        return f"{row.input!r} is a URL; the demo takes texts and files"
    if row.faults:
        return str(row.faults[0])
    if not row.labels:
        return "the label is empty"
    several = len(row.labels) > 1
    return (
        f"{','.join(row.labels)!r} are several labels; the demo takes one each" if several else ""
    )


def _looks_like_a_path(cell: str) -> bool:
    return bool(kind_of_name(cell.strip(), KINDS)) and "\n" not in cell.strip()


def _files(path: Path, rows: list[tuple[int, str, str]]) -> list[Path]:
    files = [path.resolve().parent / Path(cell.strip()).expanduser() for _, cell, _ in rows]
    missing = [
        f"line {row[0]}: there is no file {row[1]!r}"
        for row, file in zip(rows, files, strict=True)
        if not file.is_file()
    ]
    if missing:
        raise UserError.listing(f"--data {str(path)!r} names missing files", missing[:MAX_FAULTS])
    return files
