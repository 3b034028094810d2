"""The search handle: what `clarifai.client.search` opens.

Importing this module costs nothing; clauses, protobuf and paging come in with the first query.
"""

from __future__ import annotations

from clarifai.core.defaults import DEFAULT_BASE_URL
from clarifai.core.errors import UserError
from clarifai.core.handles import Handle
from clarifai.core.lazy import lazy_module
from clarifai.search.limits import DEFAULT_SEARCH_METRIC, DEFAULT_TOP_K

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from typing import Any

    from clarifai_grpc.grpc.api import resources_pb2, service_pb2
    from typing_extensions import Self

    from clarifai.core import paging
    from clarifai.core.wire import messages
    from clarifai.search import pages
else:
    paging = lazy_module("clarifai.core.paging")
    messages = lazy_module("clarifai.core.wire.messages")
    pages = lazy_module("clarifai.search.pages")

__all__ = ["DEFAULT_BASE_URL", "Search"]

_EMPTY: Sequence[Mapping[str, Any]] = [{}]
"""The documented default of ranks and filters; only read, never handed out."""

_CONNECTION = ("context", "root_certificates_path", "timeout_seconds")


class Search(Handle):
    """Searches over the inputs and annotations of one app.

    Args:
        user_id: User that holds the app.
        app_id: App to search in.
        top_k: How many hits to retrieve, best first.
        metric: How nearness is measured: `"cosine"` or `"euclidean"`.
        base_url: Address of the platform.
        pat: A personal access token.
        token: A session token.
        **kwargs: context, root_certificates_path, timeout_seconds.

    Raises:
        UserError: top_k or metric is out of range, or a keyword is unknown.

    Example:
        >>> search = Search(user_id="me", app_id="main", top_k=3)
        >>> with_unicorns = [{"concepts": [{"id": "id-unicorn", "value": 1}]}]
        >>> [hit.input.id for hit in search.hits(filters=with_unicorns)]
        []
    """

    top_k: int = DEFAULT_TOP_K
    """How many hits to retrieve."""
    metric: str = DEFAULT_SEARCH_METRIC
    """`"cosine"` or `"euclidean"`."""

    def __init__(
        self,
        user_id: str = "",
        app_id: str = "",
        top_k: int = DEFAULT_TOP_K,
        metric: str = DEFAULT_SEARCH_METRIC,
        base_url: str = DEFAULT_BASE_URL,
        pat: str = "",
        token: str = "",
        **kwargs: Any,
    ) -> None:
        for name in kwargs:
            if name not in _CONNECTION:
                known = (*_CONNECTION, "user_id", "app_id", "top_k", "metric", "base_url", "pat")
                raise UserError(f"Search has no parameter {name!r}{messages.nearest(name, known)}.")
        self._configure(top_k, metric)
        arguments = {"user_id": user_id, "app_id": app_id, **kwargs}
        self._init("", "", base_url, pat, token, arguments)

    def _configure(self, top_k: int = DEFAULT_TOP_K, metric: str = DEFAULT_SEARCH_METRIC) -> Self:
        """Set what a search is besides its scope; for handles that another handle opens."""
        self.top_k = pages.check_top_k(top_k)
        self.metric = pages.check_metric(metric)
        return self

    def query(
        self,
        ranks: Sequence[Mapping[str, Any]] = _EMPTY,
        filters: Sequence[Mapping[str, Any]] = _EMPTY,
        page_no: int | None = None,
        per_page: int | None = None,
    ) -> Generator[service_pb2.MultiSearchResponse, None, None]:
        """Find inputs or annotations: filters choose, ranks order.

        Every item of either list is a dict of these keys, each optional:

        - `image_url`: a URL; `image_bytes`: bytes; `text_raw`: text;
        - `metadata`: a dict that the metadata must contain;
        - `geo_point`: `{"longitude": degrees, "latitude": degrees, "geo_limit": kilometers}`;
        - `concepts`: a list of `{"id", "name", "language", "value"}`, at least one of them; value 1
          means with the concept, 0 (or none) without it;
        - in filters also `input_types`: a list of "image", "video", "text", "audio";
          `input_dataset_ids`: a list of ids; `input_status_code`: a number such as 30000. With one
          of these the search is over inputs, else over annotations.

        Items are ANDed. Nothing is sent before the first page is asked for.

        Args:
            ranks: What the hits should be like.
            filters: What the hits must be.
            page_no: Number of the only page to get, from 1; top_k does not cut it.
            per_page: Hits of that page.

        Returns:
            A generator of the platform's responses, a page of hits each; none without hits.

        Raises:
            UserError: A rank or filter is wrong: all faults at once, each with its path.

        Example:
            >>> search = Search(user_id="me", app_id="main")
            >>> for page in search.query(filters=[{"input_types": ["video"]}]):
            ...     print(len(page.hits))
        """
        limits = paging.PageLimits(page_no, per_page)
        found = pages.responses(self, ranks, filters, limits)
        return (response for response in found)

    def hits(
        self,
        ranks: Sequence[Mapping[str, Any]] = _EMPTY,
        filters: Sequence[Mapping[str, Any]] = _EMPTY,
        page_no: int | None = None,
        per_page: int | None = None,
    ) -> paging.Pager[resources_pb2.Hit]:
        """Find as `query` does, and return the hits themselves.

        Args:
            ranks: What the hits should be like; see `query`.
            filters: What the hits must be.
            page_no: Number of the only page to get, from 1; top_k does not cut it.
            per_page: Hits of that page.

        Returns:
            A pager of hits, each with `score` (0..1), `input` and `annotation`; best first.

        Raises:
            UserError: A rank or filter is wrong: all faults at once, each with its path.

        Example:
            >>> search = Search(user_id="me", app_id="main")
            >>> best = search.hits(filters=[{"metadata": {"kind": "unicorn"}}]).first()
            >>> best is None
            True
        """
        return pages.hits(self, ranks, filters, paging.PageLimits(page_no, per_page))
