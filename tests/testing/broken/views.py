"""Views with one fault each."""

from __future__ import annotations

import contextlib
import threading
from html import escape
from typing import Any

from clarifai_core.contracts import ViewSpec
from clarifai_core.errors import ClarifaiError
from clarifai_core.paging import Pager
from clarifai_core.records import records
from clarifai_core.safe_text import plain
from clarifai_resources.app import App
from clarifai_testing import ViewContract
from tests.testing.cases import Cases, giving


class Contract(ViewContract):
    name = "html"


def given(name: str, target: Any) -> Any:
    return giving("views", ViewSpec(name, f"{__name__}:{target.__name__}", "Shows."))


cases = Cases(__name__, Contract, lambda target: given("html", target))


def said(thing: Any) -> str:
    """What is to be shown of a thing, as it came."""
    try:
        return str(records(thing.peek(20) if isinstance(thing, Pager) else thing))
    except ClarifaiError as error:
        return str(error)


class Frame:
    def __init__(self, rows: list[Any]) -> None:
        self.rows, self.columns = rows, ["id"]

    def __len__(self) -> int:
        return len(self.rows)


@cases.good
def page(thing: Any) -> str:
    return escape(said(thing))


def lines(listing: Any) -> str:
    return plain(said(listing), 1000)


def frame(thing: Any) -> Frame:
    return Frame(thing.to_records())


cases.add("GoodLines", "", given("text", lines), {"name": "text"})
cases.add("GoodFrame", "", given("pandas", frame), {"name": "pandas"})
cases.add(
    "Unheard", "test_the_form_is_known", given("svg", page), {"name": "svg"}, "nobody asks for"
)


@cases.fails("test_is_a_function_of_the_thing", "with the thing alone")
def sized(thing: Any, width: int) -> str:
    return page(thing)[:width]


@cases.fails("test_returns_the_form", "a bytes: return text, or None")
def encoded(thing: Any) -> bytes:
    return page(thing).encode()


def halved(thing: Any) -> Frame:
    return Frame(thing.to_records() * 2)


cases.add(
    "Halved",
    "test_returns_the_form",
    given("pandas", halved),
    {"name": "pandas"},
    "2 rows of 1: return one for each item",
)


@cases.fails("test_an_empty_listing_is_shown", "say that nothing is in it")
def first(thing: Any) -> str:
    if isinstance(thing, Pager):
        with contextlib.suppress(ClarifaiError):
            return escape(str(thing.peek(20)[0]))
    return page(thing)


@cases.fails("test_a_listing_that_fails_is_told", "say so in what you return")
def brittle(thing: Any) -> str:
    return escape(str(records(thing.peek(20) if isinstance(thing, Pager) else thing)))


def silent(thing: Any) -> Frame:
    try:
        return frame(thing)
    except ClarifaiError:
        return Frame([])


cases.add(
    "Silent",
    "test_a_listing_that_fails_is_told",
    given("pandas", silent),
    {"name": "pandas"},
    "let the error through",
)


@cases.fails("test_asks_for_little", "pages of 1000 items")
def greedy(thing: Any) -> str:
    try:
        return escape(str(records(thing)[:20]))
    except ClarifaiError as error:
        return escape(str(error))


@cases.fails("test_asks_nothing_of_a_handle", "calls ListDatasets to show a handle")
def curious(thing: Any) -> str:
    if isinstance(thing, App):
        with contextlib.suppress(ClarifaiError):
            thing.list_datasets().all()
    return page(thing)


@cases.fails("test_what_comes_from_outside_is_text", "use html.escape()")
def trusting(thing: Any) -> str:
    return said(thing)


def raw(listing: Any) -> str:
    return "".join(str(row["name"]) for row in records(listing.peek(20)))


def trusting_lines(listing: Any) -> str:
    try:
        return raw(listing)
    except ClarifaiError as error:
        return str(error)


cases.add(
    "TrustingLines",
    "test_what_comes_from_outside_is_text",
    given("text", trusting_lines),
    {"name": "text"},
    "control characters of others",
)


@cases.fails("test_things_are_left_as_they_are", "copy it first")
def clearing(thing: Any) -> str:
    if not isinstance(thing, Pager):
        return page(thing)
    try:
        found = thing.peek(20)
    except ClarifaiError as error:
        return escape(str(error))
    for one in found:
        if hasattr(one, "ClearField"):
            one.ClearField("name")
    return escape(str(records(found)))


@cases.fails("test_threads_show_at_once", "ZeroDivisionError")
class Single:
    lock = threading.Lock()
    ready = threading.Event()

    def __new__(cls, thing: Any) -> Any:
        if not cls.lock.acquire(blocking=False):
            cls.ready.set()
            raise ZeroDivisionError("one thing at a time")
        try:
            if threading.current_thread() is not threading.main_thread():
                cls.ready.wait(10)
            return page(thing)
        finally:
            cls.lock.release()


@cases.fails("test_things_of_a_platform_are_shown", "ZeroDivisionError")
def picky(thing: Any) -> str:
    if isinstance(thing, App) and thing.message.HasField("created_at"):
        raise ZeroDivisionError("Boom")
    return page(thing)
