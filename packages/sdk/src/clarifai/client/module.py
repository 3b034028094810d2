"""Door to modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_resources.module import Module

if TYPE_CHECKING:
    from clarifai_compat.base_client import BaseClient as BaseClient
    from clarifai_compat.logs import get_logger as get_logger
    from clarifai_compat.url_helper import ClarifaiUrlHelper as ClarifaiUrlHelper
    from clarifai_core.errors import UserError as UserError
    from clarifai_resources.lister import Lister as Lister
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        BaseClient="clarifai_compat.base_client:BaseClient",
        ClarifaiUrlHelper="clarifai_compat.url_helper:ClarifaiUrlHelper",
        Lister="clarifai_resources.lister:Lister",
        UserError="clarifai_core.errors:UserError",
        get_logger="clarifai_compat.logs:get_logger",
    )

__all__ = ["Module"]
