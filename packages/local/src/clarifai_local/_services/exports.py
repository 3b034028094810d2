"""Exports of dataset versions as answers show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import resources_pb2

from clarifai_local._services.datasets import EXPORT_KIND
from clarifai_local.statuses import status

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from clarifai_local._context import ServiceContext
    from clarifai_local._store import ResourceRow

EXPORTS_PATH = "/exports/"
"""Where archives are: number and secret of the export follow, and no key is asked for.

Clients of the hosted service fetch them without one.
"""

ARCHIVE = "archive"


def shown(
    context: ServiceContext, db: sqlite3.Connection, row: ResourceRow
) -> resources_pb2.DatasetVersionExport:
    """Return an export with its status, and where its archive is once it is made."""
    export = row.message(resources_pb2.DatasetVersionExport)
    export.status.CopyFrom(status(row.status))
    secret = export.url
    export.ClearField("url")
    data = context.store.attachment(db, row, ARCHIVE)
    if data is not None:
        export.size = len(data)
        export.url = f"{context.http.base_url}{EXPORTS_PATH}{row.seq}/{secret}"
    return export


def of_version(
    context: ServiceContext, db: sqlite3.Connection, version: ResourceRow
) -> Iterator[tuple[str, resources_pb2.DatasetVersionExport]]:
    """Yield the exports of a version with their fields of `DatasetVersionExportInfo`."""
    known = resources_pb2.DatasetVersionExportInfo.DESCRIPTOR.fields_by_name
    key = version.user_id, version.app_id
    for row in context.store.resources.list(db, EXPORT_KIND, key, parent=str(version.seq)):
        export = shown(context, db, row)
        field = resources_pb2.DatasetVersionExportFormat.Name(export.format).lower()
        if field in known:
            yield field, export
