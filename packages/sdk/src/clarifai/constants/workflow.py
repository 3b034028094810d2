"""Door to the constants of workflows."""

from __future__ import annotations

from clarifai_resources.workflow.predictions import MAX_INPUTS as MAX_WORKFLOW_PREDICT_INPUTS

__all__ = ["MAX_WORKFLOW_PREDICT_INPUTS"]
