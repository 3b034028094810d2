"""Whether a database is a platform's, found out without changing a byte of it."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import struct
from typing import TYPE_CHECKING

from clarifai_local._store import schema
from clarifai_local._store.directory_errors import UnknownVersion

if TYPE_CHECKING:
    from pathlib import Path

_MAGIC = b"SQLite format 3\0"
_HEADER_BYTES = 100
_FIRST_VERSION = 1
"""The only one without `PRAGMA application_id`."""


def is_ours(path: Path) -> bool:
    """Return whether the database at `path` is one that a version of this package made.

    Args:
        path: A plain file.

    Raises:
        UnknownVersion: A newer version made it.
    """
    with path.open("rb") as file:
        head = file.read(_HEADER_BYTES)
    if not head.startswith(_MAGIC) or len(head) < _HEADER_BYTES:
        return False
    mark, version = _facts(head)
    if mark not in (0, schema.APPLICATION_ID) or version < 0:
        return False
    if mark and version:
        return _known(path, version)
    # The first version wrote no mark; what was killed has the newest facts in its log.
    with contextlib.closing(read_only(path)) as db:
        try:
            mark = db.execute("PRAGMA application_id").fetchone()[0]
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if mark == schema.APPLICATION_ID:
                return _known(path, version)
            return version == _FIRST_VERSION and schema.expected(version) <= schema.described(db)
        except sqlite3.DatabaseError:  # why: the answer is no
            return False


def read_only(path: Path) -> sqlite3.Connection:
    """Open a database to read only, which also waits for none of its writers."""
    # SQLite wants to make files beside it, unless nobody can be writing.
    fixed = "" if os.access(path.parent, os.W_OK) else "&immutable=1"
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro{fixed}", uri=True, timeout=30)


def log_is_readable(path: Path) -> bool:
    """Return whether SQLite can make sense of the write-ahead log at `path`.

    One that was cut short by a failure of power, or is nothing but zeros, is empty to it; other
    bytes it would throw away without a word, and with them what they may have been.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except FileNotFoundError:
        return True
    with os.fdopen(descriptor, "rb") as file:
        head = file.read(_LOG_HEADER.size)
    if len(head) < _LOG_HEADER.size or not any(head):
        return True
    magic, *_, first, second = _LOG_HEADER.unpack(head)
    if magic not in _LOG_MAGICS:
        return False
    order = ">" if magic & 1 else "<"
    return _checksum(struct.unpack(f"{order}6I", head[:24])) == (first, second)


_LOG_HEADER = struct.Struct(">8I")
_LOG_MAGICS = (0x377F0682, 0x377F0683)
_WORD = 0xFFFF_FFFF


def _checksum(words: tuple[int, ...]) -> tuple[int, int]:
    """The checksum of https://sqlite.org/fileformat2.html#walformat."""
    first = second = 0
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & _WORD
        second = (second + odd + first) & _WORD
    return first, second


def _facts(head: bytes) -> tuple[int, int]:
    mark, version = struct.unpack_from(">I", head, 68)[0], struct.unpack_from(">i", head, 60)[0]
    return mark, version


def _known(path: Path, version: int) -> bool:
    if version > schema.VERSION:
        raise UnknownVersion(
            f"{path} has format version {version}, this package knows up to {schema.VERSION}: "
            "upgrade clarifai-local"
        )
    return True
