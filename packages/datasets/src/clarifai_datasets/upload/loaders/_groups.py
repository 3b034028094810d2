"""Places in a file of things and of their parts, which may come in any order, grouped by thing.

A place costs 16 bytes and a part four more, so that millions of annotations are no burden.
"""

from __future__ import annotations

import re
from array import array
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator

NOWHERE = (0, 0)
"""The place of something that only its parts name."""


@attrs.frozen
class GroupedOffsets:
    """Places of things, and of the parts of each."""

    owners: list[tuple[int, int]]
    """Start and end of each thing."""
    _starts: array[int]
    _places: array[int]

    def count(self, index: int) -> int:
        """Return how many parts a thing has."""
        return self._starts[index + 1] - self._starts[index]

    def parts(self, index: int) -> Iterator[tuple[int, int]]:
        """Yield start and end of each part of a thing, in the order of the file."""
        for at in range(self._starts[index], self._starts[index + 1]):
            yield self._places[2 * at], self._places[2 * at + 1]


class OffsetGroups:
    """Places of things and their parts, while a file is read.

    Attributes:
        ids: Of each thing, what users know it by.
    """

    def __init__(self) -> None:
        self.ids: list[Any] = []
        self._owners: list[tuple[int, int]] = []
        self._numbers: dict[Any, int] = {}
        self._of_owner = array("L")
        self._places = array("Q")

    def add_owner(self, key: Any, start: int, end: int, shown: Any) -> int:
        """Note a thing; a second one with the same key stands for itself, without parts.

        Returns:
            Its number; `first_of` is another one's where the key was there before.
        """
        number = self._number(key)
        if self._owners[number] != NOWHERE:
            number = self._new()
        self._owners[number] = (start, end)
        self.ids[number] = shown
        return number

    def first_of(self, key: Any) -> int:
        """Return the number of the first thing with a key that is there."""
        return self._numbers[key]

    def add_part(self, key: Any, start: int, end: int) -> None:
        """Note a part of the thing with this key."""
        self._of_owner.append(self._number(key))
        self._places.extend((start, end))

    def sorted(self) -> GroupedOffsets:
        """Return all places, parts with their things."""
        starts = array("L", bytes(array("L").itemsize * (len(self._owners) + 1)))
        for number in self._of_owner:
            starts[number + 1] += 1
        for number in range(len(self._owners)):
            starts[number + 1] += starts[number]
        following = array("L", starts)
        places = array("Q", bytes(self._places.itemsize * len(self._places)))
        for at, number in enumerate(self._of_owner):
            to = following[number]
            following[number] += 1
            places[2 * to : 2 * to + 2] = self._places[2 * at : 2 * at + 2]
        return GroupedOffsets(self._owners, starts, places)

    def _number(self, key: Any) -> int:
        if key not in self._numbers:
            self._numbers[key] = self._new()
            self.ids[-1] = f"unknown {key}"
        return self._numbers[key]

    def _new(self) -> int:
        self._owners.append(NOWHERE)
        self.ids.append("")
        return len(self._owners) - 1


def hashable(value: Any) -> object:
    """Return a key for what a JSON file has as an id: 1, 1.0 and "1" are one number.

    pycocotools takes 1.0 for 1, pandas writes it, and some tools write ids as texts.

    Example:
        >>> hashable(7), hashable(7.0), hashable("7"), hashable("007"), hashable([7])
        (7, 7, 7, '007', '[7]')
    """
    if type(value) is int:
        return value
    if isinstance(value, str):
        return int(float(value)) if _NUMBER.fullmatch(value) else value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    try:
        return repr(value)
    except RecursionError:
        return "nested too deeply"


_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.0+)?")
"""Of digits that a float holds exactly."""
