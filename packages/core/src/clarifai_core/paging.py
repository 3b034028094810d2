"""Pages of a listing as one lazy sequence."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain, islice
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import attrs

from clarifai_core import _viewing, records
from clarifai_core._page_walk import Begin as Begin
from clarifai_core._page_walk import PendingPage as PendingPage
from clarifai_core._page_walk import Walk
from clarifai_core.errors import ApiError, ClarifaiError, UserError
from clarifai_core.page_sizes import MAX_PER_PAGE as MAX_PER_PAGE
from clarifai_core.page_sizes import PageSizes
from clarifai_core.progress import SHOWN_AFTER_SECONDS, bar
from clarifai_core.tables import Tabular
from clarifai_core.transport import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from concurrent.futures import Executor, Future

    from typing_extensions import Self

    from clarifai_core.records import Record
    from clarifai_core.transport.session import Session

T = TypeVar("T")
_P = TypeVar("_P", bound="Pager[Any]")

DEFAULT_PER_PAGE = 16
"""Items of a page that is asked for by number only, as documented."""


@attrs.frozen
class Ends:
    """What a page begins and ends with: another one that does the same is the same page."""

    count: int
    first: bytes
    last: bytes
    have_ids: bool
    """Whether its items have ids: of others, two pages may be alike."""

    @classmethod
    def of(cls, messages: Sequence[Any], have_ids: bool) -> Ends | None:
        """Return the ends of a page; None of an empty one."""
        if not messages:
            return None
        first, last = (
            message.SerializeToString(deterministic=True) for message in (messages[0], messages[-1])
        )
        return cls(len(messages), first, last, have_ids)


@attrs.frozen
class Page(Generic[T]):
    """One answer of a List method."""

    items: Sequence[T]
    is_last: bool | None = None
    """None: it is the last when it is shorter than this method's pages are."""
    key: Callable[[int], str] | None = None
    """Returns what tells the n-th item from others, in a listing that may grow meanwhile."""
    came: int | None = None
    """How many came, when those are not the `items`."""
    ends: Ends | None = None
    """What tells it from the page before it, where items have no key."""


@attrs.frozen
class PageLimits:
    """Which pages to get.

    One page when its number or size is given, as documented; else all, in the largest pages.
    """

    page_no: int | None = None
    """From 1; 0 is 1, too."""
    per_page: int | None = None
    max_items: int | None = None
    """Stop after so many items; None means no limit."""
    known_items: int | None = None
    """How many items are wanted at most: the pages that hold them are asked for at once, and none
    behind them. They are of one size, or the platform would count their offsets differently: 1500
    items are two pages of 750, not one of 1000 and one of 500. None: unknown, so the pages ahead
    grow from one."""

    def __attrs_post_init__(self) -> None:
        _check("page_no", self.page_no, 0, 1_000_000_000)
        _check("per_page", self.per_page, 1, MAX_PER_PAGE)

    @property
    def single(self) -> bool:
        """Return whether exactly one page is asked for."""
        return self.page_no is not None or self.per_page is not None

    @property
    def first(self) -> int:
        """Return the number of the first page, counted from 1."""
        return self.page_no or 1

    def size(self, most: int = MAX_PER_PAGE) -> int:
        """Return the number of items to ask for per page.

        Args:
            most: Items of a page when its size is left to us.
        """
        if self.per_page is not None:
            return self.per_page
        if self.page_no is not None:
            return DEFAULT_PER_PAGE
        if self.known_items:
            return math.ceil(self.known_items / math.ceil(self.known_items / most))
        return most


def _check(name: str, value: object, least: int, most: int) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise UserError(f"{name} must be a whole number from 1 to {most}, got {value!r}.")


def _small(own: PageLimits, most: int) -> tuple[PageLimits, int]:
    """Return which page to look into for the first items, and how many of it count."""
    _check("most", most, 1, MAX_PER_PAGE)
    limits = own if own.single else PageLimits(per_page=most, max_items=own.max_items)
    return limits, min(most, own.max_items or most)


class Pager(Tabular, Generic[T]):
    """Items of a List method, fetched a page at a time, the next pages while you use this one.

    Iterating yields items; `pages()` yields lists; `all()` returns one list. Nothing is sent before
    the first item is asked for; iterating again asks again. `next()` takes items one by one.

    Pages are asked for as large as the platform allows. A server that gives fewer, or refuses so
    many, is asked for pages that it does give: the listing is whole, in more requests. It ends at a
    page that is shorter than this method's pages are, or empty.

    A page that fails is asked for again as any read is; when that does not help, the error is
    raised where its items would have come, after all items before it: a listing never just ends.
    `page_no` and `per_page` of an `ApiError` say which page it was: give both to go on there.

    `to_records()` and `to_pandas()` get all of it, as a row for each item. `print` and notebooks
    show its first items, for which one small page is asked for; its `repr` asks for nothing.

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
        sizes: Callable[[], PageSizes] = PageSizes,
        begin: Begin[T] | None = None,
    ) -> None:
        """Make a pager.

        Args:
            fetch: Gets (page number from 1, items per page); may run in another thread.
            limits: Which pages; all by default.
            executor: Returns the threads that pages ahead are fetched in; None: one after another.
            sizes: Returns what is known of the method, `session.page_sizes[name]`; else nothing is.
            begin: Begins what `fetch` does, in place of `executor`, without a thread that waits.
        """
        self._fetch = fetch
        self._begin = begin
        self._limits = limits or PageLimits()
        self._executor = executor
        self._sizes = sizes
        self._keep: tuple[Callable[[T], bool], ...] = ()
        self._begun: Iterator[T] | None = None
        self._names: Callable[[], Sequence[str]] | None = None
        """Returns the columns of its tables; None: its items tell them."""

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
        made._keep, made._begun = (*self._keep, keep), None
        return made

    def __iter__(self) -> Iterator[T]:
        begun, self._begun = self._begun, None
        if begun is not None:
            return begun
        items = chain.from_iterable(self._kept(self._walk(ahead=True)))
        most = self._limits.max_items
        return items if most is None else islice(items, most)

    def __next__(self) -> T:
        """Return the first item, and then the next ones; a loop takes those that are left.

        Example:
            >>> pager = Pager.of_pages([[1, 2], [3]])
            >>> next(pager), list(pager), list(pager)
            (1, [2, 3], [1, 2, 3])
        """
        items = iter(self)
        found = next(items)
        self._begun = items
        return found

    def all(self) -> list[T]:
        """Return every item in one list."""
        self._begun = None
        return list(self._counted())

    def first(self) -> T | None:
        """Return the first item, or None when there is none."""
        for page in self._kept(self._walk(ahead=False)):
            return page[0]
        return None

    def pages(self) -> Iterator[list[T]]:
        """Yield the items of each page as a list.

        Raises:
            ApiError: A page was refused; `page_no` and `per_page` of the error say which.
            ApiClientError: A page did not come, or page after page repeats those before.
        """
        yield from map(list, self._kept(self._walk(ahead=True)))

    def _kept(self, pages: Iterator[Sequence[T]]) -> Iterator[Sequence[T]]:
        """Yield what passes `where` of each page; a page of which nothing is left is none."""
        for items in pages:
            for keep in self._keep:
                items = [item for item in items if keep(item)]
            if items:
                yield items

    def _walk(self, *, ahead: bool) -> Iterator[Sequence[T]]:
        begin = self._begin if ahead else None
        if ahead and self._executor is not None:
            executor = self._executor()
            begin = lambda number, size: executor.submit(self._fetch, number, size)  # noqa: E731
        return Walk(self._fetch, self._limits, self._sizes(), begin).pages()

    def _counted(self) -> Iterator[T]:
        """Yield every item; who waits for many sees how many there are by now."""
        with bar(None, "Fetching", "items", delay_seconds=SHOWN_AFTER_SECONDS) as shown:
            for item in self:
                yield item
                shown.update()

    def _rows(self) -> Iterator[Record]:
        return records.rows(self._counted())

    def _columns(self) -> Sequence[str]:
        return self._names() if self._names is not None else ()

    def peek(self, most: int) -> list[T]:
        """Return the first items, asked for in one small page; iterating goes on where it was.

        Args:
            most: How many at most, 1 to 1000; of a pager of one page, it is that page.

        Raises:
            UserError: `most` is no such number.

        Example:
            >>> Pager.of_pages([[1, 2, 3], [4]]).peek(2)
            [1, 2]
        """
        limits, count = _small(self._limits, most)
        for page in self._kept(Walk(self._fetch, limits, self._sizes(), None).pages()):
            return list(islice(page, count))
        return []

    def __str__(self) -> str:
        """Return the first items as a table, asked for in one small page; it never raises.

        Without a plugin that makes tables of text it is the `repr`, and nothing is asked.
        """
        told = _viewing.text(self)
        return repr(self) if told is None else told

    def __repr__(self) -> str:
        only = f" page {self._limits.first}" if self._limits.single else ""
        names = (cls.__name__ for cls in type(self).__mro__)
        name = next(one for one in names if not one.startswith("_"))
        return f"<{name}{only}: iterate it, or call .all()>"


_KEYS: Mapping[str, Callable[[Any], str]] = {
    "inputs": attrgetter("id"),
    "dataset_inputs": attrgetter("input.id"),
    "annotations": lambda one: one.id and f"{one.input_id} {one.id}",
}
"""Field of an answer that others may add to meanwhile -> what tells its items apart."""


def _id(message: Any) -> str:
    return getattr(message, "id", "")


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
    ask, read = _page_request(request), _page_reader(items_field, convert)
    return lambda number, size: read(send(ask(number, size)), number, size)


def _page_request(request: Any) -> Callable[[int, int], Any]:
    """Return what makes the request for a page of a request: a copy with its number and size."""

    def ask(number: int, size: int) -> Any:
        asked = type(request)()
        asked.CopyFrom(request)
        asked.page, asked.per_page = number, size
        return asked

    return ask


def _page_reader(
    items_field: str, convert: Callable[[Any], T] | None
) -> Callable[[Any, int, int], Page[T]]:
    """Return what makes a page of a response to a List method; see `message_pages`."""
    known_key = _KEYS.get(items_field)

    def read(response: Any, _number: int, _size: int) -> Page[T]:
        messages = getattr(response, items_field)
        items: Sequence[T] = messages if convert is None else list(map(convert, messages))
        if known_key and messages and known_key(messages[0]):
            return Page(items, key=lambda place: known_key(messages[place]))
        return Page(items, ends=Ends.of(messages, have_ids=bool(messages and _id(messages[0]))))

    return read


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


def _column_names(rpc_name: str, items_field: str) -> Sequence[str]:
    """Return the columns of a table of what a method lists."""
    field = catalogue.rpc(rpc_name).response_class.DESCRIPTOR.fields_by_name[items_field]
    return [name for name, _ in records.columns_of_type(field.message_type.name)]


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
        return kind(self.get, limits, sizes=self._sizes, begin=self.begin)

    def get(self, number: int, size: int) -> Page[T]:
        """Return a page."""
        request = self._ask(number, size)
        return self._page(lambda: self._session().call(self._rpc_name, request), number, size)

    def begin(self, number: int, size: int) -> PendingPage[T]:
        """Begin to get a page; no thread waits for it, and giving it up ends the request."""
        session = self._session()
        call = session.prepare(self._rpc_name, self._ask(number, size))
        answer = session.start(call, can_cancel=True)
        return _FuturePage(answer, partial(self._page, answer.result, number, size))

    def _page(self, answer: Callable[[], Any], number: int, size: int) -> Page[T]:
        try:
            response = answer()
        except ApiError as error:
            told = self._explain(error, number, size) if self._explain else error
            if told is error:
                raise
            raise told from error
        return self._read(response, number, size)

    def _sizes(self) -> PageSizes:
        return self._session().page_sizes[self._rpc_name]


class _FuturePage(Generic[T]):
    """A page that comes; it is read by who waits for it."""

    def __init__(self, answer: Future[Any], result: Callable[[], Page[T]]) -> None:
        self._answer, self._result = answer, result

    def result(self) -> Page[T]:
        return self._result()

    def cancel(self) -> bool:
        return self._answer.cancel()
