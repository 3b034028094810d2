"""Door to retrieval-augmented generation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_compat.rag import RAG

if TYPE_CHECKING:
    from clarifai.constants.rag import MAX_UPLOAD_BATCH_SIZE as MAX_UPLOAD_BATCH_SIZE
    from clarifai_compat.logs import get_logger as get_logger
    from clarifai_compat.logs import logger as logger
    from clarifai_compat.rag import DEFAULT_RAG_PROMPT_TEMPLATE as DEFAULT_RAG_PROMPT_TEMPLATE
    from clarifai_compat.rag_documents import convert_messages_to_str as convert_messages_to_str
    from clarifai_compat.rag_documents import format_assistant_message as format_assistant_message
    from clarifai_compat.rag_documents import load_documents as load_documents
    from clarifai_compat.rag_documents import split_document as split_document
    from clarifai_core.errors import UserError as UserError
    from clarifai_resources.app import App as App
    from clarifai_resources.inputs import Inputs as Inputs
    from clarifai_resources.model import Model as Model
    from clarifai_resources.user import User as User
    from clarifai_resources.workflow import Workflow as Workflow
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        App="clarifai_resources.app:App",
        DEFAULT_RAG_PROMPT_TEMPLATE="clarifai_compat.rag:DEFAULT_RAG_PROMPT_TEMPLATE",
        Inputs="clarifai_resources.inputs:Inputs",
        MAX_UPLOAD_BATCH_SIZE="clarifai_inputs.batching:MAX_BATCH_ITEMS",
        Model="clarifai_resources.model:Model",
        User="clarifai_resources.user:User",
        UserError="clarifai_core.errors:UserError",
        Workflow="clarifai_resources.workflow:Workflow",
        convert_messages_to_str="clarifai_compat.rag_documents:convert_messages_to_str",
        format_assistant_message="clarifai_compat.rag_documents:format_assistant_message",
        get_logger="clarifai_compat.logs:get_logger",
        load_documents="clarifai_compat.rag_documents:load_documents",
        logger="clarifai_compat.logs:logger",
        split_document="clarifai_compat.rag_documents:split_document",
    )

__all__ = ["RAG"]
