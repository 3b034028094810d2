"""The vectors of one space as queries read them: blocks that never change, and marks who is gone.

Rows are only ever added behind those that stand, and who is gone is a new array of marks: a query
takes what is there under a short lock and computes without one, while commits go on.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import attrs
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Floats: TypeAlias = NDArray[np.float32]
Numbers: TypeAlias = NDArray[np.int64]
Marks: TypeAlias = NDArray[np.bool_]

_Kind = TypeVar("_Kind", bound=np.generic)

BLOCK_ROWS = 8192
"""Vectors in one block, of memory or in a file."""


@attrs.define(eq=False)
class VectorBlock:
    """Vectors of some inputs; `alive` is replaced as a whole, the rest stays."""

    rows: Floats
    norms: Floats
    """The square of each row's length."""
    seqs: Numbers
    """Numbers of the inputs; of a block in a file ascending."""
    alive: Marks
    count: int
    """Rows that are there; the others are room."""
    number: int = 0
    """Of the block's file, in the database; 0 for one that has none."""

    @classmethod
    def empty(cls, capacity: int, dim: int) -> VectorBlock:
        """Return a block with room only."""
        return cls(
            np.empty((capacity, dim), np.float32),
            np.empty(capacity, np.float32),
            np.empty(capacity, np.int64),
            np.ones(capacity, np.bool_),
            0,
        )

    def view(self) -> VectorBlock:
        """Return what is there now, read-only."""
        return VectorBlock(
            _fixed(self.rows[: self.count]),
            _fixed(self.norms[: self.count]),
            _fixed(self.seqs[: self.count]),
            _fixed(self.alive[: self.count]),
            self.count,
            self.number,
        )

    def kill(self, places: Sequence[int] | Numbers) -> None:
        """Mark rows as gone, for those who look from now on."""
        alive = self.alive.copy()
        alive[places] = False
        self.alive = alive


class SpaceVectors:
    """The vectors of one space.

    Args:
        filed: Blocks of files; an input counts in one of them at most.
    """

    def __init__(self, filed: Iterable[VectorBlock] = ()) -> None:
        self._lock = threading.Lock()
        self._filed = list(filed)
        self._loose: list[VectorBlock] = []
        self._places: dict[int, tuple[VectorBlock, int]] = {}
        """Where the vector of an input is, of those in `_loose`."""

    def blocks(self) -> list[VectorBlock]:
        """Return all vectors as they are now, in blocks, about by ascending number."""
        with self._lock:
            views = [block.view() for block in (*self._filed, *self._loose)]
        return sorted((one for one in views if one.count), key=lambda one: int(one.seqs[0]))

    def put(self, seqs: Numbers, rows: Floats) -> None:
        """Add vectors, each in place of the one that its input had."""
        with self._lock:
            self._drop(seqs)
            self._append(seqs, rows)

    def drop(self, seqs: Numbers) -> None:
        """Remove the vectors of inputs; those without one are fine."""
        with self._lock:
            self._drop(seqs)
            self._repack()

    def attach(self, block: VectorBlock) -> None:
        """Take the block of a file in place of what its inputs had; one that is there stays."""
        with self._lock:
            if any(one.number == block.number for one in self._filed):
                return
            self._drop(block.seqs[block.alive])
            self._filed.append(block)
            self._repack()

    def detach(self, number: int) -> None:
        """Let go of the block of a file, and hold its vectors without."""
        with self._lock:
            for block in [one for one in self._filed if one.number == number]:
                self._filed.remove(block)
                self._append(block.seqs[block.alive], block.rows[block.alive])

    def _append(self, seqs: Numbers, rows: Floats) -> None:
        start = 0
        while start < len(seqs):
            if not self._loose or self._loose[-1].count == len(self._loose[-1].seqs):
                self._loose.append(VectorBlock.empty(BLOCK_ROWS, rows.shape[1]))
            block = self._loose[-1]
            first = block.count
            taken = min(len(seqs) - start, len(block.seqs) - first)
            at, of = slice(first, first + taken), slice(start, start + taken)
            block.rows[at] = rows[of]
            block.norms[at] = squares(rows[of])
            block.seqs[at] = seqs[of]
            block.count += taken
            for place, seq in enumerate(seqs[of].tolist(), first):
                self._places[seq] = block, place
            start += taken

    def _drop(self, seqs: Numbers) -> None:
        gone: dict[int, tuple[VectorBlock, list[int]]] = {}
        for seq in seqs.tolist():
            found = self._places.pop(seq, None)
            if found is not None:
                block, place = found
                gone.setdefault(id(block), (block, []))[1].append(place)
        for block, places in gone.values():
            block.kill(places)
        if not len(seqs):
            return
        first, last = int(seqs.min()), int(seqs.max())
        for block in self._filed:
            if block.seqs[0] <= last and block.seqs[-1] >= first:
                found_at = places_in(block.seqs, seqs)
                if len(found_at):
                    block.kill(found_at)

    def _repack(self) -> None:
        """Free the memory of loose vectors that are gone, once they are the greater part."""
        total = sum(block.count for block in self._loose)
        if total - len(self._places) <= max(total // 2, BLOCK_ROWS):
            return
        old, self._loose, self._places = self._loose, [], {}
        for block in old:
            alive = block.alive[: block.count]
            self._append(block.seqs[: block.count][alive], block.rows[: block.count][alive])


def squares(rows: Floats) -> Floats:
    """Return the square of each row's length."""
    found: Floats = np.einsum("ij,ij->i", rows, rows)
    return found


def places_in(ascending: Numbers, seqs: Numbers) -> Numbers:
    """Return where those of `seqs` stand in an ascending array that are in it."""
    if not len(ascending):
        return np.zeros(0, np.int64)
    places = np.minimum(np.searchsorted(ascending, seqs), len(ascending) - 1)
    found: Numbers = np.unique(places[ascending[places] == seqs])
    return found


def _fixed(array: NDArray[_Kind]) -> NDArray[_Kind]:
    view: NDArray[_Kind] = array[:]
    view.flags.writeable = False
    return view
