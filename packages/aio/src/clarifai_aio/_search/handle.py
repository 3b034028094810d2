# Made of clarifai_search.handle by a tool:
# change that, and run `python -m tools.asynchronous`.

"""The search handle: what `clarifai.client.search` opens.

Importing this module costs nothing; clauses, protobuf and paging come in with the first query.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from clarifai_aio._core import paging
from clarifai_aio._core.handles import Handle
from clarifai_aio._search import _pages, _saving
from clarifai_core.defaults import DEFAULT_BASE_URL
from clarifai_core.errors import UserError
from clarifai_core.wire import messages
from clarifai_search.handle import _CONNECTION, _EMPTY, _PARAMETERS
from clarifai_search.limits import DEFAULT_SEARCH_METRIC, DEFAULT_TOP_K

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from clarifai_grpc.grpc.api import service_pb2
    from typing_extensions import Self, Unpack

    from clarifai_aio._search._hits import Hits
    from clarifai_core.arguments import ConnectionArguments
    from clarifai_search._query import Query
    from clarifai_search.limits import Algorithm, Metric


class Search(Handle):
    """Searches over the inputs and annotations of one app.

    Args:
        user_id: User that holds the app.
        app_id: App to search in.
        top_k: How many hits to retrieve, best first; 10 by default.
        metric: How nearness is measured: `"cosine"` or `"euclidean"`; cosine by default, but for
            the algorithm `"nearest_neighbor"`.
        base_url: Address of the platform.
        pat: A personal access token.
        token: A session token.
        algorithm: How those that are near are looked for: `"nearest_neighbor"` (euclidean only) or
            `"brute_force"`; left to the platform by default.
        pagination: Retrieve all hits, whatever their number, or the page that `query` is asked for.
        **kwargs: context, root_certificates_path, timeout_seconds.

    Raises:
        UserError: top_k, metric or algorithm is out of range, top_k is given with pagination, or a
            keyword is unknown.

    Example:
        >>> from clarifai_search import Query, concept
        >>> search = Search(user_id="me", app_id="main", top_k=3)
        >>> [hit.input.id async for hit in search.hits(Query().where(concept("unicorn")))]
        []
    """

    kind = "search"
    top_k: int | None = DEFAULT_TOP_K
    """How many hits to retrieve; None: all, with `pagination`."""
    metric: Metric = DEFAULT_SEARCH_METRIC
    """`"cosine"` or `"euclidean"`."""
    algorithm: str = ""
    """How those that are near are looked for; `""`: as the platform does."""
    pagination: bool = False
    """Whether all hits are retrieved, whatever their number."""

    def __init__(
        self,
        user_id: str = "",
        app_id: str = "",
        top_k: int | None = None,
        metric: Metric | None = None,
        base_url: str = DEFAULT_BASE_URL,
        pat: str = "",
        token: str = "",
        *,
        algorithm: Algorithm | None = None,
        pagination: bool = False,
        **kwargs: Unpack[ConnectionArguments],
    ) -> None:
        for name in kwargs:
            if name not in _CONNECTION:
                known = (*_CONNECTION, *_PARAMETERS)
                raise UserError(f"Search has no parameter {name!r}{messages.nearest(name, known)}.")
        if base_url in _pages.ALGORITHMS or isinstance(pat, bool):
            raise UserError(
                "Give algorithm= and pagination= by name: the fifth argument of Search is base_url."
            )
        self._configure(top_k, metric, algorithm, pagination)
        super().__init__(
            base_url=base_url, pat=pat, token=token, user_id=user_id, app_id=app_id, **kwargs
        )

    def _asker(self) -> _pages.Searcher:
        return _pages.Searcher(self, self.top_k, self.metric, self.algorithm)

    def _limits(self, page_no: int | None, per_page: int | None) -> paging.PageLimits:
        if self.pagination and page_no is not None and per_page is None:
            per_page = paging.MAX_PER_PAGE
        return paging.PageLimits(page_no, per_page)

    def _configure(
        self,
        top_k: int | None = None,
        metric: Metric | None = None,
        algorithm: Algorithm | None = None,
        pagination: bool = False,
    ) -> Self:
        """Set what a search is besides its scope; for handles that another handle opens."""
        if pagination and top_k is not None:
            raise UserError(
                f"top_k={top_k!r} and pagination=True are two ways: one retrieves the best hits, "
                "the other all of them, or a page. Give one."
            )
        if metric is None:
            nearest = algorithm == "nearest_neighbor"  # which knows no other
            metric = "euclidean" if nearest else DEFAULT_SEARCH_METRIC
        self.metric = _pages.check_metric(metric)
        self.algorithm = _pages.check_algorithm(algorithm, self.metric)
        self.pagination = bool(pagination)
        wanted = DEFAULT_TOP_K if top_k is None else top_k
        self.top_k = None if pagination else _pages.check_top_k(wanted)
        return self

    @overload
    def query(
        self, query: Query, /, *, page_no: int | None = None, per_page: int | None = None
    ) -> AsyncIterator[service_pb2.MultiSearchResponse]: ...

    @overload
    def query(
        self,
        ranks: Sequence[Mapping[str, Any]] = ...,
        filters: Sequence[Mapping[str, Any]] = ...,
        page_no: int | None = None,
        per_page: int | None = None,
    ) -> AsyncIterator[service_pb2.MultiSearchResponse]: ...

    def query(
        self,
        ranks: Query | Sequence[Mapping[str, Any]] = _EMPTY,
        filters: Sequence[Mapping[str, Any]] = _EMPTY,
        page_no: int | None = None,
        per_page: int | None = None,
    ) -> AsyncIterator[service_pb2.MultiSearchResponse]:
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
            per_page: Hits of that page; with `page_no` alone 16, and 1000 with `pagination`.

        Returns:
            An asynchronous iterator over the platform's responses, a page of hits each; none without hits.

        Raises:
            UserError: A rank or filter is wrong: all faults at once, each with its path.

        Example:
            >>> search = Search(user_id="me", app_id="main")
            >>> async for page in search.query(filters=[{"input_types": ["video"]}]):
            ...     print(len(page.hits))
        """
        limits = self._limits(page_no, per_page)
        found = _pages.responses(self._asker(), _pages.as_query(ranks, filters), limits)
        return aiter(found)

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
            >>> best = await search.hits(filters=[{"metadata": {"kind": "unicorn"}}]).first()
            >>> best is None
            True
        """
        limits = self._limits(page_no, per_page)
        return _pages.hits(self._asker(), _pages.as_query(ranks, filters), limits)

    @overload
    async def count(self, query: Query, /) -> int: ...

    @overload
    async def count(
        self,
        ranks: Sequence[Mapping[str, Any]] = ...,
        filters: Sequence[Mapping[str, Any]] = ...,
    ) -> int: ...

    async def count(
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
            >>> await Search(user_id="me", app_id="main").count(filters=[{"input_types": ["video"]}])
            0
        """
        return await _pages.count(self._asker(), _pages.as_query(ranks, filters))

    async def save_as_dataset(self, query: Query, dataset_id: str) -> _saving.SavedHits:
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
            >>> print(await search.save_as_dataset(Query().where(input_type("video")), "videos"))
            videos (new): 0 added, 0 already there, 0 failed
        """
        found = _pages.hits(self._asker(), _pages.check_query(query), paging.PageLimits())
        return await _saving.save(self, found, dataset_id)


__all__ = ["Search"]
