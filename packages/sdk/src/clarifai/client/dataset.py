"""Door to datasets; they come with `pip install "clarifai[datasets]"`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from clarifai_datasets.handle import Dataset
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(__name__, Dataset="clarifai_datasets.handle:Dataset")

__all__ = ["Dataset"]
