"""Training a model version and following it."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from clarifai_core import jobs, ops
from clarifai_core.errors import ApiError, FileError, UserError
from clarifai_core.heavy import json_format, resources_pb2, service_pb2
from clarifai_core.wire.ids import check_id
from clarifai_core.wire.messages import nearest
from clarifai_inputs.file_names import is_safe
from clarifai_resources._kinds import CONCEPT, MODEL_VERSION
from clarifai_resources.model import _parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarifai_core.handles import Handle
    from clarifai_core.paging import Pager

MAX_LOG_BYTES = 128_000_000
"""Of a training's log."""


class TrainingStatus(dict[str, Any]):
    """The status of a model version: a dict whose keys are attributes too.

    Example:
        >>> status = TrainingStatus(code=21100, description="Model trained successfully")
        >>> status.code == status["code"]
        True
    """

    @classmethod
    def of(cls, status: Any) -> TrainingStatus:
        """Return the dict of a `Status` message: code, description, details and what is set."""
        always = ("code", "description", "details", "percent_completed")
        given = {field.name: value for field, value in status.ListFields()}
        return cls({name: getattr(status, name) for name in always} | given)

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"A training status has no {name!r}.") from None


def train(model: Handle, params: Mapping[str, Any], what: str) -> str:
    """Start a training and return the id of the version; see `Model.train`."""
    _parameters.check(params, what)
    concepts = _concepts(model, params.get("concepts") or [])
    version = _parameters.version_of(params, concepts)
    version_id = str(create_version(model, version).model_version.id)
    ops.done(model, "started", "training of model version", [version_id])
    return version_id


def create_version(model: Handle, version: resources_pb2.ModelVersion) -> resources_pb2.Model:
    """Create a version and return the model with it, as the platform answers."""
    request = service_pb2.PostModelVersionsRequest(
        user_app_id=ops.scope_of(model, MODEL_VERSION, "create").message(),
        model_id=check_id("model_id", model.id),
        model_versions=[version],
    )
    made: resources_pb2.Model = model.session.call("PostModelVersions", request).model
    ops.done(model, "created", MODEL_VERSION.name, [made.model_version.id])
    return made


def get_version(model: Handle, version_id: str) -> resources_pb2.ModelVersion:
    """Return a version as it is now."""
    request = _get_model_version(model, version_id)
    version: resources_pb2.ModelVersion
    version = model.session.call("GetModelVersion", request).model_version
    return version


def wait_until_trained(
    model: Handle, version_id: str, timeout_seconds: float, progress: bool | None = None
) -> resources_pb2.ModelVersion:
    """Wait for a training; see `Model.wait_until_trained`."""
    try:
        version: resources_pb2.ModelVersion = jobs.wait_for_job(
            model.session,
            jobs.TRAINING,
            "GetModelVersion",
            _get_model_version(model, version_id),
            attrgetter("model_version"),
            what=f"Training of version {version_id!r} of model {model.id!r}",
            timeout_seconds=timeout_seconds,
            progress=progress,
        )
    except ApiError as error:
        if error.code == jobs.NOTHING_TO_LEARN:
            answer: Any = error.response
            error.hint = _where_labels_are_counted(answer.model_version)
        raise
    return version


def _where_labels_are_counted(version: resources_pb2.ModelVersion) -> str:
    """Return what to do about a training that found nothing to learn from."""
    dataset_id = json_format.MessageToDict(version.train_info.params).get("dataset_id")
    learns = "Training learns from inputs that are processed and have labels"
    if not dataset_id:
        return f"{learns}: name the dataset that has some, update_params(dataset_id=...)."
    return f"{learns}: app.dataset({dataset_id!r}).get_upload_status() counts those it has."


def save_log(model: Handle, url: str, version_id: str) -> None:
    """Save the log of a training in `<version id>.log`; an older one is replaced.

    Raises:
        UserError: The id cannot be the name of a file, or the file cannot be written.
    """
    if not is_safe(version_id):
        raise UserError(f"version_id {version_id!r} cannot be the name of a file for the log.")
    try:
        model.session.downloads.save(url, f"{version_id}.log", max_bytes=MAX_LOG_BYTES)
    except OSError as error:
        why = error.strerror or error
        text = f"The log {version_id}.log cannot be written: {why}."
        raise FileError.of(text, error) from error


def log_of(model: Handle, url: str) -> str:
    """Return the log of a training as text."""
    content = model.session.downloads.read(url, max_bytes=MAX_LOG_BYTES)
    return content.decode("utf-8", "replace")


def _get_model_version(model: Handle, version_id: str) -> service_pb2.GetModelVersionRequest:
    return service_pb2.GetModelVersionRequest(
        user_app_id=ops.scope_of(model, MODEL_VERSION, "get").message(),
        model_id=check_id("model_id", model.id),
        version_id=check_id("version_id", version_id),
    )


def _concepts(model: Handle, wanted: list[str]) -> list[resources_pb2.Concept]:
    """Return the app's concepts with these ids.

    Raises:
        UserError: The app has no such concept; all of them at once.
    """
    if not wanted:
        return []
    listed: Pager[resources_pb2.Concept] = ops.pager(model, CONCEPT, None)
    known = {concept.id: concept for concept in listed}
    missing = [f"{one}: unknown{nearest(one, known)}" for one in wanted if one not in known]
    if missing:
        raise UserError.listing(f"concepts that app {model.app_id!r} does not have", missing)
    return [resources_pb2.Concept(id=one, name=known[one].name) for one in wanted]
