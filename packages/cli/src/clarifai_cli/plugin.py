"""The commands that this package itself brings, through the same door as everybody's."""

from __future__ import annotations

from clarifai_core.contracts import CommandSpec
from clarifai_core.hookspecs import hookimpl


@hookimpl
def clarifai_register_commands() -> list[CommandSpec]:
    """Add the commands that are about the SDK itself."""
    return [
        CommandSpec(name, f"clarifai_cli._commands.{target}", text)
        for name, target, text in _COMMANDS
    ]


_CONTEXTS = (
    ("list", "config:list_contexts", "List the contexts."),
    ("show", "config:show", "Show a context; keys are hidden."),
    ("create", "config:create", "Make a context, without a key."),
    ("use", "config:use", "Make a context the current one."),
    ("update", "config:update", "Change what a context says."),
    ("delete", "config:delete", "Delete contexts; you are asked."),
)
_COMMANDS = (
    ("app use", "app:use", "Work in an app from now on."),
    ("completion bash", "completion:bash", "Print the completion for bash."),
    ("completion zsh", "completion:zsh", "Print the completion for zsh."),
    ("completion fish", "completion:fish", "Print the completion for fish."),
    ("completion install", "completion:install", "Set the completion up for your shell."),
    *((f"context {verb}", target, text) for verb, target, text in _CONTEXTS),
    *((f"config {verb}", target, text) for verb, target, text in _CONTEXTS),
    ("config view", "config:show", "The same as show."),
    ("demo", "demo:demo", "Upload, train, evaluate, predict, search."),
    ("doctor", "doctor:doctor", "Name the hop to the platform that fails."),
    ("login", "login:login", "Try a key, and store it."),
    ("logout", "login:logout", "Forget a key."),
    ("plugins", "plugins:plugins", "List the plugins, broken ones too."),
    ("whoami", "whoami:whoami", "Show which settings are in force."),
)
"""Name, where it is, one line."""
