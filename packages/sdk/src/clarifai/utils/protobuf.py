"""Door to messages from dicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_compat.misc import dict_to_protobuf

if not TYPE_CHECKING:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(__name__)

__all__ = ["dict_to_protobuf"]
