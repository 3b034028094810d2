"""What is a workflow version's own: the newest is meant when none is named, and one has to stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_local._services import family_rpcs
from clarifai_local._workflows import rows
from clarifai_local.statuses import invalid

if TYPE_CHECKING:
    from clarifai_grpc.grpc.api import resources_pb2
    from google.protobuf.message import Message

    from clarifai_local._services.family import FamilyCall
    from clarifai_local._services.family_rpcs import FamilyRpc
    from clarifai_local._store import ResourceRow
    from clarifai_local.auth import Caller


def get(rpc: FamilyRpc, request: Any, caller: Caller) -> Message:
    """Return a version with its nodes."""
    if not request.workflow_version_id:
        raise invalid("workflow_version_id is empty: name the version")
    return family_rpcs.get(rpc, request, caller)


def delete(rpc: FamilyRpc, request: Any, caller: Caller) -> Message:
    """Delete versions, but not the last one of a workflow: all or none."""
    if not all(request.workflow_version_ids):
        raise invalid("workflow_version_ids is empty: name the versions to delete")
    with rpc.context.store.write():
        answer = family_rpcs.delete(rpc, request, caller)
        with rpc.call(request, caller, write=True) as call:
            if not rpc.family.listed(call.store, call.db, call.key, call.parent_id):
                raise invalid(
                    f"workflow {call.parent_id!r} would have no version left: delete the workflow"
                )
    return answer


def find(call: FamilyCall, version_id: str) -> ResourceRow:
    """Return a version of a workflow, the newest when none is named."""
    if call.parent is None:
        raise LookupError("a workflow version belongs to a workflow")
    return rows.version_of(call.store, call.db, call.parent, version_id)


def show(call: FamilyCall, row: ResourceRow) -> resources_pb2.WorkflowVersion:
    """Return a version as answers show it: with the models of its nodes."""
    return rows.version_message(call.context, call.db, row)
