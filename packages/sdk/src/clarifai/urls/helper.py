"""Door to the helper that makes and reads addresses of web pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_compat.url_helper import ClarifaiUrlHelper

if not TYPE_CHECKING:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(__name__)

__all__ = ["ClarifaiUrlHelper"]
