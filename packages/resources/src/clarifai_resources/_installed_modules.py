"""Modules that are installed in an app, as the handles of modules show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_resources._kinds import MODULE

if TYPE_CHECKING:
    from google.protobuf.message import Message


def module_of(installed: Any) -> Message:
    """Return the `Module` message that an `InstalledModuleVersion` is a version of."""
    version = installed.module_version
    made: Message = MODULE.message_class(
        id=version.module_id,
        user_id=version.user_id or installed.user_id,
        app_id=version.app_id or installed.app_id,
        module_version=version,
    )
    return made
