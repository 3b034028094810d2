"""Door to users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_resources.user import User

if TYPE_CHECKING:
    from clarifai_compat.base_client import BaseClient as BaseClient
    from clarifai_compat.logs import get_logger as get_logger
    from clarifai_compat.logs import logger as logger
    from clarifai_core.errors import UserError as UserError
    from clarifai_resources.app import App as App
    from clarifai_resources.lister import Lister as Lister
    from clarifai_runner.handle import Runner as Runner
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        App="clarifai_resources.app:App",
        BaseClient="clarifai_compat.base_client:BaseClient",
        Lister="clarifai_resources.lister:Lister",
        Runner="clarifai_runner.handle:Runner",
        UserError="clarifai_core.errors:UserError",
        get_logger="clarifai_compat.logs:get_logger",
        logger="clarifai_compat.logs:logger",
    )

__all__ = ["User"]
