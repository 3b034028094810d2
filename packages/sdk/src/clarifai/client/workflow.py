"""Door to workflows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_resources.workflow import Workflow

if TYPE_CHECKING:
    from clarifai.constants.workflow import (
        MAX_WORKFLOW_PREDICT_INPUTS as MAX_WORKFLOW_PREDICT_INPUTS,
    )
    from clarifai_compat.base_client import BaseClient as BaseClient
    from clarifai_compat.logs import get_logger as get_logger
    from clarifai_compat.logs import logger as logger
    from clarifai_compat.misc import BackoffIterator as BackoffIterator
    from clarifai_compat.misc import status_is_retryable as status_is_retryable
    from clarifai_compat.url_helper import ClarifaiUrlHelper as ClarifaiUrlHelper
    from clarifai_compat.workflow_files import Exporter as Exporter
    from clarifai_core.errors import UserError as UserError
    from clarifai_resources.inputs import Inputs as Inputs
    from clarifai_resources.lister import Lister as Lister
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        BackoffIterator="clarifai_compat.misc:BackoffIterator",
        BaseClient="clarifai_compat.base_client:BaseClient",
        ClarifaiUrlHelper="clarifai_compat.url_helper:ClarifaiUrlHelper",
        Exporter="clarifai_compat.workflow_files:Exporter",
        Inputs="clarifai_resources.inputs:Inputs",
        Lister="clarifai_resources.lister:Lister",
        MAX_WORKFLOW_PREDICT_INPUTS="clarifai_resources.workflow.predictions:MAX_INPUTS",
        UserError="clarifai_core.errors:UserError",
        get_logger="clarifai_compat.logs:get_logger",
        logger="clarifai_compat.logs:logger",
        status_is_retryable="clarifai_compat.misc:status_is_retryable",
    )

__all__ = ["Workflow"]
