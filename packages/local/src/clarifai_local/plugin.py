"""What this package adds to the SDK: the `local:` endpoint and the `clarifai local` commands."""

from __future__ import annotations

from clarifai_core.contracts import CommandSpec, EndpointSpec
from clarifai_core.hookspecs import hookimpl


@hookimpl
def clarifai_register_endpoints() -> list[EndpointSpec]:
    """Add the URL scheme `local:`."""
    return [
        EndpointSpec(
            "local",
            "clarifai_local._endpoint:open_local",
            "The embedded platform: local: in memory, local:PATH kept in a directory.",
        )
    ]


@hookimpl
def clarifai_register_commands() -> list[CommandSpec]:
    """Add the commands that run and inspect an embedded platform."""
    commands = "clarifai_local._commands"
    return [
        CommandSpec("local up", f"{commands}:up", "Serve an embedded platform on loopback."),
        CommandSpec("local status", f"{commands}:show", "Say what a platform directory holds."),
        CommandSpec("local models", f"{commands}:models", "Say what answers for public models."),
        CommandSpec("local reset", f"{commands}:reset", "Delete a platform directory's content."),
        CommandSpec("local export", f"{commands}:save", "Write a platform's state to a file."),
        CommandSpec("local import", f"{commands}:load", "Make a platform out of such a file."),
    ]
