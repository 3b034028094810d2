"""Door to workflows."""

from __future__ import annotations

from clarifai_resources.workflow import Workflow

__all__ = ["Workflow"]
