"""Runners: programs of the user that answer for models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_local import _paging
from clarifai_local._services.family import drafted

if TYPE_CHECKING:
    from clarifai_grpc.grpc.api import resources_pb2, service_pb2
    from google.protobuf.message import Message

    from clarifai_local._services.family import Call, Draft
    from clarifai_local._services.family_rpcs import FamilyRpc
    from clarifai_local._store import Row
    from clarifai_local.auth import Caller


def draft(call: Call, given: resources_pb2.Runner) -> Draft:
    """Return a new runner, in the node pool that the request names."""
    made = drafted(call, given)
    if call.request.nodepool_id:
        given.nodepool.id = call.request.nodepool_id
    return made


def admit(call: Call, row: Row, _: resources_pb2.Runner) -> None:
    """Let a new runner ask for work."""
    runner = call.scope.user_id, row.id
    call.store.after_commit(lambda: call.context.runner_queue.add(runner))


def remove(call: Call, row: Row) -> None:
    """Remove a runner: its polls end, and what it had to do is given up."""
    runner = call.scope.user_id, row.id
    call.store.after_commit(lambda: call.context.runner_queue.drop(runner))
    call.store.resources.delete(call.db, row)


def list_wanted(rpc: FamilyRpc, request: Any, caller: Caller) -> Message:
    """Return the runners of a user that the request asks for, newest first."""
    with rpc.call(request, caller) as call:
        wanted = _paging.page_range(request.page, request.per_page)
        rows = rpc.family.listed(call.store, call.db, call.key)
        runners = [rpc.family.show(call, row) for row in rows]
    chosen = [runner for runner in runners if _wanted(runner, request)]
    return rpc.several(wanted.of(chosen))


def _wanted(runner: resources_pb2.Runner, request: service_pb2.ListRunnersRequest) -> bool:
    versions = request.model_version_ids
    return (
        (not request.nodepool_id or runner.nodepool.id == request.nodepool_id)
        and runner.num_replicas >= request.min_replicas
        and (not versions or runner.worker.model.model_version.id in versions)
    )
