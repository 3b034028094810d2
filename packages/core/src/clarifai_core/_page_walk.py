"""One walk through the pages of a listing: what to ask for next, and whether there is more."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Generic, Protocol, TypeAlias, TypeVar

from clarifai_core import status
from clarifai_core._page_drift import PageDrift
from clarifai_core.errors import ApiError, BadReply, InvalidArgument
from clarifai_core.page_sizes import SURE_PER_PAGE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clarifai_core.page_sizes import PageSizes
    from clarifai_core.paging import Page, PageLimits

T = TypeVar("T")


class PendingPage(Protocol[T]):
    """A page that was asked for: a future, or what does as much of it."""

    def result(self) -> Page[T]:
        """Wait for the page and return it."""

    def cancel(self) -> bool:
        """Give it up."""


Begin: TypeAlias = Callable[[int, int], PendingPage[T]]
"""Begins to get a page by its number, from 1, and its size."""

MAX_PAGES_AHEAD = 8
"""Requests that may be under way before their items are asked for."""


class Walk(Generic[T]):
    """One reading of a listing, from its first page on.

    Page 1 comes alone, then 1, 2, 4 ... pages at once while earlier ones are being used; where it
    is known how many there are, all at once. A first page of another length than asked for may show
    the size of the server's pages: page 2 is then asked for in that size, as pages have numbers.

    Args:
        fetch: Gets (page number from 1, items per page).
        limits: Which pages.
        sizes: What is known of the method.
        begin: Begins what `fetch` does; None: one page after another.
    """

    def __init__(
        self,
        fetch: Callable[[int, int], Page[T]],
        limits: PageLimits,
        sizes: PageSizes,
        begin: Begin[T] | None,
    ) -> None:
        self._fetch, self._limits, self._sizes = fetch, limits, sizes
        self._begin = None if limits.single else begin
        self._number, self._size = limits.first, limits.size(sizes.most)
        self._depth = MAX_PAGES_AHEAD if limits.known_items else 1
        self._waiting: deque[PendingPage[T]] = deque()
        self._shifts = PageDrift()
        self._was_full = self._was_cut = self._doubts = False

    def pages(self) -> Iterator[Sequence[T]]:
        """Yield the items of each page.

        Raises:
            ApiError: A page was refused.
            ApiClientError: A page did not come, or pages repeat those before.
        """
        try:
            page = self._first()
            while True:
                items, has_more = self._take(page)
                if has_more and (self._limits.known_items or self._number > 2):
                    self._ask_ahead()
                yield items
                if not has_more:
                    return
                page = self._next()
        finally:
            self._drop_waiting()

    def _first(self) -> Page[T]:
        if self._limits.known_items:
            self._ask_ahead(behind=1)
        try:
            return self._get(self._number, self._size)
        except InvalidArgument as error:
            is_ours = not self._limits.single
            if not (is_ours and self._sizes.may_be_too_large(self._size) and _may_be_size(error)):
                raise
        self._drop_waiting()
        self._size = self._limits.size(SURE_PER_PAGE)
        page = self._get(self._number, self._size)
        self._sizes.cut_to(SURE_PER_PAGE)
        return page

    def _next(self) -> Page[T]:
        if not self._waiting:
            return self._get(self._number, self._size)
        return self._named(self._number, self._size, self._waiting.popleft().result)

    def _ask_ahead(self, behind: int = 0) -> None:
        """Let so many pages come as should be under way; `behind`: all but so many at the front."""
        if self._begin is None or self._doubts:
            return
        depth = self._depth - behind
        while len(self._waiting) < depth:
            number = self._number + behind + len(self._waiting)
            known = self._limits.known_items
            if known and (number - 1) * self._size >= known:
                return
            self._waiting.append(self._begin(number, self._size))

    def _take(self, page: Page[T]) -> tuple[Sequence[T], bool]:
        """Return the new items of the page that comes next, and whether others may follow."""
        items, repeated = self._shifts.fresh(page)
        if repeated:
            if self._limits.known_items and page.key is None:
                raise BadReply(
                    f"Page {self._number} of the listing repeats the one before it: the platform "
                    "does not count pages."
                )
            # Pages behind this one may be older than it, and then miss what moved on.
            self._drop_waiting()
        came = len(page.items) if page.came is None else page.came
        has_more = self._goes_on(came) if page.is_last is None else not page.is_last
        known = self._limits.known_items
        if self._limits.single or (known and self._number * self._size >= known):
            has_more = False
        if self._number > self._limits.first:
            self._depth = min(self._depth * 2, MAX_PAGES_AHEAD)
        self._number += 1
        return items, has_more

    def _goes_on(self, came: int) -> bool:
        """Return whether others may follow a page of so many items."""
        was_full, self._was_full = self._was_full, came >= self._size
        self._sizes.saw(self._size, came)
        if self._number == self._limits.first and came != self._size:
            return self._goes_on_by(came)
        if self._was_full:
            if self._was_cut:
                self._sizes.cut_to(self._size)
            self._doubts = False
            return True
        if self._was_cut and not came and self._number == self._limits.first + 1:
            self._sizes.ends.add(self._size)
        # An empty page may be a mistake where those before it were full: the next one tells.
        self._doubts = was_full and not came
        return self._doubts

    def _goes_on_by(self, came: int) -> bool:
        """Go on in pages of the first one's size, if that may be the server's own."""
        if not (self._was_full or self._sizes.may_go_on(came)):
            return False
        self._drop_waiting()
        self._size, self._depth, self._was_cut = came, 1, True
        return True

    def _drop_waiting(self) -> None:
        while self._waiting:
            self._waiting.pop().cancel()

    def _get(self, number: int, size: int) -> Page[T]:
        return self._named(number, size, partial(self._fetch, number, size))

    @staticmethod
    def _named(number: int, size: int, get: Callable[[], Page[T]]) -> Page[T]:
        try:
            return get()
        except ApiError as error:
            error.page_no, error.per_page = number, size
            raise


_SIZE_WORDS = re.compile(r"per[ _-]?page|page[ _-]?size", re.IGNORECASE)


def _may_be_size(error: InvalidArgument) -> bool:
    """Return whether a refusal may be due to the size of the page: FAILURE may mean anything."""
    return error.code != status.FAILURE or bool(_SIZE_WORDS.search(status.words_of(error)))
