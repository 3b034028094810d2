"""The parts of a zip file: what stands before each member, and the directory at the end.

`zipfile` cannot go on with an archive that has no directory yet, which is what a killed export
leaves behind. Members are stored as they are; times are the same always, so that the same export
gives the same bytes. The format: PKWARE's APPNOTE.TXT, 4.3.
"""

from __future__ import annotations

import struct

ZIP64_BYTES = 0xFFFF_FFFF
ZIP64_COUNT = 0xFFFF
"""Sizes and numbers from here on need the fields of zip64."""

_MAX_32, _MAX_16 = 0xFFFF_FFFF, 0xFFFF
"""What stands in the usual place of such a number."""

_DOS_TIME, _DOS_DATE = 0, 1 << 5 | 1
"""The first of January 1980."""

_UTF_8, _UNIX, _STORED = 0x800, 3, 0
_FILE = 0o644 << 16
"""What unpacking makes of it: a file that others may read."""

_LOCAL = struct.Struct("<4s5H3L2H")
_ENTRY = struct.Struct("<4s4B4H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")
_OLD, _NEW = 20, 45
"""Versions of the format: without and with zip64."""


def head(name: bytes, size: int, crc: int) -> bytes:
    """Return what stands before the content of a member."""
    extra = _large(size, size) if size >= ZIP64_BYTES else b""
    short = _MAX_32 if extra else size
    version = _NEW if extra else _OLD
    fixed = _LOCAL.pack(
        b"PK\3\4", version, _flags(name), _STORED, _DOS_TIME, _DOS_DATE,
        crc, short, short, len(name), len(extra),
    )  # fmt: skip
    return fixed + name + extra


def entry(name: bytes, size: int, crc: int, offset: int) -> bytes:
    """Return the entry of a member in the directory.

    Args:
        name: Its name, in UTF-8.
        size: Of its content, in bytes.
        crc: CRC-32 of its content.
        offset: Where its head begins.
    """
    extra, short, place = b"", size, offset
    if size >= ZIP64_BYTES or offset >= ZIP64_BYTES:
        extra, short, place = _large(size, size, offset), _MAX_32, _MAX_32
    version = _NEW if extra else _OLD
    fixed = _ENTRY.pack(
        b"PK\1\2", version, _UNIX, version, 0, _flags(name), _STORED, _DOS_TIME, _DOS_DATE,
        crc, short, short, len(name), len(extra), 0, 0, 0, _FILE, place,
    )  # fmt: skip
    return fixed + name + extra


def end(count: int, size: int, offset: int) -> bytes:
    """Return what stands behind the directory.

    Args:
        count: Its entries.
        size: Its bytes.
        offset: Where it begins.
    """
    if count < ZIP64_COUNT and size < ZIP64_BYTES and offset < ZIP64_BYTES:
        return _END.pack(b"PK\5\6", 0, 0, count, count, size, offset, 0)
    numbers = (count, count, size, offset)
    return (
        _END_64.pack(b"PK\6\6", _END_64.size - 12, _NEW, _NEW, 0, 0, *numbers)
        + _LOCATOR_64.pack(b"PK\6\7", 0, offset + size, 1)
        + _END.pack(b"PK\5\6", 0, 0, _MAX_16, _MAX_16, _MAX_32, _MAX_32, 0)
    )


def _flags(name: bytes) -> int:
    return 0 if name.isascii() else _UTF_8


def _large(*values: int) -> bytes:
    """Return the extra field of zip64."""
    return struct.pack(f"<2H{len(values)}Q", 1, 8 * len(values), *values)
