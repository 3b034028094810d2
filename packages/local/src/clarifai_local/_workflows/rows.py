"""Finding workflows and their versions in the store, and showing them.

A workflow is a row of kind `workflow`, without its nodes; each version is one of kind
`workflow_version` with the workflow's id as parent. The newest version is in use. A node is kept
with the ids of its model and version alone: what they are is looked up when it is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local import _public_content
from clarifai_local._clock import timestamp
from clarifai_local._models import rows as model_rows
from clarifai_local._store import ResourceRow
from clarifai_local.statuses import Refused

if TYPE_CHECKING:
    import sqlite3

    from clarifai_local._context import ServiceContext
    from clarifai_local._scope import AppScope
    from clarifai_local._store import Store

WORKFLOW_KIND = "workflow"
VERSION_KIND = "workflow_version"


@attrs.frozen
class FoundWorkflow:
    """A workflow, with the version that a request means."""

    workflow: ResourceRow
    version: ResourceRow


def find(
    store: Store,
    db: sqlite3.Connection,
    scope: AppScope,
    workflow_id: str,
    version_id: str = "",
    *,
    public_first: bool = False,
) -> FoundWorkflow:
    """Return a workflow of the app, or else the public one of that name.

    Args:
        store: Where workflows are.
        db: The connection of a read or write block.
        scope: The app to look in first.
        workflow_id: Its id.
        version_id: Empty means the newest.
        public_first: Look among the public ones first.

    Raises:
        Refused: 22102 "Workflow does not exist", also for a version that does not exist.
    """
    places = (
        (_public_content.MAIN, scope.key) if public_first else (scope.key, _public_content.MAIN)
    )
    for place in places:
        workflow = store.resources.get(db, WORKFLOW_KIND, place, workflow_id)
        if workflow is not None:
            return FoundWorkflow(workflow, version_of(store, db, workflow, version_id))
    raise no_workflow(f"workflow {workflow_id!r} does not exist in app {scope.app_id!r}")


def own(store: Store, db: sqlite3.Connection, scope: AppScope, workflow_id: str) -> ResourceRow:
    """Return a workflow of the app itself, to be changed.

    Raises:
        Refused: 22102 when the app has none of that id.
    """
    row = store.resources.get(db, WORKFLOW_KIND, scope.key, workflow_id)
    if row is None:
        raise no_workflow(f"workflow {workflow_id!r} does not exist in app {scope.app_id!r}")
    return row


def version_of(
    store: Store, db: sqlite3.Connection, workflow: ResourceRow, version_id: str = ""
) -> ResourceRow:
    """Return a version of a workflow, the newest when none is named.

    Raises:
        Refused: 22102 when there is no such version.
    """
    if version_id:
        row = store.resources.get(db, VERSION_KIND, _key(workflow), version_id, workflow.id)
        found = [] if row is None else [row]
    else:
        found = store.resources.list(db, VERSION_KIND, _key(workflow), parent=workflow.id, limit=1)
    if not found:
        raise no_workflow(f"workflow {workflow.id!r} has no version {version_id!r}")
    return found[0]


def delete(store: Store, db: sqlite3.Connection, workflow: ResourceRow) -> None:
    """Remove a workflow with its versions."""
    for version in store.resources.list(db, VERSION_KIND, _key(workflow), parent=workflow.id):
        store.resources.delete(db, version)
    store.resources.delete(db, workflow)


def no_workflow(details: str) -> Refused:
    """Return the refusal of a workflow that is not there, ready to be raised."""
    return Refused(codes.WORKFLOW_DOES_NOT_EXIST, details)


def workflow_message(
    context: ServiceContext,
    db: sqlite3.Connection,
    found: FoundWorkflow,
    *,
    with_concepts: bool = True,
) -> resources_pb2.Workflow:
    """Return a workflow as answers show it: with its nodes, their models and its version.

    Args:
        context: Where models are.
        db: The connection of a read or write block.
        found: The workflow, and which version.
        with_concepts: Whether models have their concepts, which may be thousands.
    """
    message = found.workflow.message(resources_pb2.Workflow)
    message.created_at.CopyFrom(timestamp(found.workflow.created_at))
    message.modified_at.CopyFrom(timestamp(found.workflow.modified_at))
    message.version.CopyFrom(
        version_message(context, db, found.version, with_concepts=with_concepts)
    )
    message.nodes.extend(message.version.nodes)
    return message


def version_message(
    context: ServiceContext,
    db: sqlite3.Connection,
    version: ResourceRow,
    *,
    with_concepts: bool = True,
) -> resources_pb2.WorkflowVersion:
    """Return a version as answers show it; see `workflow_message`."""
    message = version.message(resources_pb2.WorkflowVersion)
    message.created_at.CopyFrom(timestamp(version.created_at))
    message.modified_at.CopyFrom(timestamp(version.modified_at))
    for node in message.nodes:
        found = model_of(context, db, node)
        if found is not None:
            shown = model_rows.model_message(found.model, found.version, context.http.base_url)
            if not with_concepts:
                shown.model_version.output_info.ClearField("data")
            node.model.CopyFrom(shown)
    return message


def model_of(
    context: ServiceContext, db: sqlite3.Connection, node: resources_pb2.WorkflowNode
) -> model_rows.FoundModel | None:
    """Return the model and version of a stored node; None when they are gone."""
    model, place = node.model, (node.model.user_id, node.model.app_id)
    return model_rows.exact(context.store, db, place, model.id, model.model_version.id)


def _key(workflow: ResourceRow) -> tuple[str, str]:
    return workflow.user_id, workflow.app_id
