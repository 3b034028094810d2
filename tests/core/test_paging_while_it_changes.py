"""Listings that are added to, and deleted from, while they are read: page by page and ahead."""

from __future__ import annotations

import random
from concurrent.futures import Future

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarifai_core import _page_drift
from clarifai_core.errors import BadReply, Unreachable
from clarifai_core.paging import Page, Pager

SIZE = 8


@pytest.fixture(autouse=True, params=[3, 32])
def step(request, monkeypatch):
    """Mark parts of pages, and whole pages."""
    monkeypatch.setattr(_page_drift, "STEP", request.param)


class Listing:
    """What is there, newest first; `meanwhile` is called before each request is answered."""

    def __init__(self, count):
        self.there = [f"old-{n}" for n in range(count)]
        self.added = self.asked = 0
        self.meanwhile = lambda: None

    def add(self, count):
        self.there[:0] = [f"new-{self.added + n}" for n in range(count)][::-1]
        self.added += count

    def fetch(self, number, _):
        self.asked += 1
        if self.asked > 1:
            self.meanwhile()
        items = self.there[(number - 1) * SIZE : number * SIZE]
        return Page(items, len(items) < SIZE, items.__getitem__)


class Unordered:
    """An executor whose tasks run in any order, each before it is waited for."""

    def __init__(self, dice):
        self.dice, self.waiting = dice, []

    def submit(self, task, *args):
        future = Result(self)
        self.waiting.append((future, task, args))
        return future


class Result(Future):
    def __init__(self, executor):
        super().__init__()
        self.executor = executor

    def result(self, timeout=None):
        waiting = self.executor.waiting
        while not self.done():
            future, task, args = waiting.pop(self.executor.dice.randrange(len(waiting)))
            if future.set_running_or_notify_cancel():
                future.set_result(task(*args))
        return super().result(timeout)


def ways(seed):
    executor = Unordered(random.Random(seed))
    return {"one by one": None, "ahead": lambda: executor}


several_steps = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
"""The fixture is the same for all examples of a test, as it has to be."""

WAYS = st.sampled_from(sorted(ways(0)))
COUNTS = st.integers(0, 100)
SEEDS = st.integers(0, 10_000)
ADDS = st.one_of(
    st.tuples(st.just("one by one"), st.lists(st.integers(0, 5 * SIZE), max_size=30)),
    st.tuples(st.just("ahead"), st.lists(st.integers(0, 1), max_size=99)),
)
"""How many are added before each answer. Eight requests are under way at once, in any order: in
their time fewer are added than two pages hold."""


@several_steps
@given(given=ADDS, count=COUNTS, seed=SEEDS)
def test_what_was_there_comes_once_and_in_order_whatever_is_added(given, count, seed):
    (way, adds), listing = given, Listing(count)
    left = list(adds)
    before = list(listing.there)
    listing.meanwhile = lambda: listing.add(left.pop() if left else 0)
    seen = list(Pager(listing.fetch, executor=ways(seed)[way]))
    assert len(set(seen)) == len(seen)
    assert [one for one in seen if one in before] == before


@several_steps
@given(way=WAYS, count=COUNTS, seed=SEEDS)
def test_it_ends_whatever_is_deleted(way, count, seed):
    listing, dice = Listing(count), random.Random(seed)

    def delete():
        for _ in range(min(len(listing.there), dice.randrange(4))):
            listing.there.pop(dice.randrange(len(listing.there)))

    listing.meanwhile = delete
    seen = list(Pager(listing.fetch, executor=ways(seed)[way]))
    assert seen[:SIZE] == [f"old-{n}" for n in range(min(count, SIZE))]
    if way == "one by one":
        assert len(set(seen)) == len(seen)


@several_steps
@given(given=ADDS, count=COUNTS, seed=SEEDS)
def test_items_that_are_left_out_change_nothing(given, count, seed):
    (way, adds), listing = given, Listing(count)
    left = list(adds)
    wanted = [one for one in listing.there if one.endswith("7")]
    listing.meanwhile = lambda: listing.add(left.pop() if left else 0)
    pager = Pager(listing.fetch, executor=ways(seed)[way])
    sevens = pager.where(lambda one: one.endswith("7")).where(lambda one: one.startswith("old"))
    assert list(sevens) == wanted


def test_pages_that_begin_with_the_new_are_told_from_the_old():
    """So much is added at once that whole pages are new, and the old ones come behind them."""
    listing, sizes = Listing(20), iter([0, 33, 0])
    before = list(listing.there)
    listing.meanwhile = lambda: listing.add(next(sizes, 0))
    seen = list(Pager(listing.fetch))
    assert len(set(seen)) == len(seen)
    assert [one for one in seen if one in before] == before


@pytest.mark.parametrize("way", ways(0))
def test_a_platform_that_does_not_count_pages_is_an_error_and_no_endless_loop(way):
    asked = []

    def fetch(number, _):
        asked.append(number)
        return Page(["a", "b"], is_last=False, key="ab".__getitem__)

    pager = Pager(fetch, executor=ways(0)[way])
    seen = []
    with pytest.raises(BadReply, match="repeat the ones before"):
        seen.extend(iter(pager))
    assert seen == ["a", "b"]
    assert len(asked) < 100


@pytest.mark.parametrize("way", ways(0))
def test_a_page_that_does_not_come_is_an_error_behind_all_items_before_it(way):
    def fetch(number, _):
        if number == 3:
            raise Unreachable("the page is not there")
        return Page([number], is_last=number > 9)

    def run(task, *args):
        future = Future()
        try:
            future.set_result(task(*args))
        except Unreachable as error:
            future.set_exception(error)
        return future

    executor = ways(0)[way] and (lambda: type("Now", (), {"submit": staticmethod(run)}))
    seen = []
    with pytest.raises(Unreachable):
        seen.extend(iter(Pager(fetch, executor=executor)))
    assert seen == [1, 2]
