"""Door to datasets; they come with `pip install "clarifai[datasets]"`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from clarifai.datasets.handle import Dataset
else:
    from clarifai.core.doors import door

    __getattr__, __dir__ = door(__name__, Dataset="clarifai.datasets.handle:Dataset")

__all__ = ["Dataset"]
