"""Defaults and bounds of a search, under the names that programs import."""

from __future__ import annotations

from typing import Literal, TypeAlias

Metric: TypeAlias = Literal["cosine", "euclidean"]
"""How nearness is measured."""

Algorithm: TypeAlias = Literal["nearest_neighbor", "brute_force"]
"""How those that are near are looked for."""

DEFAULT_TOP_K = 10
"""Hits that a search retrieves when nothing is said."""

DEFAULT_SEARCH_METRIC: Metric = "cosine"

MAX_TOP_K = 1000
"""Hits on one page; more than that are retrieved in several pages."""
