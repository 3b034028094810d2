"""`clarifai model versions`, `clarifai workflow versions`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_core import ops
from clarifai_core.command_arguments import APP, Argument, command
from clarifai_core.safe_text import shown
from clarifai_resources._commands.training import MODEL
from clarifai_resources._kinds import MODEL_VERSION, WORKFLOW_VERSION

if TYPE_CHECKING:
    from clarifai_core.command_context import CommandContext


@command(MODEL, *APP)
def of_model(context: CommandContext, model_id: str, **where: str) -> None:
    """List the versions of a model, the newest first.

    Args:
        context: The command's.
        model_id: Which.
        **where: The app.
    """
    model: Any = context.open("model", model_id, **where)
    found: Any = ops.pager(model, MODEL_VERSION, None, model_id=model.id)
    context.output.table(found, empty=f"The model {shown(model.id)} has no versions.")


@command(Argument("workflow_id", "WORKFLOW"), *APP)
def of_workflow(context: CommandContext, workflow_id: str, **where: str) -> None:
    """List the versions of a workflow, the newest first.

    Args:
        context: The command's.
        workflow_id: Which.
        **where: The app.
    """
    workflow: Any = context.open("workflow", workflow_id, **where)
    found: Any = ops.pager(workflow, WORKFLOW_VERSION, None, workflow_id=workflow.id)
    context.output.table(found, empty=f"The workflow {shown(workflow.id)} has no versions.")
