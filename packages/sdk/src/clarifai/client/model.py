"""Door to models."""

from __future__ import annotations

from clarifai_resources.model import Model

__all__ = ["Model"]
