"""RPCs on model types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import service_pb2

from clarifai_local import _paging
from clarifai_local.dispatch import rpc
from clarifai_local.statuses import missing

if TYPE_CHECKING:
    from clarifai_local._context import ServiceContext
    from clarifai_local.auth import Caller


class ModelTypeService:
    """RPCs that describe the model types; see `engine.model_types` for the table."""

    def __init__(self, context: ServiceContext) -> None:
        self._engines = context.engines

    @rpc("ListModelTypes")
    def list_model_types(
        self, request: service_pb2.ListModelTypesRequest, caller: Caller
    ) -> service_pb2.MultiModelTypeResponse:
        """Return the model types, the trainable ones first."""
        del caller
        wanted = _paging.page_range(request.page, request.per_page)
        rows = list(self._engines.model_types().values())
        page = wanted.of(rows)
        return service_pb2.MultiModelTypeResponse(model_types=[row.to_message() for row in page])

    @rpc("GetModelType")
    def get_model_type(
        self, request: service_pb2.GetModelTypeRequest, caller: Caller
    ) -> service_pb2.SingleModelTypeResponse:
        """Return a model type."""
        del caller
        row = self._engines.model_types().get(request.model_type_id)
        if row is None:
            raise missing("model type", request.model_type_id)
        return service_pb2.SingleModelTypeResponse(model_type=row.to_message())
