"""Door to the errors that the SDK raises; `clarifai_core.errors` says what each one means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_core.errors import (
    AlreadyExists,
    ApiClientError,
    ApiError,
    BadReply,
    ClarifaiError,
    DeadlineExceeded,
    FileError,
    FileIsThere,
    ForbiddenFile,
    Interrupted,
    InvalidArgument,
    IsFolder,
    IsNoFolder,
    MissingFile,
    MixedStatus,
    NotFound,
    NotSupported,
    PermissionDenied,
    PluginError,
    ServerError,
    Throttled,
    Unreachable,
    UserError,
)

if TYPE_CHECKING:
    from clarifai_core.errors import PermissionDenied as AuthError
    from clarifai_core.errors import PermissionDenied as TokenError
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        AuthError="clarifai_core.errors:PermissionDenied",
        CLIENT_VERSION="clarifai:__version__",
        OS_VER="clarifai_compat.versions:OS_VER",
        PYTHON_VERSION="clarifai_compat.versions:PYTHON_VERSION",
        TokenError="clarifai_core.errors:PermissionDenied",
    )

__all__ = [
    "AlreadyExists",
    "ApiClientError",
    "ApiError",
    "AuthError",
    "BadReply",
    "ClarifaiError",
    "DeadlineExceeded",
    "FileError",
    "FileIsThere",
    "ForbiddenFile",
    "Interrupted",
    "InvalidArgument",
    "IsFolder",
    "IsNoFolder",
    "MissingFile",
    "MixedStatus",
    "NotFound",
    "NotSupported",
    "PermissionDenied",
    "PluginError",
    "ServerError",
    "Throttled",
    "TokenError",
    "Unreachable",
    "UserError",
]
