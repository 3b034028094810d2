"""A command: what it is given, and how it is described."""

# --8<-- [start:command]
from __future__ import annotations

from clarifai_core import ops
from clarifai_core.command_arguments import APP, Argument, Option, command
from clarifai_core.command_context import CommandContext
from clarifai_core.kinds import kind_named


@command(Argument("name"), Option("--loud", "Shout.", kind="flag"))
def hello(context: CommandContext, name: str, loud: bool) -> None:
    """Greet NAME."""
    words = f"Hello, {name}."
    context.output.record({"words": words.upper() if loud else words})


@command(*APP)
def clean(context: CommandContext, app_id: str, user_id: str) -> int:
    """Delete the datasets of an app whose ids begin with tmp-."""
    kind = kind_named("dataset")
    place = context.place(app_id=app_id, user_id=user_id)
    every = ops.pager(place, kind, lambda message: str(message.id))
    found = [one for one in every if one.startswith("tmp-")]
    context.confirm(f"Delete {len(found)} datasets?")
    if found:
        ops.delete(place, kind, found)
    context.output.done([{"id": one} for one in found], f"Deleted {len(found)} datasets.")
    return 0


# --8<-- [end:command]
