"""What dataset versions count: the RPC on the metrics groups of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import service_pb2

from clarifai_local import _paging
from clarifai_local._services.dataset_versions import GROUPS, Snapshots
from clarifai_local._services.families import DATASET_VERSIONS, DATASETS
from clarifai_local.dispatch import rpc

if TYPE_CHECKING:
    from clarifai_local._context import ServiceContext
    from clarifai_local.auth import Caller


class DatasetMetricsService:
    """The RPC on the metrics groups of a dataset version."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._store = context.store

    @rpc("ListDatasetVersionMetricsGroups")
    def list_dataset_version_metrics_groups(
        self, request: service_pb2.ListDatasetVersionMetricsGroupsRequest, caller: Caller
    ) -> service_pb2.MultiDatasetVersionMetricsGroupResponse:
        """Return what a version counts, by input type and by concept; none while it is made."""
        scope = self._context.scopes.app(request.user_app_id, caller)
        wanted = _paging.page_range(request.page, request.per_page)
        with self._store.read() as db:
            dataset = DATASETS.require(self._store, db, scope.key, request.dataset_id)
            row = DATASET_VERSIONS.require(
                self._store, db, scope.key, request.dataset_version_id, dataset.id
            )
            kept = self._store.attachment(db, row, GROUPS) or b""
        everything = service_pb2.MultiDatasetVersionMetricsGroupResponse.FromString(kept)
        values = {v.string_value for v in request.values}
        chosen = [
            group
            for group in everything.dataset_version_metrics_groups
            if (not request.types or group.type in request.types)
            and (not request.parent_paths or group.parent_path in request.parent_paths)
            and (not values or group.value.string_value in values)
        ]
        return service_pb2.MultiDatasetVersionMetricsGroupResponse(
            dataset_version_metrics_groups=wanted.of(chosen)
        )

    def resume(self) -> None:
        """Make the versions that were not finished when the platform ended."""
        Snapshots(self._context).resume()
