"""Door to the base of classes that call the service themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_compat.base_client import BaseClient

if TYPE_CHECKING:
    from clarifai_compat.auth_helper import ClarifaiAuthHelper as ClarifaiAuthHelper
    from clarifai_compat.auth_helper import create_stub as create_stub
    from clarifai_compat.misc import get_from_dict_or_env as get_from_dict_or_env
    from clarifai_core.errors import ApiError as ApiError
    from clarifai_core.errors import UserError as UserError
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        ApiError="clarifai_core.errors:ApiError",
        ClarifaiAuthHelper="clarifai_compat.auth_helper:ClarifaiAuthHelper",
        UserError="clarifai_core.errors:UserError",
        create_stub="clarifai_compat.auth_helper:create_stub",
        get_from_dict_or_env="clarifai_compat.misc:get_from_dict_or_env",
    )

__all__ = ["BaseClient"]
