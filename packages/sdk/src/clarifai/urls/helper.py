"""Door to the helper that makes and reads addresses of web pages."""

from __future__ import annotations

from clarifai_compat.url_helper import ClarifaiUrlHelper

__all__ = ["ClarifaiUrlHelper"]
