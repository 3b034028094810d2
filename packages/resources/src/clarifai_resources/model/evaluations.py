"""How good a model version is on data with known labels."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from clarifai_core import jobs, ops
from clarifai_core.heavy import resources_pb2, service_pb2
from clarifai_core.wire.ids import check_id, check_new_id
from clarifai_core.wire.messages import struct
from clarifai_resources._kinds import MODEL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarifai_core.handles import Handle


def evaluate(
    model: Handle,
    version_id: str,
    dataset: resources_pb2.Dataset,
    eval_id: str | None,
    extended_metrics: Mapping[str, Any] | None,
    eval_info: Mapping[str, Any] | None,
) -> list[resources_pb2.EvalMetrics]:
    """Start an evaluation; see `Model.evaluate`."""
    check_id("dataset_id", dataset.id)
    metrics = resources_pb2.EvalMetrics(
        id=check_new_id("eval_id", eval_id) if eval_id else "",
        model=resources_pb2.Model(
            id=check_id("model_id", model.id),
            user_id=model.user_id,
            app_id=model.app_id,
            model_version=resources_pb2.ModelVersion(id=version_id),
        ),
        ground_truth_dataset=dataset,
    )
    if extended_metrics is not None:
        metrics.extended_metrics.user_metrics.CopyFrom(struct(extended_metrics, "extended_metrics"))
    if eval_info:
        metrics.eval_info.params.CopyFrom(struct(eval_info, "eval_info"))
    request = service_pb2.PostEvaluationsRequest(user_app_id=_scope(model), eval_metrics=[metrics])
    return list(model.session.call("PostEvaluations", request).eval_metrics)


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
    if listed and jobs.EVALUATION.state_of(listed[0].status.code) is jobs.JobState.DONE:
        return get(model, listed[0].id, fields)
    return None


def wait_until_evaluated(
    model: Handle, eval_id: str, timeout_seconds: float, fields: Mapping[str, bool]
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
