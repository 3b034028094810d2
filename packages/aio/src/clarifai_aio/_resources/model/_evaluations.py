# Made of clarifai_resources.model._evaluations by a tool:
# change that, and run `python -m tools.asynchronous`.

"""How good a model version is on data with known labels."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from clarifai_aio._core import jobs, ops
from clarifai_core.errors import UserError
from clarifai_core.existing import owner_of
from clarifai_core.heavy import resources_pb2, service_pb2
from clarifai_core.wire.ids import check_id, check_new_id
from clarifai_core.wire.messages import struct
from clarifai_resources.model._evaluations import DatasetReference as DatasetReference
from clarifai_resources.model._evaluations import _get_evaluation, _is_done, _scope
from clarifai_resources.model._evaluations import datasets_of as datasets_of
from clarifai_resources.model._evaluations import on_dataset as on_dataset

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clarifai_aio._core.handles import Handle
    from clarifai_aio._core.paging import Pager


async def evaluate(
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
    begun = list((await model.session.call("PostEvaluations", request)).eval_metrics)
    ops.done(model, "started", "evaluation", [one.id for one in begun])
    return begun


async def of_version(model: Handle, version_id: str) -> list[resources_pb2.EvalMetrics]:
    """Return the evaluations of a version; see `Model.list_evaluations`."""
    request = service_pb2.ListModelVersionEvaluationsRequest(
        user_app_id=_scope(model),
        model_id=check_id("model_id", model.id),
        model_version_id=version_id,
    )
    listed: Pager[resources_pb2.EvalMetrics] = ops.list_pages(
        model, "ListModelVersionEvaluations", request, "eval_metrics", None
    )
    return await listed.all()


async def get(model: Handle, eval_id: str, fields: Mapping[str, bool]) -> resources_pb2.EvalMetrics:
    """Return an evaluation; see `Model.get_eval_by_id`."""
    request = _get_evaluation(model, eval_id, fields)
    metrics: resources_pb2.EvalMetrics = (
        await model.session.call("GetEvaluation", request)
    ).eval_metrics
    return metrics


async def get_latest(
    model: Handle, version_id: str, fields: Mapping[str, bool]
) -> resources_pb2.EvalMetrics | None:
    """Return the newest evaluation, when it is done; see `Model.get_latest_eval`."""
    request = service_pb2.ListModelVersionEvaluationsRequest(
        user_app_id=_scope(model),
        model_id=check_id("model_id", model.id),
        model_version_id=version_id,
    )
    listed = (await model.session.call("ListModelVersionEvaluations", request)).eval_metrics
    if listed and _is_done(listed[0]):
        return await get(model, listed[0].id, fields)
    return None


async def wait_until_evaluated(
    model: Handle,
    eval_id: str,
    timeout_seconds: float,
    fields: Mapping[str, bool],
    progress: bool | None = None,
) -> resources_pb2.EvalMetrics:
    """Wait for an evaluation; see `Model.wait_until_evaluated`."""
    metrics: resources_pb2.EvalMetrics = await jobs.wait_for_job(
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
