"""The RPC that runs inputs through a workflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import resources_pb2, service_pb2

from clarifai_local import _ids
from clarifai_local._models import frames
from clarifai_local._models.inference import overall, without_bytes
from clarifai_local._models.outputs import OutputSelection
from clarifai_local._moving_pictures import sampling
from clarifai_local._services.apps import sample_ms_of
from clarifai_local._services.predictions import check_count
from clarifai_local._workflows import rows
from clarifai_local._workflows.running import WorkflowRun, WorkflowStep, status_of
from clarifai_local.dispatch import rpc
from clarifai_local.media import Rejected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clarifai_local._context import ServiceContext
    from clarifai_local._moving_pictures.sampling import Moment
    from clarifai_local.auth import Caller

MAX_INPUTS = 32
"""Inputs in one request."""

NEW_STATE = "init"
"""The id that asks for a new workflow state."""


class WorkflowResultService:
    """The RPC that runs inputs through a workflow."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._store = context.store

    @rpc("PostWorkflowResults")
    def post_workflow_results(
        self, request: service_pb2.PostWorkflowResultsRequest, caller: Caller
    ) -> service_pb2.PostWorkflowResultsResponse:
        """Run up to 32 inputs through a workflow; results come in the order of the inputs."""
        scope = self._context.scopes.app_or_main(request.user_app_id, caller)
        check_count(len(request.inputs), MAX_INPUTS)
        OutputSelection.of(request.output_config)
        with self._store.read() as db:
            found = rows.find(
                self._store,
                db,
                scope,
                request.workflow_id,
                request.version_id,
                public_first=request.favor_clarifai_workflows,
            )
            shown = rows.workflow_message(self._context, db, found, with_concepts=False)
            kept = found.version.message(resources_pb2.WorkflowVersion)
            steps = [
                WorkflowStep(
                    self._context,
                    node,
                    rows.model_of(self._context, db, node),
                    request.output_config,
                )
                for node in kept.nodes
            ]
        step_ms = sampling.step_ms(
            request.output_config.sample_ms, sample_ms_of(self._context, scope)
        )
        results = self._results(WorkflowRun(self._context, steps), request.inputs, step_ms)
        response = service_pb2.PostWorkflowResultsResponse(
            status=status_of(results), workflow=shown, results=results
        )
        if request.workflow_state.id:
            response.workflow_state.id = _state(request.workflow_state.id)
        return response

    def _results(
        self, run: WorkflowRun, inputs: Sequence[resources_pb2.Input], step_ms: int
    ) -> list[resources_pb2.WorkflowResult]:
        """Return the result of each input; of videos frame by frame, unless a runner is asked."""
        if run.asks_runners:
            return run.results(inputs)
        stills = iter(run.results([one for one in inputs if not frames.moves(one.data)]))
        return [
            self._of_frames(run, one, step_ms) if frames.moves(one.data) else next(stills)
            for one in inputs
        ]

    def _of_frames(
        self, run: WorkflowRun, given: resources_pb2.Input, step_ms: int
    ) -> resources_pb2.WorkflowResult:
        """Run each frame through the workflow, and put what is said of them together."""
        found: list[tuple[Moment[bytes], resources_pb2.WorkflowResult]] = []
        try:
            for part in frames.parts(self._context, given.data.video, step_ms):
                stills = [resources_pb2.Input(data=frames.still_of(moment)) for moment in part]
                found += zip(part, run.results(stills), strict=True)
        except Rejected as error:
            return run.results([given], error)[0]
        whole = found[0][1]
        whole.input.CopyFrom(without_bytes(given))
        whole.status.CopyFrom(status_of([result for _, result in found]))
        for place, output in enumerate(whole.outputs):
            said = [(moment, result.outputs[place]) for moment, result in found]
            data = resources_pb2.Data()
            for moment, one in said:
                frames.add_frame(data, moment, one.data)
            statuses = [(one.status.code, one.status.details) for _, one in said]
            output.status.CopyFrom(overall(statuses))
            output.input.CopyFrom(whole.input)
            output.data.CopyFrom(data)
        return whole


def _state(state_id: str) -> str:
    """Return the id of the state that the next request may name.

    Nothing is kept under it: the answers of this platform's models depend on the input alone.
    """
    return _ids.new_id() if state_id == NEW_STATE else _ids.check(state_id, "workflow state id")
