"""Datasets: named sets of an app's inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

    from clarifai_local._services.family import FamilyCall
    from clarifai_local._store import ResourceRow, Store

VERSION_KIND = "dataset_version"
EXPORT_KIND = "dataset_export"


def remove(call: FamilyCall, dataset: ResourceRow) -> None:
    """Remove a dataset with its versions; its inputs stay."""
    store, db = call.store, call.db
    for version in store.resources.list(db, VERSION_KIND, call.key, parent=dataset.id):
        delete_version(store, db, version)
    store.datasets.clear(db, dataset.seq)
    store.resources.delete(db, dataset)


def delete_version(store: Store, db: sqlite3.Connection, version: ResourceRow) -> None:
    """Remove a version with its snapshot and its exports."""
    store.resources.delete_where(db, "kind = ? AND parent = ?", (EXPORT_KIND, str(version.seq)))
    store.blobs.discard(db, store.datasets.drop_snapshot(db, version.seq))
    store.resources.delete(db, version)
