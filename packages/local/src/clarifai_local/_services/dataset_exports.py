"""Exports of dataset versions: archives made in the background and served over HTTP."""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_core.loggers import logger_for
from clarifai_local import _archives
from clarifai_local._numerals import row_number
from clarifai_local._services import exports
from clarifai_local._services.datasets import EXPORT_KIND
from clarifai_local._services.exports import ARCHIVE, EXPORTS_PATH
from clarifai_local._services.families import DATASET_VERSIONS, DATASETS
from clarifai_local.dispatch import rpc
from clarifai_local.http_messages import HttpReply, HttpRequest
from clarifai_local.statuses import invalid

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt

    from clarifai_local._context import ServiceContext
    from clarifai_local._jobs import Job
    from clarifai_local._scope import AppScope
    from clarifai_local._store import ResourceRow
    from clarifai_local.auth import Caller

_UNFINISHED = (
    codes.DATASET_VERSION_EXPORT_PENDING,
    codes.DATASET_VERSION_EXPORT_IN_PROGRESS,
)
_log = logger_for(__name__)


class DatasetExportService:
    """RPCs on exports.

    A row's `parent` is the number of its version, its id the format, `detail` the base of the
    addresses in the archive, and `url` of its message the secret of its own address. At another
    address, or with embeddings where there were none, a new archive is made.
    """

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._store = context.store
        context.http.add(EXPORTS_PATH, self._serve, needs_key=False)

    @rpc("PutDatasetVersionExports")
    def put_dataset_version_exports(
        self, request: service_pb2.PutDatasetVersionExportsRequest, caller: Caller
    ) -> service_pb2.MultiDatasetVersionExportResponse:
        """Start exports, or tell how far they are when they were started before.

        Those of a version that is not ready yet are pending: clients poll by asking again, and the
        first time that finds it ready starts them.
        """
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        if not request.exports:
            raise invalid("exports is empty: name at least one format")
        for export in request.exports:
            _check_format(export.format)
        with self._store.write() as db:
            version = self._version(db, scope, request.dataset_id, request.dataset_version_id)
            rows = [self._ensure(db, version, export) for export in request.exports]
            shown = [exports.shown(self._context, db, row) for row in rows]
        if version.status == codes.DATASET_VERSION_READY:
            for row in rows:
                if row.status in _UNFINISHED:
                    self._submit(row)
        return service_pb2.MultiDatasetVersionExportResponse(exports=shown)

    def resume(self) -> None:
        """Make the exports that were not finished when the platform ended."""
        with self._store.read() as db:
            rows = self._store.resources.by_status(db, EXPORT_KIND, _UNFINISHED)
            ready = [row for row in rows if self._is_ready(db, row)]
        for row in ready:
            self._submit(row)

    def _version(
        self, db: sqlite3.Connection, scope: AppScope, dataset_id: str, version_id: str
    ) -> ResourceRow:
        DATASETS.require(self._store, db, scope.key, dataset_id)
        version = DATASET_VERSIONS.require(self._store, db, scope.key, version_id, dataset_id)
        if version.status == codes.DATASET_VERSION_FAILURE:
            raise invalid(f"dataset version {version_id!r} could not be made: make another one")
        return version

    def _is_ready(self, db: sqlite3.Connection, export: ResourceRow) -> bool:
        version = self._store.resources.by_seq(db, int(export.parent))
        return version is not None and version.status == codes.DATASET_VERSION_READY

    def _ensure(
        self,
        db: sqlite3.Connection,
        version: ResourceRow,
        export: resources_pb2.DatasetVersionExport,
    ) -> ResourceRow:
        key = (version.user_id, version.app_id)
        base_url = self._context.http.base_url
        row = self._store.resources.get(db, EXPORT_KIND, key, str(export.format), str(version.seq))
        if row is not None and _is_current(row, export, base_url):
            return row
        if row is not None:
            self._store.resources.delete(db, row)
        return self._store.resources.insert(
            db,
            EXPORT_KIND,
            key,
            str(export.format),
            resources_pb2.DatasetVersionExport(
                format=export.format,
                include_embeddings=export.include_embeddings,
                url=secrets.token_hex(16),
            ),
            now_us=self._context.clock.now_us(),
            parent=str(version.seq),
            status=codes.DATASET_VERSION_EXPORT_PENDING,
            detail=base_url,
        )

    def _submit(self, row: ResourceRow) -> None:
        self._context.jobs.submit((EXPORT_KIND, row.seq), lambda job: self._make(row, job))

    def _make(self, row: ResourceRow, job: Job) -> None:
        resources = self._store.resources
        with self._store.write() as db:
            resources.set_status(db, row, codes.DATASET_VERSION_EXPORT_IN_PROGRESS)
        try:
            self._index(row, job)
            if job.cancelled:  # the next start makes it
                return
            render = self._context.views.at(row.detail)
            with self._store.read() as db:
                examples = self._store.examples(db, 0, version=int(row.parent))
                vectors = self._vectors(db, row)
                data = _archives.build(examples, int(row.id), render, vectors)
            code = codes.DATASET_VERSION_EXPORT_SUCCESS
        except BaseException:  # noqa: BLE001 - logged; the export says that it failed
            _log.exception("exporting the dataset version %s failed", row.parent)
            data, code = b"", codes.DATASET_VERSION_EXPORT_FAILED
        with self._store.write() as db:
            if resources.by_seq(db, row.seq) is not None:
                if data:
                    self._store.attach(db, row, ARCHIVE, data, "application/zip")
                resources.set_status(db, row, code)

    def _index(self, row: ResourceRow, job: Job) -> None:
        """Have all inputs embedded in the platform's spaces, where the export asks for vectors."""
        if not row.message(resources_pb2.DatasetVersionExport).include_embeddings:
            return
        with self._store.read() as db:
            scope = self._context.scopes.find(db, row.user_id, row.app_id)
        if scope is not None:
            self._context.reindexing.complete(scope.app, job)

    def _vectors(
        self, db: sqlite3.Connection, row: ResourceRow
    ) -> Callable[[int], list[npt.NDArray[np.float32]]]:
        """Return what finds the vectors of an input, where the export asks for them."""
        scope = self._context.scopes.find(db, row.user_id, row.app_id)
        if scope is None or not row.message(resources_pb2.DatasetVersionExport).include_embeddings:
            return lambda _: []
        embedder, vectors = self._context.embedder, self._store.vectors
        spaces = dict.fromkeys((embedder.image_space, embedder.text_space))
        app = scope.app
        return lambda seq: [
            found for space in spaces for found in vectors.vectors_of(app, space, [seq]).values()
        ]

    def _serve(self, request: HttpRequest) -> HttpReply:
        number, _, secret = request.path.partition("/")
        with self._store.read() as db:
            row = self._store.resources.by_seq(db, row_number(number) or 0)
            data = None
            if row is not None and row.kind == EXPORT_KIND:
                known = row.message(resources_pb2.DatasetVersionExport).url
                if known and hmac.compare_digest(known.encode(), secret.encode()):
                    data = self._store.resources.whole_attachment(db, row, ARCHIVE)
        if data is None:
            return HttpReply(404, b"not found")
        return HttpReply(200, data, "application/zip")


def _is_current(row: ResourceRow, asked: resources_pb2.DatasetVersionExport, base_url: str) -> bool:
    kept = row.message(resources_pb2.DatasetVersionExport)
    same = kept.include_embeddings == asked.include_embeddings
    return bool(row.detail == base_url and kept.url and same)


def _check_format(export_format: int) -> None:
    if export_format not in _archives.MEDIA_TYPES:
        names = dict(resources_pb2.DatasetVersionExportFormat.items())
        known = ", ".join(n for n, number in names.items() if number in _archives.MEDIA_TYPES)
        raise invalid(f"export format {export_format} is not made; there are: {known}")
