"""Listings of servers that cut pages, refuse their size, or miscount: whole, or an error.

How many items a page may have is documented for the platform as a whole (`Pagination.per_page`: 128
when none is given, 1000 at most), so each method may hold it in its own way. What the numbers of
requests should be is counted by hand, from what there is to find out.
"""

from __future__ import annotations

import math
from concurrent.futures import Future

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from clarifai_core.errors import BadReply, InvalidArgument, NotFound
from clarifai_core.page_sizes import USUAL_SIZES, PageSizes
from clarifai_core.paging import Ends, Page, PageLimits, Pager
from tests.core.page_servers import Server, TooMany, items


def fetch_from(server, *, keys=False):
    def fetch(number, size):
        try:
            page = list(server.page(number, size))
        except TooMany as error:
            raise InvalidArgument("ListThings", description=str(error), code=11102) from error
        if keys:
            return Page(page, key=page.__getitem__)
        ends = Ends(len(page), page[0].encode(), page[-1].encode(), True) if page else None
        return Page(page, ends=ends)

    return fetch


class AtOnce:
    """Runs what is submitted then and there: which pages are asked for is always the same."""

    def submit(self, function, *arguments):
        future = Future()
        try:
            future.set_result(function(*arguments))
        except (InvalidArgument, BadReply) as error:
            future.set_exception(error)
        return future


def listed(server, sizes=None, *, keys=False, ahead=False, **limits):
    sizes = sizes or PageSizes()
    executor = AtOnce if ahead else None
    fetch = fetch_from(server, keys=keys)
    return Pager(fetch, PageLimits(**limits), executor, lambda: sizes)


@pytest.mark.parametrize(
    ("total", "pages"),
    [
        (0, [(1, 1000)]),
        (1, [(1, 1000)]),
        (15, [(1, 1000)]),
        (127, [(1, 1000)]),
        (1001, [(1, 1000), (2, 1000)]),
        (2500, [(1, 1000), (2, 1000), (3, 1000)]),
    ],
)
def test_a_server_that_gives_what_it_is_asked_for_gets_no_request_more(total, pages):
    server = Server(items(total))
    assert listed(server).all() == items(total)
    assert server.asked == pages


def test_a_page_between_128_and_1000_is_doubted_until_a_longer_one_was_given():
    server, sizes = Server(items(300)), PageSizes()
    assert listed(server, sizes).all() == items(300)
    assert server.asked == [(1, 1000), (2, 300)]

    server = Server(items(299))
    assert listed(server, sizes).all() == items(299)
    assert server.asked == [(1, 1000)]

    server = Server(items(301))
    assert listed(server, sizes).all() == items(301)
    assert server.asked == [(1, 1000), (2, 301)]


@pytest.mark.parametrize(("total", "again"), [(300, 1), (999, 1), (128, 2), (500, 2)])
def test_a_listing_of_the_same_length_is_the_same_unless_servers_cut_pages_there(total, again):
    sizes = PageSizes()
    for requests in (2, again, again):
        server = Server(items(total))
        assert listed(server, sizes).all() == items(total)
        assert len(server.asked) == requests
    server = Server(items(total + 1))
    assert listed(server, sizes).all() == items(total + 1)


def test_the_empty_page_behind_full_ones_is_believed_when_the_next_is_empty_too():
    server = Server(items(2000))
    assert listed(server).all() == items(2000)
    assert server.asked == [(1, 1000), (2, 1000), (3, 1000), (4, 1000)]


@pytest.mark.parametrize("total", [1, 16, 20, 50, 64, 99, 100, 127])
@pytest.mark.parametrize("ahead", [False, True])
def test_no_request_more_for_listings_that_are_shorter_than_128(total, ahead):
    """That is what a method proves to honour before it has given more."""
    server, sizes = Server(items(total)), PageSizes()
    for _ in range(2):
        assert listed(server, sizes, ahead=ahead).all() == items(total)
    assert server.asked == [(1, 1000)] * 2


@pytest.mark.parametrize("most", [128, 200, 500, 999])
@pytest.mark.parametrize("total", [0, 1, 15, 127, 129, 999, 1000, 1500])
def test_a_server_that_cuts_pages_is_asked_for_those_it_gives(most, total):
    server, sizes = Server(items(total), most), PageSizes()
    assert listed(server, sizes).all() == items(total)
    if total < most:
        doubted = total >= 128
        assert server.asked == [(1, 1000), (2, total)][: 1 + doubted]
    else:
        pages = total // most + 1  # the last is empty when the total is a multiple
        more = total % most == 0 and total > most  # a second empty one
        assert server.asked == [
            (1, 1000),
            *((number, most) for number in range(2, pages + 1 + more)),
        ]


def test_what_a_server_cuts_pages_to_is_remembered():
    sizes = PageSizes()
    listed(Server(items(700), 128), sizes).all()
    for total, requests in ((100, 1), (127, 1), (700, 6)):
        server = Server(items(total), 128)
        assert listed(server, sizes).all() == items(total)
        assert server.asked == [(number, 128) for number in range(1, requests + 1)]


@pytest.mark.parametrize("most", [128, 500])
def test_a_server_that_refuses_so_many_is_asked_for_128(most):
    sizes = PageSizes()
    server = Server(items(700), refuses_above=most)
    assert listed(server, sizes).all() == items(700)
    pages = [(number, 128) for number in range(1, 7)]
    assert server.asked == [(1, 1000), *pages]

    server = Server(items(700), refuses_above=most)
    assert listed(server, sizes).all() == items(700)
    assert server.asked == pages


def test_a_refusal_that_is_not_for_the_size_is_the_callers_error():
    server, sizes = Server(items(5), refuses_above=0), PageSizes()
    with pytest.raises(InvalidArgument) as caught:
        listed(server, sizes).all()
    assert server.asked == [(1, 1000), (1, 128)]
    assert (caught.value.page_no, caught.value.per_page) == (1, 128)
    assert sizes.most == 1000

    listed(Server(items(5)), sizes).all()
    server = Server(items(5), refuses_above=0)
    with pytest.raises(InvalidArgument):
        listed(server, sizes).all()
    assert server.asked == [(1, 1000)], "so many were taken before"


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (NotFound("ListThings"), False),
        (InvalidArgument("ListThings", details="scripted failure", code=10020), False),
        (InvalidArgument("ListThings", details="perPage is at most 500", code=10020), True),
        (InvalidArgument("ListThings", name="INVALID_ARGUMENT"), True),
        (InvalidArgument("ListThings", code=11100), True),
    ],
    ids=["not found", "failure", "failure by size", "grpc", "bad request"],
)
def test_only_a_refusal_that_may_be_for_the_size_is_followed_by_another_try(error, again):
    """FAILURE (10020) is what the platform says of anything that went wrong."""
    asked = []

    def fetch(number, size):
        asked.append((number, size))
        raise error

    with pytest.raises(type(error)):
        Pager(fetch).all()
    assert asked == ([(1, 1000), (1, 128)] if again else [(1, 1000)])


@pytest.mark.parametrize("limits", [{"per_page": 500}, {"page_no": 1, "per_page": 500}])
def test_a_size_that_the_caller_chose_is_not_replaced(limits):
    server = Server(items(700), refuses_above=128)
    with pytest.raises(InvalidArgument) as caught:
        listed(server, **limits).all()
    assert server.asked == [(1, 500)]
    assert (caught.value.page_no, caught.value.per_page) == (1, 500)

    server = Server(items(700), most=128)
    assert listed(server, **limits).all() == items(128)
    assert server.asked == [(1, 500)]


def test_page_0_is_page_1():
    server = Server(items(700))
    assert listed(server, page_no=0).all() == items(16)
    assert listed(server, page_no=0, per_page=3).all() == items(3)
    assert server.asked == [(1, 16), (1, 3)]


def error_behind(pager, before):
    seen = []
    with pytest.raises(BadReply, match="repeat the ones before"):
        seen.extend(pager)
    assert seen == before


def repeats_its_last_page(read, total, most):
    pager = read(Server(items(total), most, number_of=min))
    if total % most:
        assert pager.all() == items(total)
    else:
        error_behind(pager, items(total))


def does_not_look_at_page_numbers(read, total, most):
    pager = read(Server(items(total), most, number_of=lambda number, last: 1))
    error_behind(pager, items(most))


def does_not_look_at_the_size(read, total, most):
    assert read(Server(items(total), size_of=lambda size: most)).all() == items(total)


def gives_twice_as_many(read, total, most):
    server = Server(items(3 * total), 2 * most, size_of=lambda size: 2 * size)
    assert read(server).all() == items(3 * total)


def gives_twice_as_many_of_each_page(read, total, most):
    """Each page holds the next one, too, unless that is asked for in the size of the first."""
    server = Server(
        items(3 * total),
        2 * most,
        size_of=lambda size: 2 * size,
        begins_at=lambda number, size, asked: (number - 1) * asked,
    )
    assert read(server).all() == items(3 * total)


def gives_an_empty_page_in_the_middle(read, total, most):
    there = items(5 * total)
    del there[3 * most : 4 * most]  # what that page should have had: no one can ask for it
    server = Server(items(5 * total), most, is_empty=lambda number: number == 4)
    assert read(server).all() == there


@pytest.mark.parametrize("ahead", [False, True])
@pytest.mark.parametrize("keys", [False, True])
@pytest.mark.parametrize("total", [1000, 1100])
@pytest.mark.parametrize("most", [128, 500, 1000])
@pytest.mark.parametrize(
    "check",
    [
        repeats_its_last_page,
        does_not_look_at_page_numbers,
        does_not_look_at_the_size,
        gives_twice_as_many,
        gives_twice_as_many_of_each_page,
        gives_an_empty_page_in_the_middle,
    ],
)
def test_a_server_that_miscounts_is_read_whole_or_an_error(check, most, total, keys, ahead):
    """`keys`: whether items may be told apart, or pages only."""
    check(lambda server: listed(server, keys=keys, ahead=ahead), total, most)


def test_items_without_ids_may_be_alike():
    """Such as lines of a log: pages of them are no proof that the server repeats itself."""
    pages = [["same"] * 1000, ["same"] * 1000, ["same"] * 3]

    def fetch(number, size):
        page = pages[number - 1]
        return Page(page, ends=Ends(len(page), b"same", b"same", have_ids=False))

    assert len(Pager(fetch).all()) == 2003


def test_a_log_that_is_repeated_for_ever_is_an_error():
    page = ["same"] * 1000
    pager = Pager(lambda *_: Page(page, ends=Ends(1000, b"same", b"same", have_ids=False)))
    with pytest.raises(BadReply, match="repeat the ones before"):
        pager.all()


@pytest.mark.parametrize("most", [128, 500, 1000])
def test_pages_ahead_are_as_many_as_the_next_ones(most):
    """1, 2, 4, then 8 at a time: at most 7 are asked for that nobody needs."""
    server = Server(items(20 * most + 1), most)
    assert listed(server, ahead=True).all() == items(20 * most + 1)
    numbers = [number for number, _ in server.asked]
    assert numbers == list(range(1, len(numbers) + 1))
    assert 21 <= len(numbers) <= 21 + 7
    assert {size for _, size in server.asked[1:]} == {most}


def test_pages_whose_number_is_known_are_asked_for_at_once():
    server = Server(items(5000))
    assert len(listed(server, ahead=True, known_items=1500).all()) == 1500
    assert sorted(server.asked) == [(1, 750), (2, 750)]


@pytest.mark.parametrize(
    ("wanted", "there"), [(10, 3), (100, 99), (1000, 127), (100, 101), (1000, 0)]
)
def test_no_request_more_where_few_are_wanted_or_there(wanted, there):
    server = Server(items(there))
    assert listed(server, known_items=wanted).all() == items(min(wanted, there))
    assert server.asked == [(1, wanted)]


@pytest.mark.parametrize("most", [128, 500])
def test_pages_that_are_cut_are_asked_for_anew(most):
    sizes = PageSizes()
    server = Server(items(5000), most)
    found = listed(server, sizes, ahead=True, known_items=1500).all()
    assert found[:1500] == items(1500)
    pages = math.ceil(1500 / most)
    dropped = (2, 750)
    assert sorted(server.asked) == sorted(
        [(1, 750), dropped, *((number, most) for number in range(2, pages + 1))]
    )

    server = Server(items(5000), most)
    found = listed(server, sizes, ahead=True, known_items=1500).all()
    assert found[:1500] == items(1500)
    assert len(server.asked) == pages
    assert len({size for _, size in server.asked}) == 1


def test_a_size_that_is_refused():
    server = Server(items(5000), refuses_above=128)
    found = listed(server, ahead=True, known_items=1500).all()
    assert found[:1500] == items(1500)
    assert sorted(server.asked) == sorted(
        [(1, 750), (2, 750), *((number, 125) for number in range(1, 13))]
    )


def test_fewer_than_are_wanted():
    server = Server(items(300), 128)
    assert listed(server, ahead=True, known_items=5000).all() == items(300)


def test_a_page_that_repeats_the_one_before_is_an_error():
    server = Server(items(5000), number_of=lambda number, last: 1)
    seen = []
    with pytest.raises(BadReply, match="Page 2 of the listing repeats"):
        seen.extend(listed(server, ahead=True, known_items=1500))
    assert seen == items(750)


CUTS = st.one_of(st.sampled_from(sorted(USUAL_SIZES)), st.integers(128, 1200))
TOTALS = st.integers(0, 4000)


@settings(deadline=None)
@given(
    most=CUTS,
    refused=st.sampled_from([128, 200, 500, 1000, 1_000_000]),
    total=TOTALS,
    earlier=st.lists(TOTALS, max_size=2),
    ahead=st.booleans(),
    keys=st.booleans(),
)
def test_every_item_comes_once_and_in_order(most, refused, total, earlier, ahead, keys):
    sizes = PageSizes()
    # Where as many were there as a server gives a page, and then more, it could not be known.
    assume(most in USUAL_SIZES or most not in earlier)
    for count in (*earlier, total):
        server = Server(items(count), most, refuses_above=refused)
        assert listed(server, sizes, ahead=ahead, keys=keys).all() == items(count)
        needed = count // min(most, 1000) + 1
        if refused < 1000:
            needed = count // min(most, 128) + 1
        if not ahead:
            assert len(server.asked) <= needed + 2


@settings(deadline=None)
@given(
    most=CUTS,
    total=TOTALS,
    known=st.integers(1, 4000),
    earlier=st.lists(TOTALS, max_size=1),
    ahead=st.booleans(),
)
def test_as_many_as_are_wanted_come(most, total, known, earlier, ahead):
    sizes = PageSizes()
    assume(most in USUAL_SIZES or most not in earlier)
    for count in (*earlier, total):
        server = Server(items(count), most)
        found = listed(server, sizes, ahead=ahead, known_items=known).all()
        assert found[:known] == items(count)[:known]


@settings(deadline=None)
@given(
    most=CUTS,
    total=TOTALS,
    changes=st.lists(st.integers(0, 100), max_size=40),
    ahead=st.booleans(),
)
def test_all_that_were_there_come_once_whatever_is_added_meanwhile(most, total, changes, ahead):
    """Newest first, as the platform lists inputs: what is added pushes the rest to the end."""
    there = items(total)
    server = Server(there, most)
    before, left, count = list(there), list(changes), [0]

    def add():
        # Slower than pages are read, or there is no end to it. Ahead, eight are under way at once.
        for _ in range(min(left.pop() if left else 0, most // (16 if ahead else 2))):
            there.insert(0, f"new-{count[0]}")
            count[0] += 1

    server.meanwhile = add
    seen = listed(server, keys=True, ahead=ahead).all()
    assert len(set(seen)) == len(seen)
    assert [one for one in seen if one in set(before)] == before


@settings(deadline=None)
@given(most=CUTS, total=TOTALS, taken=st.lists(st.integers(0, 300), max_size=40))
def test_it_ends_whatever_is_deleted_meanwhile(most, total, taken):
    there = items(total)
    server, left = Server(there, most), list(taken)

    def delete():
        del there[: left.pop() if left else 0]

    server.meanwhile = delete
    seen = listed(server, keys=True).all()
    assert len(set(seen)) == len(seen)
    first = min(most, total, 1000)
    assert seen[:first] == items(total)[:first]
