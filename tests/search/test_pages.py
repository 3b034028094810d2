"""Pages of hits: how many are asked for, and where they end."""

from __future__ import annotations

import copy
import pickle
import threading
import types

import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_core.errors import BadReply, InvalidArgument, UserError
from clarifai_local.dispatch import rpc
from clarifai_local.statuses import Refused


def ids(hits) -> list[str]:
    return [hit.input.id for hit in hits]


def test_nothing_is_sent_before_the_first_page(open_search, shelf):
    found = open_search().query()
    assert isinstance(found, types.GeneratorType)
    assert shelf.asked == []
    assert [len(page.hits) for page in found] == [10]


@pytest.mark.parametrize(
    ("top_k", "pages"),
    [
        (1, [(1, 1)]),
        (10, [(1, 10)]),
        (1000, [(1, 1000)]),
        (1001, [(1, 501), (2, 501)]),
        (1500, [(1, 750), (2, 750)]),
        (3000, [(1, 1000), (2, 1000), (3, 1000)]),
    ],
)
def test_top_k_hits_come_each_once_and_in_order(open_search, shelf, top_k, pages):
    """Defect 7: a top_k that is no multiple of 1000 repeated hits and left others out."""
    assert ids(open_search(top_k=top_k).hits()) == [f"hit-{n}" for n in range(top_k)]
    assert shelf.pages() == pages


@pytest.mark.parametrize("most", [128, 200, 500])
@pytest.mark.parametrize("top_k", [10, 1000, 1500, 5000])
def test_top_k_hits_come_from_a_server_that_cuts_pages(open_search, shelf, most, top_k):
    """The page of 1000 is documented for the platform as a whole, not for each method."""
    shelf.most = most
    search = open_search(top_k=top_k)
    for _ in range(2):
        shelf.asked.clear()
        assert ids(search.hits()) == [f"hit-{n}" for n in range(top_k)]
        pages = [page for page, _ in shelf.pages()]
        assert set(pages) == set(range(1, max(pages) + 1))
    assert len(pages) == -(-top_k // most), "the second search knows"
    pages = list(search.query())
    assert ids(hit for page in pages for hit in page.hits) == [f"hit-{n}" for n in range(top_k)]


def test_all_hits_of_a_server_that_cuts_pages_are_counted(open_search, shelf):
    shelf.most, shelf.total = 128, 700
    assert open_search().count() == 700


def test_hits_come_from_a_server_that_refuses_so_many_a_page(open_search, shelf):
    shelf.refuses_above = 500
    assert ids(open_search(top_k=1500).hits()) == [f"hit-{n}" for n in range(1500)]
    assert open_search(top_k=1500).count() == shelf.total


def test_a_server_that_does_not_count_pages_is_an_error(open_search, shelf):
    shelf.counts_pages = False
    with pytest.raises(BadReply, match="Page 2 of the listing repeats the one before it"):
        open_search(top_k=1500).hits().all()


def test_query_yields_the_same_hits_a_page_at_a_time(open_search, shelf):
    pages = list(open_search(top_k=1001).query())
    assert [len(page.hits) for page in pages] == [501, 500]
    assert ids(hit for page in pages for hit in page.hits) == [f"hit-{n}" for n in range(1001)]


def test_fewer_hits_than_top_k_end_the_pages(open_search, shelf):
    shelf.total = 1200
    assert len(open_search(top_k=5000).hits().all()) == 1200
    assert (1, 1000) in shelf.pages()


def test_no_hits_are_no_pages(open_search, shelf):
    shelf.total = 0
    assert list(open_search().query(ranks=[{"text_raw": "dog"}])) == []
    assert open_search().hits().first() is None


def test_a_page_that_is_asked_for_is_the_only_one(open_search, shelf):
    search = open_search(top_k=3)
    assert ids(search.hits(page_no=2, per_page=5)) == [f"hit-{n}" for n in range(5, 10)]
    assert len(search.hits(page_no=1).all()) == 16
    assert len(search.hits(per_page=4).all()) == 4
    assert len(shelf.asked) == 3


@pytest.mark.parametrize("page", [{"page_no": -1}, {"per_page": 1001}, {"page_no": "x"}])
def test_impossible_pages_are_refused_before_anything_is_sent(open_search, shelf, page):
    with pytest.raises(UserError, match=next(iter(page))):
        open_search().query(**page)
    assert shelf.asked == []


def test_the_request_holds_scope_and_metric(open_search, shelf):
    list(open_search(metric="euclidean").query(filters=[{"input_types": ["image"]}]))
    [(name, request)] = shelf.asked
    assert name == "PostInputsSearches"
    assert (request.user_app_id.user_id, request.user_app_id.app_id) == ("alice", "zoo")
    assert request.searches[0].metric == resources_pb2.Search.EUCLIDEAN_DISTANCE
    list(open_search().query())
    assert shelf.asked[1][0] == "PostAnnotationsSearches"
    assert shelf.asked[1][1].searches[0].metric == resources_pb2.Search.COSINE_DISTANCE


def test_a_limit_on_paging_is_the_callers_fault(open_search, platform):
    class Limited:
        @rpc("PostAnnotationsSearches")
        def search(self, request, caller):
            raise Refused(codes.FAILURE, "page * perPage cannot exceed 10000")

    platform.dispatcher.add(Limited())
    with pytest.raises(UserError, match=r"Your top_k is set to 10.*cannot exceed 10000"):
        list(open_search().query())


def test_another_refusal_is_an_api_error_that_names_the_page(open_search, platform):
    class Failing:
        @rpc("PostAnnotationsSearches")
        def search(self, request, caller):
            raise Refused(codes.FAILURE, "scripted failure")

    platform.dispatcher.add(Failing())
    with pytest.raises(InvalidArgument, match="scripted failure") as caught:
        open_search().hits().all()
    assert (caught.value.rpc, caught.value.page_no) == ("PostAnnotationsSearches", 1)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"top_k": 0}, "top_k must be a whole number from 1, got 0"),
        ({"top_k": "10"}, "top_k must be a whole number from 1, got '10'"),
        ({"metric": "cosin"}, "got 'cosin'; did you mean 'cosine'"),
        ({"topk": 3}, "no parameter 'topk'; did you mean 'top_k'"),
    ],
)
def test_wrong_options_are_refused(open_search, options, said):
    with pytest.raises(UserError, match=said):
        open_search(**options)


@pytest.mark.parametrize("missing", ["user_id", "app_id"])
def test_a_search_without_its_app_is_refused(open_search, shelf, missing):
    with pytest.raises(UserError, match=f"needs {missing}"):
        open_search(**{missing: ""}).query()
    assert shelf.asked == []


def test_a_search_survives_copy_and_pickle(open_search, shelf):
    search = open_search(top_k=2, metric="euclidean")
    for twin in (copy.copy(search), pickle.loads(pickle.dumps(search))):
        assert (twin.top_k, twin.metric) == (2, "euclidean")
        assert ids(twin.hits()) == ["hit-0", "hit-1"]


def test_the_best_hit_takes_one_page_whatever_top_k_is(open_search, shelf):
    assert open_search(top_k=5000).hits().first().input.id == "hit-0"
    assert shelf.pages() == [(1, 1000)]


def test_all_pages_that_top_k_fills_are_asked_for_at_once(open_search, platform):
    together = Together(pages=5)
    platform.dispatcher.add(together)
    assert len(open_search(top_k=5000).hits().all()) == 5000


class Together:
    """Answers no page before all of them were asked for."""

    def __init__(self, pages: int) -> None:
        self.all_there = threading.Barrier(pages, timeout=60)

    @rpc("PostAnnotationsSearches")
    def search(self, request, caller):
        self.all_there.wait()
        return service_pb2.MultiSearchResponse(hits=[resources_pb2.Hit()] * 1000)
