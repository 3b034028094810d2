"""Door to the errors that the SDK raises; `clarifai_core.errors` says what each one means."""

from __future__ import annotations

from clarifai_core.errors import (
    AlreadyExists,
    ApiClientError,
    ApiError,
    BadReply,
    ClarifaiError,
    DeadlineExceeded,
    Interrupted,
    InvalidArgument,
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

__all__ = [
    "AlreadyExists",
    "ApiClientError",
    "ApiError",
    "BadReply",
    "ClarifaiError",
    "DeadlineExceeded",
    "Interrupted",
    "InvalidArgument",
    "MixedStatus",
    "NotFound",
    "NotSupported",
    "PermissionDenied",
    "PluginError",
    "ServerError",
    "Throttled",
    "Unreachable",
    "UserError",
]
