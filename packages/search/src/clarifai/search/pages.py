"""Sending a query, and its hits page by page."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
from clarifai_grpc.grpc.api import resources_pb2, service_pb2

from clarifai.core.errors import ApiError, UserError
from clarifai.core.paging import MAX_PER_PAGE, Page, PageLimits, Pager
from clarifai.core.transport import catalogue
from clarifai.core.wire.messages import nearest
from clarifai.search.query import Query

if TYPE_CHECKING:
    from collections.abc import Callable

    from clarifai.search.handle import Search

T = TypeVar("T")

METRICS = {"cosine": "COSINE_DISTANCE", "euclidean": "EUCLIDEAN_DISTANCE"}
"""Name of a metric -> its name on the wire."""

_TOO_FAR = "page * perpage cannot exceed"


def check_top_k(top_k: object) -> int:
    """Return `top_k` when it can be one.

    Raises:
        UserError: It is no whole number from 1.
    """
    if isinstance(top_k, bool) or not isinstance(top_k, int) or top_k < 1:
        raise UserError(f"top_k must be a whole number from 1, got {top_k!r}.")
    return top_k


def check_metric(metric: object) -> str:
    """Return `metric` when it is one.

    Raises:
        UserError: It is neither `"cosine"` nor `"euclidean"`.
    """
    if not isinstance(metric, str) or metric not in METRICS:
        hint = nearest(str(metric), METRICS)
        raise UserError(f"metric must be 'cosine' or 'euclidean', got {metric!r}{hint}.")
    return metric


def responses(search: Search, ranks: Any, filters: Any, limits: PageLimits) -> Pager[Any]:
    """Return the pages of a query as `MultiSearchResponse` messages; one without hits is none."""
    return _pager(search, ranks, filters, limits, lambda page: [page] if page.hits else [])


def hits(search: Search, ranks: Any, filters: Any, limits: PageLimits) -> Pager[resources_pb2.Hit]:
    """Return the hits of a query, one stream however many pages."""
    return _pager(search, ranks, filters, limits, lambda response: list(response.hits))


def _pager(
    search: Search,
    ranks: Any,
    filters: Any,
    limits: PageLimits,
    items: Callable[[service_pb2.MultiSearchResponse], list[T]],
) -> Pager[T]:
    top_k = check_top_k(search.top_k)
    query = Query.read(ranks, filters)
    request = _request(search, query)
    window = _Window(None if limits.single else top_k)
    send = functools.partial(_send, search, query.rpc_name)

    def fetch(number: int, size: int) -> Page[T]:
        if window.is_past(number):
            return Page([], is_last=True)
        size = window.size(size)
        response = send(_page_of(request, number, size))
        is_last = len(response.hits) < size or window.is_past(number + 1)
        del response.hits[window.room(number, size) :]
        return Page(items(response), is_last)

    return Pager(fetch, limits, lambda: search.session.executor)


@attrs.frozen
class _Window:
    """Which pages the first `top_k` hits are on: equal ones, the last cut where the hits end.

    Pages must be of one size, or the platform would count their offsets differently: 1500 hits are
    two pages of 750, not one of 1000 and one of 500.
    """

    top_k: int | None
    """None: the page that was asked for, whole."""

    @property
    def _pages(self) -> int:
        return math.ceil(self.top_k / MAX_PER_PAGE) if self.top_k else 1

    def size(self, asked: int) -> int:
        return math.ceil(self.top_k / self._pages) if self.top_k else asked

    def is_past(self, number: int) -> bool:
        return self.top_k is not None and number > self._pages

    def room(self, number: int, size: int) -> int:
        """Return how many hits of a page count."""
        return size if self.top_k is None else self.top_k - (number - 1) * size


def _request(search: Search, query: Query) -> Any:
    scope = search.scope
    for name, value in (("user_id", scope.user_id), ("app_id", scope.app_id)):
        if not value:
            raise UserError(
                f"A search needs {name}; nothing was sent. "
                f"Give {name}= or set CLARIFAI_{name.upper()}."
            )
    metric = resources_pb2.Search.Metric.Value(METRICS[check_metric(search.metric)])
    wanted = resources_pb2.Search(query=query.message(), metric=metric)
    request_class = catalogue.rpc(query.rpc_name).request_class
    return request_class(user_app_id=scope.message(), searches=[wanted])


def _page_of(request: Any, number: int, size: int) -> Any:
    asked = type(request)()
    asked.CopyFrom(request)
    asked.pagination.page, asked.pagination.per_page = number, size
    return asked


def _send(search: Search, rpc_name: str, request: Any) -> Any:
    try:
        return search.session.call(rpc_name, request)
    except ApiError as error:
        if _TOO_FAR not in error.details.lower():
            raise
        page = request.pagination
        raise UserError(
            f"Your top_k is set to {search.top_k}. The current pagination settings exceed the "
            f"limit: page {page.page} of {page.per_page} hits was refused ({error.details}). "
            f"Ask for fewer hits.\nreq_id: {error.req_id}"
        ) from error
