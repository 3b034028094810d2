"""Models: predicting, training, evaluating, and their versions."""

from __future__ import annotations

from clarifai.resources.model.model import Model

__all__ = ["Model"]
