"""What the contestants send: the same bytes each time, for each of them."""

from __future__ import annotations

import random


def picture(size: int, number: int = 0) -> bytes:
    """Return `size` bytes that look like a JPEG of 64 x 64 pixels from afar."""
    return _JPEG + random.Random(number).randbytes(size - len(_JPEG))


def pictures(count: int, size: int) -> list[bytes]:
    """Return `count` different ones."""
    return [picture(size, number) for number in range(count)]


_JPEG = bytes.fromhex("ffd8 ffc0 0011 08 0040 0040 03")
"""Its start, and the start of its frame, which says how many pixels there are."""
