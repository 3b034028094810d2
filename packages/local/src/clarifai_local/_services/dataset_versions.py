"""Dataset versions: snapshots of a dataset, with metrics, made in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_core.loggers import logger_for
from clarifai_local import _paging
from clarifai_local._dataset_metrics import count
from clarifai_local._services import exports
from clarifai_local._services.datasets import VERSION_KIND, delete_version
from clarifai_local._services.family import NewResource, clear, new_id, shown
from clarifai_local.statuses import status

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from clarifai_local._context import ServiceContext
    from clarifai_local._jobs import Job
    from clarifai_local._services.family import FamilyCall
    from clarifai_local._services.family_rpcs import FamilyRpc
    from clarifai_local._store import ResourceRow
    from clarifai_local.auth import Caller

_MANUAL = resources_pb2.DatasetVersionRequestOrigin.MANUAL

GROUPS = "metrics_groups"
"""Name of the attachment that holds a version's metrics groups."""

OWN = (
    "created_at", "modified_at", "app_id", "user_id", "dataset_id", "status", "metrics",
    "export_info", "request_origin",
)  # fmt: skip
"""Fields that the platform sets: what a request says of them is not taken."""

PATCHED = ("description", "metadata", "visibility")
"""Fields that can change."""

_UNFINISHED = (codes.DATASET_VERSION_PENDING, codes.DATASET_VERSION_IN_PROGRESS)
_log = logger_for(__name__)


def list_wanted(rpc: FamilyRpc, request: Any, caller: Caller) -> Message:
    """Return the versions of a dataset, newest first; of those origins that a request names."""
    with rpc.call(request, caller) as call:
        wanted = _paging.page_range(request.page, request.per_page)
        rows = rpc.family.listed(call.store, call.db, call.key, call.parent_id)
        versions = [rpc.family.show(call, row) for row in rows]
    origins = set(request.request_origins)
    chosen = [one for one in versions if not origins or (one.request_origin or _MANUAL) in origins]
    return rpc.several(wanted.of(chosen))


def draft(call: FamilyCall, given: resources_pb2.DatasetVersion) -> NewResource:
    """Return a version that is still to be made.

    Its `detail` are two numbers: of its dataset, and of the last input that there was. So inputs
    that come while it is made are not in it.
    """
    if call.parent is None:
        raise LookupError("a dataset version belongs to a dataset")
    version = resources_pb2.DatasetVersion()
    version.CopyFrom(given)
    clear(version, OWN)
    version.id, version.dataset_id = new_id(call, given), call.parent_id
    version.user_id, version.app_id = call.scope.key
    version.request_origin = _MANUAL
    detail = f"{call.parent.seq} {call.store.inputs.last(call.db)}"
    return NewResource(version, codes.DATASET_VERSION_PENDING, detail)


def start(call: FamilyCall, version: ResourceRow, _: resources_pb2.DatasetVersion) -> None:
    """Make a version once it is kept."""
    call.store.after_commit(lambda: Snapshots(call.context).submit(version))


def show(call: FamilyCall, row: ResourceRow) -> resources_pb2.DatasetVersion:
    """Return a version as answers show it: its status says how far it is."""
    version: resources_pb2.DatasetVersion = shown(call, row)
    version.status.CopyFrom(status(row.status))
    return version


def get(rpc: FamilyRpc, request: Any, caller: Caller) -> Message:
    """Return a version with what became of its exports.

    Listings go without: clients of 10.1 cannot turn the size of an export into JSON.
    """
    with rpc.call(request, caller) as call:
        row = rpc.family.to_read(call, request.dataset_version_id)
        version = show(call, row)
        for name, export in exports.of_version(call.context, call.db, row):
            getattr(version.export_info, name).CopyFrom(export)
    return rpc.one(version)


def remove(call: FamilyCall, version: ResourceRow) -> None:
    """Remove a version; when it is still being made, that ends."""
    call.store.after_commit(lambda: call.context.jobs.cancel((VERSION_KIND, version.seq)))
    delete_version(call.store, call.db, version)


class Snapshots:
    """Makes versions in the background.

    Args:
        context: The platform's parts.
    """

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._store = context.store

    def resume(self) -> None:
        """Make the versions that were not finished when the platform ended."""
        with self._store.read() as db:
            rows = self._store.resources.by_status(db, VERSION_KIND, _UNFINISHED)
        for row in rows:
            self.submit(row)

    def submit(self, row: ResourceRow) -> None:
        """Make a version as soon as a thread is free."""
        self._context.jobs.submit((VERSION_KIND, row.seq), lambda job: self._make(row, job))

    def _make(self, row: ResourceRow, job: Job) -> None:
        with self._store.write() as db:
            self._store.resources.set_status(db, row, codes.DATASET_VERSION_IN_PROGRESS)
        try:
            self._snapshot(row, job)
        except BaseException:  # why: the version says so by its status, with the log; never stuck
            if job.cancelled:
                raise
            _log.exception("making the dataset version %s failed", row.id)
            with self._store.write() as db:
                self._store.resources.set_status(db, row, codes.DATASET_VERSION_FAILURE)

    def _snapshot(self, row: ResourceRow, job: Job) -> None:
        dataset, last = self._meant(row)
        with self._store.read() as db:
            scope = self._context.scopes.find(db, row.user_id, row.app_id)
        if scope is None:
            return
        self._context.processor.wait_posted(scope.app, last, job)
        with self._store.write() as db:
            current = self._store.resources.by_seq(db, row.seq)
            scope = self._context.scopes.find(db, row.user_id, row.app_id)
            if current is None or scope is None or job.cancelled:
                return
            self._store.datasets.snapshot(db, row.seq, scope.app, dataset, last)
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

    def _meant(self, row: ResourceRow) -> tuple[int, int]:
        """Return the number of a version's dataset, and of the last input that can be in it."""
        dataset, _, last = row.detail.partition(" ")
        if last:
            return int(dataset), int(last)
        with self._store.read() as db:  # of a platform that did not keep it yet
            return int(dataset), self._store.inputs.last(db)
