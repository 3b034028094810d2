"""Door to small tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_resources.chunks import Chunker

if TYPE_CHECKING:
    from clarifai_compat.misc import RETRYABLE_CODES as RETRYABLE_CODES
    from clarifai_compat.misc import BackoffIterator as BackoffIterator
    from clarifai_compat.misc import clean_input_id as clean_input_id
    from clarifai_compat.misc import (
        concept_relations_accumulation as concept_relations_accumulation,
    )
    from clarifai_compat.misc import format_bytes as format_bytes
    from clarifai_compat.misc import get_from_dict_env_or_config as get_from_dict_env_or_config
    from clarifai_compat.misc import get_from_dict_or_env as get_from_dict_or_env
    from clarifai_compat.misc import get_from_env as get_from_env
    from clarifai_compat.misc import get_uuid as get_uuid
    from clarifai_compat.misc import status_is_retryable as status_is_retryable
    from clarifai_core.errors import UserError as UserError
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        BackoffIterator="clarifai_compat.misc:BackoffIterator",
        RETRYABLE_CODES="clarifai_compat.misc:RETRYABLE_CODES",
        UserError="clarifai_core.errors:UserError",
        clean_input_id="clarifai_compat.misc:clean_input_id",
        concept_relations_accumulation="clarifai_compat.misc:concept_relations_accumulation",
        format_bytes="clarifai_compat.misc:format_bytes",
        get_from_dict_env_or_config="clarifai_compat.misc:get_from_dict_env_or_config",
        get_from_dict_or_env="clarifai_compat.misc:get_from_dict_or_env",
        get_from_env="clarifai_compat.misc:get_from_env",
        get_uuid="clarifai_compat.misc:get_uuid",
        status_is_retryable="clarifai_compat.misc:status_is_retryable",
    )

__all__ = [
    "RETRYABLE_CODES",
    "BackoffIterator",
    "Chunker",
    "clean_input_id",
    "concept_relations_accumulation",
    "format_bytes",
    "get_from_dict_env_or_config",
    "get_from_dict_or_env",
    "get_from_env",
    "get_uuid",
    "status_is_retryable",
]
