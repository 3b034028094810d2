"""Width and height of images, read from their first bytes; nothing is decoded.

`size_of` is how an image is stored. Cameras store what they held on its side, and note in its Exif
data how it is to be turned; the platform, browsers and OpenCV follow the note: `upright_size_of`.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, TypeAlias

from clarifai_inputs.signatures import format_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HEAD_BYTES = 256 * 1024
"""How much of a file tells the size; a JPEG may hold a preview before it."""

Size: TypeAlias = tuple[int, int]
"""Width and height."""

UPRIGHT, _LAST_ORIENTATION = 1, 8
_ON_ITS_SIDE = frozenset({5, 6, 7, 8})
"""Orientations of Exif (CIPA DC-008, tag 0x0112) that swap width and height."""


def size_of(content: bytes) -> Size | None:
    """Return width and height of an image; None where the bytes do not tell.

    Args:
        content: The file, or its first `HEAD_BYTES`.

    Example:
        >>> size_of(b"GIF89a" + bytes([4, 0, 3, 0])), size_of(b"hello")
        ((4, 3), None)
    """
    measure = _MEASURES.get(format_of("image", content))
    if measure is None:
        return None
    try:
        size = measure(content)
    except (struct.error, IndexError, KeyError):
        return None
    return size if size is not None and min(size) > 0 else None


def upright_size_of(content: bytes) -> Size | None:
    """Return width and height of an image as it is seen; None where the bytes do not tell.

    Args:
        content: The file, or its first `HEAD_BYTES`.
    """
    size = size_of(content)
    if size is not None and orientation_of(content) in _ON_ITS_SIDE:
        return size[1], size[0]
    return size


def orientation_of(content: bytes) -> int:
    """Return how an image is to be turned, as Exif numbers it: 1 is upright, 5 to 8 are on a side.

    Args:
        content: The file, or its first `HEAD_BYTES`.

    Example:
        >>> orientation_of(b"GIF89a" + bytes([4, 0, 3, 0]))
        1
    """
    find = _EXIFS.get(format_of("image", content))
    try:
        found = _orientation_in(find(content)) if find is not None else UPRIGHT
    except (struct.error, IndexError, KeyError):
        return UPRIGHT
    return found if UPRIGHT <= found <= _LAST_ORIENTATION else UPRIGHT


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
    for marker, at in _segments(content):
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", content, at + 3)
            return width, height
    return None


def _segments(content: bytes) -> Iterator[tuple[int, int]]:
    """Yield the marker of each segment of a JPEG, and where its length stands."""
    at = 2
    while content[at] == 0xFF:
        while content[at] == 0xFF:
            at += 1
        marker = content[at]
        at += 1
        yield marker, at
        if marker not in _ALONE:
            at += struct.unpack_from(">H", content, at)[0]


def _webp(content: bytes) -> Size | None:
    kind = content[12:16]
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", content, 26)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", content, 21)[0]
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X":
        low_width, high_width, low_height, high_height = struct.unpack_from("<HBHB", content, 24)
        return low_width + (high_width << 16) + 1, low_height + (high_height << 16) + 1
    return None


_WIDTH_TAG, _HEIGHT_TAG, _ORIENTATION_TAG = 256, 257, 274
_TIFF_NUMBERS = {3: "H", 4: "I"}


def _tiff(content: bytes) -> Size:
    found = _tags(content, (_WIDTH_TAG, _HEIGHT_TAG))
    return found[_WIDTH_TAG], found[_HEIGHT_TAG]


def _tags(content: bytes, wanted: tuple[int, ...]) -> dict[int, int]:
    """Return numbers in the first directory of a TIFF file."""
    order = "<" if content.startswith(b"II") else ">"
    at = struct.unpack_from(f"{order}I", content, 4)[0]
    found: dict[int, int] = {}
    for number in range(struct.unpack_from(f"{order}H", content, at)[0]):
        entry = at + 2 + 12 * number
        tag, kind = struct.unpack_from(f"{order}HH", content, entry)
        if tag in wanted:
            found[tag] = struct.unpack_from(f"{order}{_TIFF_NUMBERS[kind]}", content, entry + 8)[0]
    return found


_MEASURES: dict[str, Callable[[bytes], Size | None]] = {
    "png": _png,
    "jpg": _jpeg,
    "gif": _gif,
    "webp": _webp,
    "bmp": _bmp,
    "tiff": _tiff,
}

_APP1, _EXIF = 0xE1, b"Exif\0\0"


def _orientation_in(exif: bytes) -> int:
    """Return the orientation that Exif data, which are a small TIFF file, hold."""
    return _tags(exif, (_ORIENTATION_TAG,)).get(_ORIENTATION_TAG, UPRIGHT) if exif else UPRIGHT


def _jpeg_exif(content: bytes) -> bytes:
    for marker, at in _segments(content):
        if marker == _APP1 and content.startswith(_EXIF, at + 2):
            length = struct.unpack_from(">H", content, at)[0]
            return content[at + 2 + len(_EXIF) : at + length]
        if marker in _FRAMES:  # Exif data stand before it
            break
    return b""


def _png_exif(content: bytes) -> bytes:
    return _chunk(content, 8, b"eXIf", ">I4s", name_first=False)


def _webp_exif(content: bytes) -> bytes:
    if content[8:16] != b"WEBPVP8X":
        return b""
    return _chunk(content, 12, b"EXIF", "<4sI", name_first=True).removeprefix(_EXIF)


def _chunk(content: bytes, at: int, wanted: bytes, form: str, *, name_first: bool) -> bytes:
    """Return the first chunk of a name; those of PNG end in a checksum, those of WebP are even."""
    while at + 8 <= len(content):
        first, second = struct.unpack_from(form, content, at)
        name, length = (first, second) if name_first else (second, first)
        if name == wanted:
            return content[at + 8 : at + 8 + length]
        at += 8 + length + (length % 2 if name_first else 4)
    return b""


_EXIFS: dict[str, Callable[[bytes], bytes]] = {
    "png": _png_exif,
    "jpg": _jpeg_exif,
    "webp": _webp_exif,
    "tiff": lambda content: content,
}
