"""Door to the constants of chats about documents."""

from __future__ import annotations

from clarifai_inputs.batching import MAX_BATCH_ITEMS as MAX_UPLOAD_BATCH_SIZE

__all__ = ["MAX_UPLOAD_BATCH_SIZE"]
