"""Workflows: predicting, versions, and to and from YAML."""

from __future__ import annotations

from clarifai_resources.workflow.workflow import Workflow

__all__ = ["Workflow"]
