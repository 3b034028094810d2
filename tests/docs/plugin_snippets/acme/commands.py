"""A command: what it is given, and how it is described."""

# --8<-- [start:command]
from __future__ import annotations

from clarifai_core.command_arguments import APP, Argument, Option, command
from clarifai_core.command_context import CommandContext


@command(Argument("name"), Option("--loud", "Shout.", kind="flag"))
def hello(context: CommandContext, name: str, loud: bool) -> None:
    """Greet NAME."""
    words = f"Hello, {name}."
    context.output.record({"words": words.upper() if loud else words})


@command(*APP)
def clean(context: CommandContext, app_id: str, user_id: str) -> int:
    """Delete the datasets of an app whose ids begin with tmp-."""
    app = context.open("app", app_id or context.settings().app_id, user_id=user_id)
    found = [one for one in app.list_datasets() if one.id.startswith("tmp-")]
    context.confirm(f"Delete {len(found)} datasets?")
    with context.progress("deleting", len(found)) as show:
        for number, one in enumerate(found, 1):
            app.delete_dataset(one.id)
            show(number)
    context.output.done(found, f"Deleted {len(found)} datasets.")
    return 0


# --8<-- [end:command]
