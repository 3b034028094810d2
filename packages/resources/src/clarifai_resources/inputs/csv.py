"""`Input` messages of the rows of a CSV file; all faults at once, each with its row and column."""

from __future__ import annotations

import ast
import csv
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import attrs

from clarifai_core.documents import DocumentError, read_json
from clarifai_core.errors import UserError
from clarifai_core.heavy import resources_pb2
from clarifai_core.safe_text import plain
from clarifai_core.wire.ids import new_id
from clarifai_core.wire.messages import nearest, struct
from clarifai_resources.inputs.builders import (
    FilePath,
    InputOptions,
    check_media_type,
    from_files,
    from_text,
    from_urls,
    place,
)

COLUMNS = ("inputid", "input", "concepts", "metadata", "geopoints")
"""Names that the first line may hold; only `input` is needed."""

ALIASES = {"labels": "concepts", "label": "concepts"}
"""Names that mean one of `COLUMNS`: the reference calls the second of two columns `labels`."""

CSV_TYPES = ("raw", "url", "file_path")
"""What the column `input` holds."""

MAX_CELL_CHARACTERS = 128 * 1024 * 1024
"""Of one cell; the platform takes no larger input."""

MAX_METADATA_CHARACTERS = 1024 * 1024
MAX_METADATA_DEPTH = 30
"""Levels of objects and lists; a third of what protobuf reads, where each level takes three."""

MAX_LITERAL_CHARACTERS = 100_000
"""Of a cell of metadata that is no JSON and is tried as Python's literal."""

MAX_NUMBER = sys.float_info.max

MAX_FAULTS = 50
"""Faults that one error lists; more are only counted."""


@attrs.frozen
class CsvForm:
    """How the rows of a file become inputs."""

    input_type: str
    csv_type: str
    dataset_id: str | None
    labels: bool
    folder: Path = Path()
    """Where paths in the file are looked for besides the working directory."""


def inputs_of_csv(csv_path: FilePath, form: CsvForm) -> list[resources_pb2.Input]:
    """Return an input for each row of a CSV file.

    The first line names the columns: `input`, and where wanted `inputid`, `concepts` (or `labels`;
    several in a cell with commas between), `metadata` (JSON) and `geopoints` (longitude,latitude).

    Args:
        csv_path: A UTF-8 file that ends in `.csv`; a byte order mark is no matter.
        form: What the rows hold.

    Raises:
        UserError: The file, its columns or its cells are wrong; all faults, with row and column.
    """
    _check_form(csv_path, form)
    form = attrs.evolve(form, folder=Path(csv_path).parent)
    faults: list[str] = []
    inputs: list[resources_pb2.Input] = []
    for row, cells in _rows(csv_path):
        made, wrong = _input(cells, form)
        faults += [f"row {row}, column {column}: {why}" for column, why in wrong]
        if made is not None:
            inputs.append(made)
    faults += _doubled(inputs)
    if faults:
        shown = faults[:MAX_FAULTS]
        if len(faults) > MAX_FAULTS:
            shown.append(f"... and {len(faults) - MAX_FAULTS} more")
        raise UserError.listing(f"csv_path {str(csv_path)!r} has faults", shown)
    if not inputs:
        raise UserError(f"csv_path {str(csv_path)!r} has column names but no rows.")
    return inputs


def _check_form(csv_path: FilePath, form: CsvForm) -> None:
    if form.csv_type not in CSV_TYPES:
        raise UserError(f"csv_type must be raw, url or file_path, got {form.csv_type!r}.")
    check_media_type(form.input_type)
    if form.csv_type == "raw" and form.input_type != "text":
        raise UserError(
            f"csv_type 'raw' holds texts; for input_type {form.input_type!r} use url or file_path."
        )
    if not isinstance(csv_path, (str, os.PathLike)) or Path(csv_path).suffix.lower() != ".csv":
        raise UserError(f"csv_path must be the path of a .csv file, got {csv_path!r}.")


def _rows(csv_path: FilePath) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (line number of the row's end, cells by column name)."""
    name = f"csv_path {str(csv_path)!r}"
    if csv.field_size_limit() < MAX_CELL_CHARACTERS:  # Python's own is 131,072, for the process
        csv.field_size_limit(MAX_CELL_CHARACTERS)
    try:
        with Path(csv_path).open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            columns = _columns(next(reader, []), name)
            for cells in reader:
                if not any(cell.strip() for cell in cells):
                    continue
                if len(cells) > len(columns):
                    raise UserError(
                        f"{name}, row {reader.line_num}: {len(cells)} cells for {len(columns)} "
                        f"columns ({', '.join(columns)}); put quotes around cells with commas."
                    )
                padded = [*cells, *[""] * (len(columns) - len(cells))]
                yield reader.line_num, dict(zip(columns, padded, strict=True))
    except OSError as error:
        raise UserError(f"{name} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{name} must be UTF-8 text; position {error.start} is not.") from error
    except csv.Error as error:
        raise UserError(f"{name}, row {reader.line_num}: {plain(error)}.") from None


def _columns(header: list[str], name: str) -> list[str]:
    wanted = f"name the columns in the first line: {', '.join(COLUMNS)}; only input is needed"
    if not any(cell.strip() for cell in header):
        raise UserError(f"{name} is empty; {wanted}.")
    named = [cell.strip().lower() for cell in header]
    columns = [ALIASES.get(cell, cell) for cell in named]
    faults = [
        f"column {cell!r}: unknown{nearest(cell, COLUMNS)}"
        for cell in named
        if ALIASES.get(cell, cell) not in COLUMNS
    ]
    faults += [f"column {cell!r}: twice" for cell, n in Counter(columns).items() if n > 1]
    if "input" not in columns:
        faults.append("column 'input': missing")
    if faults:
        raise UserError.listing(f"{name} has the wrong columns; {wanted}", faults)
    return columns


def _input(
    cells: Mapping[str, str], form: CsvForm
) -> tuple[resources_pb2.Input | None, list[tuple[str, str]]]:
    """Return the input of a row, and (column, what is wrong) of its faults."""
    faults = []
    options: dict[str, Any] = {}
    for column, (option, read) in _CELLS.items():
        cell = cells.get(column, "").strip()
        if not cell or (column == "concepts" and not form.labels):
            continue
        try:
            options[option] = read(cell)
        except UserError as error:
            faults.append((column, str(error)))
    input_id = cells.get("inputid", "").strip() or new_id()
    try:
        made = _MAKERS[form.csv_type](input_id, cells["input"], form, cast("InputOptions", options))
    except UserError as error:
        return None, [*faults, ("input", str(error))]
    return made, faults


def _found(cell: str, form: CsvForm) -> FilePath:
    """Return the path that a cell names: from the working directory, else beside the file."""
    beside = form.folder / cell
    return beside if cell and not Path(cell).exists() and beside.exists() else cell


def _labels(cell: str) -> list[str]:
    return [label.strip() for label in cell.split(",") if label.strip()]


def _metadata(cell: str) -> Any:
    if len(cell) > MAX_METADATA_CHARACTERS:
        raise UserError(f"must have {MAX_METADATA_CHARACTERS:,} characters at most.")
    try:
        value = read_json(cell, max_depth=MAX_METADATA_DEPTH)
    except DocumentError as error:
        if "nested" in str(error) or "digits" in str(error):
            raise UserError(f"must be a JSON object; {error}.") from None
        value = _python(cell)
    if not _is_finite(value):
        raise UserError("must be a JSON object; it holds a number that JSON has not.")
    if not isinstance(value, dict):
        raise UserError(f'must be a JSON object such as {{"k": 1}}, got {cell!r:.80}.')
    return struct(value)


def _python(cell: str) -> Any:
    """Return what a dict in Python's quotes says; None: it is none.

    The official SDK takes these too; an apostrophe inside a text must stay.
    """
    # What Python's parser makes of a text takes a hundred times as much, and in some versions it
    # dies of too many brackets.
    is_deep = sum(map(cell.count, "([{")) > MAX_METADATA_DEPTH
    if is_deep or len(cell) > MAX_LITERAL_CHARACTERS:
        return None
    try:
        return ast.literal_eval(cell)
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return None


def _is_finite(value: Any) -> bool:
    if isinstance(value, (dict, list, tuple)):
        return all(map(_is_finite, value.values() if isinstance(value, dict) else value))
    return not isinstance(value, (float, int)) or abs(value) <= MAX_NUMBER


def _geo(cell: str) -> list[float]:
    try:
        pair = [float(part) for part in cell.split(",")]
    except ValueError:
        pair = []
    if len(pair) != 2:
        raise UserError(f"must be longitude,latitude in degrees, got {cell!r:.80}.")
    place(pair)
    return pair


_CELLS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "concepts": ("labels", _labels),
    "metadata": ("metadata", _metadata),
    "geopoints": ("geo_info", _geo),
}

_Maker = Callable[[str, str, CsvForm, InputOptions], resources_pb2.Input]

_MAKERS: dict[str, _Maker] = {
    "raw": lambda input_id, cell, form, options: from_text(
        input_id, cell, form.dataset_id, options
    ),
    "url": lambda input_id, cell, form, options: from_urls(
        input_id, {form.input_type: cell.strip()}, form.dataset_id, options
    ),
    "file_path": lambda input_id, cell, form, options: from_files(
        input_id, {form.input_type: _found(cell.strip(), form)}, form.dataset_id, options
    ),
}


def _doubled(inputs: list[resources_pb2.Input]) -> list[str]:
    counted = Counter(one.id for one in inputs)
    return [
        f"column inputid: {input_id!r} stands in {count} rows; ids must differ"
        for input_id, count in counted.items()
        if count > 1
    ]
