"""`clarifai app create`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_core.command_arguments import USER, Argument, Option, command, fields_of
from clarifai_resources.user import User

if TYPE_CHECKING:
    from clarifai_core.command_context import CommandContext

BASE_WORKFLOW = "Universal"


@command(
    Argument("app_id", "ID"),
    Option(
        "--base-workflow",
        "The workflow of clarifai/main that every input runs through: Universal, "
        "Language-Understanding, Empty ...",
        "ID",
        default=BASE_WORKFLOW,
    ),
    Option("--description", "What it is, for people.", "TEXT"),
    Option("--metadata", "What you want to keep with it, as a JSON object.", "JSON"),
    Option("--set", "A further field of its message.", "FIELD=VALUE", many=True, name="pairs"),
    USER,
)
def create(
    context: CommandContext,
    app_id: str,
    base_workflow: str,
    user_id: str,
    pairs: tuple[str, ...],
    **values: str,
) -> None:
    """Create an app. `clarifai app use ID` makes it the one that commands work in.

    Args:
        context: The command's.
        app_id: Its id.
        base_workflow: What every input runs through.
        user_id: Whose.
        pairs: Further fields.
        **values: Fields with options of their own.
    """
    user: User = context.place(user_id=user_id).child(User)
    made = user.create_app(app_id, base_workflow=base_workflow, **fields_of(values, pairs))
    context.output.done(made, f"Created the app {app_id!r}.")
