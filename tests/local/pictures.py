"""Small pictures for tests, real and hostile."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image


def picture(colour: str = "red", side: int = 16, kind: str = "PNG") -> bytes:
    """Return a picture of one colour."""
    out = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(out, kind)
    return out.getvalue()


def huge_png(width: int, height: int, rows: int = 0) -> bytes:
    """Return a small PNG that says it is `width` x `height`.

    Args:
        width: Pixels of a row.
        height: Rows that the header names.
        rows: Rows of zeros that really are there, as few bytes of deflate.
    """
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packer = zlib.compressobj(9)
    row = bytes(1 + 3 * width)
    data = b"".join(packer.compress(row) for _ in range(rows)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND")


def text_bomb_png(unpacked_bytes: int) -> bytes:
    """Return a PNG of one pixel with a compressed comment of that size."""
    packer = zlib.compressobj(9)
    comment = packer.compress(bytes(unpacked_bytes)) + packer.flush()
    plain = picture(side=1)
    head = plain[: 8 + 25]
    return head + _chunk(b"zTXt", b"comment\0\0" + comment) + plain[len(head) :]


def _chunk(name: bytes, data: bytes = b"") -> bytes:
    body = name + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
