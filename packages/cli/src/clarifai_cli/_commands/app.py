"""`clarifai app use`: the app that commands and programs work in when they name none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from clarifai_core.command_arguments import USER, Argument, command
from clarifai_core.contexts import Contexts
from clarifai_core.errors import UserError
from clarifai_core.safe_text import named, shown
from clarifai_core.settings import contexts_path

if TYPE_CHECKING:
    from clarifai_core.command_context import CommandContext


@command(Argument("app_id", "ID"), USER)
def use(context: CommandContext, app_id: str, user_id: str) -> None:
    """Store the app ID in the current context, or in that of --context.

    Args:
        context: The command's.
        app_id: Which.
        user_id: Whose.
    """
    contexts = Contexts.read(contexts_path())
    chosen = getattr(context, "context", "") or contexts.current
    if not chosen:
        raise UserError(
            f"No context is current in {contexts.path} to store the app in: run `clarifai login`, "
            "or `clarifai config create NAME --base-url URL`; or set CLARIFAI_APP_ID instead."
        )
    values = contexts.get(chosen)
    app = context.open("app", app_id, user_id=user_id)
    kept = {**values, "app_id": app.id, **({"user_id": user_id} if user_id else {})}
    attrs.evolve(contexts, named={**contexts.named, chosen: kept}).write()
    context.output.done(
        {"id": app.id, "context": chosen},
        f"Commands work in the app {shown(app.id)} now, with the context {named(chosen)}.",
    )
