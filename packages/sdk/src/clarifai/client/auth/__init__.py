"""Door to stubs and credentials for programs that call the service themselves."""

from __future__ import annotations

from clarifai_compat.auth_helper import ClarifaiAuthHelper, create_stub
from clarifai_compat.stub import V2Stub

__all__ = ["ClarifaiAuthHelper", "V2Stub", "create_stub"]
