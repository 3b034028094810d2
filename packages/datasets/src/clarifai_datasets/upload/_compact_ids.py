"""Many ids in little memory."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import overload


class IdList(Sequence[str]):
    """A list of ids that takes the bytes of each id and eight more, not eighty.

    It compares equal to any list of the same ids.

    Example:
        >>> ids = IdList(["a", "b"])
        >>> ids += ["c"]
        >>> list(ids), ids[-1], ids == ["a", "b", "c"]
        (['a', 'b', 'c'], 'c', True)
    """

    __slots__ = ("_ends", "_text")

    __hash__ = None  # type: ignore[assignment]  # why: it can be changed

    def __init__(self, ids: Iterable[str] = ()) -> None:
        self._text = bytearray()
        self._ends = array("Q")
        self.extend(ids)

    def append(self, one: str) -> None:
        """Add an id."""
        self._text += one.encode("utf-8", "surrogatepass")
        self._ends.append(len(self._text))

    def extend(self, ids: Iterable[str]) -> None:
        """Add ids."""
        for one in ids:
            self.append(one)

    def __iadd__(self, ids: Iterable[str]) -> IdList:
        self.extend(ids)
        return self

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        at = range(len(self))[index]
        start = self._ends[at - 1] if at else 0
        return self._text[start : self._ends[at]].decode("utf-8", "surrogatepass")

    def __iter__(self) -> Iterator[str]:
        return (self[at] for at in range(len(self)))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, IdList):
            return self._ends == other._ends and self._text == other._text
        return isinstance(other, (list, tuple)) and list(self) == list(other)

    def __repr__(self) -> str:
        return repr(list(self))
