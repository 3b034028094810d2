"""`clarifai dataset versions | create-version | delete-version`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_core import ops
from clarifai_core.command_arguments import APP, Argument, Option, command, fields_of
from clarifai_core.command_deletions import delete_versions
from clarifai_core.safe_text import shown
from clarifai_datasets import _versions
from clarifai_datasets._kinds import DATASET_VERSION

if TYPE_CHECKING:
    from clarifai_core.command_context import CommandContext

DATASET = Argument("dataset_id", "DATASET")


@command(DATASET, *APP)
def versions(context: CommandContext, dataset_id: str, **where: str) -> None:
    """List the versions of a dataset, the newest first.

    Args:
        context: The command's.
        dataset_id: Which.
        **where: The app.
    """
    dataset = context.open("dataset", dataset_id, **where)
    found: Any = ops.pager(dataset, DATASET_VERSION, None, dataset_id=dataset.id)
    context.output.table(found, empty=f"The dataset {shown(dataset.id)} has no versions.")


@command(
    DATASET,
    Option("--id", "Its id; else the platform chooses one.", "ID", name="version_id"),
    Option("--description", "What it is, for people.", "TEXT"),
    Option("--metadata", "What you want to keep with it, as a JSON object.", "JSON"),
    Option("--set", "A further field of its message.", "FIELD=VALUE", many=True, name="pairs"),
    Option("--wait/--no-wait", "Wait until it is made.", kind="switch", default=True),
    Option("--timeout", "Seconds to wait.", "SECONDS", kind="number", default=3600.0, least=0),
    *APP,
)
def create(
    context: CommandContext,
    dataset_id: str,
    version_id: str,
    pairs: tuple[str, ...],
    wait: bool,
    timeout: float,
    app_id: str,
    user_id: str,
    **values: str,
) -> None:
    """Make a version of a dataset: what it holds now, for trainings, evaluations and exports.

    Args:
        context: The command's.
        dataset_id: Which.
        version_id: The id of the version.
        pairs: Further fields.
        wait: Whether to wait.
        timeout: How long.
        app_id: The app.
        user_id: The user.
        **values: Fields with options of their own.
    """
    dataset = context.open("dataset", dataset_id, app_id=app_id, user_id=user_id)
    made = _versions.create(dataset, {**fields_of(values, pairs), **_id(version_id)})
    what = f"the version {made.id} of the dataset {shown(dataset.id)}"
    if not wait:
        how_far = f"`clarifai dataset versions {dataset.id}` tells how far it is."
        context.output.done(made, f"Making {what}: {how_far}")
        return
    made = _versions.wait_until_ready(dataset, made.id, timeout)
    context.output.done(made, f"Made {what}.")


def _id(version_id: str) -> dict[str, str]:
    return {"id": version_id} if version_id else {}


@command(DATASET, Argument("ids", "VERSION", many=True), *APP)
def delete(context: CommandContext, dataset_id: str, ids: tuple[str, ...], **where: str) -> None:
    """Delete versions of a dataset; you are asked. The inputs in them stay.

    Args:
        context: The command's.
        dataset_id: Of which dataset.
        ids: Which versions; `-` reads them from stdin.
        **where: The app.
    """
    delete_versions(context, context.open("dataset", dataset_id, **where), DATASET_VERSION, ids)
