"""The list of status codes with their texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local.dispatch import rpc
from clarifai_local.statuses import status

if TYPE_CHECKING:
    from clarifai_local._context import ServiceContext
    from clarifai_local.auth import Caller


class StatusCodeService:
    """RPCs on status codes."""

    def __init__(self, context: ServiceContext) -> None:  # noqa: ARG002 - as every service
        self._numbers = sorted({number for number in codes.StatusCode.values() if number})

    @rpc("ListStatusCodes")
    def list_status_codes(
        self,
        request: service_pb2.ListStatusCodesRequest,  # noqa: ARG002 - as every handler
        caller: Caller,  # noqa: ARG002
    ) -> service_pb2.MultiStatusCodeResponse:
        """Return all status codes."""
        return service_pb2.MultiStatusCodeResponse(statuses=map(status, self._numbers))
