"""A CSV file of texts, URLs or file names.

The file is read twice: once to find everything that is wrong with it before anything is sent, once
to send it. In between only the place of each row is kept, so that memory does not grow with texts.
"""

from __future__ import annotations

import ast
import csv
import hashlib
import json
from array import array
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import attrs

from clarifai.core.errors import UserError
from clarifai.datasets.upload.base import ClarifaiDataLoader
from clarifai.datasets.upload.features import (
    MediaFeatures,
    TextFeatures,
    VisualClassificationFeatures,
)
from clarifai.datasets.upload.loader import BrokenItem, describe

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

INPUT_TYPES = ("text", "image", "video", "audio")
"""What the rows can be."""

CSV_TYPES = ("raw", "url", "file_path")
"""What the column `input` can hold."""

MAX_LISTED_FAULTS = 50
"""Faults that an error spells out; the others are counted."""

MAX_CELL_CHARACTERS = 20_000_000
"""The platform's limit for one text; Python's own limit for a cell is far below it."""

_COLUMNS = {
    "inputid": ("inputid", "input_id", "id"),
    "input": ("input",),
    "concepts": ("concepts", "labels", "label", "concept"),
    "metadata": ("metadata",),
    "geopoints": ("geopoints", "geopoint", "geo"),
}
"""Column -> the headings it may have, in small letters."""

_EXPECTED = "input, and optionally inputid, concepts (or labels), metadata, geopoints"
_TASKS = {"text": "text_classification", "image": "visual_classification"}


class _Row(NamedTuple):
    """One row, read and checked."""

    input: str
    id: str
    labels: list[str | int]
    metadata: dict[str, Any] | None
    geo_info: list[float] | None


class CsvLoader(ClarifaiDataLoader):
    """Rows of a CSV file with the columns `input` and, if wanted, `inputid`, `concepts` (or
    `labels`), `metadata` and `geopoints`.

    `concepts` holds labels with commas between them, or a JSON list; `metadata` a JSON object;
    `geopoints` a longitude and a latitude with a comma between them. Rows without id get one that
    follows from their input, so that it is the same in every run.
    """  # noqa: D205

    def __init__(
        self,
        source: str | os.PathLike[str],
        input_type: str = "text",
        csv_type: str = "raw",
        labels: bool = True,
        id_seed: str = "",
        *,
        strict: bool = True,
    ) -> None:
        """Say what to read; nothing is read yet.

        Args:
            source: The CSV file, in UTF-8 with or without byte order mark.
            input_type: `"text"`, `"image"`, `"video"` or `"audio"`.
            csv_type: What the column `input` holds: `"raw"` text, `"url"` or `"file_path"`.
            labels: Whether to read the column of labels.
            id_seed: Goes into the ids of rows that have none: the dataset's id.
            strict: Whether faults in rows are raised, all in one error; otherwise these rows are
                reported as failed and the others go on.

        Raises:
            UserError: An argument is wrong.
        """
        self._path = Path(source)
        self._input_type = _one_of("input_type", input_type, INPUT_TYPES)
        self._csv_type = _one_of("csv_type", csv_type, CSV_TYPES)
        if csv_type == "raw" and input_type != "text":
            raise UserError(f"csv_type 'raw' is for text; for {input_type} it is url or file_path.")
        if self._path.suffix.lower() != ".csv":
            raise UserError(f"csv_path must name a .csv file, got {str(source)!r}.")
        self._with_labels = labels
        self._id_seed = id_seed
        self._columns: dict[str, int] = {}
        self._width = self._at_input = 0
        self._at_labels: list[int] = []
        self._at_parsed: list[int] = []
        self._offsets = array("Q")
        self._repeats: dict[int, int] = {}
        self._strict = strict
        self._broken: dict[int, str] = {}

    @property
    def task(self) -> str:
        """What the items are."""
        return _TASKS.get(self._input_type, "media_classification")

    def load_data(self) -> None:
        """Check the whole file.

        Raises:
            UserError: It cannot be read, or has faults: all of them, with their rows.
        """
        csv.field_size_limit(max(csv.field_size_limit(), MAX_CELL_CHARACTERS))
        try:
            with self._path.open("rb") as file:
                self._check(file)
        except OSError as error:
            raise UserError(f"csv_path {str(self._path)!r}: {describe(error)}.") from error

    def __len__(self) -> int:
        return len(self._offsets)

    def __getitem__(self, index: int) -> Any:
        """Return the features of one row."""
        if not 0 <= index < len(self._offsets):
            raise IndexError(index)
        if index in self._broken:
            return BrokenItem(self._broken[index])
        with self._path.open("rb") as file:
            file.seek(self._offsets[index])
            cells = next(csv.reader(_Lines(file)))
        return self._features(self._parse(cells), index)

    def stream(self) -> Iterator[Any]:
        """Yield the features of all rows, reading the file once."""
        if not self._offsets:
            return
        with self._path.open("rb") as file:
            file.seek(self._offsets[0])
            rows = (cells for cells in csv.reader(_Lines(file)) if cells)
            for index, cells in zip(range(len(self._offsets)), rows, strict=False):
                if index in self._broken:
                    yield BrokenItem(self._broken[index])
                else:
                    yield self._features(self._parse(cells), index)

    def _check(self, file: BinaryIO) -> None:
        lines = _Lines(file)
        reader = csv.reader(lines)
        faults = _Faults()
        self._offsets, self._repeats, self._broken = array("Q"), {}, {}
        try:
            self._read_header(next(reader, []))
            self._check_rows(reader, lines, faults)
        except UnicodeDecodeError as error:
            faults.add(reader.line_num + 1, f"not UTF-8: {error.reason}; save it as UTF-8")
        except csv.Error as error:
            faults.add(reader.line_num, str(error))
        faults.raise_for(self._path)
        if not self._offsets:
            raise UserError(f"csv_path {str(self._path)!r} has no rows below its header.")

    def _check_rows(self, reader: Any, lines: _Lines, faults: _Faults) -> None:
        seen: set[int] = set()
        start, line_number = lines.offset, reader.line_num + 1
        for cells in reader:
            if cells:
                self._check_row(cells, line_number, seen, faults)
                self._offsets.append(start)
            start, line_number = lines.offset, reader.line_num + 1

    def _check_row(self, cells: list[str], line: int, seen: set[int], faults: _Faults) -> None:
        try:
            if not self._is_plain(cells):
                self._parse(cells)
            text = cells[self._at_input]
            self._check_input(text)
        except ValueError as error:
            self._note(line, str(error), faults)
            return
        own = self._cell(cells, "inputid").strip()
        key = hash(own or text)
        if key not in seen:
            seen.add(key)
        elif own:
            self._note(line, f"inputid {own!r} is there twice", faults)
        else:
            self._repeats[len(self._offsets)] = line

    def _is_plain(self, cells: list[str]) -> bool:
        """Return whether a row is right at a glance: nothing in it has to be read to know."""
        if len(cells) != self._width or not cells[self._at_input].strip():
            return False
        return not any(cells[at] for at in self._at_parsed) and not any(
            cells[at].lstrip().startswith("[") for at in self._at_labels
        )

    def _note(self, line: int, reason: str, faults: _Faults) -> None:
        if self._strict:
            faults.add(line, reason)
        else:
            self._broken[len(self._offsets)] = f"{self._path}: row {line}: {reason}"

    def _read_header(self, header: list[str]) -> None:
        found = {name.strip().lower(): at for at, name in reversed(list(enumerate(header)))}
        columns = {
            column: found[name]
            for column, names in _COLUMNS.items()
            for name in names[:1] + tuple(n for n in names[1:] if names[0] not in found)
            if name in found
        }
        shown = ", ".join(header) if header else "nothing"
        if "input" not in columns:
            raise UserError(
                f"csv_path {str(self._path)!r} has the header: {shown}. "
                f"Expected are the columns {_EXPECTED}."
            )
        if self._with_labels and "concepts" not in columns:
            raise UserError(
                f"csv_path {str(self._path)!r} has no column of labels (concepts or labels) in its "
                f"header: {shown}. Give labels=False to upload it without."
            )
        self._columns, self._width = columns, len(header)
        self._at_input = columns["input"]
        self._at_labels = [columns["concepts"]] if self._with_labels else []
        self._at_parsed = [columns[name] for name in ("metadata", "geopoints") if name in columns]

    def _parse(self, cells: list[str]) -> _Row:
        if len(cells) != self._width:
            raise ValueError(f"{len(cells)} cells where the header has {self._width}")
        text = cells[self._at_input]
        if not text.strip():
            raise ValueError("input is empty")
        labels = _labels(cells[self._at_labels[0]]) if self._at_labels else []
        own = self._cell(cells, "inputid").strip()
        if not any(cells[at] for at in self._at_parsed):
            return _Row(text, own, labels, None, None)
        metadata = _metadata(self._cell(cells, "metadata"))
        return _Row(text, own, labels, metadata, _geo_info(self._cell(cells, "geopoints")))

    def _cell(self, cells: list[str], column: str) -> str:
        at = self._columns.get(column)
        return "" if at is None else cells[at]

    def _check_input(self, value: str) -> None:
        if self._csv_type == "url" and "://" not in value:
            raise ValueError(f"input {value[:80]!r} is no URL")
        if self._csv_type == "file_path" and not self._find(value).is_file():
            raise ValueError(f"input {value[:200]!r}: no such file")

    def _find(self, value: str) -> Path:
        """Return the file that a cell names, from here or from where the CSV file lies."""
        path = Path(value.strip())
        beside = self._path.parent / path
        return beside if not path.exists() and beside.exists() else path

    def _features(self, row: _Row, index: int) -> Any:
        item_id = row.id or self._made_id(row.input, index)
        labels, metadata, geo = row.labels, row.metadata, row.geo_info
        if self._csv_type == "raw" and geo is None:
            return TextFeatures(row.input, labels, item_id, metadata)
        if self._csv_type == "raw":
            return _GeoTextFeatures(row.input, labels, item_id, metadata, geo)
        if self._csv_type == "url":
            url = row.input.strip()
            return MediaFeatures(
                self._input_type, labels, url=url, geo_info=geo, id=item_id, metadata=metadata
            )
        path = str(self._find(row.input))
        if self._input_type == "image":
            return VisualClassificationFeatures(path, labels, geo, item_id, metadata)
        return MediaFeatures(
            self._input_type, labels, path=path, geo_info=geo, id=item_id, metadata=metadata
        )

    def _made_id(self, value: str, index: int) -> str:
        """Return an id that follows from the input; the row's number tells equal inputs apart."""
        repeat = f"{index}" if index in self._repeats else ""
        seed = f"{self._id_seed}\0{repeat}\0{value}".encode()
        return hashlib.blake2b(seed, digest_size=16).hexdigest()


@attrs.define
class _GeoTextFeatures(TextFeatures):
    """A text with a place, which the documented features of a text have not."""

    geo_info: list[float] | None = None


class _Lines:
    """The lines of a file as text, and how far it has been read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.offset = file.tell()

    def __iter__(self) -> Iterator[str]:
        for line in self._file:
            encoding = "utf-8" if self.offset else "utf-8-sig"
            self.offset += len(line)
            yield line.decode(encoding)


class _Faults:
    """What is wrong with a file, row by row."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._count = 0

    def add(self, line: int, reason: str) -> None:
        self._count += 1
        if self._count <= MAX_LISTED_FAULTS:
            self._lines.append(f"row {line}: {reason}")

    def raise_for(self, path: Path) -> None:
        more = self._count - len(self._lines)
        if more:
            self._lines.append(f"and {more:,} more")
        if self._lines:
            faults = "1 fault" if self._count == 1 else f"{self._count:,} faults"
            raise UserError.listing(f"{faults} in csv_path {str(path)!r}", self._lines)


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise UserError(f"{name} must be one of {', '.join(allowed)}, got {value!r}.")
    return value


def _labels(cell: str) -> list[str | int]:
    text = cell.strip()
    if text.startswith("["):
        found = [str(one) for one in _literal(text, "concepts", list)]
    elif "," not in text:
        return [text] if text else []
    else:
        found = text.split(",")
    return [label for label in map(str.strip, found) if label]


def _metadata(cell: str) -> dict[str, Any] | None:
    return _literal(cell.strip(), "metadata", dict) if cell.strip() else None


def _literal(text: str, column: str, kind: type[Any]) -> Any:
    """Return the list or dict that a cell holds as JSON, or as Python prints it."""
    try:
        value = json.loads(text)
    except ValueError:
        try:
            value = ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            value = None
    if not isinstance(value, kind):
        name = "object" if kind is dict else "list"
        raise ValueError(f"{column} {text[:80]!r} is no JSON {name}")  # noqa: TRY004 - of a cell
    return value


def _geo_info(cell: str) -> list[float] | None:
    if not cell.strip():
        return None
    try:
        longitude, latitude = (float(part) for part in cell.strip().strip("[]()").split(","))
    except ValueError:
        raise ValueError(f"geopoints {cell!r} is not 'longitude,latitude'") from None
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise ValueError(f"geopoints {cell!r} is outside -180..180, -90..90")
    return [longitude, latitude]
