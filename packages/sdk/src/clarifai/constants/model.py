"""Door to the constants of models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_resources.model.predictions import MAX_INPUTS as MAX_MODEL_PREDICT_INPUTS
from clarifai_resources.trainable import TRAINABLE_MODEL_TYPES

if not TYPE_CHECKING:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(__name__)

__all__ = ["MAX_MODEL_PREDICT_INPUTS", "TRAINABLE_MODEL_TYPES"]
