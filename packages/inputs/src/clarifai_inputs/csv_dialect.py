"""CSV as rows of cells: the one dialect that every reader and writer of ours has.

RFC 4180, as spreadsheets and pandas write it: quotes around cells with delimiters, line ends or
quotes, which are written twice inside. The header tells the delimiter, which is `;` or a tab where
Excel runs in a language with decimal commas. Rows whose cells are all blank say nothing, and are
left out. Quotes that are not closed, or not written twice, are faults: they would swallow rows.

What the columns are called is in csv_columns.py, what the cells say in csv_cells.py.
"""

from __future__ import annotations

import csv
import io
import itertools
from typing import TYPE_CHECKING, Any, Protocol

from clarifai_inputs import signatures, texts

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator
    from typing import TextIO

DELIMITERS = (",", ";", "\t", "|")
"""What may stand between cells."""

MAX_CELL_CHARACTERS = 32 * 1024 * 1024
"""Of one cell; the platform takes no longer text, and a longer cell has a quote that is never
closed."""


class NotCsv(ValueError):
    """A row that cannot be read; `line` is where it begins in the text, from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


HEAD_BYTES = 8
"""First bytes that tell a file of another kind."""

_OTHERS = {
    signatures.ZIP: "a zip, as the .xlsx and .ods of spreadsheets are: save it as CSV",
    b"PK\x05\x06": "an empty zip",
    b"\xd0\xcf\x11\xe0": "a file of Excel (.xls): save it as CSV",
    b"\x1f\x8b": "compressed by gzip: unpack it",
    b"BZh": "compressed by bzip2: unpack it",
    b"\xfd7zXZ": "compressed by xz: unpack it",
    b"\x28\xb5\x2f\xfd": "compressed by zstd: unpack it",
    b"PAR1": "Parquet: call it .parquet",
    signatures.PDF: "a PDF",
}

NEVER_CLOSED = "a quote is never closed"
"""The reason where a cell goes on to the end of the file."""

_TWICE = "inside quotes a quote is written twice"


def delimiter_of(header: str, names: Iterable[str] = ()) -> str:
    r"""Return what stands between the cells of a file whose first line this is.

    Args:
        header: The line.
        names: Names of columns besides `input` that are in it, in small letters.

    Example:
        >>> delimiter_of("input,labels"), delimiter_of("inputid;input"), delimiter_of("a\tinput")
        (',', ';', '\t')
        >>> delimiter_of("text;kind", ["text"])
        ';'
    """
    known = {"input", *names}
    split = {one: next(csv.reader([header], delimiter=one), []) for one in DELIMITERS}
    for delimiter, cells in split.items():
        if any(heading(cell) in known for cell in cells):
            return delimiter
    return max(DELIMITERS, key=lambda one: len(split[one]))


def heading(cell: str) -> str:
    """Return the name of a column: case, blanks and byte order marks do not matter.

    Example:
        >>> heading(" Labels ")
        'labels'
    """
    return cell.replace(texts.MARK, "").strip().lower()


def head_fault(head: bytes) -> str:
    r"""Return what a file is, by its first bytes, that is called `.csv` and is none.

    Example:
        >>> head_fault(b"PK\3\4..."), head_fault(b"input,labels")
        ('a zip, as the .xlsx and .ods of spreadsheets are: save it as CSV', '')
    """
    return next((what for begin, what in _OTHERS.items() if head.startswith(begin)), "")


def open_csv(path: str | os.PathLike[str]) -> TextIO:
    """Open a CSV file as text; line ends stay as they are.

    Raises:
        NotCsv: It is a file of another kind.
        OSError: It cannot be read. What is no text raises UnicodeDecodeError when it is read.
    """
    with open(path, "rb") as file:  # noqa: PTH123 - texts, too
        fault = head_fault(file.read(HEAD_BYTES))
    if fault:
        raise NotCsv(1, f"it is {fault}")
    return texts.open_text(path)


def undecodable(path: str | os.PathLike[str]) -> str:
    """Return what is wrong with a file that is no text, and in which row of it."""
    with open(path, "rb") as file:  # noqa: PTH123 - texts, too
        if texts.is_wide(file.read(texts.MARK_BYTES)):
            return "not UTF-16; save it as UTF-8"
        file.seek(0)
        for line, raw in enumerate(file, 1):
            try:
                raw.decode()
            except UnicodeDecodeError as error:
                return f"row {line}: {texts.fault_of(error)}"
    return "it was changed meanwhile"


def rows(
    lines: Iterable[str], delimiter: str = "", names: Iterable[str] = ()
) -> Iterator[tuple[int, list[str]]]:
    r"""Yield the rows of a text, each with the number of its first line, from 1.

    Args:
        lines: With their ends.
        delimiter: What stands between cells; `""`: the first row tells.
        names: Names of columns besides `input` that tell it.

    Raises:
        NotCsv: A row is no CSV.

    Example:
        >>> list(rows(["input,labels\n", "\n", '"two\n', 'lines",a\n', "x,b\n"]))
        [(1, ['input', 'labels']), (3, ['two\nlines', 'a']), (5, ['x', 'b'])]
    """
    lines, before = iter(lines), 0
    if not delimiter:
        header, before = _first_line(lines)
        lines, delimiter = itertools.chain([header], lines), delimiter_of(header, names)
    reader, end = _reader(lines, delimiter)
    at = before
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise NotCsv(at + 1, NEVER_CLOSED if end.reached else _words(error)) from None
        if cells is None:
            return
        if not is_blank(cells):
            yield at + 1, cells
        at = before + reader.line_num


def whole_rows(text: str, delimiter: str) -> tuple[list[list[str]], int] | None:
    """Return the rows of a part of a file, and how many lines they are; None: the last goes on.

    Raises:
        NotCsv: A row is no CSV.
    """
    reader, end = _reader(io.StringIO(text, newline=""), delimiter)
    try:
        found = list(reader)
    except csv.Error:
        if end.reached:
            return None
        for _ in rows(io.StringIO(text, newline=""), delimiter):
            pass  # what is before the row that it names
        raise
    # Nearly all rows begin with something: what is quick to see is seen without a call.
    return [
        cells for cells in found if cells and (cells[0].strip() or not is_blank(cells))
    ], reader.line_num


def is_blank(cells: list[str]) -> bool:
    """Return whether a row says nothing.

    Example:
        >>> is_blank([]), is_blank(["", " "]), is_blank(["", "x"])
        (True, True, False)
    """
    return not any(map(str.strip, cells))


class Writer(Protocol):
    """Writes rows, as the writers of `csv` do."""

    def writerow(self, row: Iterable[object], /) -> object:
        """Write one row; of what is no text, its `str`."""


def writer(file: TextIO) -> Writer:
    """Return a writer of rows that `rows` reads back equal."""
    return csv.writer(file, delimiter=DELIMITERS[0])


class _End:
    """What a reader meets behind the last line, which tells whether a quote was still open."""

    reached = False

    def __iter__(self) -> _End:
        return self

    def __next__(self) -> str:
        self.reached = True
        raise StopIteration


def _first_line(lines: Iterator[str]) -> tuple[str, int]:
    """Return the first line that is not blank, and how many were."""
    blank = 0
    for line in lines:
        if line.strip():
            return line, blank
        blank += 1
    return "", blank


def _reader(lines: Iterable[str], delimiter: str) -> tuple[Any, _End]:
    if csv.field_size_limit() < MAX_CELL_CHARACTERS:  # Python's own is 131,072, for the process
        csv.field_size_limit(MAX_CELL_CHARACTERS)
    end = _End()
    return csv.reader(itertools.chain(lines, end), delimiter=delimiter, strict=True), end


def _words(error: csv.Error) -> str:
    return f"{error}; {_TWICE}" if "expected after" in str(error) else str(error)
