"""Door to the check of workflow files."""

from __future__ import annotations

from clarifai_resources.workflow.config import validate

__all__ = ["validate"]
