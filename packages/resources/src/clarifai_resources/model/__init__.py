"""Models: predicting, training, evaluating, and their versions."""

from __future__ import annotations

from clarifai_resources.model.model import Model

__all__ = ["Model"]
