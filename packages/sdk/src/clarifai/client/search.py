"""Door to searches; they come with `pip install "clarifai[search]>=13"`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clarifai_search.handle import Search
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(__name__, Search="clarifai_search.handle:Search")

__all__ = ["Search"]
