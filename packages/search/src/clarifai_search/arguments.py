"""The keyword arguments of searches, for type checkers and editors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_core.arguments import ConnectionArguments

if TYPE_CHECKING:
    from clarifai_search.limits import Algorithm, Metric


class SearchArguments(ConnectionArguments, total=False):
    """What `App.search` takes: the parameters of `Search`."""

    user_id: str
    app_id: str
    top_k: int
    """How many hits to retrieve, best first."""
    metric: Metric
    """How nearness is measured."""
    algorithm: Algorithm
    """How those that are near are looked for."""
    pagination: bool
    """Whether all hits are retrieved, or a page of them, whatever their number."""
    base_url: str
    pat: str
    token: str
