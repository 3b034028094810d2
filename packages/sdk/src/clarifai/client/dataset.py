"""Door to datasets; they come with `pip install "clarifai[datasets]>=13"`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clarifai.constants.dataset import DATASET_UPLOAD_TASKS as DATASET_UPLOAD_TASKS
    from clarifai_compat.base_client import BaseClient as BaseClient
    from clarifai_compat.logs import add_file_handler as add_file_handler
    from clarifai_compat.logs import get_logger as get_logger
    from clarifai_compat.logs import logger as logger
    from clarifai_compat.misc import BackoffIterator as BackoffIterator
    from clarifai_compat.misc import get_uuid as get_uuid
    from clarifai_compat.url_helper import ClarifaiUrlHelper as ClarifaiUrlHelper
    from clarifai_core.errors import UserError as UserError
    from clarifai_datasets.handle import Dataset as Dataset
    from clarifai_datasets.upload.base import ClarifaiDataLoader as ClarifaiDataLoader
    from clarifai_resources.chunks import Chunker as Chunker
    from clarifai_resources.inputs import Inputs as Inputs
    from clarifai_resources.lister import Lister as Lister
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        BackoffIterator="clarifai_compat.misc:BackoffIterator",
        BaseClient="clarifai_compat.base_client:BaseClient",
        Chunker="clarifai_resources.chunks:Chunker",
        ClarifaiDataLoader="clarifai_datasets.upload.base:ClarifaiDataLoader",
        ClarifaiUrlHelper="clarifai_compat.url_helper:ClarifaiUrlHelper",
        DATASET_UPLOAD_TASKS="clarifai_datasets.upload.base:TASKS",
        Dataset="clarifai_datasets.handle:Dataset",
        Inputs="clarifai_resources.inputs:Inputs",
        Lister="clarifai_resources.lister:Lister",
        UserError="clarifai_core.errors:UserError",
        add_file_handler="clarifai_compat.logs:add_file_handler",
        get_logger="clarifai_compat.logs:get_logger",
        get_uuid="clarifai_compat.misc:get_uuid",
        logger="clarifai_compat.logs:logger",
    )

__all__ = ["Dataset"]
