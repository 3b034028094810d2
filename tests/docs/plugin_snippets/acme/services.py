"""RPCs that the embedded platform does not answer by itself."""

# --8<-- [start:service]
from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_local.dispatch import rpc
from clarifai_local.statuses import Refused

if TYPE_CHECKING:
    from clarifai_local.auth import Caller
    from clarifai_local.platform import Platform


class Collectors:
    """Keeps the collectors of all apps in memory."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.apps: dict[tuple[str, str], dict[str, resources_pb2.Collector]] = {}
        self.lock = threading.Lock()  # several calls are answered at a time

    def _of(self, scope: resources_pb2.UserAppIDSet, caller: Caller) -> dict[str, Any]:
        found = self.platform.scopes.app(scope, caller)  # refuses apps that do not exist
        return self.apps.setdefault(found.key, {})

    @rpc("PostCollectors")
    def post(
        self, request: service_pb2.PostCollectorsRequest, caller: Caller
    ) -> service_pb2.MultiCollectorResponse:
        with self.lock:
            kept = self._of(request.user_app_id, caller)
            kept.update((one.id, one) for one in request.collectors)
        return service_pb2.MultiCollectorResponse(collectors=request.collectors)

    @rpc("GetCollector")
    def get(
        self, request: service_pb2.GetCollectorRequest, caller: Caller
    ) -> service_pb2.SingleCollectorResponse:
        with self.lock:
            found = self._of(request.user_app_id, caller).get(request.collector_id)
        if found is None:
            raise Refused(codes.CONN_DOES_NOT_EXIST, f"collector {request.collector_id!r}")
        return service_pb2.SingleCollectorResponse(collector=found)

    @rpc("ListCollectors")
    def list_all(
        self, request: service_pb2.ListCollectorsRequest, caller: Caller
    ) -> service_pb2.MultiCollectorResponse:
        size = request.per_page or 128
        start = (max(request.page, 1) - 1) * size
        with self.lock:
            found = [*self._of(request.user_app_id, caller).values()]
        return service_pb2.MultiCollectorResponse(collectors=found[start : start + size])

    @rpc("DeleteCollectors")
    def delete(
        self, request: service_pb2.DeleteCollectorsRequest, caller: Caller
    ) -> status_pb2.BaseResponse:
        with self.lock:
            kept = self._of(request.user_app_id, caller)
            for one in request.ids:
                kept.pop(one, None)
        return status_pb2.BaseResponse()  # its status, as that of every answer, is filled in


# --8<-- [end:service]
