"""Door to loaders in folders of their own; it comes with `pip install "clarifai[datasets]>=13"`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clarifai_compat.constants import TASK_TO_ANNOTATION_TYPE as TASK_TO_ANNOTATION_TYPE
    from clarifai_core.errors import UserError as UserError
    from clarifai_datasets.upload.base import ClarifaiDataLoader as ClarifaiDataLoader
    from clarifai_datasets.upload.utils import load_module_dataloader as load_module_dataloader
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        ClarifaiDataLoader="clarifai_datasets.upload.base:ClarifaiDataLoader",
        TASK_TO_ANNOTATION_TYPE="clarifai_compat.constants:TASK_TO_ANNOTATION_TYPE",
        UserError="clarifai_core.errors:UserError",
        load_module_dataloader="clarifai_datasets.upload.utils:load_module_dataloader",
    )

__all__ = ["load_module_dataloader"]
