"""What this package adds to the command line."""

from __future__ import annotations

from clarifai_core.contracts import CommandSpec
from clarifai_core.hookspecs import hookimpl


@hookimpl
def clarifai_register_commands() -> list[CommandSpec]:
    """Add `clarifai plugins new`."""
    return [
        CommandSpec(
            "plugins new", "clarifai_testing._commands:new", "Write a plugin that passes its tests."
        )
    ]
