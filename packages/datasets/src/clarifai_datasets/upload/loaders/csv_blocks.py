"""A CSV file in blocks of whole rows: quick to read, cheap to remember where a row is."""

from __future__ import annotations

import csv
import io
import itertools
from array import array
from typing import TYPE_CHECKING, Any, BinaryIO

import attrs

from clarifai_core.errors import UserError
from clarifai_datasets.upload.limits import MAX_CELL_CHARACTERS, MAX_RECORD_BYTES, MIB

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from clarifai_datasets.upload.loaders.files import Indexed

BLOCK_BYTES = 32 * 1024
"""Least size of a block; the row at its end is read to the end."""

_PROBE = "\x1e"
"""A line of its own behind a block: a row of its own, unless it fell into an unfinished cell."""

_SLOTS_PER_ROW = 8


class RowError(UserError):
    """A row that cannot be read as text; `line` is its line in the file, from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


@attrs.frozen
class Block:
    """Some rows of a file, one after another."""

    rows: list[list[str]]
    """Cells; rows without any are left out."""
    text: str = attrs.field(repr=False)
    offset: int
    """Where it begins, in bytes."""
    line: int
    """Lines of the file before it."""
    end_line: int
    """Lines of the file up to its end."""

    def lines(self) -> list[int]:
        """Return the number of the first line of each row."""
        _allow_long_cells()
        reader = csv.reader(io.StringIO(self.text, newline=""))
        found, before = [], self.line
        for cells in reader:
            if cells:
                found.append(before + 1)
            before = self.line + reader.line_num
        return found


def blocks(file: BinaryIO, offset: int = 0, line: int = 0) -> Iterator[Block]:
    """Yield what a file holds from a place on where a row begins.

    Args:
        file: In UTF-8, with or without byte order mark.
        offset: The place, in bytes.
        line: Lines before it.

    Raises:
        RowError: Something is not UTF-8, or no CSV.
    """
    file.seek(offset)
    while raw := file.read(BLOCK_BYTES):
        raw += file.readline(MAX_RECORD_BYTES)
        more = BLOCK_BYTES
        try:
            while (found := _whole_rows(raw, offset, line)) is None:
                raw += file.read(more) + file.readline(MAX_RECORD_BYTES)
                more *= 2
        except UnicodeDecodeError as error:
            whole = raw[: raw.rfind(b"\n", 0, error.start) + 1]
            found = _rows(whole, offset, line)
            if found is not None:
                yield found
            at = line + 1 + whole.count(b"\n")
            raise RowError(at, f"not UTF-8: {error.reason}; save it as UTF-8") from error
        yield found
        offset += len(raw)
        line = found.end_line


def _whole_rows(raw: bytes, offset: int, line: int) -> Block | None:
    if len(raw) > MAX_RECORD_BYTES:
        raise RowError(
            line + 1,
            f"it goes on for over {MAX_RECORD_BYTES // MIB} MiB, which is the limit: "
            "is there a quote that is never closed?",
        )
    return _rows(raw, offset, line)


def _rows(raw: bytes, offset: int, line: int) -> Block | None:
    """Return the rows of some lines; None: the last row is not whole."""
    _allow_long_cells()
    text = raw.decode("utf-8" if offset else "utf-8-sig")
    probe = (_PROBE,) if raw.endswith(b"\n") else ()
    reader = csv.reader(itertools.chain(io.StringIO(text, newline=""), probe))
    try:
        rows = list(reader)
    except csv.Error as error:
        raise RowError(line + reader.line_num, str(error)) from error
    if probe and rows.pop() != [_PROBE]:
        return None
    end = line + reader.line_num - len(probe)
    return Block([cells for cells in rows if cells], text, offset, line, end)


def _allow_long_cells() -> None:
    """Python's own limit is far below the platform's; it is one for the whole process."""
    if csv.field_size_limit() < MAX_CELL_CHARACTERS:
        csv.field_size_limit(MAX_CELL_CHARACTERS)


class IndexedReader(io.RawIOBase):
    """One of many readers of an indexed file, each at a place of its own."""

    def __init__(self, indexed: Indexed) -> None:
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


class Repeats:
    """Finds the rows whose key another row had before, in about ten bytes a row.

    A table of one byte per slot tells that a key is new; only rows that find their slot taken,
    one in sixteen or so, are looked at again.
    """

    def __init__(self) -> None:
        self._hashes = array("q")
        self._table = bytearray(1 << 14)
        self._suspects = array("Q")

    def add(self, keys: Iterable[str]) -> None:
        """Add the keys of the next rows."""
        start = len(self._hashes)
        self._hashes.extend(map(hash, keys))
        if len(self._hashes) * _SLOTS_PER_ROW > len(self._table):
            size = len(self._table)
            while len(self._hashes) * _SLOTS_PER_ROW > size:
                size *= 4
            self._table = bytearray(size)
            self._suspects, start = array("Q"), 0
        self._enter(start)

    def found(self) -> list[int]:
        """Return the numbers of the rows, in order."""
        hashes = self._hashes
        wanted = {hashes[row] for row in self._suspects}
        seen: set[int] = set()
        repeated = []
        if wanted:
            for row, value in enumerate(hashes):
                if value in wanted:
                    if value in seen:
                        repeated.append(row)
                    seen.add(value)
        return repeated

    def _enter(self, start: int) -> None:
        table, mask = self._table, len(self._table) - 1
        for row, value in enumerate(itertools.islice(self._hashes, start, None), start):
            slot = value & mask
            if table[slot]:
                self._suspects.append(row)
            else:
                table[slot] = 1
