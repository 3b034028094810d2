"""gRPC as the platform imports it: when it is first used, without lines of its own on stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import grpc
else:
    from clarifai_core.lazy import lazy_module

    grpc = lazy_module("grpc")

__all__ = ["grpc"]
