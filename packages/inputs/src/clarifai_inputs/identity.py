"""The id of an input: from what its source calls it, from the name of its file, from its content.

The same source gives the same ids in every run, so that an upload that is repeated adds nothing.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_OWN_CHARACTERS = 200
"""Of an id that a source gives: the platform takes 256, and `<dataset>-` may go before."""

_REFUSED = re.compile("[\x00-\x1f\x7f/\\\\\ud800-\udfff]+")
"""Also half characters, which names of files have that are not in UTF-8."""

_SLOTS_PER_KEY = 8


def item_id(original: object) -> str:
    """Return an id that the platform takes: `original` itself where that is one.

    Otherwise what is refused becomes `-`, and a checksum keeps two of them apart.

    Example:
        >>> item_id("cat-7"), item_id("a/b")
        ('cat-7', 'a-b-82badf67')
    """
    text = str(original)
    if 0 < len(text) <= MAX_OWN_CHARACTERS and not _REFUSED.search(text):
        return text
    mark = checksum(text)
    kept = _REFUSED.sub("-", text).strip("-")[: MAX_OWN_CHARACTERS - len(mark) - 1]
    return f"{kept}-{mark}" if kept else mark


def are_ids(texts: Sequence[str]) -> bool:
    """Return whether the platform takes all of these as ids; `""` counts as one.

    Example:
        >>> are_ids(["cat-7", "8"]), are_ids(["cat-7", "a/b"])
        (True, False)
    """
    joined = "".join(texts)
    plain = joined.isprintable() and "/" not in joined and "\\" not in joined  # quick to tell
    is_long = max(map(len, texts), default=0) > MAX_OWN_CHARACTERS
    return not is_long and (plain or not _REFUSED.search(joined))


def checksum(text: str) -> str:
    """Return eight characters that tell a text from others; it may have half characters."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()


def content_id(content: bytes) -> str:
    """Return the id of something that has no name: 32 characters that its content tells.

    Example:
        >>> content_id(b"hello"), len(content_id(b""))
        ('46fb7408d4f285228f4af516ea25851b', 32)
    """
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def stem_of(file_name: str) -> str:
    """Return the id that the name of a file gives: up to its first dot.

    Example:
        >>> stem_of("cat.7.png")
        'cat'
    """
    return file_name.partition(".")[0]


def with_prefix(prefix: str, own: object, number: int) -> str:
    """Return an id with what goes before every id of an upload, once.

    What was exported comes back under the ids that it has: they begin with the prefix already.

    Args:
        prefix: `"<dataset>-"`, or `""`.
        own: What the source calls the item; None or `""`: nothing.
        number: The item's, where it has no name.

    Example:
        >>> with_prefix("train-", "cat", 0), with_prefix("train-", None, 7)
        ('train-cat', 'train-7')
        >>> with_prefix("train-", "train-cat", 0)
        'train-cat'
    """
    text = str(number) if own is None or own == "" else str(own)
    return text if prefix and text.startswith(prefix) and text != prefix else f"{prefix}{text}"


class Occurrences:
    """Counts how often a content came, in about twenty bytes for each.

    Example:
        >>> seen = Occurrences()
        >>> [seen.add(one) for one in ("46fb7408d4f28522", "0", "46fb7408d4f28522")]
        [0, 0, 1]
    """

    def __init__(self) -> None:
        self._slots = array("Q", bytes(8 << 10))
        self._more: dict[int, int] = {}
        self._count = 0

    def add(self, checksum_: str) -> int:
        """Count a content, and return how often it came before.

        Args:
            checksum_: What tells it from others: hexadecimal figures.
        """
        key = (int(checksum_, 16) & 0xFFFFFFFFFFFFFFFF) or 1
        slot = self._slot(key)
        if self._slots[slot]:
            self._more[key] = self._more.get(key, 0) + 1
            return self._more[key]
        self._slots[slot] = key
        self._count += 1
        if 2 * self._count > len(self._slots):
            old, self._slots = self._slots, array("Q", bytes(16 * len(self._slots)))
            for one in filter(None, old):
                self._slots[self._slot(one)] = one
        return 0

    def _slot(self, key: int) -> int:
        """Return where a key is, or is to be."""
        mask = len(self._slots) - 1
        slot = key & mask
        while self._slots[slot] not in (0, key):
            slot = (slot + 1) & mask
        return slot


class DuplicateKeys:
    """Finds the things whose key another had before, in about ten bytes each.

    A table of one byte per slot tells that a key is new; only what finds its slot taken, one in
    sixteen or so, is looked at again.

    Example:
        >>> repeats = DuplicateKeys()
        >>> repeats.add(["a", "b", "a"])
        >>> repeats.found()
        [2]
    """

    def __init__(self) -> None:
        self._hashes = array("q")
        self._table = bytearray(1 << 14)
        self._suspects = array("Q")

    def add(self, keys: Iterable[str]) -> None:
        """Add the keys of the next things."""
        start = len(self._hashes)
        self._hashes.extend(map(hash, keys))
        if len(self._hashes) * _SLOTS_PER_KEY > len(self._table):
            size = len(self._table)
            while len(self._hashes) * _SLOTS_PER_KEY > size:
                size *= 4
            self._table = bytearray(size)
            self._suspects, start = array("Q"), 0
        self._enter(start)

    def found(self) -> list[int]:
        """Return the numbers of the repeated ones, in order."""
        hashes = self._hashes
        wanted = {hashes[row] for row in self._suspects}
        seen: set[int] = set()
        repeated = []
        if wanted:
            for row, value in enumerate(hashes):
                if value in wanted:
                    if value in seen:
                        repeated.append(row)
                    seen.add(value)
        return repeated

    def _enter(self, start: int) -> None:
        table, mask = self._table, len(self._table) - 1
        for row, value in enumerate(itertools.islice(self._hashes, start, None), start):
            slot = value & mask
            if table[slot]:
                self._suspects.append(row)
            else:
                table[slot] = 1
