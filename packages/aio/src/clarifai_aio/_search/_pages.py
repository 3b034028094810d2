# Made of clarifai_search._pages by a tool:
# change that, and run `python -m tools.asynchronous`.

"""Sending a query, and its hits page by page."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, TypeVar, cast

import attrs

from clarifai_aio._core.handles import Handle
from clarifai_aio._core.paging import Pager, PageSource
from clarifai_aio._search._hits import Hits
from clarifai_core.errors import ApiError, ClarifaiError, UserError
from clarifai_core.heavy import resources_pb2
from clarifai_core.paging import Page, PageLimits
from clarifai_core.safe_text import plain
from clarifai_core.transport import catalogue
from clarifai_search._pages import _TOO_FAR, METRICS, _ends, logger
from clarifai_search._pages import ALGORITHMS as ALGORITHMS
from clarifai_search._pages import as_query as as_query
from clarifai_search._pages import check_algorithm as check_algorithm
from clarifai_search._pages import check_metric as check_metric
from clarifai_search._pages import check_query as check_query
from clarifai_search._pages import check_top_k as check_top_k
from clarifai_search._query import INPUTS_RPC, Query
from clarifai_search.limits import Metric

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from clarifai_grpc.grpc.api import service_pb2
P = TypeVar("P", bound="Pager[Any]")


@attrs.frozen
class Searcher:
    """A handle that searches, and how."""

    handle: Handle
    top_k: int | None
    """How many hits to retrieve; None: all."""
    metric: Metric
    """How nearness is measured."""
    algorithm: str = ""
    """How those that are near are looked for; `""`: as the platform does."""


def responses(asker: Searcher, query: Query, limits: PageLimits) -> Pager[Any]:
    """Return the pages of a query as `MultiSearchResponse` messages; one without hits is none."""
    return _pager(Pager[Any], asker, query, limits, lambda page: [page] if page.hits else [])


def hits(asker: Searcher, query: Query, limits: PageLimits) -> Hits:
    """Return the hits of a query, one stream however many pages."""
    return _pager(Hits, asker, query, limits, lambda response: response.hits)


async def count(asker: Searcher, query: Query) -> int:
    """Return how many hits there are, whatever top_k is.

    The platform counts inputs; annotations are counted here, a page of hits after the other.
    """
    asked = _Asked.of(asker, query)
    if asked.rpc_name == INPUTS_RPC:
        counted = await asked.count()
        if counted.hit_counts or not counted.hits:
            return sum(one.estimated_total for one in counted.hit_counts)

    def read(response: Any, _number: int, _size: int) -> Page[int]:
        found = response.hits
        return Page([len(found)], came=len(found), ends=_ends(found))

    return sum(await asked.pager(Pager[int], read, PageLimits()).all())


def _pager(
    kind: Callable[..., P],
    asker: Searcher,
    query: Query,
    limits: PageLimits,
    items: Callable[[Any], Sequence[Any]],
) -> P:
    whole = limits.single or asker.top_k is None
    top_k = None if whole else check_top_k(asker.top_k)

    def read(response: Any, number: int, size: int) -> Page[Any]:
        found, ends = len(response.hits), _ends(response.hits)
        if number == 1 and response.status.details:
            # A search that succeeds says so when it is not of everything.
            level = logging.INFO if found else logging.WARNING
            logger.log(level, "The platform says of a search: %s.", plain(response.status.details))
        if top_k is not None and found > (room := top_k - (number - 1) * size):
            del response.hits[room:]
        return Page(items(response), came=found, ends=ends)

    return _Asked.of(asker, query).pager(kind, read, attrs.evolve(limits, known_items=top_k))


@attrs.frozen
class _Asked:
    """A query that is ready to be sent, any page of it."""

    asker: Searcher
    rpc_name: str
    request: Any

    @classmethod
    def of(cls, asker: Searcher, query: Query) -> _Asked:
        scope = asker.handle.scope
        for name, value in (("user_id", scope.user_id), ("app_id", scope.app_id)):
            if not value:
                raise UserError(
                    f"A search needs {name}; nothing was sent. "
                    f"Give {name}= or set CLARIFAI_{name.upper()}."
                )
        message = query.message()
        metric = resources_pb2.Search.Metric.Value(METRICS[check_metric(asker.metric)])
        wanted = resources_pb2.Search(
            query=message, metric=metric, min_value=query.min_score, algorithm=asker.algorithm
        )
        rpc_name = query.rpc_for(message)
        request_class = catalogue.rpc(rpc_name).request_class
        return cls(asker, rpc_name, request_class(user_app_id=scope.message(), searches=[wanted]))

    def pager(
        self,
        kind: Callable[..., P],
        read: Callable[[Any, int, int], Page[Any]],
        limits: PageLimits,
    ) -> P:
        """Return the pages of its responses."""
        handle = self.asker.handle
        source = PageSource(
            lambda: handle.session, self.rpc_name, self.request_of, read, self.explain
        )
        return source.pager(kind, limits)

    def request_of(self, number: int, size: int) -> Any:
        """Return the request for a page."""
        page = type(self.request)()
        page.CopyFrom(self.request)
        page.pagination.page, page.pagination.per_page = number, size
        return page

    async def count(self) -> service_pb2.MultiSearchResponse:
        """Return the platform's own count."""
        page = self.request_of(1, 1)
        page.only_count = True
        try:
            answer = await self.asker.handle.session.call(self.rpc_name, page)
        except ApiError as error:
            told = self.explain(error, 1, 1)
            if told is error:
                raise
            raise told from error
        return cast("service_pb2.MultiSearchResponse", answer)

    def explain(self, error: ApiError, number: int, size: int) -> ClarifaiError:
        """Return the caller's error for a page that is too far for the platform."""
        if _TOO_FAR not in error.details.lower():
            return error
        set_to = f"Your top_k is set to {self.asker.top_k}. " if self.asker.top_k else ""
        return UserError(
            f"{set_to}The current pagination settings exceed "
            f"the limit: page {number} of {size} hits was refused ({error.details}). "
            f"Ask for fewer hits.\nreq_id: {error.req_id}"
        )
