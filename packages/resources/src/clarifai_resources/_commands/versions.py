"""`clarifai model | workflow | module versions`, `clarifai model | workflow delete-version`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_core import ops
from clarifai_core.command_arguments import APP, FILTER, Argument, command, pairs_of
from clarifai_core.command_deletions import delete_versions
from clarifai_core.safe_text import shown
from clarifai_resources._commands.training import MODEL
from clarifai_resources._kinds import MODEL_VERSION, MODULE_VERSION, WORKFLOW_VERSION

if TYPE_CHECKING:
    from clarifai_core.command_context import CommandContext

WORKFLOW = Argument("workflow_id", "WORKFLOW")
VERSIONS = Argument("ids", "VERSION", many=True)


@command(MODEL, FILTER, *APP)
def of_model(
    context: CommandContext, model_id: str, filter_by: tuple[str, ...], **where: str
) -> None:
    """List the versions of a model, the newest first.

    Args:
        context: The command's.
        model_id: Which.
        filter_by: Fields of the request.
        **where: The app.
    """
    model: Any = context.open("model", model_id, **where)
    wanted = pairs_of(filter_by, "--filter")
    found: Any = ops.pager(model, MODEL_VERSION, None, filter_by=wanted, model_id=model.id)
    context.output.table(found, empty=f"The model {shown(model.id)} has no versions.")


@command(WORKFLOW, *APP)
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


@command(Argument("module_id", "MODULE"), *APP)
def of_module(context: CommandContext, module_id: str, **where: str) -> None:
    """List the versions of a module, the newest first.

    Args:
        context: The command's.
        module_id: Which.
        **where: The app.
    """
    module: Any = context.open("module", module_id, **where)
    found: Any = ops.pager(module, MODULE_VERSION, None, module_id=module.id)
    context.output.table(found, empty=f"The module {shown(module.id)} has no versions.")


@command(MODEL, VERSIONS, *APP)
def delete_of_model(
    context: CommandContext, model_id: str, ids: tuple[str, ...], **where: str
) -> None:
    """Delete versions of a model; you are asked. The training of one stops.

    Args:
        context: The command's.
        model_id: Of which model.
        ids: Which versions; `-` reads them from stdin.
        **where: The app.
    """
    delete_versions(context, context.open("model", model_id, **where), MODEL_VERSION, ids)


@command(WORKFLOW, VERSIONS, *APP)
def delete_of_workflow(
    context: CommandContext, workflow_id: str, ids: tuple[str, ...], **where: str
) -> None:
    """Delete versions of a workflow; you are asked.

    Args:
        context: The command's.
        workflow_id: Of which workflow.
        ids: Which versions; `-` reads them from stdin.
        **where: The app.
    """
    delete_versions(context, context.open("workflow", workflow_id, **where), WORKFLOW_VERSION, ids)
