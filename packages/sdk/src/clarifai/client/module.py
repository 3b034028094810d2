"""Door to modules."""

from __future__ import annotations

from clarifai_resources.module import Module

__all__ = ["Module"]
