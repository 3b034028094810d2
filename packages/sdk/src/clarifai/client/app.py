"""Door to apps."""

from __future__ import annotations

from clarifai.resources.app import App

__all__ = ["App"]
