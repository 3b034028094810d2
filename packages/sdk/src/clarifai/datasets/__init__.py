"""Door to bulk data in and out; it comes with `pip install "clarifai[datasets]>=13"`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clarifai_datasets.upload.loader import open_loader
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        open_loader="clarifai_datasets.upload.loader:open_loader",
    )

__all__ = [
    "open_loader",
]
