"""Door to users."""

from __future__ import annotations

from clarifai_resources.user import User

__all__ = ["User"]
