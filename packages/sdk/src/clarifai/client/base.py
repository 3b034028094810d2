"""Door to the base of classes that call the service themselves."""

from __future__ import annotations

from clarifai_compat.base_client import BaseClient

__all__ = ["BaseClient"]
