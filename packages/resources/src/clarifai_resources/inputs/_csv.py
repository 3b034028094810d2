"""`Input` messages of the rows of a CSV file; all faults at once, each with its row and column.

What the file, its columns and its cells say is read by clarifai_inputs, as every reader does.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from clarifai_core.errors import FileError, UserError
from clarifai_core.heavy import resources_pb2
from clarifai_core.loggers import logger_for
from clarifai_core.safe_text import plain
from clarifai_core.wire.ids import new_id
from clarifai_inputs import csv_dialect
from clarifai_inputs.csv_columns import (
    COLUMNS,
    CellFault,
    Columns,
    TableRow,
    WrongColumns,
    columns_of,
    roles_in,
)
from clarifai_inputs.label_values import SEPARATORS
from clarifai_resources.inputs._builders import (
    FilePath,
    InputOptions,
    check_media_type,
    from_files,
    from_text,
    from_urls,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from clarifai_grpc.grpc.api import resources_pb2

CSV_TYPES = ("raw", "url", "file_path")
"""What the column `input` holds."""

MAX_FAULTS = 50
"""Faults that one error lists; more are only counted."""

_log = logger_for(__name__)

_WANTED = f"name the columns in the first line: {', '.join(COLUMNS)}; only input is needed"


@attrs.frozen
class CsvOptions:
    """How the rows of a file become inputs."""

    input_type: str
    csv_type: str
    dataset_id: str | None
    labels: bool
    columns: Mapping[str, str | None] | None = None
    """What columns are whose names do not say it."""
    label_separator: str = ","
    folder: Path = Path()
    """Where paths in the file are looked for besides the working directory."""


def inputs_of_csv(csv_path: FilePath, form: CsvOptions) -> list[resources_pb2.Input]:
    """Return an input for each row of a CSV file.

    The first line names the columns: `input`, and where wanted `inputid`, `concepts` (or `labels`;
    several in a cell with commas between, or a JSON list), `metadata` (JSON) and `geopoints`
    (longitude,latitude). Columns of other names have their roles in `form.columns`.

    Args:
        csv_path: A file that ends in `.csv`, in UTF-8, or in UTF-16 with a byte order mark.
        form: What the rows hold.

    Raises:
        UserError: The file, its columns or its cells are wrong; all faults, with row and column.
    """
    _check_form(csv_path, form)
    form = attrs.evolve(form, folder=Path(csv_path).parent)
    faults: list[str] = []
    inputs: list[resources_pb2.Input] = []
    for line, row in _rows(csv_path, faults, form):
        if row.missing:
            _log.warning("%s, row %d: %s is no label", csv_path, line, plain(row.missing))
        faults += [f"row {line}, column {one.column}: {one.why}" for one in _cell_faults(row)]
        try:
            inputs.append(_MAKERS[form.csv_type](row, form))
        except UserError as error:
            faults.append(f"row {line}, column input: {error}")
    faults += _doubled(inputs)
    if faults:
        shown = faults[:MAX_FAULTS]
        if len(faults) > MAX_FAULTS:
            shown.append(f"... and {len(faults) - MAX_FAULTS} more")
        raise UserError.listing(f"csv_path {str(csv_path)!r} has faults", shown)
    if not inputs:
        raise UserError(f"csv_path {str(csv_path)!r} has column names but no rows.")
    return inputs


def _check_form(csv_path: FilePath, form: CsvOptions) -> None:
    if form.csv_type not in CSV_TYPES:
        raise UserError(f"csv_type must be raw, url or file_path, got {form.csv_type!r}.")
    check_media_type(form.input_type)
    if form.csv_type == "raw" and form.input_type != "text":
        raise UserError(
            f"csv_type 'raw' holds texts; for input_type {form.input_type!r} use url or file_path."
        )
    if not isinstance(csv_path, (str, os.PathLike)) or Path(csv_path).suffix.lower() != ".csv":
        raise UserError(f"csv_path must be the path of a .csv file, got {csv_path!r}.")


def _rows(
    csv_path: FilePath, faults: list[str], form: CsvOptions
) -> Iterator[tuple[int, TableRow]]:
    """Yield the first line of each row, and what it says; rows of other widths are faults."""
    name = f"csv_path {str(csv_path)!r}"
    roles = _roles(form)
    try:
        with csv_dialect.open_csv(csv_path) as file:
            rows = csv_dialect.rows(file, names=roles)
            columns = _columns(next(rows, (0, []))[1], name, form, roles)
            for line, cells in rows:
                if len(cells) == columns.width:
                    yield line, columns.row(cells)
                else:
                    faults.append(f"row {line}: {_width_fault(cells, columns)}")
    except OSError as error:
        raise FileError.of(f"{name} cannot be read: {error.strerror}.", error) from error
    except UnicodeDecodeError as error:
        why = csv_dialect.undecodable(csv_path)
        raise UserError(f"{name} must be UTF-8 text: {why}.") from error
    except csv_dialect.NotCsv as error:
        raise UserError(f"{name}, row {error.line}: {plain(error)}.") from None


def _roles(form: CsvOptions) -> dict[str, str]:
    if form.label_separator not in (",", *SEPARATORS):
        raise UserError(f"label_separator must be one of , ; |, got {form.label_separator!r}.")
    try:
        return roles_in(form.columns)
    except ValueError as error:
        raise UserError(f"{error}.") from None


def _columns(header: list[str], name: str, form: CsvOptions, roles: dict[str, str]) -> Columns:
    if not header:
        raise UserError(f"{name} is empty; {_WANTED}.")
    try:
        return columns_of(
            header, with_labels=form.labels, roles=roles, separator=form.label_separator
        )
    except WrongColumns as error:
        raise UserError.listing(f"{name} has the wrong columns; {_WANTED}", error.faults) from None


def _width_fault(cells: list[str], columns: Columns) -> str:
    return (
        f"{len(cells)} cells for {columns.width} columns; put quotes around cells with commas, "
        "and leave blank cells where a row has nothing to say"
    )


def _cell_faults(row: TableRow) -> list[CellFault]:
    """Return what is wrong with a row, but for its input, which has its own words below."""
    return [fault for fault in row.faults if fault.column != "input"]


def _options(row: TableRow) -> InputOptions:
    made = InputOptions(labels=row.labels)
    if row.metadata is not None:
        made["metadata"] = row.metadata
    if row.place is not None:
        made["geo_info"] = row.place
    return made


def _text(row: TableRow, form: CsvOptions) -> resources_pb2.Input:
    return from_text(row.id or new_id(), row.input, form.dataset_id, _options(row))


def _url(row: TableRow, form: CsvOptions) -> resources_pb2.Input:
    urls = {form.input_type: row.input.strip()}
    return from_urls(row.id or new_id(), urls, form.dataset_id, _options(row))


def _file(row: TableRow, form: CsvOptions) -> resources_pb2.Input:
    files = {form.input_type: _found(row.input.strip(), form)}
    return from_files(row.id or new_id(), files, form.dataset_id, _options(row))


def _found(cell: str, form: CsvOptions) -> FilePath:
    """Return the path that a cell names: from the working directory, else beside the file."""
    beside = form.folder / cell
    return beside if cell and not Path(cell).exists() and beside.exists() else cell


_MAKERS: dict[str, Callable[[TableRow, CsvOptions], resources_pb2.Input]] = {
    "raw": _text,
    "url": _url,
    "file_path": _file,
}


def _doubled(inputs: list[resources_pb2.Input]) -> list[str]:
    counted = Counter(one.id for one in inputs)
    return [
        f"column inputid: {input_id!r} stands in {count} rows; ids must differ"
        for input_id, count in counted.items()
        if count > 1
    ]
