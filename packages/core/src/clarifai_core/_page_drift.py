"""A listing that is added to while it is read: its later pages repeat items of earlier ones.

Listings are numbered pages of what is there at the moment, newest first. What is added meanwhile
pushes the rest towards the end, so the next page begins with what came already. To see that, not
every item has to be looked at: of each page some at its beginning and some at its end are marked,
and of the next page every so-manieth is compared. A repeated part holds a marked run that is long
enough to be hit.

Where items cannot be told apart by one key, pages can: one that begins and ends as the page before
it is that page again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from clarifai_core.errors import BadReply

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from clarifai_core.paging import Ends, Page

T = TypeVar("T")

STEP = 32
"""Items at both ends of a page that are marked; of the next page one of so many is compared."""

MOST_REPEATED = 8
"""Pages in a row that may repeat the one before; where items have keys, as many more as were new:
whole pages may be added between two requests."""

_AT_BEGINNING, _AT_END = False, True


class PageDrift:
    """What came so far, of one listing that is read once from its beginning."""

    def __init__(self) -> None:
        self._marks: dict[str, bool] = {}
        self._pages = self._repeated = 0
        self._ends: Ends | None = None

    def fresh(self, page: Page[T]) -> tuple[Sequence[T], bool]:
        """Return the items of the next page that are new, and whether there were others.

        Raises:
            BadReply: Page after page has nothing new.
        """
        if not page.items:
            return page.items, False
        if page.key is not None:
            return self._by_key(page.items, page.key)
        if page.ends is None or page.ends != self._ends:
            self._ends = page.ends
            self._came_anew()
            return page.items, False
        self._came_again(besides=0)
        # Items without ids may be alike, and be others all the same.
        return ([], True) if page.ends.have_ids else (page.items, False)

    def _by_key(self, items: Sequence[T], key: Callable[[int], str]) -> tuple[Sequence[T], bool]:
        count = len(items)
        compared = (*range(0, count, STEP), count - 1)
        if not any(key(place) in self._marks for place in compared):
            self._mark(key, 0, count)
            return items, False
        start = self._behind_the_known(key, count)
        if start < count:
            self._mark(key, start, count)
        else:
            self._came_again(besides=self._pages)
        return items[start:], True

    def _behind_the_known(self, key: Callable[[int], str], count: int) -> int:
        """Return where the part of a page begins that no page had before."""
        for place in reversed(range(count)):
            mark = self._marks.get(key(place))
            if mark is not None:
                # Behind the beginning of an earlier page comes the middle of it.
                return place + 1 if mark is _AT_END else count
        return 0

    def _mark(self, key: Callable[[int], str], start: int, count: int) -> None:
        self._came_anew()
        for place in range(start, min(start + STEP, count)):
            self._marks[key(place)] = _AT_BEGINNING
        for place in range(max(start, count - STEP), count):
            self._marks[key(place)] = _AT_END

    def _came_anew(self) -> None:
        self._repeated = 0
        self._pages += 1

    def _came_again(self, besides: int) -> None:
        self._repeated += 1
        if self._repeated > besides + MOST_REPEATED:
            raise BadReply(
                f"The last {self._repeated} pages of the listing repeat the ones before: the "
                "platform does not count pages, or it grows faster than it can be read."
            )
