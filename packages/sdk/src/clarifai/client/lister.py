"""Door to listings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_resources.lister import Lister

if TYPE_CHECKING:
    from clarifai_compat.base_client import BaseClient as BaseClient
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        BaseClient="clarifai_compat.base_client:BaseClient",
    )

__all__ = ["Lister"]
