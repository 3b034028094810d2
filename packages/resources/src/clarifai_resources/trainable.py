"""The documented types of models that can be trained.

What a platform trains it says itself, by `ListModelTypes`: plugins bring types that no list has.
This one only saves the question about types that are trained everywhere.
"""

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
