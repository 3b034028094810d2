"""Workflows and their versions: each change of a workflow makes one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_grpc.grpc.api import resources_pb2

from clarifai_local._patching import patch as patch_message
from clarifai_local._services import family_rpcs
from clarifai_local._services.family import (
    Draft,
    add,
    default_to_private,
    new_id,
    take,
)
from clarifai_local._workflows import rows
from clarifai_local._workflows.nodes import pinned
from clarifai_local.statuses import invalid

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from clarifai_local._services.family import Call
    from clarifai_local._services.family_rpcs import FamilyRpc
    from clarifai_local._store import Row
    from clarifai_local.auth import Caller

MAX_WORKFLOWS = 128
"""Workflows in one Post or Patch request."""

_TAKEN = (
    "description", "notes", "metadata", "visibility", "use_cases", "check_consents", "image",
    "is_starred",
)  # fmt: skip
"""Fields of a workflow that come from the request."""

_VERSION_TAKEN = ("description", "license", "metadata", "visibility", "is_deprecated")
"""Fields of a workflow's version that come from the request."""


def post(rpc: FamilyRpc, request: Any, caller: Caller) -> Message:
    """Create workflows, each with its first version: all or none."""
    _check_count(request)
    return family_rpcs.post(rpc, request, caller)


def patch(rpc: FamilyRpc, request: Any, caller: Caller) -> Message:
    """Change workflows, each with a new version: all or none."""
    _check_count(request)
    return family_rpcs.patch(rpc, request, caller)


def find(call: Call, workflow_id: str) -> Row:
    """Return a workflow of the app, or else the public one of that id."""
    return rows.find(call.store, call.db, call.scope, workflow_id).workflow


def draft(call: Call, given: resources_pb2.Workflow) -> Draft:
    """Return a workflow as it is kept: its nodes are those of its versions."""
    user_id, app_id = call.key
    workflow = resources_pb2.Workflow(id=new_id(call, given), user_id=user_id, app_id=app_id)
    take(workflow, given, _TAKEN)
    return Draft(workflow)


def add_version(call: Call, workflow: Row, given: resources_pb2.Workflow) -> None:
    """Keep the version that a request makes of a workflow.

    Raises:
        Refused: Its nodes are no graph of models that there are, or its id is none, or taken.
    """
    version = resources_pb2.WorkflowVersion(id=given.version.id)
    version.nodes.extend(given.nodes or given.version.nodes)
    take(version, given.version, _VERSION_TAKEN)
    add(call.about(rows.VERSION_KIND, workflow), version)


def draft_version(call: Call, given: resources_pb2.WorkflowVersion) -> Draft:
    """Return a version as it is kept: each node names the version of its model."""
    given.id = new_id(call, given)
    given.workflow_id = call.parent_id
    given.user_id, given.app_id = call.key
    default_to_private(given)
    nodes = pinned(call.context, call.db, call.scope, call.caller, given.nodes)
    given.ClearField("nodes")
    given.nodes.extend(nodes)
    return Draft(given)


def change(call: Call, row: Row, given: resources_pb2.Workflow, action: str) -> Row:
    """Change a workflow, which makes a version of it."""
    newest = rows.version_of(call.store, call.db, row)
    kept = newest.message(resources_pb2.WorkflowVersion)
    workflow = row.message(resources_pb2.Workflow)
    wanted = resources_pb2.Workflow(nodes=given.nodes or given.version.nodes)
    take(wanted, given, _TAKEN)
    workflow.nodes.extend(kept.nodes)
    patch_message(workflow, wanted, action)
    version = resources_pb2.Workflow(nodes=workflow.nodes, version=kept)
    version.version.id = given.version.id
    take(version.version, given.version, _VERSION_TAKEN)
    add_version(call, row, version)
    workflow.ClearField("nodes")
    return call.update(row, workflow)


def show(call: Call, row: Row) -> resources_pb2.Workflow:
    """Return a workflow as answers show it: with its newest version."""
    found = rows.Found(row, rows.version_of(call.store, call.db, row))
    return rows.workflow_message(call.context, call.db, found)


def remove(call: Call, row: Row) -> None:
    """Remove a workflow with its versions."""
    rows.delete(call.store, call.db, row)


def _check_count(request: Any) -> None:
    count = len(request.workflows)
    if count > MAX_WORKFLOWS:
        raise invalid(f"{count:,} workflows in one request, more than {MAX_WORKFLOWS}")
