"""Pages of a listing as one lazy sequence."""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Callable
from itertools import chain, islice
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import attrs

from clarifai_core._page_drift import Shifts
from clarifai_core.errors import ApiError, UserError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from concurrent.futures import Executor, Future

    from typing_extensions import Self

T = TypeVar("T")

MAX_PER_PAGE = 1000
"""The most items a page of the platform may have."""

DEFAULT_PER_PAGE = 16
"""Items of a page that is asked for by number only, as documented."""

MAX_PAGES_AHEAD = 8
"""Requests that may be under way before their items are asked for."""


@attrs.frozen
class Page(Generic[T]):
    """One answer of a List method."""

    items: list[T]
    is_last: bool
    key: Callable[[int], str] | None = None
    """Returns what tells the n-th item from others, in a listing that may grow meanwhile."""


@attrs.frozen
class PageLimits:
    """Which pages to get.

    One page when its number or size is given, as documented; else all, in the largest pages.
    """

    page_no: int | None = None
    per_page: int | None = None
    max_items: int | None = None
    """Stop after so many items; None means no limit."""
    known_pages: int | None = None
    """How many pages there are, as far as the caller knows: those are asked for at once, and none
    behind them. None: unknown, so the pages ahead grow from one."""

    def __attrs_post_init__(self) -> None:
        _check("page_no", self.page_no, 1_000_000_000)
        _check("per_page", self.per_page, MAX_PER_PAGE)

    @property
    def single(self) -> bool:
        """Return whether exactly one page is asked for."""
        return self.page_no is not None or self.per_page is not None

    @property
    def first(self) -> int:
        """Return the number of the first page, counted from 1."""
        return self.page_no or 1

    @property
    def size(self) -> int:
        """Return the number of items to ask for per page."""
        if self.per_page is not None:
            return self.per_page
        return DEFAULT_PER_PAGE if self.page_no is not None else MAX_PER_PAGE


def _check(name: str, value: object, most: int) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise UserError(f"{name} must be a whole number from 1 to {most}, got {value!r}.")


class Pager(Generic[T]):
    """Items of a List method, fetched a page at a time, the next pages while you use this one.

    Iterating yields items; `pages()` yields lists; `all()` returns one list. Nothing is sent before
    the first item is asked for; iterating again asks again.

    A page that fails is asked for again as any read is; when that does not help, the error is
    raised where its items would have come, after all items before it: a listing never just ends.
    `page_no` of an `ApiError` says which page it was: `page_no=` with `per_page=1000` go on there.

    Inputs and annotations may be added while you read: none comes twice, and all that were there at
    the beginning come, unless thousands are added within the time of one request; what was added
    may come or not. What is deleted meanwhile moves the rest towards the beginning, past the page
    that is asked for next, as pages have numbers: so to delete what a listing yields, take `all()`
    first. The listing ends in any case.

    Example:
        >>> pager = Pager.of_pages([[1, 2], [3]])
        >>> list(pager), pager.all(), list(pager.pages())
        ([1, 2, 3], [1, 2, 3], [[1, 2], [3]])
    """

    def __init__(
        self,
        fetch: Callable[[int, int], Page[T]],
        limits: PageLimits | None = None,
        executor: Callable[[], Executor] | None = None,
    ) -> None:
        """Make a pager.

        Args:
            fetch: Gets (page number from 1, items per page); may run in another thread.
            limits: Which pages; all by default.
            executor: Returns the threads that pages ahead are fetched in; None: one after another.
        """
        self._fetch = fetch
        self._limits = limits or PageLimits()
        self._executor = executor
        self._keep: tuple[Callable[[T], bool], ...] = ()

    @classmethod
    def of_pages(cls, pages: list[list[T]]) -> Pager[T]:
        """Return a pager over lists that are already there."""
        last = len(pages)
        return cls(lambda no, _: Page(pages[no - 1] if no <= last else [], no >= last))

    def where(self, keep: Callable[[T], bool]) -> Self:
        """Return a pager over the items that `keep` is true for; the pages asked for stay the same.

        Example:
            >>> Pager.of_pages([[1, 2], [3]]).where(lambda item: item != 2).all()
            [1, 3]
        """
        made = copy.copy(self)
        made._keep = (*self._keep, keep)
        return made

    def __iter__(self) -> Iterator[T]:
        items = chain.from_iterable(self.pages())
        most = self._limits.max_items
        return items if most is None else islice(items, most)

    def all(self) -> list[T]:
        """Return every item in one list."""
        return list(self)

    def first(self) -> T | None:
        """Return the first item, or None when there is none."""
        for page in self._kept(self._walk(ahead=False)):
            return page[0]
        return None

    def pages(self) -> Iterator[list[T]]:
        """Yield the items of each page as a list.

        Raises:
            ApiError: A page was refused; `page_no` of the error says which.
            ApiClientError: A page did not come, or page after page repeats those before.
        """
        yield from self._kept(self._walk(ahead=True))

    def _kept(self, pages: Iterator[list[T]]) -> Iterator[list[T]]:
        """Yield what passes `where` of each page; a page of which nothing is left is none."""
        for items in pages:
            for keep in self._keep:
                items = [item for item in items if keep(item)]
            if items:
                yield items

    def _walk(self, *, ahead: bool) -> Iterator[list[T]]:
        limits = self._limits
        if not ahead or limits.single or self._executor is None:
            yield from self._one_by_one()
        elif limits.known_pages is not None:
            yield from self._at_once(self._executor(), limits.known_pages)
        else:
            yield from self._ahead(self._executor())

    def _one_by_one(self) -> Iterator[list[T]]:
        number, shifts = self._limits.first, Shifts()
        while True:
            page = self._get(number)
            yield shifts.fresh(page.items, page.key)[0]
            if page.is_last or self._limits.single:
                return
            number += 1

    def _ahead(self, executor: Executor) -> Iterator[list[T]]:
        """Fetch page 1, then 1, 2, 4 ... pages at once while earlier ones are being used."""
        shifts, page = Shifts(), self._get(1)
        yield shifts.fresh(page.items, page.key)[0]
        waiting: deque[Future[Page[T]]] = deque()
        number, depth = 2, 1
        try:
            while not page.is_last:
                while len(waiting) < depth:
                    waiting.append(executor.submit(self._get, number + len(waiting)))
                page = waiting.popleft().result()
                number += 1
                items, repeated = shifts.fresh(page.items, page.key)
                if repeated:
                    # Pages behind this one may be older than it, and then miss what moved on.
                    _cancel(waiting)
                if not page.is_last:
                    depth = min(depth * 2, MAX_PAGES_AHEAD)
                    while len(waiting) < depth:
                        waiting.append(executor.submit(self._get, number + len(waiting)))
                yield items
        finally:
            _cancel(waiting)

    def _at_once(self, executor: Executor, known_pages: int) -> Iterator[list[T]]:
        """Fetch so many pages, up to `MAX_PAGES_AHEAD` at a time, from the beginning."""
        numbers = iter(range(2, known_pages + 1))
        waiting: deque[Future[Page[T]]] = deque()
        try:
            for number in islice(numbers, MAX_PAGES_AHEAD - 1):
                waiting.append(executor.submit(self._get, number))
            page = self._get(1)
            while True:
                if not page.is_last:
                    for number in islice(numbers, 1):
                        waiting.append(executor.submit(self._get, number))
                if page.items:
                    yield page.items
                if page.is_last or not waiting:
                    return
                page = waiting.popleft().result()
        finally:
            _cancel(waiting)

    def _get(self, number: int) -> Page[T]:
        try:
            return self._fetch(number, self._limits.size)
        except ApiError as error:
            error.page_no = number
            raise

    def __repr__(self) -> str:
        only = f" page {self._limits.first}" if self._limits.single else ""
        return f"<{type(self).__name__}{only}: iterate it, or call .all()>"


def _cancel(waiting: deque[Future[Page[T]]]) -> None:
    while waiting:
        waiting.pop().cancel()


_KEYS: Mapping[str, Callable[[Any], str]] = {
    "inputs": attrgetter("id"),
    "dataset_inputs": attrgetter("input.id"),
    "annotations": lambda one: f"{one.input_id} {one.id}",
}
"""Field of an answer that others may add to meanwhile -> what tells its items apart."""


def message_pages(
    send: Callable[[Any], Any], request: Any, items_field: str, convert: Callable[[Any], T] | None
) -> Callable[[int, int], Page[T]]:
    """Return the fetch function of a List method.

    Args:
        send: Gets a request, returns the response.
        request: The request; each page sends a copy with its page and size.
        items_field: The repeated field of the response.
        convert: Makes an item of a message; None keeps the messages.
    """
    key = _KEYS.get(items_field)

    def fetch(number: int, size: int) -> Page[T]:
        asked = type(request)()
        asked.CopyFrom(request)
        asked.page, asked.per_page = number, size
        messages = getattr(send(asked), items_field)
        items: list[T] = list(messages) if convert is None else [convert(m) for m in messages]
        is_last = len(messages) < size
        return Page(items, is_last, key and (lambda place: key(messages[place])))

    return fetch
