"""Width and height of images, read from their first bytes; nothing is decoded."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD_BYTES = 256 * 1024
"""How much of a file tells the size; a JPEG may hold a preview before it."""

Size: TypeAlias = tuple[int, int]
"""Width and height."""


def size_of(content: bytes) -> Size | None:
    """Return width and height of an image; None where the bytes do not tell.

    Args:
        content: The file, or its first `HEAD_BYTES`.

    Example:
        >>> size_of(b"GIF89a" + bytes([4, 0, 3, 0])), size_of(b"hello")
        ((4, 3), None)
    """
    for start, measure in _MEASURES:
        if content.startswith(start):
            try:
                size = measure(content)
            except (struct.error, IndexError, KeyError):
                return None
            return size if size is not None and min(size) > 0 else None
    return None


def _png(content: bytes) -> Size:
    width, height = struct.unpack_from(">II", content, 16)
    return width, height


def _gif(content: bytes) -> Size:
    width, height = struct.unpack_from("<HH", content, 6)
    return width, height


def _bmp(content: bytes) -> Size:
    if struct.unpack_from("<I", content, 14)[0] == 12:
        width, height = struct.unpack_from("<HH", content, 18)
    else:
        width, height = struct.unpack_from("<ii", content, 18)
    return width, abs(height)


_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_ALONE = {0x01, *range(0xD0, 0xDA)}


def _jpeg(content: bytes) -> Size | None:
    """Walk the segments up to the start of a frame, which holds the size."""
    at = 2
    while True:
        if content[at] != 0xFF:
            return None
        while content[at] == 0xFF:
            at += 1
        marker = content[at]
        at += 1
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", content, at + 3)
            return width, height
        if marker not in _ALONE:
            at += struct.unpack_from(">H", content, at)[0]


def _webp(content: bytes) -> Size | None:
    kind = content[12:16]
    if content[8:12] != b"WEBP":
        return None
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", content, 26)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", content, 21)[0]
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X":
        width = int.from_bytes(content[24:27], "little") + 1
        return width, int.from_bytes(content[27:30], "little") + 1
    return None


_WIDTH_TAG, _HEIGHT_TAG = 256, 257
_TIFF_NUMBERS = {3: "H", 4: "I"}


def _tiff(content: bytes) -> Size:
    order = "<" if content.startswith(b"II") else ">"
    at = struct.unpack_from(f"{order}I", content, 4)[0]
    found: dict[int, int] = {}
    for number in range(struct.unpack_from(f"{order}H", content, at)[0]):
        entry = at + 2 + 12 * number
        tag, kind = struct.unpack_from(f"{order}HH", content, entry)
        if tag in (_WIDTH_TAG, _HEIGHT_TAG):
            found[tag] = struct.unpack_from(f"{order}{_TIFF_NUMBERS[kind]}", content, entry + 8)[0]
    return found[_WIDTH_TAG], found[_HEIGHT_TAG]


_MEASURES: tuple[tuple[bytes, Callable[[bytes], Size | None]], ...] = (
    (b"\x89PNG\r\n\x1a\n", _png),
    (b"\xff\xd8\xff", _jpeg),
    (b"GIF87a", _gif),
    (b"GIF89a", _gif),
    (b"RIFF", _webp),
    (b"BM", _bmp),
    (b"II*\x00", _tiff),
    (b"MM\x00*", _tiff),
)
