"""The commands that this package itself brings, through the same door as everybody's."""

from __future__ import annotations

from clarifai_core.contracts import CommandSpec
from clarifai_core.hookspecs import hookimpl


@hookimpl
def clarifai_register_commands() -> list[CommandSpec]:
    """Add the commands that are about the SDK itself."""
    commands = "clarifai_cli._commands"
    return [
        CommandSpec("config show", f"{commands}.config:show", "Show a context; keys are hidden."),
        CommandSpec("config list", f"{commands}.config:list_contexts", "List the contexts."),
        CommandSpec("config use", f"{commands}.config:use", "Make a context the current one."),
        CommandSpec("demo", f"{commands}.demo:demo", "Upload, train, evaluate, predict, search."),
        CommandSpec(
            "doctor", f"{commands}.doctor:doctor", "Name the hop to the platform that fails."
        ),
        CommandSpec("login", f"{commands}.login:login", "Store a key for a platform."),
        CommandSpec("plugins", f"{commands}.plugins:plugins", "List the plugins, broken ones too."),
        CommandSpec("whoami", f"{commands}.whoami:whoami", "Show which settings are in force."),
    ]
