"""Door to loaders in folders of their own; it comes with `pip install "clarifai[datasets]>=13"`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clarifai_datasets.upload.utils import load_module_dataloader
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        load_module_dataloader="clarifai_datasets.upload.utils:load_module_dataloader",
    )

__all__ = [
    "load_module_dataloader",
]
