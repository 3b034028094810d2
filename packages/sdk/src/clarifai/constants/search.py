"""Door to the constants of searches; they come with `pip install "clarifai[search]>=13"`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_compat.constants import DEFAULT_SEARCH_ALGORITHM

if TYPE_CHECKING:
    from clarifai_search.limits import DEFAULT_SEARCH_METRIC as DEFAULT_SEARCH_METRIC
    from clarifai_search.limits import DEFAULT_TOP_K as DEFAULT_TOP_K
    from clarifai_search.limits import MAX_TOP_K as MAX_TOP_K
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        DEFAULT_SEARCH_METRIC="clarifai_search.limits:DEFAULT_SEARCH_METRIC",
        DEFAULT_TOP_K="clarifai_search.limits:DEFAULT_TOP_K",
        MAX_TOP_K="clarifai_search.limits:MAX_TOP_K",
    )

__all__ = ["DEFAULT_SEARCH_ALGORITHM", "DEFAULT_SEARCH_METRIC", "DEFAULT_TOP_K", "MAX_TOP_K"]
