"""`clarifai workflow create | export`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_core.command_arguments import APP, Argument, Option, command
from clarifai_core.safe_text import shown
from clarifai_resources.app import App

if TYPE_CHECKING:
    from clarifai_core.command_context import CommandContext


@command(
    Argument("config_filepath", "FILE"),
    Option("--new-id", "Give it a random id instead of the one in the file.", kind="flag"),
    *APP,
)
def create(context: CommandContext, config_filepath: str, new_id: bool, **where: str) -> None:
    """Create a workflow from a YAML FILE, and the models of its nodes that are missing.

    Args:
        context: The command's.
        config_filepath: The file.
        new_id: Whether it gets a random id.
        **where: The app.
    """
    app: App = context.place(**where).child(App)
    made = app.create_workflow(config_filepath, generate_new_id=new_id, display=False)
    context.output.done(made, f"Created the workflow {shown(made.id)}.")


@command(Argument("workflow_id", "WORKFLOW"), Argument("out_path", "FILE"), *APP)
def export(context: CommandContext, workflow_id: str, out_path: str, **where: str) -> None:
    """Write a workflow to a YAML FILE that `workflow create` takes again.

    Args:
        context: The command's.
        workflow_id: Which.
        out_path: The file.
        **where: The app.
    """
    workflow: Any = context.open("workflow", workflow_id, **where)
    workflow.export(out_path)
    row = {"id": workflow.id, "path": out_path}
    context.output.done(row, f"Wrote the workflow {shown(workflow.id)} to {out_path}.")
