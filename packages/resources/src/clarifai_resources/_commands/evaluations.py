"""`clarifai model evaluate | evaluations`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from clarifai_core.command_arguments import APP, Option, command
from clarifai_core.safe_text import shown
from clarifai_resources._commands.training import MODEL, VERSION, at_version

if TYPE_CHECKING:
    from clarifai_core.command_context import CommandContext
    from clarifai_resources.model.model import Model


@command(
    MODEL,
    Option("--dataset-id", "The dataset with the right answers.", "ID", is_required=True),
    Option("--dataset-version-id", "A version of it.", "ID"),
    VERSION,
    Option("--wait/--no-wait", "Wait until it is done.", kind="switch", default=True),
    Option("--timeout", "Seconds to wait.", "SECONDS", kind="number", default=3600.0, least=0),
    *APP,
)
def evaluate(
    context: CommandContext,
    model_id: str,
    dataset_id: str,
    dataset_version_id: str,
    version_id: str,
    wait: bool,
    timeout: float,
    **where: str,
) -> None:
    """Evaluate a model with a dataset, and show how good it is.

    Args:
        context: The command's.
        model_id: Which.
        dataset_id: The right answers.
        dataset_version_id: A version of those.
        version_id: Which version.
        wait: Whether to wait.
        timeout: How long.
        **where: The app.
    """
    model = _opened(context, model_id, version_id, where)
    context.open("dataset", dataset_id, **where)
    (started,) = model.evaluate(dataset_id, dataset_version_id=dataset_version_id or None)
    context.output.remark(f"Evaluating {shown(model.id)}, evaluation {started.id} ...")
    found = model.wait_until_evaluated(started.id, timeout) if wait else started
    context.output.record(found)


@command(MODEL, VERSION, *APP)
def list_evaluations(context: CommandContext, model_id: str, version_id: str, **where: str) -> None:
    """List the evaluations of a version of a model, the newest first.

    Args:
        context: The command's.
        model_id: Which.
        version_id: Which version.
        **where: The app.
    """
    model = _opened(context, model_id, version_id, where)
    found = model.list_evaluations()
    context.output.table(found, empty=f"There are no evaluations of {shown(model.id)}.")


def _opened(context: CommandContext, model_id: str, version_id: str, where: Any) -> Model:
    model: Any = context.open("model", model_id, **where)
    at_version(model, version_id)
    return cast("Model", model)
