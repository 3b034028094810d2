"""Door to listings through a stub, where release 9 has them."""

from __future__ import annotations

from clarifai_compat.resource_lister import ClarifaiResourceLister

__all__ = ["ClarifaiResourceLister"]
