"""Door to searches; they come with `pip install "clarifai[search]>=13"`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clarifai_compat.base_client import BaseClient as BaseClient
    from clarifai_core.errors import UserError as UserError
    from clarifai_resources.inputs import Inputs as Inputs
    from clarifai_resources.lister import Lister as Lister
    from clarifai_search.handle import Search as Search
    from clarifai_search.limits import DEFAULT_SEARCH_METRIC as DEFAULT_SEARCH_METRIC
    from clarifai_search.limits import DEFAULT_TOP_K as DEFAULT_TOP_K
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        BaseClient="clarifai_compat.base_client:BaseClient",
        DEFAULT_SEARCH_METRIC="clarifai_search.limits:DEFAULT_SEARCH_METRIC",
        DEFAULT_TOP_K="clarifai_search.limits:DEFAULT_TOP_K",
        Inputs="clarifai_resources.inputs:Inputs",
        Lister="clarifai_resources.lister:Lister",
        Search="clarifai_search.handle:Search",
        UserError="clarifai_core.errors:UserError",
    )

__all__ = ["Search"]
