"""A CSV file of texts, URLs or file names.

The file is read twice: once to find everything that is wrong with it before anything is sent, once
to send it. In between only the places of blocks of rows are kept, so that memory does not grow with
texts. Blocks whose rows are right at a glance, as nearly all are, are not looked at row by row.
"""

from __future__ import annotations

import ast
import csv
import hashlib
import io
import json
from bisect import bisect_right
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
from clarifai.datasets.upload.loaders.csv_blocks import Block, Repeats, RowError, blocks

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


class _Place(NamedTuple):
    """Where a block begins."""

    row: int
    """Rows before it, the header not counted."""
    offset: int
    line: int
    skip: int
    """Rows in it that are the header."""
    is_plain: bool
    """Whether its rows are texts without anything that has to be parsed."""


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
        self._count = 0
        self._places: list[_Place] = []
        self._repeats: set[int] = set()
        self._strict = strict
        self._broken: dict[int, str] = {}
        self._last: tuple[_Place, Block] | None = None

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
        return self._count

    def __getitem__(self, index: int) -> Any:
        """Return the features of one row."""
        if not 0 <= index < self._count:
            raise IndexError(index)
        place, block = self._block_of(index)
        return self._item(block.rows[index - place.row], index)

    def stream(self) -> Iterator[Any]:
        """Yield the features of all rows, reading the file once.

        Raises:
            UserError: The file has been changed since it was checked.
        """
        index = 0
        with self._path.open("rb") as file:
            for place, block in zip(self._places, blocks(file), strict=False):
                rows = block.rows[place.skip :]
                if place.row != index or place.offset != block.offset:
                    break
                plain = place.is_plain and not self._broken
                if plain and set(map(len, rows)) == {self._width}:
                    yield from self._texts(rows, index)
                else:
                    yield from self._each(rows, index)
                index += len(rows)
        if index != self._count:
            raise UserError(f"csv_path {str(self._path)!r} was changed while it was uploaded.")

    def _texts(self, rows: list[list[str]], index: int) -> Iterator[TextFeatures]:
        """Yield the features of plain rows of text."""
        at_input, at_id = self._at_input, self._columns.get("inputid")
        at_labels = self._at_labels[0] if self._at_labels else -1
        for number, cells in enumerate(rows, index):
            text = cells[at_input]
            own = "" if at_id is None else cells[at_id].strip()
            label = cells[at_labels] if at_labels >= 0 else ""
            labels: list[str | int] = [label] if label.isalnum() else _labels(label)
            yield TextFeatures(text, labels, own or self._made_id(text, number))

    def _each(self, rows: list[list[str]], index: int) -> Iterator[Any]:
        for number, cells in enumerate(rows, index):
            yield self._item(cells, number)

    def _item(self, cells: list[str], index: int) -> Any:
        if index in self._broken:
            return BrokenItem(self._broken[index])
        try:
            return self._features(self._parse(cells), index)
        except ValueError as error:  # it was right when it was checked
            return BrokenItem(f"{self._path}: row {index + 2} was changed meanwhile: {error}")

    def _block_of(self, index: int) -> tuple[_Place, Block]:
        """Return the block of a row; the last one is kept, as the next row is in it, too."""
        place = self._places[bisect_right(self._places, index, key=lambda one: one.row) - 1]
        if self._last is None or self._last[0] is not place:
            with self._path.open("rb") as file:
                block = next(blocks(file, place.offset, place.line))
            self._last = place, attrs.evolve(block, rows=block.rows[place.skip :])
        return self._last

    def _check(self, file: BinaryIO) -> None:
        faults, repeats = _Faults(), Repeats()
        self._count, self._places, self._repeats, self._broken = 0, [], set(), {}
        skip = 1
        try:
            for block in blocks(file):
                if skip:
                    self._read_header(next(csv.reader(io.StringIO(block.text, newline=""))))
                rows = block.rows[skip:]
                is_plain = self._csv_type == "raw" and self._are_plain(rows)
                self._places.append(_Place(self._count, block.offset, block.line, skip, is_plain))
                if not is_plain:
                    self._check_rows(block, rows, skip, faults)
                repeats.add(self._keys(rows))
                self._count += len(rows)
                skip = 0
        except RowError as error:
            faults.add(error.line, str(error))
            if skip:
                faults.raise_for(self._path)
        if skip:
            self._read_header([])
        self._note_repeats(repeats.found(), faults)
        faults.raise_for(self._path)
        if not self._count:
            raise UserError(f"csv_path {str(self._path)!r} has no rows below its header.")

    def _check_rows(self, block: Block, rows: list[list[str]], skip: int, faults: _Faults) -> None:
        for number, (cells, line) in enumerate(zip(rows, block.lines()[skip:], strict=True)):
            self._check_row(cells, self._count + number, line, faults)

    def _keys(self, rows: list[list[str]]) -> list[str]:
        """Return what tells the rows apart: their ids, or their inputs."""
        at_input, at_id = self._at_input, self._columns.get("inputid")
        if at_id is None:
            return [cells[at_input] if len(cells) > at_input else "" for cells in rows]
        return [
            cells[at_id].strip() or cells[at_input] if len(cells) == self._width else ""
            for cells in rows
        ]

    def _note_repeats(self, repeated: list[int], faults: _Faults) -> None:
        for index in repeated:
            if index in self._broken:
                continue
            place, block = self._block_of(index)
            cells = block.rows[index - place.row]
            own = self._cell(cells, "inputid").strip() if len(cells) == self._width else ""
            if own:
                line = block.lines()[place.skip + index - place.row]
                self._note(index, line, f"inputid {own!r} is there twice", faults)
            else:
                self._repeats.add(index)

    def _check_row(self, cells: list[str], index: int, line: int, faults: _Faults) -> None:
        try:
            self._parse(cells)
            self._check_input(cells[self._at_input])
        except ValueError as error:
            self._note(index, line, str(error), faults)

    def _are_plain(self, rows: list[list[str]]) -> bool:
        """Return whether rows are right at a glance: nothing in them has to be read to know."""
        if set(map(len, rows)) != {self._width}:
            return not rows
        columns = list(zip(*rows, strict=True))
        return (
            all(map(str.strip, columns[self._at_input]))
            and not any(any(columns[at]) for at in self._at_parsed)
            and not any("[" in "".join(columns[at]) for at in self._at_labels)
        )

    def _note(self, index: int, line: int, reason: str, faults: _Faults) -> None:
        if self._strict:
            faults.add(line, reason)
        else:
            self._broken[index] = f"{self._path}: row {line}: {reason}"

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


class _Faults:
    """What is wrong with a file, row by row."""

    def __init__(self) -> None:
        self._found: list[tuple[int, str]] = []
        self._count = 0

    def add(self, line: int, reason: str) -> None:
        self._count += 1
        if self._count <= MAX_LISTED_FAULTS:
            self._found.append((line, reason))

    def raise_for(self, path: Path) -> None:
        lines = [f"row {line}: {reason}" for line, reason in sorted(self._found)]
        more = self._count - len(lines)
        if more:
            lines.append(f"and {more:,} more")
        if lines:
            faults = "1 fault" if self._count == 1 else f"{self._count:,} faults"
            raise UserError.listing(f"{faults} in csv_path {str(path)!r}", lines)


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
