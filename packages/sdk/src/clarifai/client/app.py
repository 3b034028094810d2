"""Door to apps."""

from __future__ import annotations

from clarifai_resources.app import App

__all__ = ["App"]
