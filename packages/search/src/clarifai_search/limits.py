"""Defaults and bounds of a search, under the names that programs import."""

from __future__ import annotations

DEFAULT_TOP_K = 10
"""Hits that a search retrieves when nothing is said."""

DEFAULT_SEARCH_METRIC = "cosine"

MAX_TOP_K = 1000
"""Hits on one page; more than that are retrieved in several pages."""
