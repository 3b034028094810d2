"""Datasets: named sets of an app's inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_local import ids, listing
from clarifai_local.clock import timestamp
from clarifai_local.dispatch import rpc
from clarifai_local.patching import check_action, patch
from clarifai_local.statuses import invalid, missing
from clarifai_local.store import Duplicate, Row

if TYPE_CHECKING:
    import sqlite3

    from clarifai_local.auth import Caller
    from clarifai_local.context import ServiceContext
    from clarifai_local.scope import Scope
    from clarifai_local.store import Store

KIND = "dataset"
VERSION_KIND = "dataset_version"
EXPORT_KIND = "dataset_export"

_OWN = ("id", "created_at", "modified_at", "app_id", "user_id", "version", "bookmark_origin")
"""Fields that the platform sets: a request's values are not taken."""


class Datasets:
    """RPCs on datasets."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._store = context.store

    @rpc("PostDatasets")
    def post_datasets(
        self, request: service_pb2.PostDatasetsRequest, caller: Caller
    ) -> service_pb2.MultiDatasetResponse:
        """Create datasets: all or none."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        if not request.datasets:
            raise invalid("datasets is empty: name at least one dataset to create")
        with self._store.write() as db:
            rows = [self._create(db, scope, dataset) for dataset in request.datasets]
        return service_pb2.MultiDatasetResponse(datasets=map(_render, rows))

    @rpc("GetDataset")
    def get_dataset(
        self, request: service_pb2.GetDatasetRequest, caller: Caller
    ) -> service_pb2.SingleDatasetResponse:
        """Return a dataset."""
        scope = self._context.scopes.app(request.user_app_id, caller)
        with self._store.read() as db:
            row = require_dataset(self._store, db, scope, request.dataset_id)
        return service_pb2.SingleDatasetResponse(dataset=_render(row))

    @rpc("ListDatasets")
    def list_datasets(
        self, request: service_pb2.ListDatasetsRequest, caller: Caller
    ) -> service_pb2.MultiDatasetResponse:
        """Return datasets, newest first; never with a version, which old clients trip over."""
        scope = self._context.scopes.app(request.user_app_id, caller)
        with self._store.read() as db:
            rows = self._store.resources.list(db, KIND, scope.key)
        return service_pb2.MultiDatasetResponse(datasets=listing.select(rows, request, _render))

    @rpc("PatchDatasets")
    def patch_datasets(
        self, request: service_pb2.PatchDatasetsRequest, caller: Caller
    ) -> service_pb2.MultiDatasetResponse:
        """Change datasets: all or none."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        action = check_action(request.action)
        with self._store.write() as db:
            rows = [self._patch(db, scope, given, action) for given in request.datasets]
        return service_pb2.MultiDatasetResponse(datasets=map(_render, rows))

    @rpc("DeleteDatasets")
    def delete_datasets(
        self, request: service_pb2.DeleteDatasetsRequest, caller: Caller
    ) -> status_pb2.BaseResponse:
        """Delete datasets with their versions: all or none. Their inputs stay."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        if not request.dataset_ids:
            raise invalid("dataset_ids is empty: name the datasets to delete")
        with self._store.write() as db:
            for dataset_id in dict.fromkeys(request.dataset_ids):
                row = require_dataset(self._store, db, scope, dataset_id)
                versions = self._store.resources.list(
                    db, VERSION_KIND, scope.key, parent=dataset_id
                )
                for version in versions:
                    delete_version(self._store, db, version)
                self._store.datasets.clear(db, row.seq)
                self._store.resources.delete(db, row)
        return status_pb2.BaseResponse()

    def _create(self, db: sqlite3.Connection, scope: Scope, given: resources_pb2.Dataset) -> Row:
        dataset_id = ids.check(given.id or ids.new_id(), "dataset id")
        now_us = self._context.clock.now_us()
        for name in _OWN:
            given.ClearField(name)  # type: ignore[arg-type]
        given.id = dataset_id
        given.user_id, given.app_id = scope.key
        given.created_at.CopyFrom(timestamp(now_us))
        given.image.ClearField("base64")
        if not given.visibility.gettable:
            given.visibility.gettable = resources_pb2.Visibility.Gettable.PRIVATE
        try:
            return self._store.resources.insert(
                db, KIND, scope.key, dataset_id, given, now_us=now_us
            )
        except Duplicate:
            raise invalid(
                f"the dataset id {dataset_id!r} already exists in app {scope.app_id!r}"
            ) from None

    def _patch(
        self, db: sqlite3.Connection, scope: Scope, given: resources_pb2.Dataset, action: str
    ) -> Row:
        row = require_dataset(self._store, db, scope, given.id)
        for name in _OWN:
            given.ClearField(name)  # type: ignore[arg-type]
        dataset = row.message(resources_pb2.Dataset)
        patch(dataset, given, action)
        dataset.image.ClearField("base64")
        return self._store.resources.update(db, row, dataset, now_us=self._context.clock.now_us())


def require_dataset(store: Store, db: sqlite3.Connection, scope: Scope, dataset_id: str) -> Row:
    """Return a dataset's row.

    Raises:
        Refused: 11101 when it does not exist.
    """
    row = store.resources.get(db, KIND, scope.key, dataset_id)
    if row is None:
        raise missing("dataset", dataset_id)
    return row


def delete_version(store: Store, db: sqlite3.Connection, version: Row) -> None:
    """Remove a version with its snapshot and its exports."""
    store.resources.delete_where(db, "kind = ? AND parent = ?", (EXPORT_KIND, str(version.seq)))
    store.blobs.discard(db, store.datasets.drop_snapshot(db, version.seq))
    store.resources.delete(db, version)


def _render(row: Row) -> resources_pb2.Dataset:
    dataset = row.message(resources_pb2.Dataset)
    dataset.modified_at.CopyFrom(timestamp(row.modified_at))
    return dataset
