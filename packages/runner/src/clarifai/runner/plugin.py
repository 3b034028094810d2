"""What this package adds: the runner handle, and the long poll by which it gets work."""

from __future__ import annotations

from clarifai.core.contracts import PollerSpec, ResourceSpec
from clarifai.core.hookspecs import hookimpl


@hookimpl
def clarifai_register_resources() -> list[ResourceSpec]:
    """Add the kind of resource that `User.runner()` opens."""
    return [
        ResourceSpec(
            "runner",
            "clarifai.runner.handle:Runner",
            "Workers of your own that answer predictions.",
            kind="clarifai.runner.kinds:RUNNER",
        )
    ]


@hookimpl
def clarifai_register_pollers() -> list[PollerSpec]:
    """Add the documented way to get work."""
    return [
        PollerSpec(
            "long_poll",
            "clarifai.runner.poller:LongPoll",
            "ListRunnerItems until there is work, PostRunnerItemOutputs for each item.",
        )
    ]
