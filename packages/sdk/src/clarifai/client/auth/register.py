"""Door to what stubs are."""

from __future__ import annotations

from clarifai_compat.stub import RpcCallable, V2Stub

__all__ = ["RpcCallable", "V2Stub"]
