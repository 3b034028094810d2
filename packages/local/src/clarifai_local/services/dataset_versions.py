"""Dataset versions: snapshots of a dataset, with metrics, made in the background."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_local import ids, paging
from clarifai_local.clock import timestamp
from clarifai_local.dataset_metrics import count
from clarifai_local.dispatch import rpc
from clarifai_local.patching import check_action, patch
from clarifai_local.services.datasets import VERSION_KIND, delete_version, require_dataset
from clarifai_local.statuses import invalid, missing, status
from clarifai_local.store import Duplicate, Row

if TYPE_CHECKING:
    import sqlite3

    from clarifai_local.auth import Caller
    from clarifai_local.context import ServiceContext
    from clarifai_local.jobs import Job
    from clarifai_local.scope import Scope

GROUPS = "metrics_groups"
"""Name of the attachment that holds a version's metrics groups."""

_UNFINISHED = (codes.DATASET_VERSION_PENDING, codes.DATASET_VERSION_IN_PROGRESS)
_PATCHED = ("description", "metadata", "visibility")
_log = logging.getLogger(__name__)


class DatasetVersions:
    """RPCs on dataset versions."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._store = context.store

    @rpc("PostDatasetVersions")
    def post_dataset_versions(
        self, request: service_pb2.PostDatasetVersionsRequest, caller: Caller
    ) -> service_pb2.MultiDatasetVersionResponse:
        """Start making versions: all or none."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        if not request.dataset_versions:
            raise invalid("dataset_versions is empty: send at least one version to make")
        with self._store.write() as db:
            dataset = require_dataset(self._store, db, scope, request.dataset_id)
            rows = [self._create(db, scope, dataset, v) for v in request.dataset_versions]
        for row in rows:
            self._submit(row)
        return service_pb2.MultiDatasetVersionResponse(dataset_versions=map(_render, rows))

    @rpc("GetDatasetVersion")
    def get_dataset_version(
        self, request: service_pb2.GetDatasetVersionRequest, caller: Caller
    ) -> service_pb2.SingleDatasetVersionResponse:
        """Return a version."""
        scope = self._context.scopes.app(request.user_app_id, caller)
        with self._store.read() as db:
            row = self._row(db, scope, request.dataset_id, request.dataset_version_id)
        return service_pb2.SingleDatasetVersionResponse(dataset_version=_render(row))

    @rpc("ListDatasetVersions")
    def list_dataset_versions(
        self, request: service_pb2.ListDatasetVersionsRequest, caller: Caller
    ) -> service_pb2.MultiDatasetVersionResponse:
        """Return the versions of a dataset, newest first."""
        scope = self._context.scopes.app(request.user_app_id, caller)
        window = paging.window(request.page, request.per_page)
        with self._store.read() as db:
            require_dataset(self._store, db, scope, request.dataset_id)
            rows = self._store.resources.list(
                db,
                VERSION_KIND,
                scope.key,
                parent=request.dataset_id,
                limit=window.limit,
                offset=window.offset,
            )
        return service_pb2.MultiDatasetVersionResponse(dataset_versions=map(_render, rows))

    @rpc("PatchDatasetVersions")
    def patch_dataset_versions(
        self, request: service_pb2.PatchDatasetVersionsRequest, caller: Caller
    ) -> service_pb2.MultiDatasetVersionResponse:
        """Change description, metadata and visibility of versions: all or none."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        action = check_action(request.action)
        rows = []
        with self._store.write() as db:
            for given in request.dataset_versions:
                row = self._row(db, scope, request.dataset_id, given.id)
                kept = resources_pb2.DatasetVersion(description=given.description)
                if given.HasField("metadata"):
                    kept.metadata.CopyFrom(given.metadata)
                if given.HasField("visibility"):
                    kept.visibility.CopyFrom(given.visibility)
                version = row.message(resources_pb2.DatasetVersion)
                patch(version, kept, action)
                now_us = self._context.clock.now_us()
                rows.append(self._store.resources.update(db, row, version, now_us=now_us))
        return service_pb2.MultiDatasetVersionResponse(dataset_versions=map(_render, rows))

    @rpc("DeleteDatasetVersions")
    def delete_dataset_versions(
        self, request: service_pb2.DeleteDatasetVersionsRequest, caller: Caller
    ) -> status_pb2.BaseResponse:
        """Delete versions: all or none."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        if not request.dataset_version_ids:
            raise invalid("dataset_version_ids is empty: name the versions to delete")
        with self._store.write() as db:
            for version_id in dict.fromkeys(request.dataset_version_ids):
                row = self._row(db, scope, request.dataset_id, version_id)
                self._context.jobs.cancel((VERSION_KIND, row.seq))
                delete_version(self._store, db, row)
        return status_pb2.BaseResponse()

    @rpc("ListDatasetVersionMetricsGroups")
    def list_dataset_version_metrics_groups(
        self, request: service_pb2.ListDatasetVersionMetricsGroupsRequest, caller: Caller
    ) -> service_pb2.MultiDatasetVersionMetricsGroupResponse:
        """Return what a version counts, by input type and by concept; none while it is made."""
        scope = self._context.scopes.app(request.user_app_id, caller)
        window = paging.window(request.page, request.per_page)
        with self._store.read() as db:
            row = self._row(db, scope, request.dataset_id, request.dataset_version_id)
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
            dataset_version_metrics_groups=chosen[window.offset : window.offset + window.limit]
        )

    def resume(self) -> None:
        """Make the versions that were not finished when the platform ended."""
        with self._store.read() as db:
            rows = self._store.resources.by_status(db, VERSION_KIND, _UNFINISHED)
        for row in rows:
            self._submit(row)

    def _create(
        self,
        db: sqlite3.Connection,
        scope: Scope,
        dataset: Row,
        given: resources_pb2.DatasetVersion,
    ) -> Row:
        version_id = ids.check(given.id or ids.new_id(), "dataset version id")
        now_us = self._context.clock.now_us()
        version = resources_pb2.DatasetVersion(
            id=version_id,
            dataset_id=dataset.id,
            user_id=scope.user_id,
            app_id=scope.app_id,
            description=given.description,
            created_at=timestamp(now_us),
        )
        for name in ("metadata", "annotation_filter_config", "processing_info", "visibility"):
            if given.HasField(name):
                getattr(version, name).CopyFrom(getattr(given, name))
        try:
            return self._store.resources.insert(
                db,
                VERSION_KIND,
                scope.key,
                version_id,
                version,
                now_us=now_us,
                parent=dataset.id,
                status=codes.DATASET_VERSION_PENDING,
                detail=str(dataset.seq),
            )
        except Duplicate:
            raise invalid(
                f"the version id {version_id!r} already exists in dataset {dataset.id!r}"
            ) from None

    def _row(self, db: sqlite3.Connection, scope: Scope, dataset_id: str, version_id: str) -> Row:
        require_dataset(self._store, db, scope, dataset_id)
        row = self._store.resources.get(db, VERSION_KIND, scope.key, version_id, dataset_id)
        if row is None:
            raise missing("dataset version", version_id)
        return row

    def _submit(self, row: Row) -> None:
        self._context.jobs.submit((VERSION_KIND, row.seq), lambda job: self._make(row, job))

    def _make(self, row: Row, job: Job) -> None:
        with self._store.write() as db:
            self._store.resources.set_status(db, row, codes.DATASET_VERSION_IN_PROGRESS)
        try:
            self._snapshot(row, job)
        except Exception:  # why: the version says so by its status, with the log; never stuck
            if job.cancelled:
                raise
            _log.exception("making the dataset version %s failed", row.id)
            with self._store.write() as db:
                self._store.resources.set_status(db, row, codes.DATASET_VERSION_FAILURE)

    def _snapshot(self, row: Row, job: Job) -> None:
        with self._store.write() as db:
            current = self._store.resources.by_seq(db, row.seq)
            scope = self._context.scopes.find(db, row.user_id, row.app_id)
            if current is None or scope is None or job.cancelled:
                return
            self._store.datasets.snapshot(db, row.seq, scope.app, int(row.detail))
            totals, groups = count(self._store.examples(db, scope.app, version=row.seq))
            version = current.message(resources_pb2.DatasetVersion)
            version.metrics["/"].CopyFrom(totals)
            self._store.attach(db, current, GROUPS, groups.SerializeToString())
            self._store.resources.update(
                db,
                current,
                version,
                now_us=self._context.clock.now_us(),
                status=codes.DATASET_VERSION_READY,
            )


def _render(row: Row) -> resources_pb2.DatasetVersion:
    version = row.message(resources_pb2.DatasetVersion)
    version.modified_at.CopyFrom(timestamp(row.modified_at))
    version.status.CopyFrom(status(row.status))
    return version
