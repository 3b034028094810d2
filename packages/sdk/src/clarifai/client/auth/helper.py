"""Door to the credentials of programs that call the service themselves."""

from __future__ import annotations

from clarifai_compat.auth_helper import DEFAULT_UI, ClarifaiAuthHelper

__all__ = ["DEFAULT_UI", "ClarifaiAuthHelper"]
