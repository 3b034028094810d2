"""Runners: programs of the user that answer for models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local import _paging
from clarifai_local._models.remote import is_within
from clarifai_local._services.family import by_id, drafted, patched
from clarifai_local.statuses import Refused

if TYPE_CHECKING:
    from clarifai_grpc.grpc.api import service_pb2
    from google.protobuf.message import Message

    from clarifai_local._services.family import FamilyCall, NewResource
    from clarifai_local._services.family_rpcs import FamilyRpc
    from clarifai_local._store import ResourceRow
    from clarifai_local.auth import Caller


def draft(call: FamilyCall, given: resources_pb2.Runner) -> NewResource:
    """Return a new runner, in the node pool that the request names."""
    made = drafted(call, given)
    if call.request.nodepool_id:
        given.nodepool.id = call.request.nodepool_id
    if call.request.compute_cluster_id:
        given.nodepool.compute_cluster.id = call.request.compute_cluster_id
    _name_me(call, given)
    return made


def find(call: FamilyCall, runner_id: str) -> ResourceRow:
    """Return a runner of a user, in the node pool that the request names, if it names one.

    Raises:
        Refused: 25600, when there is none.
    """
    row = by_id(call, runner_id)
    request = call.request
    pool, cluster = (getattr(request, f"{name}_id", "") for name in ("nodepool", "compute_cluster"))
    if not is_within(row.message(resources_pb2.Runner), pool, cluster):
        place = f"compute cluster {cluster!r}, node pool {pool!r}"
        raise Refused(codes.RUNNER_DOES_NOT_EXIST, f"no runner {runner_id!r} in {place}")
    return row


def change(
    call: FamilyCall, row: ResourceRow, given: resources_pb2.Runner, action: str
) -> ResourceRow:
    """Change a runner."""
    _name_me(call, given)
    return patched(call, row, given, action)


def _name_me(call: FamilyCall, given: resources_pb2.Runner) -> None:
    """Write out the caller's id where the worker says "me"."""
    for kind in ("model", "workflow"):
        if given.worker.HasField(kind) and getattr(given.worker, kind).user_id == "me":
            getattr(given.worker, kind).user_id = call.caller.user_id


def admit(call: FamilyCall, row: ResourceRow, _: resources_pb2.Runner) -> None:
    """Let a new runner ask for work."""
    runner = call.scope.user_id, row.id
    call.store.after_commit(lambda: call.context.runner_queue.add(runner))


def remove(call: FamilyCall, row: ResourceRow) -> None:
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
        is_within(runner, request.nodepool_id, request.compute_cluster_id)
        and runner.num_replicas >= request.min_replicas
        and (not versions or runner.worker.model.model_version.id in versions)
    )
