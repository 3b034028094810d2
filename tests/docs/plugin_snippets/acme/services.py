"""RPCs of the embedded platform."""

from __future__ import annotations

# --8<-- [start:service]
from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import service_pb2

from clarifai_local.dispatch import rpc

if TYPE_CHECKING:
    from clarifai_local.auth import Caller
    from clarifai_local.platform import Platform


class Scopes:
    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    @rpc("MyScopes")
    def my_scopes(
        self, request: service_pb2.MyScopesRequest, caller: Caller
    ) -> service_pb2.MultiScopeResponse:
        return service_pb2.MultiScopeResponse(scopes=["Inputs:Get", "Inputs:Add"])


# --8<-- [end:service]
