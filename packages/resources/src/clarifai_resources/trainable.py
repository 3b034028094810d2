"""Which types of models can be trained."""

from __future__ import annotations

TRAINABLE_MODEL_TYPES = (
    "visual-classifier",
    "visual-detector",
    "visual-segmenter",
    "visual-embedder",
    "clusterer",
    "text-classifier",
    "embedding-classifier",
    "text-to-text",
)
"""Every documented trainable type, in the order in which it is listed."""
