"""What of a source is not used as it stands: counted by what it is, with the first examples.

A reader passes nothing over in silence. What it can use it sends; what makes an item wrong is that
item's failure; all else it counts here: a hidden file, a column that nobody knows, a box that was
cut at the border. A report shows a line for each kind, however many there are of it.

    left alone, hidden: 2 (.DS_Store, cats/._1.png)
    boxes cut at the border: 3 (a.json: annotation 7, ...)
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import attrs

from clarifai_core.safe_text import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_EXAMPLES = 5
"""Examples that a line spells out."""

MAX_KINDS = 50
"""Lines; further kinds are counted together."""

MAX_EXAMPLE_CHARACTERS = 200

_FURTHER = "of other kinds"


@attrs.define
class _Kind:
    count: int = 0
    examples: list[str] = attrs.field(factory=list)
    items: bytearray = attrs.field(factory=bytearray)
    """A bit for each item that was counted."""

    def is_new(self, item: int) -> bool:
        """Return whether an item was not counted before, and count it."""
        at, bit = item >> 3, 1 << (item & 7)
        if at >= len(self.items):
            self.items.extend(bytes(at + 1 - len(self.items)))
        if self.items[at] & bit:
            return False
        self.items[at] |= bit
        return True


class Remarks:
    """Collects remarks. Thread-safe; memory does not grow with their number.

    Example:
        >>> found = Remarks()
        >>> found.add("left alone, hidden", ".DS_Store")
        >>> found.add("boxes cut at the border", "a.txt: line 2", item=4)
        >>> found.add("boxes cut at the border", "a.txt: line 2", item=4)
        >>> found.lines()
        ['left alone, hidden: 1 (.DS_Store)', 'boxes cut at the border: 1 (a.txt: line 2)']
    """

    def __init__(self) -> None:
        self._kinds: dict[str, _Kind] = {}
        self._lock = threading.Lock()

    def add(self, what: str, example: str = "", *, count: int = 1, item: int | None = None) -> None:
        """Count something that is not used as it stands.

        Args:
            what: Its kind, in the plural and with what became of it: `"boxes cut at the border"`.
            example: This one: the file and the line, row or pointer in it.
            count: How many there are of it.
            item: Number of the item that it belongs to. An item may be read again, and is counted
                once for each kind: say all of that kind that is in it at once.
        """
        with self._lock:
            if what not in self._kinds and len(self._kinds) >= MAX_KINDS:
                what = _FURTHER
            kind = self._kinds.setdefault(what, _Kind())
            if item is not None and not kind.is_new(item):
                return
            kind.count += count
            if example and len(kind.examples) < MAX_EXAMPLES:
                kind.examples.append(plain(example, MAX_EXAMPLE_CHARACTERS))

    def add_all(self, what: str, examples: Iterable[str]) -> None:
        """Count each of these."""
        for example in examples:
            self.add(what, example)

    def include(self, other: Remarks) -> None:
        """Count what others counted."""
        for what, kind in list(other._kinds.items()):
            for example in kind.examples:
                self.add(what, example)
            if kind.count > len(kind.examples):
                self.add(what, count=kind.count - len(kind.examples))

    def lines(self) -> list[str]:
        """Return a line for each kind, in the order in which they came."""
        with self._lock:
            return [_line(what, kind) for what, kind in self._kinds.items()]

    def counts(self) -> dict[str, int]:
        """Return how many there are of each kind."""
        with self._lock:
            return {what: kind.count for what, kind in self._kinds.items()}

    def __len__(self) -> int:
        return sum(self.counts().values())

    def __getstate__(self) -> dict[str, _Kind]:
        with self._lock:
            return dict(self._kinds)

    def __setstate__(self, state: dict[str, _Kind]) -> None:
        self._kinds, self._lock = state, threading.Lock()


def _line(what: str, kind: _Kind) -> str:
    shown = ", ".join(kind.examples)
    more = ", ..." if shown and kind.count > len(kind.examples) else ""
    return f"{what}: {kind.count:,} ({shown}{more})" if shown else f"{what}: {kind.count:,}"
