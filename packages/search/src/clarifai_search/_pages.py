"""Sending a query, and its hits page by page."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, TypeVar, cast

import attrs

from clarifai_core.errors import ApiError, ClarifaiError, UserError
from clarifai_core.handles import Handle
from clarifai_core.heavy import resources_pb2
from clarifai_core.loggers import logger_for
from clarifai_core.paging import Ends, Page, PageLimits, Pager, PageSource
from clarifai_core.safe_text import plain
from clarifai_core.transport import catalogue
from clarifai_core.wire.messages import nearest
from clarifai_search._hits import Hits
from clarifai_search._query import INPUTS_RPC, Query
from clarifai_search._schema import shown
from clarifai_search.limits import Metric

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from clarifai_grpc.grpc.api import service_pb2

logger = logger_for(__name__)

METRICS: Mapping[Metric, str] = {"cosine": "COSINE_DISTANCE", "euclidean": "EUCLIDEAN_DISTANCE"}
"""Name of a metric -> its name on the wire."""

ALGORITHMS = ("nearest_neighbor", "brute_force")
"""How those that are near are looked for."""

P = TypeVar("P", bound="Pager[Any]")

_TOO_FAR = "page * perpage cannot exceed"


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


def check_algorithm(algorithm: object, metric: str) -> str:
    """Return `algorithm` when it is one, or `""` for none.

    Raises:
        UserError: It is neither, or is none for this metric.
    """
    if not algorithm:
        return ""
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        known = " or ".join(map(repr, ALGORITHMS))
        raise UserError(
            f"algorithm must be {known}, got {algorithm!r}{nearest(str(algorithm), ALGORITHMS)}."
        )
    if algorithm == "nearest_neighbor" and metric == "cosine":
        raise UserError(
            "algorithm 'nearest_neighbor' is for metric='euclidean' only; for 'cosine' give "
            "'brute_force', or leave algorithm out."
        )
    return algorithm


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


def responses(asker: Searcher, query: Query, limits: PageLimits) -> Pager[Any]:
    """Return the pages of a query as `MultiSearchResponse` messages; one without hits is none."""
    return _pager(Pager[Any], asker, query, limits, lambda page: [page] if page.hits else [])


def hits(asker: Searcher, query: Query, limits: PageLimits) -> Hits:
    """Return the hits of a query, one stream however many pages."""
    return _pager(Hits, asker, query, limits, lambda response: response.hits)


def count(asker: Searcher, query: Query) -> int:
    """Return how many hits there are, whatever top_k is.

    The platform counts inputs; annotations are counted here, a page of hits after the other.
    """
    asked = _Asked.of(asker, query)
    if asked.rpc_name == INPUTS_RPC:
        counted = asked.count()
        if counted.hit_counts or not counted.hits:
            return sum(one.estimated_total for one in counted.hit_counts)

    def read(response: Any, _number: int, _size: int) -> Page[int]:
        found = response.hits
        return Page([len(found)], came=len(found), ends=_ends(found))

    return sum(asked.pager(Pager[int], read, PageLimits()))


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


def _ends(found: Sequence[Any]) -> Ends | None:
    return Ends.of(found, have_ids=bool(found and found[0].input.id))


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

    def count(self) -> service_pb2.MultiSearchResponse:
        """Return the platform's own count."""
        page = self.request_of(1, 1)
        page.only_count = True
        try:
            answer = self.asker.handle.session.call(self.rpc_name, page)
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
