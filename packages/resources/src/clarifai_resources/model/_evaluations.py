"""How good a model version is on data with known labels."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core import jobs, ops
from clarifai_core.errors import UserError
from clarifai_core.existing import owner_of
from clarifai_core.heavy import resources_pb2, service_pb2
from clarifai_core.wire.ids import check_id, check_new_id
from clarifai_core.wire.messages import struct
from clarifai_resources._kinds import MODEL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clarifai_core.handles import Handle
    from clarifai_core.paging import Pager


@attrs.frozen
class DatasetReference:
    """What says which dataset is meant, besides its id."""

    app_id: str | None = None
    user_id: str | None = None
    version_id: str | None = None


def datasets_of(model: Handle, given: Any, where: DatasetReference) -> list[resources_pb2.Dataset]:
    """Return the messages that name the datasets of an evaluation.

    Args:
        model: Whose app and user count where none are given.
        given: An id, a handle or a message of a dataset, or a list of them.
        where: What goes with an id; a handle says it itself.

    Raises:
        UserError: It is none of these, or `where` says something else than a handle.
    """
    several = list(given) if isinstance(given, (list, tuple)) else [given]
    if not several:
        raise UserError("dataset is an empty list: give at least one.")
    return [_dataset_of(model, one, where) for one in several]


def _dataset_of(model: Handle, given: Any, where: DatasetReference) -> resources_pb2.Dataset:
    message = resources_pb2.Dataset()
    if not isinstance(given, str):
        message = getattr(given, "message", given)
    if not isinstance(message, resources_pb2.Dataset):
        raise UserError(f"dataset must be an id, a Dataset or a list of them, got {given!r:.80}.")
    told = (message.app_id, message.user_id, message.version.id)
    for name, value, own in zip(
        ("app", "user", "version"), attrs.astuple(where), told, strict=True
    ):
        if value and own not in ("", value):
            raise UserError(f"dataset_{name}_id is {value!r}, but the dataset says {own!r}.")
    made = resources_pb2.Dataset(
        id=check_id("dataset_id", given if isinstance(given, str) else message.id),
        app_id=message.app_id or where.app_id or model.app_id,
        user_id=message.user_id or where.user_id or owner_of(model),
    )
    version_id = message.version.id or where.version_id
    if version_id:
        made.version.id = version_id
    return made


def evaluate(
    model: Handle,
    version_id: str,
    datasets: Sequence[resources_pb2.Dataset],
    eval_id: str | None,
    extended_metrics: Mapping[str, Any] | None,
    eval_info: Mapping[str, Any] | None,
) -> list[resources_pb2.EvalMetrics]:
    """Start evaluations; see `Model.evaluate`."""
    if eval_id and len(datasets) > 1:
        raise UserError(f"eval_id {eval_id!r} can be that of one evaluation, not {len(datasets)}.")
    metrics = resources_pb2.EvalMetrics(
        id=check_new_id("eval_id", eval_id) if eval_id else "",
        model=resources_pb2.Model(
            id=check_id("model_id", model.id),
            user_id=owner_of(model),
            app_id=model.app_id,
            model_version=resources_pb2.ModelVersion(id=version_id),
        ),
    )
    if extended_metrics is not None:
        metrics.extended_metrics.user_metrics.CopyFrom(struct(extended_metrics, "extended_metrics"))
    if eval_info:
        metrics.eval_info.params.CopyFrom(struct(eval_info, "eval_info"))
    request = service_pb2.PostEvaluationsRequest(user_app_id=_scope(model))
    for dataset in datasets:
        asked = request.eval_metrics.add()
        asked.CopyFrom(metrics)
        asked.ground_truth_dataset.CopyFrom(dataset)
    begun = list(model.session.call("PostEvaluations", request).eval_metrics)
    ops.done(model, "started", "evaluation", [one.id for one in begun])
    return begun


def of_version(model: Handle, version_id: str) -> list[resources_pb2.EvalMetrics]:
    """Return the evaluations of a version; see `Model.list_evaluations`."""
    request = service_pb2.ListModelVersionEvaluationsRequest(
        user_app_id=_scope(model),
        model_id=check_id("model_id", model.id),
        model_version_id=version_id,
    )
    listed: Pager[resources_pb2.EvalMetrics] = ops.list_pages(
        model, "ListModelVersionEvaluations", request, "eval_metrics", None
    )
    return listed.all()


def on_dataset(
    listed: Sequence[resources_pb2.EvalMetrics], wanted: resources_pb2.Dataset
) -> list[resources_pb2.EvalMetrics]:
    """Return the evaluations that are done and were on a dataset."""

    def fits(one: resources_pb2.EvalMetrics) -> bool:
        found = one.ground_truth_dataset
        same = (found.id, found.app_id) == (wanted.id, wanted.app_id)
        user = wanted.user_id in ("me", found.user_id)
        return same and user and wanted.version.id in ("", found.version.id)

    done = [one for one in listed if _is_done(one)]
    return [one for one in done if fits(one)]


def _is_done(one: resources_pb2.EvalMetrics) -> bool:
    return jobs.EVALUATION.state_of(one.status.code) is jobs.JobState.DONE


def get(model: Handle, eval_id: str, fields: Mapping[str, bool]) -> resources_pb2.EvalMetrics:
    """Return an evaluation; see `Model.get_eval_by_id`."""
    request = _get_evaluation(model, eval_id, fields)
    metrics: resources_pb2.EvalMetrics = model.session.call("GetEvaluation", request).eval_metrics
    return metrics


def get_latest(
    model: Handle, version_id: str, fields: Mapping[str, bool]
) -> resources_pb2.EvalMetrics | None:
    """Return the newest evaluation, when it is done; see `Model.get_latest_eval`."""
    request = service_pb2.ListModelVersionEvaluationsRequest(
        user_app_id=_scope(model),
        model_id=check_id("model_id", model.id),
        model_version_id=version_id,
    )
    listed = model.session.call("ListModelVersionEvaluations", request).eval_metrics
    if listed and _is_done(listed[0]):
        return get(model, listed[0].id, fields)
    return None


def wait_until_evaluated(
    model: Handle,
    eval_id: str,
    timeout_seconds: float,
    fields: Mapping[str, bool],
    progress: bool | None = None,
) -> resources_pb2.EvalMetrics:
    """Wait for an evaluation; see `Model.wait_until_evaluated`."""
    metrics: resources_pb2.EvalMetrics = jobs.wait_for_job(
        model.session,
        jobs.EVALUATION,
        "GetEvaluation",
        _get_evaluation(model, eval_id, fields),
        attrgetter("eval_metrics"),
        what=f"Evaluation {eval_id!r} of model {model.id!r}",
        timeout_seconds=timeout_seconds,
        progress=progress,
    )
    return metrics


def _get_evaluation(
    model: Handle, eval_id: str, fields: Mapping[str, bool]
) -> service_pb2.GetEvaluationRequest:
    return service_pb2.GetEvaluationRequest(
        user_app_id=_scope(model),
        evaluation_id=check_id("eval_id", eval_id),
        fields=resources_pb2.FieldsValue(**{name: bool(on) for name, on in fields.items()}),
    )


def _scope(model: Handle) -> resources_pb2.UserAppIDSet:
    scope: resources_pb2.UserAppIDSet = ops.scope_of(model, MODEL, "get").message()
    return scope
