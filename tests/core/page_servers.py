"""Servers that give pages in ways of their own: they cut, refuse and miscount."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs

DEFAULT = 128
"""Items of a page when none are asked for, as documented."""


class TooMany(Exception):
    """So many items a page are refused."""


@attrs.define
class Server:
    """Gives pages of `there`, and remembers which were asked for."""

    there: Sequence[str]
    most: int = 1000
    """A page has no more items."""
    refuses_above: int = 1_000_000
    number_of: Callable[[int, int], int] = lambda number, last: number
    """Of the page that is given, by the one that is asked for and the last there is."""
    size_of: Callable[[int], int] = lambda size: size
    """Items of the page that is given, by those asked for."""
    begins_at: Callable[[int, int, int], int] = lambda number, size, _asked: (number - 1) * size
    is_empty: Callable[[int], bool] = lambda number: False
    """Whether a page is empty though it should not be."""
    asked: list[tuple[int, int]] = attrs.Factory(list)
    meanwhile: Callable[[], None] = lambda: None
    """What happens before each page but the first."""

    def page(self, number: int, asked: int) -> Sequence[str]:
        """Return the items of a page."""
        if self.asked:
            self.meanwhile()
        self.asked.append((number, asked))
        if asked > self.refuses_above:
            raise TooMany(f"per_page cannot exceed {self.refuses_above}")
        if self.is_empty(number):
            return []
        size = min(self.size_of(asked or DEFAULT), self.most)
        number = self.number_of(max(number, 1), max(1, -(-len(self.there) // size)))
        begin = self.begins_at(number, size, asked)
        return self.there[begin : begin + size]


def items(count: int) -> list[str]:
    return [f"item-{n}" for n in range(count)]
