"""What is said of an item, or of a file, that cannot be read."""

from __future__ import annotations

import errno

import attrs

from clarifai_core.errors import UserError


@attrs.frozen
class BrokenItem:
    """An item that the loader could not give."""

    reason: str
    id: str | int = ""
    """What the source calls it, if that is known."""


class NoItems(UserError):
    """A source is there, and there is nothing in it: an upload of it has nothing to do."""


def describe(error: OSError) -> str:
    """Return in words why a file cannot be read, without its name."""
    return "no such file" if error.errno == errno.ENOENT else (error.strerror or str(error))
