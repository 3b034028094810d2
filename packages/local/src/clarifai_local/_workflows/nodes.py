"""From the nodes that a request names to nodes that can be kept: each with one model version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local._models import rows as model_rows
from clarifai_local._models.outputs import OutputSelection
from clarifai_local._scope import within_reach
from clarifai_local._workflows.graph import invalid_graph, run_order
from clarifai_local.statuses import Refused, missing

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from clarifai_local._context import ServiceContext
    from clarifai_local._scope import AppScope
    from clarifai_local.auth import Caller


def pinned(
    context: ServiceContext,
    db: sqlite3.Connection,
    scope: AppScope,
    caller: Caller,
    given: Sequence[resources_pb2.WorkflowNode],
) -> list[resources_pb2.WorkflowNode]:
    """Return nodes to be kept: a node without a version gets the one that is in use now.

    Args:
        context: Where models are.
        db: The connection of a read or write block.
        scope: The app of the workflow: models without an app are looked up there, then among the
            public ones.
        caller: Who is "me".
        given: The nodes of a request.

    Raises:
        Refused: 22107 when the nodes are no graph, 21200 for a model or version that does not
            exist, 22002 for a model without any version, 11102 for a wrong output config.
    """
    run_order(given)
    return [_pinned(context, db, scope, caller, node) for node in given]


def _pinned(
    context: ServiceContext,
    db: sqlite3.Connection,
    scope: AppScope,
    caller: Caller,
    node: resources_pb2.WorkflowNode,
) -> resources_pb2.WorkflowNode:
    if not node.model.id:
        raise invalid_graph(f"node {node.id!r} names no model")
    place = _place(context, db, scope, caller, node.model)
    version_id = node.model.model_version.id
    found = model_rows.find(context.store, db, place, node.model.id, version_id)
    if found.version is None:
        raise Refused(
            codes.WORKFLOW_REQUIRE_TRAINED_MODEL,
            f"node {node.id!r}: model {node.model.id!r} has no version yet",
        )
    kept = resources_pb2.WorkflowNode(
        id=node.id, node_inputs=node.node_inputs, suppress_output=node.suppress_output
    )
    kept.model.id, (kept.model.user_id, kept.model.app_id) = found.model.id, found.key
    kept.model.model_version.id = found.version.id
    if node.output_info_override.HasField("data"):
        raise invalid_graph(f"node {node.id!r}: output_info_override.data cannot be overridden")
    for info in (node.model.output_info, node.output_info_override):
        if info.ListFields():
            kept.output_info_override.MergeFrom(info)
    kept.output_info_override.ClearField("data")
    if not kept.output_info_override.ListFields():
        kept.ClearField("output_info_override")
    OutputSelection.of(kept.output_info_override.output_config)
    return kept


def _place(
    context: ServiceContext,
    db: sqlite3.Connection,
    scope: AppScope,
    caller: Caller,
    model: resources_pb2.Model,
) -> AppScope:
    user_id = caller.user_id if model.user_id == "me" else model.user_id or scope.user_id
    app_id = model.app_id or scope.app_id
    place = context.scopes.find(db, user_id, app_id)
    if place is None:
        raise missing("app", f"{model.user_id or user_id}/{app_id}")
    return within_reach(place, caller)
