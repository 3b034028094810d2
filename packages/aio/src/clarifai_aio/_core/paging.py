"""Pages of a listing as one lazy sequence, for `async for`."""

from __future__ import annotations

import asyncio
import copy
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

from clarifai_aio._core import unawaited
from clarifai_aio._core.page_walk import Begin, Walk
from clarifai_core import records
from clarifai_core.errors import ApiError, ClarifaiError
from clarifai_core.page_sizes import PageSizes
from clarifai_core.paging import MAX_PER_PAGE as MAX_PER_PAGE
from clarifai_core.paging import Page, _column_names, _page_reader, _page_request, _small
from clarifai_core.paging import PageLimits as PageLimits
from clarifai_views import frames

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence

    from typing_extensions import Self

    from clarifai_aio._core.session import Session
    from clarifai_core.records import Record
    from clarifai_views.frames import DataFrame

T = TypeVar("T")
_P = TypeVar("_P", bound="Pager[Any]")


class Pager(Generic[T]):
    """Items of a List method, fetched a page at a time, the next pages while you use this one.

    `async for item in pager` gives items; `await pager.all()` one list; `async for page in
    pager.pages()` lists; `await anext(pager)` one item after the other. Nothing is sent before the
    first item is asked for; going through it again asks again. Pages ahead are tasks of the loop:
    those that nobody wants any more are cancelled, and so are their requests.

    What comes, and in which order, is as `clarifai_core.paging.Pager` says.

    Example:
        >>> pager = Pager.of_pages([[1, 2], [3]])
        >>> [item async for item in pager], await pager.all(), await anext(pager)
        ([1, 2, 3], [1, 2, 3], 1)
    """

    def __init__(
        self,
        fetch: Callable[[int, int], Awaitable[Page[T]]],
        limits: PageLimits | None = None,
        sizes: Callable[[], PageSizes] = PageSizes,
        *,
        ahead: bool = False,
    ) -> None:
        """Make a pager.

        Args:
            fetch: Gets (page number from 1, items per page).
            limits: Which pages; all by default.
            sizes: Returns what is known of the method, `session.page_sizes[name]`; else nothing is.
            ahead: Whether pages may be fetched before they are asked for.
        """
        self._fetch = fetch
        self._limits = limits or PageLimits()
        self._sizes = sizes
        self._ahead = ahead
        self._keep: tuple[Callable[[T], bool], ...] = ()
        self._begun: AsyncGenerator[T, None] | None = None
        self._names: Callable[[], Sequence[str]] | None = None
        """Returns the columns of its tables; None: its items tell them."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        unawaited.let_speak(cls)

    @classmethod
    def of_pages(cls, pages: list[list[T]]) -> Pager[T]:
        """Return a pager over lists that are already there."""
        last = len(pages)

        async def fetch(number: int, _: int) -> Page[T]:
            return Page(pages[number - 1] if number <= last else [], number >= last)

        return cls(fetch)

    def where(self, keep: Callable[[T], bool]) -> Self:
        """Return a pager over the items that `keep` is true for; the pages asked for stay the same.

        Example:
            >>> await Pager.of_pages([[1, 2], [3]]).where(lambda item: item != 2).all()
            [1, 3]
        """
        made = copy.copy(self)
        made._keep, made._begun = (*self._keep, keep), None
        return made

    def __aiter__(self) -> AsyncIterator[T]:
        begun, self._begun = self._begun, None
        return begun if begun is not None else self._items()

    async def __anext__(self) -> T:
        """Return the first item, and then the next ones; a loop takes those that are left.

        Example:
            >>> pager = Pager.of_pages([[1, 2], [3]])
            >>> await anext(pager), await pager.all()
            (1, [1, 2, 3])
        """
        begun, self._begun = self._begun or self._items(), None
        found = await begun.__anext__()
        self._begun = begun
        return found

    async def all(self) -> list[T]:
        """Return every item in one list."""
        self._begun = None
        return [item async for item in self._items()]

    async def first(self) -> T | None:
        """Return the first item, or None when there is none."""
        async with aclosing(self._kept(self._walk(ahead=False))) as pages:
            async for page in pages:
                return page[0]
        return None

    async def peek(self, most: int) -> list[T]:
        """Return the first items, asked for in one small page; iterating goes on where it was.

        Args:
            most: How many at most, 1 to 1000; of a pager of one page, it is that page.

        Raises:
            UserError: `most` is no such number.

        Example:
            >>> await Pager.of_pages([[1, 2, 3], [4]]).peek(2)
            [1, 2]
        """
        limits, count = _small(self._limits, most)
        found = self._kept(Walk(self._fetch, limits, self._sizes(), None).pages())
        async with aclosing(found) as pages:
            async for page in pages:
                return list(page[:count])
        return []

    async def pages(self) -> AsyncGenerator[list[T], None]:
        """Yield the items of each page as a list.

        Raises:
            ApiError: A page was refused; `page_no` and `per_page` of the error say which.
            ApiClientError: A page did not come, or page after page repeats those before.
        """
        async with aclosing(self._kept(self._walk(ahead=True))) as pages:
            async for page in pages:
                yield list(page)

    async def to_records(self) -> list[Record]:
        """Return a dict for each item: name of a column -> plain value.

        Example:
            >>> await Pager.of_pages([[{"a": 1}], [{"a": 2}]]).to_records()
            [{'a': 1}, {'a': 2}]
        """
        return records.records(await self.all())

    async def to_pandas(self) -> DataFrame:
        """Return a `pandas.DataFrame` with a row for each item, and the columns of `to_records`.

        Raises:
            PluginError: pandas is not installed.
        """
        rows = await self.to_records()
        return frames.frame(rows, self._columns())

    def _columns(self) -> Sequence[str]:
        """Return the columns that a table without rows has, too; empty: those of the rows."""
        return self._names() if self._names is not None else ()

    async def _items(self) -> AsyncGenerator[T, None]:
        left = self._limits.max_items
        async with aclosing(self._kept(self._walk(ahead=True))) as pages:
            async for page in pages:
                for item in page[:left]:
                    yield item
                if left is not None and (left := left - len(page)) <= 0:
                    return

    async def _kept(
        self, pages: AsyncGenerator[Sequence[T], None]
    ) -> AsyncGenerator[Sequence[T], None]:
        """Yield what passes `where` of each page; a page of which nothing is left is none."""
        async with aclosing(pages):
            async for items in pages:
                for keep in self._keep:
                    items = [item for item in items if keep(item)]
                if items:
                    yield items

    def _walk(self, *, ahead: bool) -> AsyncGenerator[Sequence[T], None]:
        begin: Begin[T] | None = self._start if ahead and self._ahead else None
        return Walk(self._fetch, self._limits, self._sizes(), begin).pages()

    def _start(self, number: int, size: int) -> _PendingPage[T]:
        return _PendingPage(self._fetch(number, size))

    if not TYPE_CHECKING:  # to type checkers it is nothing to go through in the plain way

        def __iter__(self) -> NoReturn:
            raise TypeError(
                "A listing on an event loop is gone through by `async for`, or all of it at once: "
                "`await pager.all()`."
            )

        def __next__(self) -> NoReturn:
            raise TypeError("The next item of a listing on an event loop: `await anext(pager)`.")

        def __await__(self) -> NoReturn:
            raise TypeError(
                "A listing is not awaited itself: `await pager.all()`, `await pager.first()`, or "
                "go through it by `async for`."
            )

        def __getitem__(self, key: object) -> NoReturn:
            raise TypeError(
                f"Take {key!r} out of a listing's items: `(await pager.all())[{key!r}]`; the "
                "first alone is `await pager.first()`."
            )

    def __repr__(self) -> str:
        only = f" page {self._limits.first}" if self._limits.single else ""
        return (
            f"<{type(self).__name__}{only}: `async for` it, `await` .all(), or `await` "
            ".to_pandas() for a table>"
        )

    def __str__(self) -> str:
        """Return how its items are had: a text has no way to ask for them."""
        return repr(self)


unawaited.let_speak(Pager)


def message_pages(
    send: Callable[[Any], Awaitable[Any]],
    request: Any,
    items_field: str,
    convert: Callable[[Any], T] | None,
) -> Callable[[int, int], Awaitable[Page[T]]]:
    """Return the fetch function of a List method; see `clarifai_core.paging.message_pages`."""
    ask = _page_request(request)
    read: Callable[[Any, int, int], Page[T]] = _page_reader(items_field, convert)

    async def fetch(number: int, size: int) -> Page[T]:
        return read(await send(ask(number, size)), number, size)

    return fetch


def listing(
    session: Callable[[], Session],
    rpc_name: str,
    request: Any,
    items_field: str,
    convert: Callable[[Any], T] | None,
    limits: PageLimits,
    kind: Callable[..., Pager[T]] = Pager,
) -> Pager[T]:
    """Return the items of a List method, as a pager of some class; see `message_pages`."""
    source = PageSource(
        session, rpc_name, _page_request(request), _page_reader(items_field, convert)
    )
    made = source.pager(kind, limits)
    made._names = partial(_column_names, rpc_name, items_field)
    return made


class PageSource(Generic[T]):
    """Where the pages of a method come from: a session, several of them under way at once.

    Args:
        session: Returns the session.
        rpc_name: Such as `"ListApps"`.
        ask: Makes the request for (page number, items per page).
        read: Makes a page of the response, that number and size.
        explain: Makes of a refusal, that number and size, what is raised; None: the refusal is.
    """

    def __init__(
        self,
        session: Callable[[], Session],
        rpc_name: str,
        ask: Callable[[int, int], Any],
        read: Callable[[Any, int, int], Page[T]],
        explain: Callable[[ApiError, int, int], ClarifaiError] | None = None,
    ) -> None:
        self._session, self._rpc_name = session, rpc_name
        self._ask, self._read, self._explain = ask, read, explain

    def pager(self, kind: Callable[..., _P], limits: PageLimits) -> _P:
        """Return the pages as a pager of some class."""
        return kind(self.get, limits, sizes=self._sizes, ahead=True)

    async def get(self, number: int, size: int) -> Page[T]:
        """Return a page."""
        try:
            response = await self._session().call(self._rpc_name, self._ask(number, size))
        except ApiError as error:
            told = self._explain(error, number, size) if self._explain else error
            if told is error:
                raise
            raise told from error
        return self._read(response, number, size)

    def _sizes(self) -> PageSizes:
        return self._session().page_sizes[self._rpc_name]


class _PendingPage(Generic[T]):
    """A page that comes."""

    def __init__(self, work: Awaitable[Page[T]]) -> None:
        self._task = asyncio.ensure_future(work)
        self._task.add_done_callback(_look_at)

    async def result(self) -> Page[T]:
        return await self._task

    def cancel(self) -> bool:
        return self._task.cancel()


def _look_at(task: asyncio.Future[Any]) -> None:
    """Take note of an error: a page that nobody came to is nobody's trouble."""
    if not task.cancelled():
        task.exception()


__all__ = ["PageSource", "Pager", "listing", "message_pages"]
