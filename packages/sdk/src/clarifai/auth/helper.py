"""Door to the credentials, where release 9 has them."""

from __future__ import annotations

from clarifai_compat.auth_helper import DEFAULT_UI, ClarifaiAuthHelper
from clarifai_core.defaults import DEFAULT_BASE_URL as DEFAULT_BASE

__all__ = ["DEFAULT_BASE", "DEFAULT_UI", "ClarifaiAuthHelper"]
