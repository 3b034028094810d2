"""Door to the constants of inputs."""

from __future__ import annotations

from clarifai_resources.inputs.uploads import MAX_ITEMS as MAX_UPLOAD_BATCH_SIZE

__all__ = ["MAX_UPLOAD_BATCH_SIZE"]
