"""The RPC that runs inputs through a workflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import resources_pb2, service_pb2

from clarifai_local import _ids
from clarifai_local._models.outputs import Selection
from clarifai_local._services.predictions import check_count
from clarifai_local._workflows import rows
from clarifai_local._workflows.running import Run, Step, status_of
from clarifai_local.dispatch import rpc

if TYPE_CHECKING:
    from clarifai_local._context import ServiceContext
    from clarifai_local.auth import Caller

MAX_INPUTS = 32
"""Inputs in one request."""

NEW_STATE = "init"
"""The id that asks for a new workflow state."""


class WorkflowResults:
    """The RPC that runs inputs through a workflow."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._store = context.store

    @rpc("PostWorkflowResults")
    def post_workflow_results(
        self, request: service_pb2.PostWorkflowResultsRequest, caller: Caller
    ) -> service_pb2.PostWorkflowResultsResponse:
        """Run up to 32 inputs through a workflow; results come in the order of the inputs."""
        scope = self._context.scopes.app(request.user_app_id, caller)
        check_count(len(request.inputs), MAX_INPUTS)
        Selection.of(request.output_config)
        with self._store.read() as db:
            found = rows.find(
                self._store,
                db,
                scope,
                request.workflow_id,
                request.version_id,
                public_first=request.favor_clarifai_workflows,
            )
            shown = rows.workflow_message(self._context, db, found)
            kept = found.version.message(resources_pb2.WorkflowVersion)
            steps = [
                Step(
                    self._context,
                    node,
                    rows.model_of(self._context, db, node),
                    request.output_config,
                )
                for node in kept.nodes
            ]
        results = Run(self._context, steps).results(request.inputs)
        response = service_pb2.PostWorkflowResultsResponse(
            status=status_of(results), workflow=shown, results=results
        )
        if request.workflow_state.id:
            response.workflow_state.id = _state(request.workflow_state.id)
        return response


def _state(state_id: str) -> str:
    """Return the id of the state that the next request may name.

    Nothing is kept under it: the answers of this platform's models depend on the input alone.
    """
    return _ids.new_id() if state_id == NEW_STATE else _ids.check(state_id, "workflow state id")
