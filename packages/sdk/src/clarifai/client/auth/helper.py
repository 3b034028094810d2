"""Door to the credentials of programs that call the service themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_compat.auth_helper import DEFAULT_UI, ClarifaiAuthHelper
from clarifai_core.defaults import DEFAULT_BASE_URL as DEFAULT_BASE

if not TYPE_CHECKING:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(__name__)

__all__ = ["DEFAULT_BASE", "DEFAULT_UI", "ClarifaiAuthHelper"]
