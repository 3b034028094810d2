"""A CSV file of texts, URLs or file names.

The file is read twice: once to find everything that is wrong with it before anything is sent, once
to send it. In between only the places of blocks of rows are kept, so that memory does not grow with
texts. Blocks whose rows are right at a glance, as nearly all are, are not looked at row by row.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import attrs

from clarifai_core.errors import UserError
from clarifai_datasets.upload._broken import BrokenItem, describe
from clarifai_datasets.upload.features import (
    MediaFeatures,
    TextFeatures,
    VisualClassificationFeatures,
)
from clarifai_datasets.upload.loaders._checked import (
    MAX_LISTED_FAULTS,
    CheckedLoader,
    ItemFaults,
    reading,
)
from clarifai_datasets.upload.loaders._csv_blocks import CsvBlock, RowError, blocks
from clarifai_datasets.upload.loaders._csv_files import CsvSource
from clarifai_datasets.upload.loaders._csv_rows import keys, own_id, plain_keys, read_header
from clarifai_inputs.csv_columns import Columns, TableRow, roles_in
from clarifai_inputs.identity import DuplicateKeys, content_id, item_id
from clarifai_inputs.label_values import SEPARATORS, of_plain
from clarifai_inputs.media import KINDS, size_fault
from clarifai_inputs.media_limits import UPLOAD_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from clarifai_datasets.upload.features import Features
    from clarifai_datasets.upload.loaders._files import Files, FileSource

CSV_TYPES = ("raw", "url", "file_path")
"""What the column `input` can hold."""

_TASKS = {"text": "text_classification", "image": "visual_classification"}

NO_LABELS = "empty values among the labels (None, nan, -), which are no labels"
"""The remark on them."""

_SHOWN = 200
"""Characters of a cell that a fault shows."""

_BYTES_PER_CHARACTER = 4
"""At most, in UTF-8."""


class _BlockStart(NamedTuple):
    """Where a block begins."""

    row: int
    """Rows before it, the header not counted."""
    offset: int
    line: int
    skip: int
    """Rows in it that are the header."""
    is_plain: bool
    """Whether its rows are texts without anything that has to be parsed."""


class CsvLoader(CheckedLoader):
    """Rows of a CSV file with the columns `input` and, if wanted, `inputid`, `concepts` (or
    `labels`), `metadata` and `geopoints`.

    `concepts` holds labels with commas between them, or a JSON list; `metadata` a JSON object;
    `geopoints` a longitude and a latitude with a comma between them. Rows without id get one that
    follows from their input, so that it is the same in every run. Names of files count from where
    the CSV file lies; if it is on this machine, also from the working directory.
    """  # noqa: D205

    def __init__(
        self,
        source: FileSource,
        input_type: str = "text",
        csv_type: str = "raw",
        labels: bool = True,
        id_seed: str = "",
        *,
        columns: Mapping[str, str | None] | str | None = None,
        label_separator: str = ",",
        strict: bool = True,
        allow_outside: bool = False,
    ) -> None:
        """Say what to read; nothing is read yet.

        Args:
            source: The CSV file, in UTF-8, or in UTF-16 with a byte order mark; or a folder, zip
                or URL that holds one `.csv` file.
            input_type: `"text"`, `"image"`, `"video"` or `"audio"`.
            csv_type: What the column `input` holds: `"raw"` text, `"url"` or `"file_path"`.
            labels: Whether to read the column of labels.
            id_seed: Goes into the ids of rows that have none: the dataset's id.
            columns: What columns of other names are: `{"text": "input", "kind": "labels"}`, or the
                same as JSON. The roles are `input`, `inputid`, `labels` (several columns may be),
                `metadata` (each is kept by its name), `geopoints`, `multi_hot` (0 or 1: whether the
                input has the label that the column is called), and None: left out.
            label_separator: What stands between the labels of a cell: `","`, `";"` or `"|"`.
            strict: Whether faults in rows, and in the files that they name, are raised, all in one
                error, and unknown columns with them; otherwise these rows are reported as failed
                and the others go on.
            allow_outside: Whether cells may name any file on this machine; otherwise only those
                below the folder of the CSV file, or below the working directory.

        Raises:
            UserError: An argument is wrong.
        """
        self._input_type = _one_of("input_type", input_type, KINDS)
        self._csv_type = _one_of("csv_type", csv_type, CSV_TYPES)
        if csv_type == "raw" and input_type != "text":
            raise UserError(f"csv_type 'raw' is for text; for {input_type} it is url or file_path.")
        self._file = CsvSource(source, allow_outside=allow_outside)
        self._with_labels = labels
        self._id_seed = id_seed
        self._separator = _one_of("label_separator", label_separator, (",", *SEPARATORS))
        try:
            self._roles = roles_in(columns)
        except ValueError as error:
            raise UserError(f"{error}.") from None
        super().__init__(self._file.shown, strict=strict)

    @property
    def task(self) -> str:
        """What the items are."""
        return _TASKS.get(self._input_type, "media_classification")

    def fingerprint(self) -> str:
        """Return what tells this source apart from others, the same in every run."""
        options = (self._input_type, self._csv_type, self._with_labels, self._id_seed)
        asked = (self._roles, self._separator) if self._roles or self._separator != "," else ()
        return repr((self._file.identity, *options, *asked))

    def load_data(self) -> None:
        """Check the whole file; with `strict`, also the files that it names.

        Raises:
            UserError: It cannot be read, or has faults: all of them, with their rows.
        """
        self._reset()
        with reading(str(self._file)):
            self._find()

    def stream(self) -> Iterator[Any]:
        """Yield the features of all rows, reading the file once.

        Raises:
            UserError: The file has been changed since it was checked.
        """
        count, index = len(self), 0
        if self._media() is not None:
            yield from super().stream()
            return
        first = self._places[0]
        with self._file.open() as file:
            found = blocks(file, first.offset, first.line, self._delimiter)
            for place, block in zip(self._places, found, strict=False):
                rows = block.rows[place.skip :]
                if place.row != index or place.offset != block.offset:
                    break
                plain = place.is_plain and not self._broken
                if plain and set(map(len, rows)) == {self._columns.width}:
                    yield from self._texts(rows, index)
                else:
                    yield from self._each(rows, index)
                index += len(rows)
        if index != count:
            raise UserError(f"{self._file} was changed while it was uploaded.")

    def _texts(self, rows: list[list[str]], index: int) -> Iterator[TextFeatures]:
        """Yield the features of plain rows of text."""
        columns = self._columns
        at_input, at_id, at_labels = columns.at_input, columns.at_id, columns.at_labels
        has_ids, has_labels = at_id >= 0, at_labels >= 0
        for number, cells in enumerate(rows, index):
            text = cells[at_input]
            own = cells[at_id].strip() if has_ids else ""  # plain rows have ids, or nothing
            label = cells[at_labels] if has_labels else ""
            labels: list[Any] = [label] if label.isalnum() else of_plain(label)
            yield TextFeatures(text, labels, own or self._made_id(text, number))

    def _each(self, rows: list[list[str]], index: int) -> Iterator[Any]:
        for number, cells in enumerate(rows, index):
            made: Features | BrokenItem
            try:
                made = self._features(cells, number)
            except ItemFaults as error:
                made = BrokenItem(str(error))
            except Exception as error:  # noqa: BLE001  why: one item's fault, whatever it is
                made = BrokenItem(self._unforeseen(number, error))
            yield made

    def _reset(self) -> None:
        super()._reset()
        self._columns = Columns()
        self._delimiter = ""
        self._rows = 0
        self._places: list[_BlockStart] = []
        self._repeats: set[int] = set()
        self._broken: dict[int, str] = {}
        self._last: tuple[_BlockStart, CsvBlock] | None = None

    def _find(self) -> None:
        self._file.find()
        with self._file.open() as file:
            self._check(file)

    def _count(self) -> int:
        return self._rows

    def _read(self, index: int) -> Features:
        try:
            place, block = self._block_of(index)
            cells = block.rows[index - place.row]
        except (StopIteration, IndexError) as error:  # the file is shorter than it was
            raise ItemFaults([f"{self._source}: row {index + 2} is not there any more"]) from error
        return self._features(cells, index)

    def _media(self) -> Files | None:
        """Return where the files are, if they have to be fetched."""
        files = self._file.files
        return files if self._csv_type == "file_path" and not files.is_local else None

    def _block_of(self, index: int) -> tuple[_BlockStart, CsvBlock]:
        """Return the block of a row; the last one is kept, as the next row is in it, too."""
        place = self._places[bisect_right(self._places, index, key=lambda one: one.row) - 1]
        last = self._last
        if last is None or last[0] is not place:
            with self._file.open() as file:
                block = next(blocks(file, place.offset, place.line, self._delimiter))
            last = self._last = place, attrs.evolve(block, rows=block.rows[place.skip :])
        return last

    def _line_of(self, index: int) -> int:
        place, block = self._block_of(index)
        return block.lines()[place.skip + index - place.row]

    def _check(self, file: BinaryIO) -> None:
        faults, repeats = _Faults(), DuplicateKeys()
        skip = 1
        try:
            for block in blocks(file, names=self._roles):
                if skip and not block.rows:
                    continue  # blank lines before the header
                if skip:
                    self._read_header(block.rows[0])
                    self._delimiter = block.delimiter
                rows = block.rows[skip:]
                found = self._plain_keys(block, rows)
                is_plain = found is not None
                self._places.append(
                    _BlockStart(self._rows, block.offset, block.line, skip, is_plain)
                )
                if found is None:
                    self._check_rows(block, rows, skip, faults)
                    found = keys(self._columns, rows)
                repeats.add(found)
                self._rows += len(rows)
                skip = 0
        except RowError as error:
            faults.add(error.line, str(error))
            if skip:
                faults.raise_for(str(self._file))
        if skip:
            self._read_header([])
        self._note_repeats(repeats.found(), faults)
        faults.raise_for(str(self._file))
        if not self._rows:
            raise UserError(f"{self._file} has no rows below its header.")

    def _read_header(self, header: list[str]) -> None:
        self._columns = read_header(
            header,
            str(self._file),
            with_labels=self._with_labels,
            roles=self._roles,
            separator=self._separator,
            lenient=not self._strict,
        )
        self.remarks.add_all("columns that nothing is read from", self._columns.unused)

    def _plain_keys(self, block: CsvBlock, rows: list[list[str]]) -> Sequence[str] | None:
        """Return the keys of rows that are right at a glance; None: look at each."""
        is_small = len(block.text) * _BYTES_PER_CHARACTER <= UPLOAD_BYTES["text"]
        return plain_keys(self._columns, rows) if is_small and self._csv_type == "raw" else None

    def _check_rows(
        self, block: CsvBlock, rows: list[list[str]], skip: int, faults: _Faults
    ) -> None:
        for number, (cells, line) in enumerate(zip(rows, block.lines()[skip:], strict=True)):
            index = self._rows + number
            try:
                row = self._row(cells)
                self._check_input(row.input)
            except ValueError as error:
                self._note(index, line, str(error), faults)
                continue
            if row.id and (own := item_id(row.id)) != row.id:
                self.renamed[row.id] = own
            if row.missing:
                self.remarks.add(NO_LABELS, f"row {line}: {row.missing}")

    def _note_repeats(self, repeated: list[int], faults: _Faults) -> None:
        for index in repeated:
            if index in self._broken:
                continue
            place, block = self._block_of(index)
            own = own_id(self._columns, block.rows[index - place.row])
            if own:
                self._note(index, self._line_of(index), f"inputid {own!r} is there twice", faults)
            else:
                self._repeats.add(index)

    def _note(self, index: int, line: int, reason: str, faults: _Faults) -> None:
        if self._strict:
            faults.add(line, reason)
        else:
            self._broken[index] = f"{self._source}: row {line}: {reason}"

    def _row(self, cells: list[str]) -> TableRow:
        """Return what a row says.

        Raises:
            ValueError: Something in it is wrong.
        """
        if fault := self._columns.width_fault(cells):
            raise ValueError(fault)
        row = self._columns.row(cells)
        if row.faults:
            raise ValueError("; ".join(map(str, row.faults)))
        return row

    def _check_input(self, value: str) -> None:
        """Refuse what the platform would; content of files is looked at when strict only.

        Raises:
            ValueError: It would not take this one.
        """
        fault = ""
        if self._csv_type == "url" and "://" not in value:
            raise ValueError(f"input {value[:80]!r} is no URL")
        if self._csv_type == "raw" and len(value) * _BYTES_PER_CHARACTER > UPLOAD_BYTES["text"]:
            fault = size_fault("text", len(value.encode()))
        if self._csv_type == "file_path":
            fault = self._file.fault(value, self._input_type, look=self._strict)
        if fault:
            raise ValueError(f"input {value[:_SHOWN]!r}: {fault}")

    def _features(self, cells: list[str], index: int) -> Features:
        if index in self._broken:
            raise ItemFaults([self._broken[index]])
        try:
            row = self._row(cells)
        except ValueError as error:  # it was right when it was checked
            changed = f"row {index + 2} was changed meanwhile"
            raise ItemFaults([f"{self._source}: {changed}: {error}"]) from error
        own = item_id(row.id) if row.id else self._made_id(row.input, index)
        if self._csv_type == "file_path":
            return self._of_file(row, own, index)
        labels: list[str | int] = [*row.labels]
        metadata, geo = row.metadata, row.place
        if self._csv_type == "url":
            url = row.input.strip()
            return MediaFeatures(
                self._input_type, labels, url=url, geo_info=geo, id=own, metadata=metadata
            )
        if geo is None:
            return TextFeatures(row.input, labels, own, metadata)
        return _GeoTextFeatures(row.input, labels, own, metadata, geo)

    def _of_file(self, row: TableRow, own: str, index: int) -> Features:
        """Return the features of a file; the content of a local one is read when it is sent."""
        try:
            files, name = self._file.named(row.input)
        except OSError as error:
            where = f"{self._source}: row {self._line_of(index)}"
            raise ItemFaults([f"{where}: {describe(error)}"]) from error
        path, content = name, None
        if not files.is_local:
            path, content = files.path(name), self._content(row.input, index)
        labels: list[str | int] = [*row.labels]
        metadata, geo = row.metadata, row.place
        if self._input_type == "image":
            return VisualClassificationFeatures(path, labels, geo, own, metadata, content)
        return MediaFeatures(
            self._input_type,
            labels,
            path=path,
            geo_info=geo,
            id=own,
            metadata=metadata,
            content=content,
        )

    def _content(self, cell: str, index: int) -> bytes:
        try:
            return self._file.content(cell, self._input_type)
        except ValueError as error:
            where = f"{self._source}: row {self._line_of(index)}"
            raise ItemFaults([f"{where}: input {cell[:_SHOWN]!r}: {error}"]) from error

    def _made_id(self, value: str, index: int) -> str:
        """Return an id that follows from the input; the row's number tells equal inputs apart."""
        repeat = f"{index}" if index in self._repeats else ""
        return content_id(f"{self._id_seed}\0{repeat}\0{value}".encode())


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

    def raise_for(self, where: str) -> None:
        lines = [f"row {line}: {reason}" for line, reason in sorted(self._found)]
        more = self._count - len(lines)
        if more:
            lines.append(f"and {more:,} more")
        if lines:
            faults = "1 fault" if self._count == 1 else f"{self._count:,} faults"
            raise UserError.listing(f"{faults} in {where}", lines)


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise UserError(f"{name} must be one of {', '.join(allowed)}, got {value!r}.")
    return value
