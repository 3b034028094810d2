"""What a notebook, `print` and `to_pandas()` ask of a view."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import pytest

from clarifai_core.errors import Unreachable
from clarifai_core.heavy import resources_pb2
from clarifai_core.paging import Page, Pager
from clarifai_core.registration import register_policy
from clarifai_core.safe_text import failure
from clarifai_core.tables import Tabular
from clarifai_resources.app import App
from clarifai_resources.user import User
from clarifai_testing._checks import EVERY, at_once, check, place, wrong
from clarifai_testing._contract import SpecContract

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from clarifai_core.records import Record

FORMS = ("html", "text", "pandas")
MARKUP = '<b class="c0nf0rm">'
CONTROL = "\x1b[2J"
MANY = 1000
FEW = 128
"""Items of a page that is small: the platform gives so many to whoever asks for no number."""

KNOWN = ["test_the_form_is_known", "test_is_a_function_of_the_thing"]
SHOWN = [*KNOWN, "test_returns_the_form"]


class _Report(Tabular):
    """Rows that are no listing, as a report has them."""

    def __init__(self, name: str) -> None:
        self._name = name

    def _rows(self) -> Iterator[Record]:
        yield {"id": self._name, "reason": self._name}


class ViewContract(SpecContract):
    """A page, lines or a data frame of handles, listings and reports; nothing it meets ends it.

    Say `plugin` and `name`: `"html"`, `"text"` or `"pandas"`.
    """

    hook = "clarifai_register_views"

    def _shown(self, thing: Any) -> Any:
        return self.target(thing)

    def _things(self, name: str = "shown") -> list[Any]:
        """Return one of each that the form is asked for."""
        listing = _listing([resources_pb2.App(id=name, name=name)])
        if self.name == "text":
            return [listing]
        report: list[Any] = [listing, _Report(name)]
        return report if self.name == "pandas" else [_app(name), *report]

    def _fault(self, found: object, rows: int) -> str:
        """Return what is wrong with what was returned."""
        if self.name != "pandas":
            is_right = found is None or isinstance(found, str)
            return "" if is_right else f"a {type(found).__name__}: return text, or None"
        columns, sized = getattr(found, "columns", None), hasattr(found, "__len__")
        if columns is None or not sized:
            return f"a {type(found).__name__}: return a data frame"
        count = len(found)  # type: ignore[arg-type]
        return "" if count == rows else f"{count} rows of {rows}: return one for each item"

    @check()
    def test_the_form_is_known(self) -> None:
        """It is one that somebody asks for."""
        if self.name not in FORMS:
            wrong(f"{self.title} is one that nobody asks for: there are {', '.join(FORMS)}.")

    @check()
    def test_is_a_function_of_the_thing(self) -> None:
        """It is called with the thing alone."""
        target = self.target
        if not callable(target):
            wrong(f"{self.title}: {self.spec.target} must be a function of the thing.")
        try:
            inspect.signature(target).bind(object())
        except TypeError as error:
            wrong(f"{self.title} cannot be called with the thing alone: {error}.")

    @check(after=KNOWN)
    def test_returns_the_form(self) -> None:
        """What it returns is text, or None where the `repr` is to stand; a data frame has rows."""
        for thing in self._things():
            fault = self._fault(self._shown(thing), 1)
            if fault:
                wrong(f"{self.title} makes of {_named(thing)} {fault}.")

    @check(after=SHOWN)
    def test_an_empty_listing_is_shown(self) -> None:
        """A listing may have nothing in it."""
        try:
            fault = self._fault(self._shown(_listing([])), 0)
        except Exception as error:  # noqa: BLE001  why: of a plugin
            fault = f"an error, {failure(error)}{place(error)}: say that nothing is in it"
        if fault:
            wrong(f"{self.title} makes of an empty listing {fault}.")

    @check(after=SHOWN)
    def test_a_listing_that_fails_is_told(self) -> None:
        """The platform may be away: a page and lines say so; a data frame is never a part."""

        def away(_number: int, _size: int) -> Page[Any]:
            raise Unreachable("the platform is away")

        try:
            self._shown(Pager(away))
        except Exception as error:  # noqa: BLE001  why: of a plugin
            if self.name != "pandas":
                wrong(
                    f"{self.title} fails where a listing cannot be had, with {failure(error)}"
                    f"{place(error)}: say so in what you return."
                )
            return
        if self.name == "pandas":
            wrong(f"{self.title} hides that a listing cannot be had: let the error through.")

    @check(after=SHOWN)
    def test_asks_for_little(self) -> None:
        """A notebook and `print` are for a look: one small page, whatever there is."""
        if self.name == "pandas":
            pytest.skip("a data frame has all of it")
        asked: list[int] = []
        self._shown(_listing([resources_pb2.App(id=f"app-{n}") for n in range(MANY)], asked))
        if len(asked) > 1 or any(size > FEW for size in asked):
            wrong(
                f"{self.title} asks for {len(asked)} pages of {max(asked)} items: take "
                "listing.peek(20), which asks for one small page."
            )

    @check(after=SHOWN)
    def test_asks_nothing_of_a_handle(self) -> None:
        """What a handle knows is shown: a cell that ends in one calls nobody."""
        if self.name != "html":
            pytest.skip("only notebooks show handles")
        calls: list[str] = []

        def noting(_settings: object) -> Callable[..., Any]:
            def note(call: Any, proceed: Callable[[Any], Iterator[Any]]) -> Iterator[Any]:
                calls.append(call.rpc.name)
                return (yield from proceed(call))

            return note

        with register_policy("what a view asks", noting):
            self._shown(_app("shown"))
        if calls:
            wrong(f"{self.title} calls {calls[0]} to show a handle: show what it knows.")

    @check(after=SHOWN)
    def test_what_comes_from_outside_is_text(self) -> None:
        """Names of others are no markup, and control no terminal."""
        for thing in self._things(f"a{MARKUP}b" if self.name == "html" else f"a{CONTROL}b"):
            found = self._shown(thing)
            if self.name == "html" and MARKUP in str(found):
                wrong(f"{self.title} has markup of others in the page: use html.escape().")
            if self.name == "text" and CONTROL in str(found):
                wrong(
                    f"{self.title} has control characters of others in its lines: use "
                    "clarifai_core.safe_text.plain()."
                )

    @check(after=SHOWN)
    def test_things_are_left_as_they_are(self) -> None:
        """To show a thing changes nothing of it."""
        message = resources_pb2.App(id="shown", name="shown")
        listing = _listing([message])
        self._shown(listing)
        if self.name == "html":
            self._shown(App.of(message, _app("parent")))
        if message != resources_pb2.App(id="shown", name="shown"):
            wrong(f"{self.title} changes what it shows: copy it first.")
        if [one.id for one in listing] != ["shown"]:
            wrong(f"{self.title} uses up the listing that it shows: take listing.peek(20).")

    @check(after=EVERY)
    def test_threads_show_at_once(self) -> None:
        """Whoever asks from several threads gets what it is."""
        at_once(lambda: [self._shown(thing) for thing in self._things()])

    @check(after=EVERY)
    def test_things_of_a_platform_are_shown(self, clarifai_app: str) -> None:
        """What a platform answers is shown, too."""
        user = User()
        things: list[Any] = [user.list_apps()]
        if self.name == "html":
            things.append(user.app(clarifai_app))
        for thing in things:
            fault = self._fault(self._shown(thing), 1)
            if fault:
                wrong(f"{self.title} makes of {_named(thing)} of a platform {fault}.")


def _app(name: str) -> App:
    return App(app_id=name, user_id="me", base_url="local:")


def _listing(items: Sequence[Any], asked: list[int] | None = None) -> Pager[Any]:
    def fetch(number: int, size: int) -> Page[Any]:
        if asked is not None:
            asked.append(size)
        start = (number - 1) * size
        return Page(items[start : start + size], is_last=start + size >= len(items))

    return Pager(fetch)


def _named(thing: object) -> str:
    return "a report" if isinstance(thing, _Report) else f"a {type(thing).__name__}"
