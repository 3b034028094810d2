"""Door to inputs; `Input` is the name that some documented examples import."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_resources.inputs import Inputs
from clarifai_resources.inputs import Inputs as Input

if TYPE_CHECKING:
    from clarifai_compat.base_client import BaseClient as BaseClient
    from clarifai_compat.logs import get_logger as get_logger
    from clarifai_compat.logs import logger as logger
    from clarifai_compat.misc import BackoffIterator as BackoffIterator
    from clarifai_compat.misc import clean_input_id as clean_input_id
    from clarifai_core.errors import UserError as UserError
    from clarifai_resources.chunks import Chunker as Chunker
    from clarifai_resources.lister import Lister as Lister
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        BackoffIterator="clarifai_compat.misc:BackoffIterator",
        BaseClient="clarifai_compat.base_client:BaseClient",
        Chunker="clarifai_resources.chunks:Chunker",
        Lister="clarifai_resources.lister:Lister",
        UserError="clarifai_core.errors:UserError",
        clean_input_id="clarifai_compat.misc:clean_input_id",
        get_logger="clarifai_compat.logs:get_logger",
        logger="clarifai_compat.logs:logger",
    )

__all__ = ["Input", "Inputs"]
