"""Door to stubs, where release 9 has them."""

from __future__ import annotations

from clarifai_compat.auth_helper import create_stub
from clarifai_compat.stub import V2Stub

__all__ = ["V2Stub", "create_stub"]
