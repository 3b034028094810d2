"""A sequence in pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_core.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

__all__ = ["Chunker"]


class Chunker:
    """Splits a sequence into chunks of one size; the last one may be smaller.

    Args:
        seq: Anything that can be sliced and has a length.
        size: Items of a chunk.

    Raises:
        UserError: `size` is no whole number above 0, or `seq` is no sequence.

    Example:
        >>> Chunker([1, 2, 3, 4, 5], 2).chunk()
        [[1, 2], [3, 4], [5]]
    """

    def __init__(self, seq: Sequence[Any], size: int) -> None:
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise UserError(f"size must be a whole number above 0, got {size!r}.")
        if not (hasattr(seq, "__len__") and hasattr(seq, "__getitem__")):
            raise UserError(f"seq must be a sequence, such as a list, got {seq!r}.")
        self.seq = seq
        self.size = size

    def chunk(self) -> list[Any]:
        """Return the chunks, each a slice of the sequence."""
        return [self.seq[start : start + self.size] for start in range(0, len(self.seq), self.size)]
