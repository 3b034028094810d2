import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarifai_core._page_walk import MAX_PAGES_AHEAD
from clarifai_core.errors import NotFound, UserError
from clarifai_core.paging import Page, PageLimits, Pager


def listing(total, asked):
    def fetch(number, size):
        asked.append((number, size))
        items = list(range(total))[(number - 1) * size : number * size]
        return Page(items, is_last=len(items) < size)

    return fetch


@given(total=st.integers(0, 60), size=st.integers(1, 20), ahead=st.booleans())
def test_every_item_comes_once_and_in_order(total, size, ahead):
    with ThreadPoolExecutor(4) as pool:
        fetch = listing(total, [])
        pager = Pager(
            lambda number, _: fetch(number, size), executor=lambda: pool if ahead else None
        )
        if not ahead:
            pager = Pager(lambda number, _: fetch(number, size))
        assert list(pager) == list(range(total))


def test_page_number_or_size_means_exactly_one_page():
    asked = []
    fetch = listing(100, asked)

    assert len(Pager(fetch, PageLimits(page_no=2)).all()) == 16
    assert Pager(fetch, PageLimits(per_page=3)).all() == [0, 1, 2]
    assert Pager(fetch, PageLimits(page_no=2, per_page=3)).all() == [3, 4, 5]
    assert asked == [(2, 16), (1, 3), (2, 3)]


def test_nothing_is_asked_before_the_first_item_is():
    asked = []
    pager = Pager(listing(5, asked))

    assert asked == []
    assert pager.first() == 0
    assert asked == [(1, 1000)]


def test_pages_ahead_are_bounded():
    running, most, lock = 0, 0, threading.Lock()

    def fetch(number, size):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        with lock:
            running -= 1
        return Page([number], is_last=number >= 50)

    with ThreadPoolExecutor(32) as pool:
        assert Pager(fetch, executor=lambda: pool).all() == list(range(1, 51))
    assert most <= MAX_PAGES_AHEAD


def test_a_refused_page_says_which_it_was():
    def fetch(number, size):
        if number == 2:
            raise NotFound("ListApps")
        return Page([1], is_last=False)

    pages = Pager(fetch).pages()
    assert next(pages) == [1]
    with pytest.raises(NotFound, match="at page 2") as raised:
        next(pages)
    assert raised.value.page_no == 2


@pytest.mark.parametrize("wrong", [0, -1, "x", 1.5, True, 1001])
def test_a_wrong_page_size_is_named(wrong):
    with pytest.raises(UserError, match=f"per_page must be .* got {wrong!r}"):
        PageLimits(per_page=wrong)


def test_pages_whose_number_is_known_are_asked_for_at_once_and_none_behind_them():
    asked, all_there = [], threading.Barrier(5, timeout=60)

    def fetch(number, size):
        asked.append(number)
        all_there.wait()
        return Page([number], is_last=False)

    with ThreadPoolExecutor(8) as pool:
        pager = Pager(fetch, PageLimits(known_items=5000), executor=lambda: pool)
        assert pager.all() == [1, 2, 3, 4, 5]
    assert sorted(asked) == [1, 2, 3, 4, 5]


@given(known=st.integers(1, 30), there=st.integers(1, 30))
def test_fewer_pages_than_known_end_where_they_end(known, there):
    with ThreadPoolExecutor(4) as pool:
        limits = PageLimits(known_items=known * 1000)
        pager = Pager(lambda n, _: Page([n], is_last=n >= there), limits, lambda: pool)
        assert pager.all() == list(range(1, min(known, there) + 1))


def test_the_first_item_takes_one_page_however_many_there_are():
    asked = []
    with ThreadPoolExecutor(4) as pool:
        limits = PageLimits(known_items=9000)
        assert Pager(listing(9000, asked), limits, lambda: pool).first() == 0
    assert asked == [(1, 1000)]
