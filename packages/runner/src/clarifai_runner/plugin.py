"""What this package adds: the runner handle, two ways to get work, and a command that runs one."""

from __future__ import annotations

from clarifai_core.contracts import CommandSpec, PollerSpec, ResourceSpec
from clarifai_core.hookspecs import hookimpl


@hookimpl
def clarifai_register_resources() -> list[ResourceSpec]:
    """Add the kind of resource that `User.runner()` opens."""
    return [
        ResourceSpec(
            "runner",
            "clarifai_runner.handle:Runner",
            "Workers of your own that answer predictions.",
            kind="clarifai_runner._kinds:RUNNER",
            verbs=("list", "show", "update", "delete"),
            fields=("description", "metadata"),
        )
    ]


@hookimpl
def clarifai_register_pollers() -> list[PollerSpec]:
    """Add the documented way to get work, and the stream."""
    return [
        PollerSpec(
            "long_poll",
            "clarifai_runner._poller:LongPoll",
            "ListRunnerItems until there is work, PostRunnerItemOutputs for each item.",
        ),
        PollerSpec(
            "stream",
            "clarifai_runner._stream:StreamPoller",
            "ProcessRunnerItems: one stream carries work in and outputs out.",
        ),
    ]


@hookimpl
def clarifai_register_commands() -> list[CommandSpec]:
    """Add the command that runs a runner."""
    return [
        CommandSpec(
            "runner start",
            "clarifai_runner._commands:start",
            "Serve a model from this machine until it is stopped.",
        ),
        CommandSpec("runner create", "clarifai_runner._commands:create", "Create a runner."),
    ]
