"""`clarifai model train | status | logs | params | concepts`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_core.command_arguments import APP, Argument, Option, command, pairs_of
from clarifai_core.command_deletions import no_version
from clarifai_core.errors import NotFound, UserError
from clarifai_core.safe_text import fit, shown
from clarifai_resources._kinds import MODEL_VERSION
from clarifai_resources.model import _training as trainings

if TYPE_CHECKING:
    from clarifai_grpc.grpc.api import resources_pb2

    from clarifai_core.command_context import CommandContext

MODEL = Argument("model_id", "MODEL")
VERSION = Option("--version-id", "The version of the model; else the newest.", "ID")
TEMPLATE = Option("--template", "The way to train, where the model's type has several.", "NAME")


@command(
    MODEL,
    Option("--dataset-id", "What it learns from.", "ID"),
    Option("--dataset-version-id", "A version of the dataset.", "ID"),
    Option(
        "--concept", "What it learns; else all that it meets.", "ID", many=True, name="concepts"
    ),
    TEMPLATE,
    Option("--param", "A parameter of the training.", "NAME=VALUE", many=True, name="pairs"),
    Option("--params-file", "YAML, as `model params --save` writes it.", "FILE"),
    Option("--wait/--no-wait", "Wait until it is trained.", kind="switch", default=True),
    Option("--timeout", "Seconds to wait.", "SECONDS", kind="number", default=3600.0, least=0),
    *APP,
)
def train(
    context: CommandContext,
    model_id: str,
    dataset_id: str,
    dataset_version_id: str,
    concepts: tuple[str, ...],
    template: str,
    pairs: tuple[str, ...],
    params_file: str,
    wait: bool,
    timeout: float,
    **where: str,
) -> None:
    """Train a model: a new version of it.

    Args:
        context: The command's.
        model_id: Which.
        dataset_id: What it learns from.
        dataset_version_id: A version of that.
        concepts: What it learns.
        template: The way to train.
        pairs: Parameters.
        params_file: Parameters, from a file.
        wait: Whether to wait.
        timeout: How long.
        **where: The app.
    """
    model: Any = context.open("model", model_id, **where)
    given: dict[str, Any] = {
        **pairs_of(pairs, "--param"),
        **({"dataset_id": dataset_id} if dataset_id else {}),
        **({"dataset_version_id": dataset_version_id} if dataset_version_id else {}),
        **({"concepts": list(concepts)} if concepts else {}),
    }
    if params_file and given:
        raise UserError(f"--params-file says everything: leave {_first_flag(given)} out.")
    if not params_file:
        if not dataset_id:
            raise UserError("Nothing to learn from: give --dataset-id, or --params-file.")
        _params(model, template, "")
        model.update_params(**given)
    version_id = model.train(params_file)
    if not wait:
        context.output.done(
            {"id": version_id, "model_id": model.id, "status": "training"},
            f"Training {shown(model.id)}: `clarifai model status {model.id}` tells how far it is.",
        )
        return
    context.output.remark(f"Training {shown(model.id)}, version {version_id} ...")
    trained = model.wait_until_trained(version_id, timeout)
    context.output.done(trained, f"Trained {shown(model.id)}, version {version_id}.")


def _first_flag(given: dict[str, Any]) -> str:
    name = next(iter(given))
    known = {"dataset_id": "--dataset-id", "dataset_version_id": "--dataset-version-id",
             "concepts": "--concept"}  # fmt: skip
    return known.get(name, "--param")


@command(MODEL, VERSION, *APP)
def status(context: CommandContext, model_id: str, version_id: str, **where: str) -> None:
    """Show how far the training of a model is.

    Args:
        context: The command's.
        model_id: Which.
        version_id: Which version.
        **where: The app.
    """
    model: Any = context.open("model", model_id, **where)
    version = _version(model, version_id)
    context.output.record(version)


@command(MODEL, VERSION, *APP)
def logs(context: CommandContext, model_id: str, version_id: str, **where: str) -> None:
    """Show the log of a model's training.

    Args:
        context: The command's.
        model_id: Which.
        version_id: Which version.
        **where: The app.
    """
    model: Any = context.open("model", model_id, **where)
    version = _version(model, version_id)
    if not version.train_log:
        context.output.remark(f"There is no log of version {version.id} yet.")
        text = ""
    else:
        text = trainings.log_of(model, version.train_log)
    context.output.table({"line": fit(line)} for line in text.splitlines())


@command(MODEL, VERSION, *APP)
def concepts(context: CommandContext, model_id: str, version_id: str, **where: str) -> None:
    """List the concepts that a version of a model tells apart.

    Args:
        context: The command's.
        model_id: Which.
        version_id: Which version.
        **where: The app.
    """
    model: Any = context.open("model", model_id, **where)
    model.message.model_version.CopyFrom(_version(model, version_id))
    found = model.message.model_version.output_info.data.concepts
    context.output.table(
        ({"id": one.id, "name": one.name, "app_id": one.app_id} for one in found),
        empty=f"The model {shown(model.id)} names no concepts.",
    )


@command(
    MODEL,
    TEMPLATE,
    Option(
        "--save",
        "Write them to this YAML file, for `model train --params-file`.",
        "FILE",
        name="save_to",
    ),
    Option("--info", "What the platform says of one parameter.", "NAME"),
    *APP,
)
def params(
    context: CommandContext, model_id: str, template: str, save_to: str, info: str, **where: str
) -> None:
    """Show the parameters with which a model trains, with their defaults.

    Args:
        context: The command's.
        model_id: Which.
        template: The way to train.
        save_to: A file to write.
        info: One parameter.
        **where: The app.
    """
    model: Any = context.open("model", model_id, **where)
    found = _params(model, template, save_to)
    if info:
        context.output.record(model.get_param_info(info))
        return
    flat = {
        name: value
        for key, part in found.items()
        for name, value in (part.items() if isinstance(part, dict) else [(key, part)])
    }
    context.output.table({"id": name, "value": value} for name, value in flat.items())
    if save_to:
        context.output.remark(f"Wrote {save_to}.")


def _params(model: Any, template: str, save: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = model.get_params(template or None, save_to=save or None)
    except UserError as error:
        known = ", ".join(model.list_training_templates()) if _is_about_template(error) else ""
        if not known:
            raise
        raise UserError(f"{error} Give --template NAME; there are: {known}.") from error
    return found


def _is_about_template(error: UserError) -> bool:
    return "emplate" in str(error)


def _version(model: Any, version_id: str) -> resources_pb2.ModelVersion:
    at_version(model, version_id)
    try:
        return trainings.get_version(model, model.message.model_version.id)
    except NotFound as error:
        raise no_version(MODEL_VERSION, model.id, [version_id]) from error


def at_version(model: Any, version_id: str) -> None:
    """Have a model be at a version: the one that is named, else the newest.

    Args:
        model: The handle.
        version_id: Of the version, or `""`.

    Raises:
        UserError: It has none.
    """
    if version_id:
        model.message.model_version.Clear()
        model.message.model_version.id = version_id
    elif not model.message.model_version.id:
        raise UserError(
            f"The model {shown(model.id)} has no version: `clarifai model train {model.id}` makes "
            "one."
        )
