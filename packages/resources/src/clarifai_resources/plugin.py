"""What this package adds to the SDK: users, apps, inputs, models, workflows and modules."""

from __future__ import annotations

from typing import Any

from clarifai_core.contracts import CommandSpec, ResourceSpec
from clarifai_core.hookspecs import hookimpl

_ROOM = "clarifai_resources"

_ALL = ("list", "show", "create", "update", "delete")


@hookimpl
def clarifai_register_resources() -> list[ResourceSpec]:
    """Add the kinds of resources of this package."""
    return [
        ResourceSpec(name, f"{_ROOM}.{target}", text, kind and f"{_ROOM}._kinds:{kind}", *prompt)
        for name, target, text, kind, *prompt in _RESOURCES
    ]


_RESOURCES: tuple[tuple[Any, ...], ...] = (
    ("user", "user:User", "Users", "USER", ("show",)),
    ("app", "app:App", "Apps of a user", "APP", _ALL, ("description", "metadata", "notes")),
    ("inputs", "inputs:Inputs", "Inputs and annotations of an app", ""),
    (
        "input",
        "inputs:Inputs",
        "What an app holds: pictures, texts, videos, sounds",
        "INPUT",
        _ALL,
    ),
    (
        "annotation",
        "inputs:Inputs",
        "What is known of inputs: concepts, boxes",
        "ANNOTATION",
        _ALL,
    ),
    ("concept", "inputs:Inputs", "What inputs are labelled with", "CONCEPT", _ALL[:4], ("name",)),
    (
        "model",
        "model:Model",
        "Models of an app",
        "MODEL",
        _ALL,
        ("model_type_id", "description", "metadata", "notes"),
    ),
    (
        "workflow",
        "workflow:Workflow",
        "Workflows of an app",
        "WORKFLOW",
        _ALL,
        ("description", "metadata", "notes"),
    ),
    (
        "module",
        "module:Module",
        "Modules of an app",
        "MODULE",
        _ALL,
        ("description", "metadata"),
    ),
)
"""Name, handle, what it is, kind; and at the prompt: verbs, and fields with an option."""


@hookimpl
def clarifai_register_commands() -> list[CommandSpec]:
    """Add what each kind can do besides the verbs that all have."""
    return [
        CommandSpec(name, f"{_ROOM}._commands.{target}", text) for name, target, text in _COMMANDS
    ]


_COMMANDS = (
    ("app create", "apps:create", "Create an app."),
    ("input list", "inputs:list_inputs", "List the inputs of an app, or of a dataset."),
    ("input upload", "inputs:upload", "Upload files, addresses or texts."),
    ("input create", "inputs:upload", "The same as upload."),
    ("input update", "inputs:update", "Change the labels or metadata of inputs."),
    ("input download", "inputs:download", "Write the media of inputs to a folder."),
    ("annotation list", "annotations:list_annotations", "List the annotations of an app."),
    ("annotation show", "annotations:show", "Show one annotation."),
    ("annotation create", "annotations:create", "Label an input, or a box in it."),
    ("annotation update", "annotations:update", "Change the labels of an annotation."),
    ("annotation delete", "annotations:delete", "Delete annotations; you are asked."),
    ("model train", "training:train", "Train a model, and wait until it is trained."),
    ("model status", "training:status", "Show how far the training of a model is."),
    ("model logs", "training:logs", "Show the log of a model's training."),
    ("model params", "training:params", "Show the parameters with which a model trains."),
    ("model predict", "predictions:predict", "Predict files, addresses or texts."),
    ("model evaluate", "evaluations:evaluate", "Evaluate a model with a dataset."),
    ("model evaluations", "evaluations:list_evaluations", "List the evaluations of a model."),
    ("model versions", "versions:of_model", "List the versions of a model."),
    ("model delete-version", "versions:delete_of_model", "Delete versions of a model."),
    ("model concepts", "training:concepts", "List what a model tells apart."),
    ("workflow create", "workflows:create", "Create a workflow from a YAML file."),
    ("workflow export", "workflows:export", "Write a workflow to a YAML file."),
    ("workflow predict", "predictions:by_workflow", "Predict files, addresses or texts."),
    ("workflow versions", "versions:of_workflow", "List the versions of a workflow."),
    ("workflow delete-version", "versions:delete_of_workflow", "Delete versions of a workflow."),
    ("module versions", "versions:of_module", "List the versions of a module."),
)
"""Name, where it is, one line."""
