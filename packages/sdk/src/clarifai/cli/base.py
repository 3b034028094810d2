"""Door to the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai.__main__ import main

if not TYPE_CHECKING:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(__name__)

__all__ = ["main"]
