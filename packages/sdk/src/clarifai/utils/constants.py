"""Door to names of environment variables and the like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_compat.auth_helper import DEFAULT_UI
from clarifai_compat.constants import (
    CLARIFAI_PAT_ENV_VAR,
    CLARIFAI_SESSION_TOKEN_ENV_VAR,
    CLARIFAI_USER_ID_ENV_VAR,
    STATUS_FAIL,
    STATUS_MIXED,
    STATUS_OK,
    STATUS_UNKNOWN,
)
from clarifai_core.defaults import DEFAULT_BASE_URL as DEFAULT_BASE

if not TYPE_CHECKING:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(__name__)

__all__ = [
    "CLARIFAI_PAT_ENV_VAR",
    "CLARIFAI_SESSION_TOKEN_ENV_VAR",
    "CLARIFAI_USER_ID_ENV_VAR",
    "DEFAULT_BASE",
    "DEFAULT_UI",
    "STATUS_FAIL",
    "STATUS_MIXED",
    "STATUS_OK",
    "STATUS_UNKNOWN",
]
