"""What this package adds to the SDK: users, apps, inputs, models, workflows and modules."""

from __future__ import annotations

from clarifai_core.contracts import ResourceSpec
from clarifai_core.hookspecs import hookimpl

_ROOM = "clarifai_resources"


@hookimpl
def clarifai_register_resources() -> list[ResourceSpec]:
    """Add the kinds of resources of this package."""
    return [
        ResourceSpec("user", f"{_ROOM}.user:User", "Users", f"{_ROOM}._kinds:USER"),
        ResourceSpec("app", f"{_ROOM}.app:App", "Apps of a user", f"{_ROOM}._kinds:APP"),
        ResourceSpec("inputs", f"{_ROOM}.inputs:Inputs", "Inputs and annotations of an app"),
        ResourceSpec("model", f"{_ROOM}.model:Model", "Models of an app", f"{_ROOM}._kinds:MODEL"),
        ResourceSpec(
            "workflow",
            f"{_ROOM}.workflow:Workflow",
            "Workflows of an app",
            f"{_ROOM}._kinds:WORKFLOW",
        ),
        ResourceSpec(
            "module", f"{_ROOM}.module:Module", "Modules of an app", f"{_ROOM}._kinds:MODULE"
        ),
    ]
