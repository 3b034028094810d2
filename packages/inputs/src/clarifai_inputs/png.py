"""PNG files of small pictures that come as bare pixels; no library is needed for that."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

from clarifai_inputs.signatures import PNG

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_COLOUR_TYPES = {1: 0, 3: 2, 4: 6}
_BITS = 8


def png(rows: Sequence[bytes], *, colours: int = 1) -> bytes:
    r"""Return a picture as a PNG file.

    Args:
        rows: The lines from top to bottom, all of the same length, `colours` bytes per pixel.
        colours: 1: shades of grey; 3: red, green and blue; 4: these and how opaque they are.

    Example:
        >>> png([b"\x00\xff", b"\xff\x00"])[1:4]
        b'PNG'
    """
    width = len(rows[0]) // colours
    size = struct.pack(">2I5B", width, len(rows), _BITS, _COLOUR_TYPES[colours], 0, 0, 0)
    return PNG + b"".join(_chunks(size, zlib.compress(b"".join(b"\0" + row for row in rows))))


def _chunks(size: bytes, pixels: bytes) -> Iterable[bytes]:
    for name, content in ((b"IHDR", size), (b"IDAT", pixels), (b"IEND", b"")):
        checksum = zlib.crc32(name + content)
        yield struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)
