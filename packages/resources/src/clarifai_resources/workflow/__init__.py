"""Workflows: predicting, versions, and to and from YAML."""

from clarifai_core.lazy import lazy_submodules

lazy_submodules(__name__)

from clarifai_resources.workflow.workflow import Workflow  # noqa: E402  why: it imports its neighbours

__all__ = ["Workflow"]
