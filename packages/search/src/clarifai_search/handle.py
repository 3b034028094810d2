"""The search handle: what `clarifai.client.search` opens.

Importing this module costs nothing; clauses, protobuf and paging come in with the first query.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from clarifai_core import paging
from clarifai_core.defaults import DEFAULT_BASE_URL
from clarifai_core.errors import UserError
from clarifai_core.handles import Handle
from clarifai_core.wire import messages
from clarifai_search import _pages, _saving
from clarifai_search.limits import DEFAULT_SEARCH_METRIC, DEFAULT_TOP_K

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from clarifai_grpc.grpc.api import service_pb2
    from typing_extensions import Self, Unpack

    from clarifai_core.arguments import Connection
    from clarifai_search._hits import Hits
    from clarifai_search._query import Query
    from clarifai_search.limits import Metric

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
        >>> from clarifai_search import Query, concept
        >>> search = Search(user_id="me", app_id="main", top_k=3)
        >>> [hit.input.id for hit in search.hits(Query().where(concept("unicorn")))]
        []
    """

    top_k: int = DEFAULT_TOP_K
    """How many hits to retrieve."""
    metric: Metric = DEFAULT_SEARCH_METRIC
    """`"cosine"` or `"euclidean"`."""

    def __init__(
        self,
        user_id: str = "",
        app_id: str = "",
        top_k: int = DEFAULT_TOP_K,
        metric: Metric = DEFAULT_SEARCH_METRIC,
        base_url: str = DEFAULT_BASE_URL,
        pat: str = "",
        token: str = "",
        **kwargs: Unpack[Connection],
    ) -> None:
        for name in kwargs:
            if name not in _CONNECTION:
                known = (*_CONNECTION, "user_id", "app_id", "top_k", "metric", "base_url", "pat")
                raise UserError(f"Search has no parameter {name!r}{messages.nearest(name, known)}.")
        self._configure(top_k, metric)
        super().__init__(
            base_url=base_url, pat=pat, token=token, user_id=user_id, app_id=app_id, **kwargs
        )

    def _asker(self) -> _pages.Asker:
        return _pages.Asker(self, self.top_k, self.metric)

    def _configure(
        self, top_k: int = DEFAULT_TOP_K, metric: Metric = DEFAULT_SEARCH_METRIC
    ) -> Self:
        """Set what a search is besides its scope; for handles that another handle opens."""
        self.top_k = _pages.check_top_k(top_k)
        self.metric = _pages.check_metric(metric)
        return self

    @overload
    def query(
        self, query: Query, /, *, page_no: int | None = None, per_page: int | None = None
    ) -> Generator[service_pb2.MultiSearchResponse, None, None]: ...

    @overload
    def query(
        self,
        ranks: Sequence[Mapping[str, Any]] = ...,
        filters: Sequence[Mapping[str, Any]] = ...,
        page_no: int | None = None,
        per_page: int | None = None,
    ) -> Generator[service_pb2.MultiSearchResponse, None, None]: ...

    def query(
        self,
        ranks: Query | Sequence[Mapping[str, Any]] = _EMPTY,
        filters: Sequence[Mapping[str, Any]] = _EMPTY,
        page_no: int | None = None,
        per_page: int | None = None,
    ) -> Generator[service_pb2.MultiSearchResponse, None, None]:
        """Find inputs or annotations: filters choose, ranks order.

        Give a `clarifai_search.Query`, or the documented lists. Every item of either list is a dict
        of these keys, each optional:

        - `image_url`: a URL; `image_bytes`: bytes; `text_raw`: text;
        - `metadata`: a dict, of which the metadata must contain a key with its value;
        - `geo_point`: `{"longitude": degrees, "latitude": degrees, "geo_limit": kilometers}`;
        - `concepts`: a list of `{"id", "name", "language", "value"}`, at least one of them; value 1
          means with the concept, 0 (or none) without it;
        - in filters also `input_types`: a list of "image", "video", "text", "audio";
          `input_dataset_ids`: a list of ids; `input_status_code`: a number such as 30000;
          `input_id`: an id. With one of these the search is over inputs, else over annotations;
        - in filters also `geo_box`: `{"west", "south", "east", "north"}`, degrees;
        - in ranks also `input_id`: like this input; `embedding`: a list of numbers.

        Items are ANDed. Within one item, concepts are alternatives, and so are keys of metadata,
        and all that is asked about the input. Nothing is sent before the first page is asked for.

        Args:
            ranks: What the hits should be like; or the whole query, as a `Query`.
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
        found = _pages.responses(self._asker(), _pages.as_query(ranks, filters), limits)
        return (response for response in found)

    @overload
    def hits(
        self, query: Query, /, *, page_no: int | None = None, per_page: int | None = None
    ) -> Hits: ...

    @overload
    def hits(
        self,
        ranks: Sequence[Mapping[str, Any]] = ...,
        filters: Sequence[Mapping[str, Any]] = ...,
        page_no: int | None = None,
        per_page: int | None = None,
    ) -> Hits: ...

    def hits(
        self,
        ranks: Query | Sequence[Mapping[str, Any]] = _EMPTY,
        filters: Sequence[Mapping[str, Any]] = _EMPTY,
        page_no: int | None = None,
        per_page: int | None = None,
    ) -> Hits:
        """Find as `query` does, and return the hits themselves.

        Args:
            ranks: What the hits should be like, see `query`; or the whole query, as a `Query`.
            filters: What the hits must be.
            page_no: Number of the only page to get, from 1; top_k does not cut it.
            per_page: Hits of that page.

        Returns:
            The first top_k hits, best first, with `score` (0..1), `input` and `annotation`: one
            stream however many pages. `.to_records()` and `.to_pandas()` make a table of them.

        Raises:
            UserError: A rank or filter is wrong: all faults at once, each with its path.

        Example:
            >>> search = Search(user_id="me", app_id="main")
            >>> best = search.hits(filters=[{"metadata": {"kind": "unicorn"}}]).first()
            >>> best is None
            True
        """
        limits = paging.PageLimits(page_no, per_page)
        return _pages.hits(self._asker(), _pages.as_query(ranks, filters), limits)

    @overload
    def count(self, query: Query, /) -> int: ...

    @overload
    def count(
        self,
        ranks: Sequence[Mapping[str, Any]] = ...,
        filters: Sequence[Mapping[str, Any]] = ...,
    ) -> int: ...

    def count(
        self,
        ranks: Query | Sequence[Mapping[str, Any]] = _EMPTY,
        filters: Sequence[Mapping[str, Any]] = _EMPTY,
    ) -> int:
        """Return how many hits there are, whatever top_k is.

        The platform counts inputs itself, in one request, and may estimate large numbers. A search
        over annotations, see `Query`, is counted by getting all pages of it; `over_inputs()` spares
        that.

        Args:
            ranks: See `hits`; or the whole query, as a `Query`.
            filters: What the hits must be.

        Raises:
            UserError: A rank or filter is wrong: all faults at once, each with its path.

        Example:
            >>> Search(user_id="me", app_id="main").count(filters=[{"input_types": ["video"]}])
            0
        """
        return _pages.count(self._asker(), _pages.as_query(ranks, filters))

    def save_as_dataset(self, query: Query, dataset_id: str) -> _saving.SavedHits:
        """Put the inputs that a query finds into a dataset of the app.

        The dataset is made when there is none. Inputs that it holds already stay: saving again, or
        after an error, goes on where it ended.

        Args:
            query: What to find: the first top_k hits, as `hits` returns them.
            dataset_id: Id of the dataset.

        Returns:
            What became of each input: printable, with `added`, `already_there` and `failed`.

        Raises:
            UserError: The query or the id is wrong; nothing was sent.

        Example:
            >>> from clarifai_search import Query, input_type
            >>> search = Search(user_id="me", app_id="main", top_k=100_000)
            >>> print(search.save_as_dataset(Query().where(input_type("video")), "videos"))
            videos (new): 0 added, 0 already there, 0 failed
        """
        found = _pages.hits(self._asker(), _pages.check_query(query), paging.PageLimits())
        return _saving.save(self, found, dataset_id)
