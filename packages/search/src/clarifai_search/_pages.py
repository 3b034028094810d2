"""Sending a query, and its hits page by page."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeVar, cast

import attrs

from clarifai_core.errors import ApiError, UserError
from clarifai_core.handles import Handle
from clarifai_core.heavy import resources_pb2
from clarifai_core.paging import MAX_PER_PAGE, Page, PageLimits, Pager
from clarifai_core.transport import catalogue
from clarifai_core.wire.messages import nearest
from clarifai_search._hits import Hits
from clarifai_search._query import INPUTS_RPC, Query
from clarifai_search._schema import shown
from clarifai_search.limits import Metric

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from clarifai_grpc.grpc.api import service_pb2

T = TypeVar("T")

METRICS: Mapping[Metric, str] = {"cosine": "COSINE_DISTANCE", "euclidean": "EUCLIDEAN_DISTANCE"}
"""Name of a metric -> its name on the wire."""

_TOO_FAR = "page * perpage cannot exceed"


@attrs.frozen
class Asker:
    """A handle that searches, and how."""

    handle: Handle
    top_k: int
    """How many hits to retrieve."""
    metric: Metric
    """How nearness is measured."""


def check_top_k(top_k: object) -> int:
    """Return `top_k` when it can be one.

    Raises:
        UserError: It is no whole number from 1.
    """
    if isinstance(top_k, bool) or not isinstance(top_k, int) or top_k < 1:
        raise UserError(f"top_k must be a whole number from 1, got {top_k!r}.")
    return top_k


def check_metric(metric: object) -> Metric:
    """Return `metric` when it is one.

    Raises:
        UserError: It is neither `"cosine"` nor `"euclidean"`.
    """
    if not isinstance(metric, str) or metric not in METRICS:
        hint = nearest(str(metric), METRICS)
        raise UserError(f"metric must be 'cosine' or 'euclidean', got {metric!r}{hint}.")
    return cast("Metric", metric)


def as_query(ranks: Any, filters: Any) -> Query:
    """Return the query that is meant by the two arguments of `Search.query`.

    Raises:
        UserError: A list is wrong, or there are a query and filters.
    """
    if not isinstance(ranks, Query):
        if isinstance(filters, Query):
            raise UserError("A Query holds its ranks and filters: give it alone.")
        return Query.read(ranks, filters)
    if any(filters):
        raise UserError(f"A Query holds its filters: use .where() for {shown(filters)}.")
    return ranks


def check_query(query: object) -> Query:
    """Return `query` when it is one.

    Raises:
        UserError: It is something else; lists become one by `Query.read`.
    """
    if not isinstance(query, Query):
        raise UserError(
            f"query must be a Query, got {shown(query)}; Query.read(ranks, filters) makes one."
        )
    return query


def responses(asker: Asker, query: Query, limits: PageLimits) -> Pager[Any]:
    """Return the pages of a query as `MultiSearchResponse` messages; one without hits is none."""
    fetch, limits = _fetch(asker, query, limits, lambda page: [page] if page.hits else [])
    return Pager(fetch, limits, lambda: asker.handle.session.executor)


def hits(asker: Asker, query: Query, limits: PageLimits) -> Hits:
    """Return the hits of a query, one stream however many pages."""
    fetch, limits = _fetch(asker, query, limits, lambda response: list(response.hits))
    return Hits(fetch, limits, lambda: asker.handle.session.executor)


def count(asker: Asker, query: Query) -> int:
    """Return how many hits there are, whatever top_k is.

    The platform counts inputs; annotations are counted here, a page of hits after the other.
    """
    asked = _Asked.of(asker, query)
    if asked.rpc_name == INPUTS_RPC:
        counted = asked.send(1, 1, only_count=True)
        if counted.hit_counts or not counted.hits:
            return sum(one.estimated_total for one in counted.hit_counts)

    def fetch(number: int, size: int) -> Page[int]:
        found = len(asked.send(number, size).hits)
        return Page([found], is_last=found < size)

    return sum(Pager(fetch, executor=lambda: asker.handle.session.executor))


def _fetch(
    asker: Asker, query: Query, limits: PageLimits, items: Callable[[Any], list[T]]
) -> tuple[Callable[[int, int], Page[T]], PageLimits]:
    asked = _Asked.of(asker, query)
    pages = _HitPages(None if limits.single else check_top_k(asker.top_k))

    def fetch(number: int, size: int) -> Page[T]:
        size = pages.size(size)
        response = asked.send(number, size)
        found = len(response.hits)
        if found > pages.room(number, size):
            del response.hits[pages.room(number, size) :]
        return Page(items(response), found < size or number >= pages.pages)

    return fetch, attrs.evolve(limits, known_pages=None if limits.single else pages.pages)


@attrs.frozen
class _HitPages:
    """Which pages the first `top_k` hits are on: equal ones, the last cut where the hits end.

    Pages must be of one size, or the platform would count their offsets differently: 1500 hits are
    two pages of 750, not one of 1000 and one of 500.
    """

    top_k: int | None
    """None: the page that was asked for, whole."""

    @property
    def pages(self) -> int:
        return math.ceil(self.top_k / MAX_PER_PAGE) if self.top_k else 1

    def size(self, asked: int) -> int:
        return math.ceil(self.top_k / self.pages) if self.top_k else asked

    def room(self, number: int, size: int) -> int:
        """Return how many hits of a page count."""
        return size if self.top_k is None else self.top_k - (number - 1) * size


@attrs.frozen
class _Asked:
    """A query that is ready to be sent, any page of it."""

    asker: Asker
    rpc_name: str
    request: Any

    @classmethod
    def of(cls, asker: Asker, query: Query) -> _Asked:
        scope = asker.handle.scope
        for name, value in (("user_id", scope.user_id), ("app_id", scope.app_id)):
            if not value:
                raise UserError(
                    f"A search needs {name}; nothing was sent. "
                    f"Give {name}= or set CLARIFAI_{name.upper()}."
                )
        message = query.message()
        metric = resources_pb2.Search.Metric.Value(METRICS[check_metric(asker.metric)])
        wanted = resources_pb2.Search(query=message, metric=metric, min_value=query.min_score)
        rpc_name = query.rpc_for(message)
        request_class = catalogue.rpc(rpc_name).request_class
        return cls(asker, rpc_name, request_class(user_app_id=scope.message(), searches=[wanted]))

    def send(
        self, number: int, size: int, *, only_count: bool = False
    ) -> service_pb2.MultiSearchResponse:
        page = type(self.request)()
        page.CopyFrom(self.request)
        page.pagination.page, page.pagination.per_page = number, size
        if only_count:
            page.only_count = True
        try:
            answer = self.asker.handle.session.call(self.rpc_name, page)
            return cast("service_pb2.MultiSearchResponse", answer)
        except ApiError as error:
            if _TOO_FAR not in error.details.lower():
                raise
            raise UserError(
                f"Your top_k is set to {self.asker.top_k}. The current pagination settings exceed "
                f"the limit: page {number} of {size} hits was refused ({error.details}). "
                f"Ask for fewer hits.\nreq_id: {error.req_id}"
            ) from error
