"""Width and height of images, read where they stand in the file; nothing is decoded.

Mostly that is at its beginning. The directory of a TIFF may stand at its end, as libtiff writes it,
and a JPEG may hold hundreds of KB of metadata before its frame: of such files no more is read than
the places that tell.

`size_of` is how an image is stored. Cameras store what they held on its side, and note in its Exif
data how it is to be turned; the platform, browsers and OpenCV follow the note: `upright_size_of`.
"""

from __future__ import annotations

import struct
from io import SEEK_SET
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

import attrs

from clarifai_inputs.signatures import format_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HEAD_BYTES = 256 * 1024
"""How much of a file tells the size, but for few."""

FIRST_BYTES = 4096
"""How much of a file is read at first, where more may be read of it."""

_LONGEST_FORM = 16
"""Bytes of numbers that are asked for at once, at most."""

Size: TypeAlias = tuple[int, int]
"""Width and height."""

UPRIGHT, _LAST_ORIENTATION = 1, 8
_ON_ITS_SIDE = frozenset({5, 6, 7, 8})
"""Orientations of Exif (CIPA DC-008, tag 0x0112) that swap width and height."""


@attrs.frozen
class ImageHeader:
    """How an image is stored, and how it is to be turned."""

    stored: Size
    orientation: int = UPRIGHT
    """As Exif numbers it; see `points.turned`."""

    @property
    def upright(self) -> Size:
        """Width and height of the image as it is seen."""
        width, height = self.stored
        return (height, width) if self.orientation in _ON_ITS_SIDE else (width, height)


def picture_of(content: bytes | BinaryIO) -> ImageHeader | None:
    """Return how an image is stored and turned; None where its bytes do not tell.

    Args:
        content: The image, or a file at its beginning, of which only the places are read that tell
            (where it can seek; else all up to them).

    Example:
        >>> picture_of(b"GIF89a" + bytes([4, 0, 3, 0]))
        ImageHeader(stored=(4, 3), orientation=1)
    """
    window = _FileBytes(content)
    size = _size_in(window)
    return None if size is None else ImageHeader(size, _orientation_in(window))


def size_of(content: bytes | BinaryIO) -> Size | None:
    """Return width and height of an image as it is stored; None where its bytes do not tell.

    Args:
        content: As for `picture_of`.

    Example:
        >>> size_of(b"GIF89a" + bytes([4, 0, 3, 0])), size_of(b"hello")
        ((4, 3), None)
    """
    return _size_in(_FileBytes(content))


def upright_size_of(content: bytes | BinaryIO) -> Size | None:
    """Return width and height of an image as it is seen; None where its bytes do not tell.

    Args:
        content: As for `picture_of`.
    """
    found = picture_of(content)
    return None if found is None else found.upright


def orientation_of(content: bytes | BinaryIO) -> int:
    """Return how an image is to be turned, as Exif numbers it: 1 is upright, 5 to 8 are on a side.

    Args:
        content: As for `picture_of`.

    Example:
        >>> orientation_of(b"GIF89a" + bytes([4, 0, 3, 0]))
        1
    """
    return _orientation_in(_FileBytes(content))


class _FileBytes:
    """The bytes of a file, read where they are asked for."""

    def __init__(self, content: bytes | BinaryIO) -> None:
        self._file: BinaryIO | None = None
        self._whole = b""
        if isinstance(content, (bytes, bytearray, memoryview)):
            self._whole = content
            self.head = bytes(content[:FIRST_BYTES])
        else:
            self._file = content
            self.head = content.read(FIRST_BYTES)

    def bytes(self, at: int, length: int) -> bytes:
        """Return bytes; fewer where the file ends."""
        if at + length <= len(self.head):
            return self.head[at : at + length]
        if self._file is None:
            return bytes(self._whole[at : at + length])
        if self._file.seekable():
            self._file.seek(at, SEEK_SET)
            return self._file.read(length)
        self.head += self._file.read(at + length - len(self.head))
        return self.head[at : at + length]

    def unpack(self, form: str, at: int) -> tuple[Any, ...]:
        """Return numbers; raises struct.error where the file ends before them."""
        if at + _LONGEST_FORM <= len(self.head):
            return struct.unpack_from(form, self.head, at)
        return struct.unpack(form, self.bytes(at, struct.calcsize(form)))

    def within(self, at: int, length: int) -> _FileBytes:
        """Return a part of it, which is small."""
        return _FileBytes(self.bytes(at, length))


def _size_in(window: _FileBytes) -> Size | None:
    measure = _MEASURES.get(format_of("image", window.head))
    if measure is None:
        return None
    try:
        size = measure(window)
    except (struct.error, IndexError, KeyError, OverflowError, ValueError):
        return None
    return size if size is not None and min(size) > 0 else None


def _orientation_in(window: _FileBytes) -> int:
    find = _EXIFS.get(format_of("image", window.head))
    try:
        exif = None if find is None else find(window)
        found = UPRIGHT if exif is None else _orientation_of_tiff(exif)
    except (struct.error, IndexError, KeyError, OverflowError, ValueError):
        return UPRIGHT
    return found if UPRIGHT <= found <= _LAST_ORIENTATION else UPRIGHT


def _png(window: _FileBytes) -> Size:
    width, height = window.unpack(">II", 16)
    return width, height


def _gif(window: _FileBytes) -> Size:
    width, height = window.unpack("<HH", 6)
    return width, height


def _bmp(window: _FileBytes) -> Size:
    if window.unpack("<I", 14)[0] == 12:
        width, height = window.unpack("<HH", 18)
    else:
        width, height = window.unpack("<ii", 18)
    return width, abs(height)


_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_ALONE = {0x01, *range(0xD0, 0xDA)}
_SCAN = 0xDA
_MAX_SEGMENTS = 10_000
"""Of a JPEG before its frame: one of 4 GB of metadata is no picture."""


def _jpeg(window: _FileBytes) -> Size | None:
    """Walk the segments up to the start of a frame, which holds the size."""
    for marker, at in _segments(window):
        if marker in _FRAMES:
            height, width = window.unpack(">HH", at + 3)
            return width, height
    return None


def _segments(window: _FileBytes) -> Iterator[tuple[int, int]]:
    """Yield the marker of each segment of a JPEG, and where its length stands."""
    at = 2
    for _ in range(_MAX_SEGMENTS):
        mark, marker = window.unpack("BB", at)
        if mark != 0xFF:
            return
        if marker == 0xFF:  # a byte that only fills
            at += 1
            continue
        at += 2
        if marker == _SCAN:
            return
        yield marker, at
        if marker not in _ALONE:
            at += window.unpack(">H", at)[0]


def _webp(window: _FileBytes) -> Size | None:
    kind = window.bytes(12, 4)
    if kind == b"VP8 ":
        width, height = window.unpack("<HH", 26)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        bits = window.unpack("<I", 21)[0]
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X":
        low_width, high_width, low_height, high_height = window.unpack("<HBHB", 24)
        return low_width + (high_width << 16) + 1, low_height + (high_height << 16) + 1
    return None


_WIDTH_TAG, _HEIGHT_TAG, _ORIENTATION_TAG = 256, 257, 274
_TIFF_NUMBERS = {1: "B", 3: "H", 4: "I"}


def _tiff(window: _FileBytes) -> Size:
    found = _tags(window, (_WIDTH_TAG, _HEIGHT_TAG))
    return found[_WIDTH_TAG], found[_HEIGHT_TAG]


def _tags(window: _FileBytes, wanted: tuple[int, ...]) -> dict[int, int]:
    """Return numbers in the first directory of a TIFF file, wherever it stands."""
    order = "<" if window.head.startswith(b"II") else ">"
    at = window.unpack(f"{order}I", 4)[0]
    count = window.unpack(f"{order}H", at)[0]
    entries = window.bytes(at + 2, 12 * count)
    found: dict[int, int] = {}
    for entry in range(0, len(entries) - 11, 12):
        tag, kind = struct.unpack_from(f"{order}HH", entries, entry)
        if tag in wanted and kind in _TIFF_NUMBERS:
            form = f"{order}{_TIFF_NUMBERS[kind]}"
            found[tag] = struct.unpack_from(form, entries, entry + 8)[0]
    return found


_MEASURES: dict[str, Callable[[_FileBytes], Size | None]] = {
    "png": _png,
    "jpg": _jpeg,
    "gif": _gif,
    "webp": _webp,
    "bmp": _bmp,
    "tiff": _tiff,
}

_APP1, _EXIF = 0xE1, b"Exif\0\0"
_MAX_EXIF_BYTES = 1024 * 1024
_MAX_CHUNKS = 10_000


def _orientation_of_tiff(exif: _FileBytes) -> int:
    """Return the orientation that Exif data, which are a small TIFF file, hold."""
    return _tags(exif, (_ORIENTATION_TAG,)).get(_ORIENTATION_TAG, UPRIGHT)


def _jpeg_exif(window: _FileBytes) -> _FileBytes | None:
    for marker, at in _segments(window):
        if marker == _APP1 and window.bytes(at + 2, len(_EXIF)) == _EXIF:
            length = window.unpack(">H", at)[0]
            return window.within(at + 2 + len(_EXIF), length - 2 - len(_EXIF))
        if marker in _FRAMES:  # Exif data stand before it
            break
    return None


def _png_exif(window: _FileBytes) -> _FileBytes | None:
    return _chunk(window, 8, b"eXIf", ">I4s", name_first=False)


def _webp_exif(window: _FileBytes) -> _FileBytes | None:
    if window.bytes(8, 8) != b"WEBPVP8X" or not window.bytes(20, 1)[0] & _WEBP_HAS_EXIF:
        return None
    found = _chunk(window, 12, b"EXIF", "<4sI", name_first=True)
    if found is not None and found.head.startswith(_EXIF):
        return found.within(len(_EXIF), _MAX_EXIF_BYTES)
    return found


_WEBP_HAS_EXIF = 0x08
"""A bit of the flags of VP8X (RFC 9649)."""


def _chunk(
    window: _FileBytes, at: int, wanted: bytes, form: str, *, name_first: bool
) -> _FileBytes | None:
    """Return the first chunk of a name; those of PNG end in a checksum, those of WebP are even."""
    for _ in range(_MAX_CHUNKS):
        if len(window.bytes(at, 8)) < 8:
            return None
        first, second = window.unpack(form, at)
        name, length = (first, second) if name_first else (second, first)
        if name == wanted:
            return window.within(at + 8, min(length, _MAX_EXIF_BYTES))
        at += 8 + length + (length % 2 if name_first else 4)
    return None


_EXIFS: dict[str, Callable[[_FileBytes], _FileBytes | None]] = {
    "png": _png_exif,
    "jpg": _jpeg_exif,
    "webp": _webp_exif,
    "tiff": lambda window: window,
}
