"""Door to `Chunker`, which splits a sequence."""

from __future__ import annotations

from clarifai_resources.chunks import Chunker

__all__ = ["Chunker"]
