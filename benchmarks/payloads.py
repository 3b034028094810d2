"""What the contestants send: the same bytes each time, for each of them."""

from __future__ import annotations

import random


def picture(size: int, number: int = 0) -> bytes:
    """Return `size` bytes that look like a JPEG from afar."""
    return b"\xff\xd8\xff\xe0" + random.Random(number).randbytes(size - 4)


def pictures(count: int, size: int) -> list[bytes]:
    """Return `count` different ones."""
    return [picture(size, number) for number in range(count)]
