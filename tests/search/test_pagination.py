"""`Search(algorithm=, pagination=)`, as the official SDK 12.5.0 has them."""

from __future__ import annotations

import pytest

from clarifai_core.errors import UserError
from clarifai_search.handle import Search


def pages(shelf):
    return [(one.pagination.page, one.pagination.per_page) for _, one in shelf.asked]


def test_all_hits_come_whatever_their_number(open_search, platform):
    from tests.search.conftest import Shelf

    shelf = Shelf(2500)
    platform.dispatcher.add(shelf)
    search = open_search(pagination=True)
    assert [hit.input.id for hit in search.hits()] == [f"hit-{n}" for n in range(2500)]
    found = [hit.input.id for page in search.query() for hit in page.hits]
    assert found == [f"hit-{n}" for n in range(2500)]


@pytest.mark.parametrize(
    ("asked", "page"),
    [
        ({"page_no": 2, "per_page": 5}, (2, 5)),
        ({"per_page": 5}, (1, 5)),
        ({"page_no": 1}, (1, 1000)),
    ],
)
def test_one_page_is_got_where_one_is_asked_for(open_search, shelf, asked, page):
    list(open_search(pagination=True).query(**asked))
    assert pages(shelf) == [page]


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        ({}, ("", "COSINE_DISTANCE")),
        ({"algorithm": "nearest_neighbor"}, ("nearest_neighbor", "EUCLIDEAN_DISTANCE")),
        ({"algorithm": "brute_force"}, ("brute_force", "COSINE_DISTANCE")),
        (
            {"algorithm": "brute_force", "metric": "euclidean"},
            ("brute_force", "EUCLIDEAN_DISTANCE"),
        ),
        ({"algorithm": None, "metric": None, "top_k": None}, ("", "COSINE_DISTANCE")),
    ],
)
def test_the_algorithm_is_sent_with_a_metric_that_it_knows(open_search, shelf, options, sent):
    list(open_search(**options).query())
    wanted = shelf.asked[0][1].searches[0]
    assert (wanted.algorithm, wanted.Metric.Name(wanted.metric)) == sent


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"top_k": 3, "pagination": True}, "top_k=3 and pagination=True are two ways"),
        ({"algorithm": "brute-force"}, "algorithm must be .* got 'brute-force'"),
        ({"algorithm": "nearest_neighbor", "metric": "cosine"}, "is for metric='euclidean' only"),
        ({"top_k": 0}, "top_k must be a whole number from 1"),
        ({"paginate": True}, "has no parameter 'paginate'"),
    ],
)
def test_what_does_not_go_together_is_refused(arguments, said):
    with pytest.raises(UserError, match=said):
        Search("alice", "zoo", **arguments)


def test_the_places_of_the_newer_release_are_refused_with_a_word():
    with pytest.raises(UserError, match="Give algorithm= and pagination= by name"):
        Search("alice", "zoo", 10, "euclidean", "brute_force")


def test_an_app_opens_such_searches(open_search, shelf):
    handle = open_search()
    from clarifai_resources.app import App

    app = App(app_id="zoo", user_id="alice", base_url=handle.settings.base_url)
    search = app.search(algorithm="brute_force", pagination=True)
    assert (search.algorithm, search.pagination, search.top_k) == ("brute_force", True, None)
    list(search.query(per_page=2))
    assert pages(shelf) == [(1, 2)]
