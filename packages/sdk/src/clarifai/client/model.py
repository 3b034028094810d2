"""Door to models."""

from __future__ import annotations

from clarifai.resources.model import Model

__all__ = ["Model"]
