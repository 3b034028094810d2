"""Door to listings."""

from __future__ import annotations

from clarifai_resources.lister import Lister

__all__ = ["Lister"]
