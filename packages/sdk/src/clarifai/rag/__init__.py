"""Door to retrieval-augmented generation: chats about documents of an app."""

from __future__ import annotations

from clarifai_compat.rag import RAG

__all__ = ["RAG"]
