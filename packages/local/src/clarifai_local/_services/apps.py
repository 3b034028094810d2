"""Apps: what holds inputs, concepts, datasets, models and workflows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_local import _public_content
from clarifai_local._clock import timestamp
from clarifai_local._moving_pictures import sampling
from clarifai_local._patching import check_action, merge_struct
from clarifai_local._scope import EMPTY_WORKFLOW, Scope
from clarifai_local._services.family import Draft, new_id, take
from clarifai_local.auth import KEY_KIND
from clarifai_local.dispatch import rpc
from clarifai_local.statuses import invalid, missing

if TYPE_CHECKING:
    import sqlite3

    from clarifai_local._context import ServiceContext
    from clarifai_local._jobs import Job
    from clarifai_local._services.family import Call
    from clarifai_local._store import Row
    from clarifai_local.auth import Caller

DEFAULT_WORKFLOW = "Universal"
"""Base workflow of apps that ask for none."""

MAX_NOTES_BYTES = 64 * 1024

_PURGE_ROWS = 500
_TAKEN = (
    "name", "description", "default_language", "notes", "sample_ms", "visibility", "image",
    "is_template", "is_starred", "legal_consent_status", "data_tier_id", "embeddings_storage",
)  # fmt: skip
"""Fields that come from requests, besides metadata and the base workflow."""


def draft(call: Call, app: resources_pb2.App) -> Draft:
    """Return a new app; `detail` is its base workflow.

    Raises:
        Refused: 11102, for a workflow that there is not, notes over the limit, or a `sample_ms`
            out of range.
    """
    workflow = _base_workflow(app) or DEFAULT_WORKFLOW
    _check_app(app, workflow)
    app_id = new_id(call, app)
    stored = resources_pb2.App(
        id=app_id,
        name=app_id,
        user_id=call.scope.user_id,
        default_language="en",
        sample_ms=sampling.DEFAULT_STEP_MS,
        created_at=timestamp(call.context.clock.now_us()),
        visibility=_PRIVATE,
    )
    take(stored, app, _TAKEN)
    if app.HasField("metadata"):
        stored.metadata.CopyFrom(app.metadata)
    return Draft(stored, detail=workflow)


def show(_: Call, row: Row) -> resources_pb2.App:
    """Return an app as answers show it."""
    return _render(row)


def shown_app(context: ServiceContext, scope: Scope) -> resources_pb2.App:
    """Return an app as answers show it.

    Raises:
        Refused: 11101, when it is gone.
    """
    with context.store.read() as db:
        row = context.store.resources.by_seq(db, scope.app)
    if row is None:
        raise missing("app", f"{scope.user_id}/{scope.app_id}")
    return _render(row)


def sample_ms_of(context: ServiceContext, scope: Scope) -> int:
    """Return the milliseconds between the frames of a video that an app looks at, 0: any."""
    with context.store.read() as db:
        row = context.store.resources.by_seq(db, scope.app)
    # Well-known users have apps that are not kept.
    return 0 if row is None else row.message(resources_pb2.App).sample_ms


class Apps:
    """RPCs on one app, which requests name by `user_app_id`."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._store = context.store

    @rpc("GetApp")
    def get_app(
        self, request: service_pb2.GetAppRequest, caller: Caller
    ) -> service_pb2.SingleAppResponse:
        """Return an app."""
        scope = self._context.scopes.app(request.user_app_id, caller)
        return service_pb2.SingleAppResponse(app=shown_app(self._context, scope))

    @rpc("PatchApp")
    def patch_app(
        self, request: service_pb2.PatchAppRequest, caller: Caller
    ) -> service_pb2.SingleAppResponse:
        """Change an app; `remove` removes its image and nothing else."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        if request.app.id not in {"", scope.app_id}:
            raise invalid(f"app.id: the app {scope.app_id!r} keeps its id")
        row = self._patch(scope, request.app, check_action(request.action or "overwrite"))
        if request.reindex or row.detail != scope.base_workflow_id:
            self._reindex(row)
        return service_pb2.SingleAppResponse(app=_render(row))

    @rpc("PatchApps")
    def patch_apps(
        self, request: service_pb2.PatchAppsRequest, caller: Caller
    ) -> service_pb2.MultiAppResponse:
        """Change apps of one user: all or none."""
        action = check_action(request.action or "overwrite")
        rows = []
        with self._store.write():
            for app in request.apps:
                of = resources_pb2.UserAppIDSet(user_id=request.user_app_id.user_id, app_id=app.id)
                rows.append(
                    self._patch(self._context.scopes.app(of, caller, write=True), app, action)
                )
        for row in rows if request.reindex else ():
            self._reindex(row)
        return service_pb2.MultiAppResponse(apps=map(_render, rows))

    @rpc("DeleteApp")
    def delete_app(
        self, request: service_pb2.DeleteAppRequest, caller: Caller
    ) -> status_pb2.BaseResponse:
        """Delete an app with everything in it: hidden at once, removed in the background."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        with self._store.write() as db:
            self._context.scopes.require(db, scope)
            self._store.resources.delete_where(
                db, "user_id = ? AND app_id = ?", (scope.user_id, scope.app_id)
            )
            self._store.resources.delete_where(db, "seq = ?", (scope.app,))
            self._store.resources.delete_where(
                db, "kind = ? AND detail = ?", (KEY_KIND, str(scope.app))
            )
            db.execute("INSERT INTO purges VALUES (?)", (scope.app,))
        self._purge_later(scope.app)
        return status_pb2.BaseResponse()

    def resume(self) -> None:
        """Go on removing what deleted apps left, sweep blobs, and bring apps into the spaces."""
        with self._store.read() as db:
            left = [app for (app,) in db.execute("SELECT app FROM purges")]
            garbage = db.execute("SELECT 1 FROM blob_garbage LIMIT 1").fetchone()
        for app in left:
            self._purge_later(app)
        if garbage:
            self._context.jobs.submit("sweep", self._sweep)
        self._context.reindexing.resume()

    def _row(self, scope: Scope) -> Row:
        with self._store.read() as db:
            row = self._store.resources.by_seq(db, scope.app)
        if row is None:
            raise missing("app", f"{scope.user_id}/{scope.app_id}")
        return row

    def _patch(self, scope: Scope, given: resources_pb2.App, action: str) -> Row:
        workflow = _base_workflow(given) or scope.base_workflow_id
        _check_app(given, workflow)
        with self._store.write() as db:
            row = self._row(scope)
            app = row.message(resources_pb2.App)
            if action == "remove":
                app.ClearField("image")
            else:
                take(app, given, _TAKEN)
                if given.HasField("metadata"):
                    if action == "overwrite":
                        app.ClearField("metadata")
                    merge_struct(app.metadata, given.metadata)
            now_us = self._context.clock.now_us()
            return self._store.resources.update(db, row, app, now_us=now_us, detail=workflow)

    def _reindex(self, row: Row) -> None:
        if row.detail != EMPTY_WORKFLOW:
            self._context.reindexing.start(row.seq)

    def _purge_later(self, app: int) -> None:
        self._store.vectors.forget_app(app)
        self._context.jobs.submit(("purge", app), lambda job: self._purge(app, job))

    def _purge(self, app: int, job: Job) -> None:
        while not job.cancelled:
            with self._store.write() as db:
                query = "SELECT seq FROM inputs WHERE app = ? LIMIT ?"
                seqs = [seq for (seq,) in db.execute(query, (app, _PURGE_ROWS))]
                if not seqs:
                    for table in ("concepts", "input_jobs"):
                        db.execute(f"DELETE FROM {table} WHERE app = ?", (app,))  # noqa: S608
                    self._store.vectors.delete_spaces(db, app)
                    self._purge_versions(db)
                    db.execute("DELETE FROM purges WHERE app = ?", (app,))
                    break
                self._store.inputs.delete(db, seqs)
        self._sweep(job)

    def _purge_versions(self, db: sqlite3.Connection) -> None:
        orphans = db.execute(
            "SELECT DISTINCT version FROM dataset_version_items WHERE version NOT IN"
            " (SELECT seq FROM resources WHERE kind = 'dataset_version')"
        ).fetchall()
        for (version,) in orphans:
            self._store.blobs.discard(db, self._store.datasets.drop_snapshot(db, version))

    def _sweep(self, job: Job) -> None:
        while not job.cancelled:
            with self._store.write() as db:
                if not self._store.blobs.sweep(db):
                    return


_PRIVATE = resources_pb2.Visibility(gettable=resources_pb2.Visibility.Gettable.PRIVATE)


def _base_workflow(app: resources_pb2.App) -> str:
    """Return the id of the base workflow that a request names, "" when it names none."""
    named = app.default_workflow
    of = (named.user_id or _public_content.MAIN[0], named.app_id or _public_content.MAIN[1])
    if of != _public_content.MAIN:
        raise invalid(
            f"default_workflow: a base workflow is one of {'/'.join(_public_content.MAIN)}, "
            f"not of {'/'.join(of)}"
        )
    return named.id or app.default_workflow_id


def _check_app(app: resources_pb2.App, workflow: str) -> None:
    if workflow not in _public_content.BASE_WORKFLOWS:
        known = ", ".join(_public_content.BASE_WORKFLOWS)
        raise invalid(f"base workflow {workflow!r} does not exist; there are: {known}")
    sampling.step_ms(app.sample_ms)
    if len(app.notes.encode()) > MAX_NOTES_BYTES:
        raise invalid(f"notes are over the limit of {MAX_NOTES_BYTES:,} bytes")


def _render(row: Row) -> resources_pb2.App:
    app = row.message(resources_pb2.App)
    app.modified_at.CopyFrom(timestamp(row.modified_at))
    app.default_workflow_id = row.detail
    app.default_workflow.id = row.detail
    app.default_workflow.user_id, app.default_workflow.app_id = _public_content.MAIN
    return app
