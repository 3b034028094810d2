"""A CSV file in blocks of whole rows: quick to read, cheap to remember where a row is."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, BinaryIO

import attrs

from clarifai_core.errors import UserError
from clarifai_datasets.upload.limits import MAX_RECORD_BYTES, MIB
from clarifai_inputs import csv_dialect, texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from clarifai_datasets.upload.loaders._files import SeekableFile

BLOCK_BYTES = 32 * 1024
"""Least size of a block; the row at its end is read to the end."""


class RowError(UserError):
    """A row that cannot be read as text; `line` is its line in the file, from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


@attrs.frozen
class CsvBlock:
    """Some rows of a file, one after another."""

    rows: list[list[str]]
    """Cells; rows that are blank are left out."""
    text: str = attrs.field(repr=False)
    delimiter: str
    """What stands between cells."""
    offset: int
    """Where it begins, in bytes."""
    line: int
    """Lines of the file before it."""
    end_line: int
    """Lines of the file up to its end."""

    def lines(self) -> list[int]:
        """Return the number of the first line of each row."""
        text = io.StringIO(self.text, newline="")
        return [self.line + at for at, _ in csv_dialect.rows(text, self.delimiter)]


def blocks(
    file: BinaryIO,
    offset: int = 0,
    line: int = 0,
    delimiter: str = "",
    names: Iterable[str] = (),
) -> Iterator[CsvBlock]:
    """Yield what a file holds from a place on where a row begins.

    Args:
        file: In UTF-8, with or without byte order mark.
        offset: The place, in bytes.
        line: Lines before it.
        delimiter: What stands between cells; `""`: the file's first row tells.
        names: Names of columns besides `input` that tell it.

    Raises:
        RowError: Something is not UTF-8, or no CSV.
    """
    file.seek(offset)
    while raw := file.read(BLOCK_BYTES):
        raw += file.readline(MAX_RECORD_BYTES)
        delimiter = delimiter or _delimiter_of(raw, names)
        more = BLOCK_BYTES
        try:
            while (found := _whole_rows(raw, offset, line, delimiter)) is None:
                following = file.read(more) + file.readline(MAX_RECORD_BYTES)
                if not following:
                    raise _never_closed(raw, offset, line, delimiter)
                raw += following
                more *= 2
        except UnicodeDecodeError as error:
            whole = raw[: raw.rfind(b"\n", 0, error.start) + 1]
            found = _rows(whole, offset, line, delimiter)
            if found is not None:
                yield found
            at = line + 1 + whole.count(b"\n")
            raise RowError(at, f"not UTF-8: {error.reason}; save it as UTF-8") from error
        yield found
        offset += len(raw)
        line = found.end_line


def _delimiter_of(raw: bytes, names: Iterable[str]) -> str:
    lines = texts.without_mark(raw).splitlines()
    header = next((line for line in lines if line.strip()), None)
    if header is None:
        return ""
    return csv_dialect.delimiter_of(header.decode(errors="replace"), names)


def _whole_rows(raw: bytes, offset: int, line: int, delimiter: str) -> CsvBlock | None:
    if len(raw) > MAX_RECORD_BYTES:
        raise RowError(
            line + 1,
            f"it goes on for over {MAX_RECORD_BYTES // MIB} MiB, which is the limit: "
            "is there a quote that is never closed?",
        )
    return _rows(raw, offset, line, delimiter)


def _rows(raw: bytes, offset: int, line: int, delimiter: str) -> CsvBlock | None:
    """Return the rows of some lines; None: the last row is not whole."""
    text, delimiter = _text(raw, offset), delimiter or csv_dialect.DELIMITERS[0]
    try:
        found = csv_dialect.whole_rows(text, delimiter)
    except csv_dialect.NotCsv as error:
        raise RowError(line + error.line, str(error)) from error
    if found is None:
        return None
    rows, count = found
    return CsvBlock(rows, text, delimiter, offset, line, line + count)


def _never_closed(raw: bytes, offset: int, line: int, delimiter: str) -> RowError:
    """Return the error for the end of a file whose last row is not whole."""
    text = io.StringIO(_text(raw, offset), newline="")
    try:
        whole = sum(1 for _ in csv_dialect.rows(text, delimiter))
    except csv_dialect.NotCsv as error:
        return RowError(line + error.line, str(error))
    raise AssertionError(f"{whole} rows, all of them whole")


def _text(raw: bytes, offset: int) -> str:
    return (raw if offset else texts.without_mark(raw)).decode("utf-8")


class IndexedReader(io.RawIOBase):
    """One of many readers of an indexed file, each at a place of its own."""

    def __init__(self, indexed: SeekableFile) -> None:
        self._indexed, self._at = indexed, 0

    def readable(self) -> bool:
        """Return that it is."""
        return True

    def seekable(self) -> bool:
        """Return that it is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place, counted from the file's beginning or from here."""
        self._at = offset if whence == io.SEEK_SET else self._at + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Read what comes next."""
        found = self._indexed.part(self._at, self._at + len(buffer))
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)
