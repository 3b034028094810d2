"""RPCs on runners: programs of the user that answer for models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_local import ids, paging
from clarifai_local.clock import timestamp
from clarifai_local.dispatch import rpc
from clarifai_local.patching import check_action, patch
from clarifai_local.statuses import Refused, invalid
from clarifai_local.store import Duplicate

if TYPE_CHECKING:
    import sqlite3

    from clarifai_local.auth import Caller
    from clarifai_local.context import ServiceContext
    from clarifai_local.store import Row, Store

RUNNER_KIND = "runner"

_OWN = ("created_at", "modified_at", "runner_metrics")
"""Fields that the platform sets: a request's values are not taken."""


class Runners:
    """RPCs on runners."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._store = context.store

    @rpc("PostRunners")
    def post_runners(
        self, request: service_pb2.PostRunnersRequest, caller: Caller
    ) -> service_pb2.MultiRunnerResponse:
        """Create runners of a user: all or none."""
        user_id = self._context.scopes.user(request.user_app_id, caller, write=True)
        if not request.runners:
            raise invalid("runners is empty: send at least one to create")
        with self._store.write() as db:
            made = [
                self._create(db, user_id, given, request.nodepool_id) for given in request.runners
            ]
        for row in made:
            self._context.runner_queue.add((user_id, row.id))
        return service_pb2.MultiRunnerResponse(runners=map(_shown, made))

    @rpc("GetRunner")
    def get_runner(
        self, request: service_pb2.GetRunnerRequest, caller: Caller
    ) -> service_pb2.SingleRunnerResponse:
        """Return a runner."""
        user_id = self._context.scopes.user(request.user_app_id, caller)
        with self._store.read() as db:
            row = require_runner(self._store, db, user_id, request.runner_id)
        return service_pb2.SingleRunnerResponse(runner=_shown(row))

    @rpc("ListRunners")
    def list_runners(
        self, request: service_pb2.ListRunnersRequest, caller: Caller
    ) -> service_pb2.MultiRunnerResponse:
        """Return the runners of a user, newest first."""
        user_id = self._context.scopes.user(request.user_app_id, caller)
        window = paging.window(request.page, request.per_page)
        with self._store.read() as db:
            found = self._store.resources.list(db, RUNNER_KIND, (user_id, ""))
        shown = [runner for runner in map(_shown, found) if _wanted(runner, request)]
        page = shown[window.offset : window.offset + window.limit]
        return service_pb2.MultiRunnerResponse(runners=page)

    @rpc("PatchRunners")
    def patch_runners(
        self, request: service_pb2.PatchRunnersRequest, caller: Caller
    ) -> service_pb2.MultiRunnerResponse:
        """Change runners: all or none."""
        user_id = self._context.scopes.user(request.user_app_id, caller, write=True)
        action = check_action(request.action)
        changed = []
        with self._store.write() as db:
            for given in request.runners:
                row = require_runner(self._store, db, user_id, given.id)
                runner = row.message(resources_pb2.Runner)
                _clear(given)
                given.ClearField("id")
                patch(runner, given, action)
                now_us = self._context.clock.now_us()
                changed.append(self._store.resources.update(db, row, runner, now_us=now_us))
        return service_pb2.MultiRunnerResponse(runners=map(_shown, changed))

    @rpc("DeleteRunners")
    def delete_runners(
        self, request: service_pb2.DeleteRunnersRequest, caller: Caller
    ) -> status_pb2.BaseResponse:
        """Delete runners: all or none. Their polls end, what they had to do is given up."""
        user_id = self._context.scopes.user(request.user_app_id, caller, write=True)
        unwanted = list(dict.fromkeys(request.ids))
        if not unwanted:
            raise invalid("ids is empty: name the runners to delete")
        with self._store.write() as db:
            for runner_id in unwanted:
                row = require_runner(self._store, db, user_id, runner_id)
                self._store.resources.delete(db, row)
        for runner_id in unwanted:
            self._context.runner_queue.drop((user_id, runner_id))
        return status_pb2.BaseResponse()

    def _create(
        self, db: sqlite3.Connection, user_id: str, given: resources_pb2.Runner, nodepool_id: str
    ) -> Row:
        runner_id = ids.check(given.id or ids.new_id(), "runner id")
        _clear(given)
        given.id = runner_id
        if nodepool_id:
            given.nodepool.id = nodepool_id
        now_us = self._context.clock.now_us()
        try:
            return self._store.resources.insert(
                db, RUNNER_KIND, (user_id, ""), runner_id, given, now_us=now_us
            )
        except Duplicate:
            raise invalid(
                f"the runner id {runner_id!r} already exists for user {user_id!r}"
            ) from None


def require_runner(store: Store, db: sqlite3.Connection, user_id: str, runner_id: str) -> Row:
    """Return a runner of a user.

    Raises:
        Refused: 25600 "Runner does not exist".
    """
    row = store.resources.get(db, RUNNER_KIND, (user_id, ""), runner_id)
    if row is None:
        raise Refused(codes.RUNNER_DOES_NOT_EXIST, f"user {user_id!r} has no runner {runner_id!r}")
    return row


def _shown(row: Row) -> resources_pb2.Runner:
    runner = row.message(resources_pb2.Runner)
    runner.created_at.CopyFrom(timestamp(row.created_at))
    runner.modified_at.CopyFrom(timestamp(row.modified_at))
    return runner


def _wanted(runner: resources_pb2.Runner, request: service_pb2.ListRunnersRequest) -> bool:
    versions = request.model_version_ids
    return (
        (not request.nodepool_id or runner.nodepool.id == request.nodepool_id)
        and runner.num_replicas >= request.min_replicas
        and (not versions or runner.worker.model.model_version.id in versions)
    )


def _clear(runner: resources_pb2.Runner) -> None:
    for name in _OWN:
        # Releases of the wire contract differ in these fields.
        if name in runner.DESCRIPTOR.fields_by_name:
            runner.ClearField(name)  # type: ignore[arg-type]
