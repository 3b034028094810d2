"""What is said of an item, or of a file, that cannot be read."""

from __future__ import annotations

import errno

import attrs


@attrs.frozen
class BrokenItem:
    """An item that the loader could not give."""

    reason: str


def describe(error: OSError) -> str:
    """Return in words why a file cannot be read, without its name."""
    return "no such file" if error.errno == errno.ENOENT else (error.strerror or str(error))
