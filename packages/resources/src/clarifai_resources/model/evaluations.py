"""How good a model version is on data with known labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_core import ops
from clarifai_core.heavy import resources_pb2, service_pb2
from clarifai_core.heavy import status_code_pb2 as codes
from clarifai_core.polling import wait_until
from clarifai_core.wire.ids import check_id, check_new_id
from clarifai_core.wire.messages import struct
from clarifai_resources.item_errors import refusal
from clarifai_resources.kinds import MODEL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarifai_core.handles import Handle

UNFINISHED = frozenset({codes.MODEL_QUEUED_FOR_EVALUATION, codes.MODEL_EVALUATING})
"""Statuses of an evaluation that is on its way."""


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
    response, _ = _ask(model, eval_id, fields)
    metrics: resources_pb2.EvalMetrics = response.eval_metrics
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
    if not listed or listed[0].status.code != codes.MODEL_EVALUATED:
        return None
    return get(model, listed[0].id, fields)


def wait_until_evaluated(
    model: Handle, eval_id: str, timeout_seconds: float, fields: Mapping[str, bool]
) -> resources_pb2.EvalMetrics:
    """Wait for an evaluation; see `Model.wait_until_evaluated`."""

    def check() -> resources_pb2.EvalMetrics | None:
        response, request = _ask(model, eval_id, fields)
        metrics: resources_pb2.EvalMetrics = response.eval_metrics
        if metrics.status.code in UNFINISHED:
            return None
        if metrics.status.code != codes.MODEL_EVALUATED:
            raise refusal(model, "GetEvaluation", request, response, metrics.status)
        return metrics

    what = f"Evaluation {eval_id!r} of model {model.id!r}"
    return wait_until(check, what=what, timeout_seconds=timeout_seconds)


def _ask(model: Handle, eval_id: str, fields: Mapping[str, bool]) -> tuple[Any, Any]:
    request = service_pb2.GetEvaluationRequest(
        user_app_id=_scope(model),
        evaluation_id=check_id("eval_id", eval_id),
        fields=resources_pb2.FieldsValue(**{name: bool(on) for name, on in fields.items()}),
    )
    return model.session.call("GetEvaluation", request), request


def _scope(model: Handle) -> resources_pb2.UserAppIDSet:
    scope: resources_pb2.UserAppIDSet = ops.scope_of(model, MODEL, "get").message()
    return scope
