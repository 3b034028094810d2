"""Door to apps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_resources.app import App

if TYPE_CHECKING:
    from clarifai_compat.base_client import BaseClient as BaseClient
    from clarifai_compat.logs import get_logger as get_logger
    from clarifai_compat.logs import logger as logger
    from clarifai_compat.misc import (
        concept_relations_accumulation as concept_relations_accumulation,
    )
    from clarifai_compat.url_helper import ClarifaiUrlHelper as ClarifaiUrlHelper
    from clarifai_core.errors import UserError as UserError
    from clarifai_datasets.handle import Dataset as Dataset
    from clarifai_resources.inputs import Inputs as Inputs
    from clarifai_resources.lister import Lister as Lister
    from clarifai_resources.model import Model as Model
    from clarifai_resources.module import Module as Module
    from clarifai_resources.trainable import TRAINABLE_MODEL_TYPES as TRAINABLE_MODEL_TYPES
    from clarifai_resources.workflow import Workflow as Workflow
    from clarifai_resources.workflow.config import validate as validate
    from clarifai_resources.workflow.tree import display_workflow_tree as display_workflow_tree
    from clarifai_search.handle import Search as Search
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        BaseClient="clarifai_compat.base_client:BaseClient",
        ClarifaiUrlHelper="clarifai_compat.url_helper:ClarifaiUrlHelper",
        Dataset="clarifai_datasets.handle:Dataset",
        Inputs="clarifai_resources.inputs:Inputs",
        Lister="clarifai_resources.lister:Lister",
        Model="clarifai_resources.model:Model",
        Module="clarifai_resources.module:Module",
        Search="clarifai_search.handle:Search",
        TRAINABLE_MODEL_TYPES="clarifai_resources.trainable:TRAINABLE_MODEL_TYPES",
        UserError="clarifai_core.errors:UserError",
        Workflow="clarifai_resources.workflow:Workflow",
        concept_relations_accumulation="clarifai_compat.misc:concept_relations_accumulation",
        display_workflow_tree="clarifai_resources.workflow.tree:display_workflow_tree",
        get_logger="clarifai_compat.logs:get_logger",
        logger="clarifai_compat.logs:logger",
        validate="clarifai_resources.workflow.config:validate",
    )

__all__ = ["App"]
