"""RPCs on evaluations: how good a model version is on data with known labels."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from google.protobuf import json_format

from clarifai_core.loggers import logger_for
from clarifai_core.safe_text import reason
from clarifai_local import _ids, _paging
from clarifai_local._models import rows
from clarifai_local._models.assessment import AssessmentError, assess
from clarifai_local._models.sources import LabelledSource
from clarifai_local._models.training import source
from clarifai_local._services.searches import SearchService
from clarifai_local._store import ClosedError, Duplicate
from clarifai_local.dispatch import rpc
from clarifai_local.statuses import Refused, invalid, missing, status

if TYPE_CHECKING:
    import sqlite3

    from clarifai_local._context import ServiceContext
    from clarifai_local._jobs import Job
    from clarifai_local._scope import AppScope
    from clarifai_local._store import ResourceRow
    from clarifai_local.auth import Caller

KIND = "evaluation"
METRICS = "metrics"
CHOSEN = "chosen"
"""Name of the attachment with the numbers of the inputs that an evaluation is about, if not all."""

_UNFINISHED = (codes.MODEL_QUEUED_FOR_EVALUATION, codes.MODEL_EVALUATING)
_OPTIONAL = (
    "confusion_matrix",
    "cooccurrence_matrix",
    "label_counts",
    "binary_metrics",
    "test_set",
    "metrics_by_area",
    "metrics_by_class",
)
"""Fields of the metrics that are returned when `GetEvaluation` asks for them."""

_log = logger_for(__name__)


class EvaluationService:
    """RPCs on evaluations. A row's `detail` is the number of the model version."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._store = context.store

    @rpc("PostEvaluations")
    def post_evaluations(
        self, request: service_pb2.PostEvaluationsRequest, caller: Caller
    ) -> service_pb2.MultiEvalMetricsResponse:
        """Start evaluations: all or none.

        The ground truth is a dataset, with a version for a snapshot of it; without one, the data
        that the version was trained on.
        """
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        if not request.eval_metrics:
            raise invalid("eval_metrics is empty: name the model version to evaluate")
        with self._store.write() as db:
            created = [self._create(db, scope, caller, item) for item in request.eval_metrics]
        for row in created:
            self._submit(row)
        return service_pb2.MultiEvalMetricsResponse(eval_metrics=map(_shown, created))

    @rpc("GetEvaluation")
    def get_evaluation(
        self, request: service_pb2.GetEvaluationRequest, caller: Caller
    ) -> service_pb2.SingleEvalMetricsResponse:
        """Return an evaluation: the summary always, other figures as `fields` asks."""
        scope = self._context.scopes.app(request.user_app_id, caller)
        with self._store.read() as db:
            row = self._store.resources.get(db, KIND, scope.key, request.evaluation_id)
            if row is None:
                raise missing("evaluation", request.evaluation_id)
            shown = self._full(db, row, request.fields)
        return service_pb2.SingleEvalMetricsResponse(eval_metrics=shown)

    @rpc("ListModelVersionEvaluations")
    def list_model_version_evaluations(
        self, request: service_pb2.ListModelVersionEvaluationsRequest, caller: Caller
    ) -> service_pb2.MultiEvalMetricsResponse:
        """Return the evaluations of a version with their summaries, newest first."""
        scope = self._context.scopes.app(request.user_app_id, caller)
        wanted = _paging.page_range(request.page, request.per_page)
        with self._store.read() as db:
            found = rows.find(self._store, db, scope, request.model_id, request.model_version_id)
            listed = self._store.resources.list(
                db,
                KIND,
                where="detail = ?",
                params=(str(_trained(found).seq),),
                limit=wanted.limit,
                offset=wanted.offset,
            )
        return service_pb2.MultiEvalMetricsResponse(eval_metrics=map(_shown, listed))

    @rpc("PostModelVersionMetrics")
    def post_model_version_metrics(
        self, request: service_pb2.PostModelVersionMetricsRequest, caller: Caller
    ) -> service_pb2.SingleModelVersionResponse:
        """Start an evaluation of a version, as clients ask that know no other evaluations.

        The ground truth is the dataset that `eval_info` names, or else the data that the version
        was trained on; of that, the inputs that `test_search` finds.
        """
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        given = resources_pb2.EvalMetrics()
        given.model.id, given.model.model_version.id = request.model_id, request.version_id
        if request.HasField("eval_info"):
            given.eval_info.CopyFrom(request.eval_info)
            params = json_format.MessageToDict(request.eval_info.params)
            given.ground_truth_dataset.id = str(params.get("dataset_id", ""))
            given.ground_truth_dataset.version.id = str(params.get("dataset_version_id", ""))
        chosen = None
        if request.HasField("test_search"):
            chosen = SearchService(self._context).inputs_of(scope, request.test_search)
        with self._store.write() as db:
            row = self._create(db, scope, caller, given)
            if chosen is not None:
                self._store.attach(db, row, CHOSEN, json.dumps(chosen).encode())
            found = rows.find(self._store, db, scope, request.model_id, request.version_id)
        self._submit(row)
        return self._with_metrics(found, _shown(row))

    @rpc("GetModelVersionMetrics")
    def get_model_version_metrics(
        self, request: service_pb2.GetModelVersionMetricsRequest, caller: Caller
    ) -> service_pb2.SingleModelVersionResponse:
        """Return a version with its newest evaluation, figures as `fields` asks."""
        scope = self._context.scopes.app(request.user_app_id, caller)
        with self._store.read() as db:
            found = rows.find(self._store, db, scope, request.model_id, request.version_id)
            newest = self._store.resources.list(
                db, KIND, where="detail = ?", params=(str(_trained(found).seq),), limit=1
            )
            metrics = (
                self._full(db, newest[0], request.fields)
                if newest
                else resources_pb2.EvalMetrics(status=status(codes.MODEL_NOT_EVALUATED))
            )
        return self._with_metrics(found, metrics)

    def _with_metrics(
        self, found: rows.FoundModel, metrics: resources_pb2.EvalMetrics
    ) -> service_pb2.SingleModelVersionResponse:
        version = rows.version_message(_trained(found), self._context.http.base_url)
        version.metrics.CopyFrom(metrics)
        return service_pb2.SingleModelVersionResponse(model_version=version)

    def _full(
        self, db: sqlite3.Connection, row: ResourceRow, fields: resources_pb2.FieldsValue
    ) -> resources_pb2.EvalMetrics:
        """Return an evaluation with the figures that a request asks for."""
        shown = _shown(row)
        data = self._store.attachment(db, row, METRICS)
        if data is not None:
            metrics = resources_pb2.EvalMetrics.FromString(data)
            for name in _OPTIONAL:
                if not getattr(fields, name):
                    metrics.ClearField(name)  # type: ignore[arg-type]
            self._show_inputs(db, row, metrics)
            shown.MergeFrom(metrics)
        return shown

    def resume(self) -> None:
        """Do the evaluations that were not finished when the platform ended."""
        with self._store.read() as db:
            unfinished = self._store.resources.by_status(db, KIND, _UNFINISHED)
        for row in unfinished:
            self._submit(row)

    def _create(
        self,
        db: sqlite3.Connection,
        scope: AppScope,
        caller: Caller,
        given: resources_pb2.EvalMetrics,
    ) -> ResourceRow:
        of = self._of(scope, caller, given.model)
        found = rows.find(self._store, db, of, given.model.id, given.model.model_version.id)
        version = _trained(found)
        truth = given.ground_truth_dataset
        if not truth.id:
            truth = _training_data(version)
        truth.user_id = truth.user_id or scope.user_id
        truth.app_id = truth.app_id or scope.app_id
        user_app_id = resources_pb2.UserAppIDSet(user_id=truth.user_id, app_id=truth.app_id)
        truth_scope = self._context.scopes.app(user_app_id, caller)
        truth.user_id, truth.app_id = truth_scope.key  # "me" is nobody once the caller is gone
        LabelledSource(truth.id, truth.version.id).check(self._store, db, truth_scope)
        evaluation_id = _ids.check(given.id or _ids.new_id(), "evaluation id")
        kept = resources_pb2.EvalMetrics(
            id=evaluation_id, user_id=scope.user_id, app_id=scope.app_id
        )
        kept.model.id = found.model.id
        kept.model.user_id, kept.model.app_id = found.key
        kept.model.model_type_id = found.model.message(resources_pb2.Model).model_type_id
        kept.model.model_version.id = version.id
        kept.ground_truth_dataset.CopyFrom(truth)
        if given.HasField("eval_info"):
            kept.eval_info.CopyFrom(given.eval_info)
        try:
            return self._store.resources.insert(
                db,
                KIND,
                scope.key,
                evaluation_id,
                kept,
                now_us=self._context.clock.now_us(),
                status=codes.MODEL_QUEUED_FOR_EVALUATION,
                detail=str(version.seq),
            )
        except Duplicate:
            raise invalid(
                f"the evaluation id {evaluation_id!r} already exists in app {scope.app_id!r}"
            ) from None

    def _of(self, scope: AppScope, caller: Caller, model: resources_pb2.Model) -> AppScope:
        """Return the app of the model that is evaluated: that of the request unless it says one."""
        if not (model.user_id or model.app_id):
            return scope
        of = resources_pb2.UserAppIDSet(
            user_id=model.user_id or scope.user_id, app_id=model.app_id or scope.app_id
        )
        return self._context.scopes.app(of, caller)

    def _submit(self, row: ResourceRow) -> None:
        self._context.jobs.submit((KIND, row.seq), lambda job: self._evaluate(row, job))

    def _evaluate(self, row: ResourceRow, job: Job) -> None:
        try:
            self._run(row, job)
        except ClosedError:
            return
        except Refused as error:
            self._fail(row, error.status.details)
        except AssessmentError as error:
            self._fail(row, str(error))
        except BaseException as error:  # noqa: BLE001 - logged; the evaluation says that it failed
            if not job.cancelled:
                _log.exception("the evaluation %s failed", row.id)
                self._fail(row, reason(error))

    def _run(self, row: ResourceRow, job: Job) -> None:
        resources = self._store.resources
        with self._store.write() as db:
            version = resources.by_seq(db, int(row.detail))
            if job.cancelled or version is None or resources.by_seq(db, row.seq) is None:
                return
            model = resources.get(db, rows.MODEL_KIND, rows.key(version), version.parent)
            evaluation = row.message(resources_pb2.EvalMetrics)
            truth = evaluation.ground_truth_dataset
            scope = self._context.scopes.find(db, truth.user_id, truth.app_id)
            resources.set_status(db, row, codes.MODEL_EVALUATING)
            last = self._store.inputs.last(db)
        if model is None or scope is None:
            raise AssessmentError("the model or the app of the ground truth was deleted")
        found = rows.FoundModel(model, version)
        self._context.processor.wait_posted(scope.app, last, job)
        gathered = LabelledSource(truth.id, truth.version.id).read(self._store, scope)
        with self._store.read() as db:
            chosen = self._store.attachment(db, row, CHOSEN)
        if chosen is not None:
            gathered = gathered.only(json.loads(chosen))
        metrics = assess(self._context, found, gathered, job)
        if job.cancelled:
            return
        evaluation.summary.CopyFrom(metrics.summary)
        with self._store.write() as db:
            if resources.by_seq(db, row.seq) is not None:
                self._store.attach(db, row, METRICS, metrics.SerializeToString())
                now_us = self._context.clock.now_us()
                done = codes.MODEL_EVALUATED
                resources.update(db, row, evaluation, now_us=now_us, status=done)

    def _fail(self, row: ResourceRow, reason: str) -> None:
        with self._store.write() as db:
            if self._store.resources.by_seq(db, row.seq) is None:
                return
            evaluation = row.message(resources_pb2.EvalMetrics)
            evaluation.status.details = reason
            self._store.resources.update(
                db,
                row,
                evaluation,
                now_us=self._context.clock.now_us(),
                status=codes.MODEL_EVALUATION_FAILED,
            )

    def _show_inputs(
        self, db: sqlite3.Connection, row: ResourceRow, metrics: resources_pb2.EvalMetrics
    ) -> None:
        """Fill in the inputs of a test set as they are now; those that are gone keep their id."""
        if not metrics.test_set:
            return
        truth = row.message(resources_pb2.EvalMetrics).ground_truth_dataset
        scope = self._context.scopes.find(db, truth.user_id, truth.app_id)
        if scope is None:
            return
        wanted = [entry.input.id for entry in metrics.test_set]
        numbers = self._store.inputs.numbers(db, scope.app, wanted)
        found = {i.id: i for i in self._store.inputs.rows(db, list(numbers.values()))}
        for entry in metrics.test_set:
            if entry.input.id in found:
                entry.input.CopyFrom(self._context.views.input(found[entry.input.id]))


def _trained(found: rows.FoundModel) -> ResourceRow:
    version = found.version
    if version is None or version.status != codes.MODEL_TRAINED:
        raise Refused(
            codes.MODEL_UNTRAINED, f"model {found.model.id!r} has no trained version to evaluate"
        )
    return version


def _training_data(version: ResourceRow) -> resources_pb2.Dataset:
    asked = source(version.message(resources_pb2.ModelVersion))
    dataset = resources_pb2.Dataset(id=asked.dataset_id)
    if asked.version_id:
        dataset.version.id = asked.version_id
    return dataset


def _shown(row: ResourceRow) -> resources_pb2.EvalMetrics:
    evaluation = row.message(resources_pb2.EvalMetrics)
    evaluation.status.CopyFrom(status(row.status, evaluation.status.details))
    return evaluation
