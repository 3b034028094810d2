"""Door to datasets; they come with `pip install "clarifai[datasets]>=13"`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clarifai_datasets.handle import Dataset
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(__name__, Dataset="clarifai_datasets.handle:Dataset")

__all__ = ["Dataset"]
