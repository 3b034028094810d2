"""Trainings in the background: from 21103 "queued" over 21101 "training" to 21100 "trained".

The row of the version is the queue: what is unfinished when the platform ends is started anew at
the next start. Deleting the version, its model or its app cancels the training.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from google.protobuf import json_format

from clarifai_core.loggers import logger_for
from clarifai_core.safe_text import reason, sendable
from clarifai_local._clock import timestamp
from clarifai_local._models.engine_answers import lacking
from clarifai_local._models.rows import (
    BUILDING,
    LOG,
    MODEL_KIND,
    SPACES,
    TRAINING,
    VERSION_KIND,
    WEIGHTS,
)
from clarifai_local._models.samples import samples
from clarifai_local._models.sources import LabelledSource
from clarifai_local._models.spaces import SpaceError, SpaceNames
from clarifai_local._store import ClosedError
from clarifai_local.engine.contracts import (
    CancelledError,
    TrainingError,
    TrainingJob,
    is_operator,
)
from clarifai_local.statuses import MAX_DETAILS, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from clarifai_local._context import ServiceContext
    from clarifai_local._jobs import Job
    from clarifai_local._models.samples import LabelledInputs
    from clarifai_local._scope import AppScope
    from clarifai_local._store import ResourceRow
    from clarifai_local.engine.contracts import Engine

LOG_SECONDS = 1.0
"""How often the log of a running training is stored."""

_log = logger_for(__name__)


class Trainings:
    """Trains model versions.

    Args:
        context: Where data and models are.
    """

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._store = context.store
        self._engines = context.engines

    def submit(self, version: ResourceRow) -> None:
        """Start, or take up, what the version's status says is to be done."""
        work = self._build if version.status in BUILDING else self._train
        self._context.jobs.submit(_key(version), lambda job: work(version, job))

    def cancel(self, version: ResourceRow) -> None:
        """Stop the training of a version that was deleted."""
        self._context.jobs.cancel(_key(version))

    def resume(self) -> None:
        """Take up what was unfinished when the platform ended."""
        with self._store.read() as db:
            rows = self._store.resources.by_status(db, VERSION_KIND, (*TRAINING, *BUILDING))
        for row in rows:
            self.submit(row)

    def _build(self, version: ResourceRow, job: Job) -> None:
        for code in (codes.MODEL_BUILDING, codes.MODEL_TRAINED):
            with self._store.write() as db:
                if job.cancelled or self._store.resources.by_seq(db, version.seq) is None:
                    return
                self._store.resources.set_status(db, version, code)

    def _train(self, version: ResourceRow, job: Job) -> None:
        log = _Log(self._context, version)
        try:
            self._run(version, job, log)
        except (CancelledError, ClosedError):
            return
        except (TrainingError, Refused) as error:
            self._fail(version, log, *_failure(error))
        except BaseException as error:  # noqa: BLE001 - logged; the version says that it failed
            if job.cancelled:
                return
            _log.exception("training the model version %s failed", version.id)
            self._fail(version, log, codes.MODEL_TRAINING_FAILED, reason(error))

    def _await_inputs(self, version: ResourceRow, job: Job) -> None:
        with self._store.read() as db:
            scope = self._context.scopes.find(db, version.user_id, version.app_id)
            last = self._store.inputs.last(db)
        if scope is not None:
            self._context.processor.wait_posted(scope.app, last, job)

    def _run(self, version: ResourceRow, job: Job, log: _Log) -> None:
        self._await_inputs(version, job)
        with self._store.write() as db:
            current = self._store.resources.by_seq(db, version.seq)
            scope = self._context.scopes.find(db, version.user_id, version.app_id)
            if current is None or scope is None or job.cancelled:
                return
            model = self._store.resources.get(db, MODEL_KIND, scope.key, version.parent)
            self._store.resources.set_status(db, current, codes.MODEL_TRAINING)
        if model is None:
            return
        message = current.message(resources_pb2.ModelVersion)
        type_id = model.message(resources_pb2.Model).model_type_id
        engine = self._engines.engine(type_id)
        if engine is None:
            raise TrainingError(
                codes.MODEL_TRAINING_FAILED, f"no engine trains {type_id!r} any more"
            )
        params = parameters(message)
        kind = self._engines.model_types()[type_id]
        checked = kind.checked(params)
        data = source(message)
        gathered = data.read(self._store, scope, unlabelled=not kind.needs_labels)
        log.line(f"training {type_id} {model.id!r}, version {version.id}")
        log.line(f"parameters: {_shown(checked)}")
        if not len(gathered):
            there = len(data.read(self._store, scope, unlabelled=True))
            raise TrainingError(codes.MODEL_TRAINING_NO_DATA, _nothing_in(data, there))
        _check_usable(gathered, float(checked.get("invalid_data_tolerance_percent") or 0))
        weights = engine.train(
            TrainingJob(
                samples=samples(self._context, gathered),
                params=checked,
                output_config=message.output_info.output_config,
                concepts=wanted_concepts(message),
                embedder=self._context.embedder,
                report=log.progress,
                check=_checker(job, message.output_info.output_config.training_timeout),
            )
        )
        self._finish(version, scope, weights, len(gathered), log, type_id)

    def _finish(
        self,
        version: ResourceRow,
        scope: AppScope,
        weights: bytes,
        inputs: int,
        log: _Log,
        type_id: str,
    ) -> None:
        engine = self._engines.engine(type_id)
        learned = _concepts(engine, weights) if engine else ()
        log.line("done")
        with self._store.write() as db:
            current = self._store.resources.by_seq(db, version.seq)
            if current is None:
                return
            message = current.message(resources_pb2.ModelVersion)
            now_us = self._context.clock.now_us()
            message.completed_at.CopyFrom(timestamp(now_us))
            message.total_input_count = inputs
            message.active_concept_count = len(learned)
            known = {c.id: c for c in message.output_info.data.concepts}
            del message.output_info.data.concepts[:]
            for concept_id in learned:
                row = self._store.concepts.get(db, scope.app, concept_id)
                name = row.name if row else (known[concept_id].name if concept_id in known else "")
                message.output_info.data.concepts.add(
                    id=concept_id, name=name or concept_id, app_id=scope.app_id, value=1
                )
            self._store.attach(db, current, WEIGHTS, weights)
            spaces = SpaceNames.of(self._context.embedder)
            self._store.attach(db, current, SPACES, spaces.to_bytes(), "application/json")
            log.store_in(db, current)
            self._store.resources.update(
                db, current, message, now_us=now_us, status=codes.MODEL_TRAINED
            )

    def _fail(self, version: ResourceRow, log: _Log, code: int, why: str) -> None:
        log.line(f"failed: {why}")
        with self._store.write() as db:
            current = self._store.resources.by_seq(db, version.seq)
            if current is None:
                return
            message = current.message(resources_pb2.ModelVersion)
            message.status.details = sendable(why, MAX_DETAILS)
            now_us = self._context.clock.now_us()
            message.completed_at.CopyFrom(timestamp(now_us))
            log.store_in(db, current)
            self._store.resources.update(db, current, message, now_us=now_us, status=code)


def parameters(version: resources_pb2.ModelVersion) -> dict[str, Any]:
    """Return `train_info.params` as plain values."""
    found: dict[str, Any] = json_format.MessageToDict(version.train_info.params)
    return found


def source(version: resources_pb2.ModelVersion) -> LabelledSource:
    """Return what data a version is to be trained on."""
    params, dataset = parameters(version), version.train_info.dataset
    return LabelledSource(
        str(params.get("dataset_id") or dataset.id or ""),
        str(params.get("dataset_version_id") or dataset.version.id or ""),
    )


def wanted_concepts(version: resources_pb2.ModelVersion) -> list[str]:
    """Return the ids of the concepts that a version is to learn; empty means all there are."""
    named = [concept.id or concept.name for concept in version.output_info.data.concepts]
    listed = parameters(version).get("concepts") or []
    return named or [item["id"] if isinstance(item, dict) else str(item) for item in listed]


class _Log:
    """The training log: lines in memory, stored now and then."""

    def __init__(self, context: ServiceContext, version: ResourceRow) -> None:
        self._context = context
        self._version = version
        self._lines: list[str] = []
        self._stored = time.monotonic()

    def line(self, text: str) -> None:
        when = timestamp(self._context.clock.now_us()).ToJsonString()
        self._lines.append(f"{when} {sendable(text, MAX_DETAILS)}")

    def progress(self, text: str, share: float) -> None:
        if text:
            self.line(f"[{share:4.0%}] {text}" if share else text)
        if time.monotonic() - self._stored < LOG_SECONDS:
            return
        self._stored = time.monotonic()
        with self._context.store.write() as db:
            row = self._context.store.resources.by_seq(db, self._version.seq)
            if row is not None:
                self.store_in(db, row)

    def store_in(self, db: Any, row: ResourceRow) -> None:
        text = "\n".join([*self._lines, ""])
        self._context.store.attach(db, row, LOG, text.encode(), "text/plain; charset=utf-8")


def _concepts(engine: Engine, weights: bytes) -> Sequence[str]:
    model = engine.load(weights)
    if wrong := lacking(model):
        raise TrainingError(codes.MODEL_TRAINING_FAILED, wrong)
    return () if is_operator(model) else model.concepts


def _key(version: ResourceRow) -> tuple[str, int]:
    return "train", version.seq


def _failure(error: TrainingError | Refused) -> tuple[int, str]:
    if isinstance(error, TrainingError):
        return error.code, str(error)
    if isinstance(error, SpaceError):
        return codes.MODEL_TRAINING_FAILED, str(error)
    return codes.MODEL_TRAINING_NO_DATA, error.status.details


def _nothing_in(data: LabelledSource, there: int) -> str:
    """Return why there is nothing to learn from data of which so many inputs are processed."""
    if not there:
        return f"{data.words} holds no processed input"
    inputs = (
        "1 processed input, which has no label"
        if there == 1
        else (f"{there:,} processed inputs, none of which has a label")
    )
    return f"{data.words} holds {inputs}: label what is to be learned, and train again"


def _check_usable(gathered: LabelledInputs, tolerance_percent: float) -> None:
    total = len(gathered)
    if gathered.unusable * 100 > tolerance_percent * total:
        raise TrainingError(
            codes.MODEL_TRAINING_INVALID_DATA_TOLERANCE_EXCEEDED,
            f"{gathered.unusable} of {total} inputs are neither image nor text, "
            f"more than invalid_data_tolerance_percent = {tolerance_percent:g} allows",
        )


def _checker(job: Job, timeout_seconds: int) -> Callable[[], None]:
    started = time.monotonic()

    def check() -> None:
        if job.cancelled:
            raise CancelledError
        if timeout_seconds and time.monotonic() - started > timeout_seconds:
            raise TrainingError(
                codes.MODEL_TRAINING_TIMED_OUT, f"not done after {timeout_seconds} seconds"
            )

    return check


def _shown(params: dict[str, Any]) -> str:
    shown = (f"{name}={value!r}" for name, value in sorted(params.items()) if value is not None)
    return ", ".join(item if len(item) <= 100 else item[:97] + "..." for item in shown)
