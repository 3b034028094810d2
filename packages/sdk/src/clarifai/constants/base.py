"""Door to the constants of all clients."""

from __future__ import annotations

from clarifai_compat.constants import COMPUTE_ORCHESTRATION_RESOURCES

__all__ = ["COMPUTE_ORCHESTRATION_RESOURCES"]
