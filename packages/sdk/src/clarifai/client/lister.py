"""Door to listings."""

from __future__ import annotations

from clarifai.resources.lister import Lister

__all__ = ["Lister"]
