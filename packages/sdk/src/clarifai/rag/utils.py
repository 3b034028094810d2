"""Door to how documents become texts to search."""

from __future__ import annotations

from clarifai_compat.rag_documents import (
    convert_messages_to_str,
    format_assistant_message,
    load_documents,
    split_document,
)

__all__ = [
    "convert_messages_to_str",
    "format_assistant_message",
    "load_documents",
    "split_document",
]
