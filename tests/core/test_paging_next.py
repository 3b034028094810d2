"""`next()` of a listing, as of the generators that the official SDK returns."""

from __future__ import annotations

from itertools import islice

import pytest

from clarifai_core.paging import Page, PageLimits, Pager


def counting():
    """Return a pager over 1, 2 ... 5, two a page, and the numbers of the pages it was asked for."""
    asked = []

    def fetch(number, size):
        asked.append(number)
        items = list(range(1, 6))[2 * number - 2 : 2 * number]
        return Page(items, is_last=number == 3)

    return Pager(fetch), asked


def test_items_come_one_by_one_and_a_loop_takes_the_rest():
    pager, asked = counting()
    assert (next(pager), next(pager)) == (1, 2)
    assert asked == [1]
    assert list(pager) == [3, 4, 5]
    assert asked == [1, 2, 3]


def test_without_next_each_loop_starts_anew():
    pager, asked = counting()
    assert list(islice(pager, 2)) == [1, 2]
    assert list(pager) == list(pager) == [1, 2, 3, 4, 5]
    assert asked == [1, 1, 2, 3, 1, 2, 3]


def test_the_end_is_told_once_and_then_it_starts_anew():
    pager, _ = counting()
    assert [next(pager, None) for _ in range(6)] == [1, 2, 3, 4, 5, None]
    assert next(pager) == 1


def test_an_empty_listing_has_no_next():
    with pytest.raises(StopIteration):
        next(Pager.of_pages([]))


def test_all_and_where_and_pages_know_of_no_next():
    pager, _ = counting()
    next(pager)
    assert pager.where(lambda item: item > 3).all() == [4, 5]
    assert list(pager.pages()) == [[1, 2], [3, 4], [5]]
    assert pager.all() == [1, 2, 3, 4, 5]
    assert pager.first() == 1


def test_a_limit_of_items_holds():
    def fetch(number, size):
        return Page(list(range(1, 6)), is_last=True)

    limited = Pager(fetch, PageLimits(max_items=2))
    assert [next(limited, None) for _ in range(3)] == [1, 2, None]
