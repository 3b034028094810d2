"""Door to loggers that a program sets up."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clarifai_compat.logs import add_file_handler as add_file_handler
    from clarifai_compat.logs import clear_logger_context as clear_logger_context
    from clarifai_compat.logs import (
        display_concept_relations_tree as display_concept_relations_tree,
    )
    from clarifai_compat.logs import get_logger as get_logger
    from clarifai_compat.logs import get_logger_context as get_logger_context
    from clarifai_compat.logs import get_req_id_from_context as get_req_id_from_context
    from clarifai_compat.logs import logger as logger
    from clarifai_compat.logs import restore_logger_context as restore_logger_context
    from clarifai_compat.logs import set_logger_context as set_logger_context
    from clarifai_compat.logs import table_from_dict as table_from_dict
    from clarifai_resources.workflow.tree import display_workflow_tree as display_workflow_tree
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        add_file_handler="clarifai_compat.logs:add_file_handler",
        clear_logger_context="clarifai_compat.logs:clear_logger_context",
        display_concept_relations_tree="clarifai_compat.logs:display_concept_relations_tree",
        display_workflow_tree="clarifai_resources.workflow.tree:display_workflow_tree",
        get_logger="clarifai_compat.logs:get_logger",
        get_logger_context="clarifai_compat.logs:get_logger_context",
        get_req_id_from_context="clarifai_compat.logs:get_req_id_from_context",
        logger="clarifai_compat.logs:logger",
        restore_logger_context="clarifai_compat.logs:restore_logger_context",
        set_logger_context="clarifai_compat.logs:set_logger_context",
        table_from_dict="clarifai_compat.logs:table_from_dict",
    )

__all__ = [
    "add_file_handler",
    "clear_logger_context",
    "display_concept_relations_tree",
    "display_workflow_tree",
    "get_logger",
    "get_logger_context",
    "get_req_id_from_context",
    "logger",
    "restore_logger_context",
    "set_logger_context",
    "table_from_dict",
]
