"""Door to workflows as files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_compat.workflow_files import Exporter

if not TYPE_CHECKING:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(__name__)

__all__ = ["Exporter"]
