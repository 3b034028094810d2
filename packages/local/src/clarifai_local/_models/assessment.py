"""Metrics of a model version on labelled inputs: what it says is held against what users said."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from clarifai_grpc.grpc.api import resources_pb2

from clarifai_local._models.engine_answers import answers_of
from clarifai_local._models.region_assessment import (
    PredictedPicture,
    area_metrics,
    box_metrics,
    has_truth,
)
from clarifai_local._models.remote import RunnerModel
from clarifai_local._models.samples import content_of, vectors
from clarifai_local.engine._metrics import Answers, evaluate
from clarifai_local.engine._threads import one_thread
from clarifai_local.engine.contracts import ModelInputs, is_operator
from clarifai_local.engine.model_types import EvaluationType
from clarifai_local.engine.regions import boxes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from clarifai_local._context import ServiceContext
    from clarifai_local._jobs import Job
    from clarifai_local._models.region_assessment import Known
    from clarifai_local._models.rows import FoundModel
    from clarifai_local._models.samples import LabelledInput, LabelledInputs
    from clarifai_local.engine.contracts import Content, Modality, Predictor

_BATCH = 128
_POSITIVE = 0.5


class AssessmentError(Exception):
    """The data does not allow an evaluation; the text says why."""


@one_thread()
def assess(
    context: ServiceContext, found: FoundModel, gathered: LabelledInputs, job: Job
) -> resources_pb2.EvalMetrics:
    """Return all metrics of a model version on labelled inputs.

    Concepts that the model does not know count too: it can only miss them.

    Args:
        context: Where contents and vectors are.
        found: A trained version.
        gathered: The inputs.
        job: Looked at between batches.

    Raises:
        AssessmentError: No input can be used, or the model gives nothing to compare.
    """
    predictor = context.predictors.of(found)
    if isinstance(predictor, RunnerModel):
        raise AssessmentError("a runner answers for this version: only own models are evaluated")
    type_id = found.model.message(resources_pb2.Model).model_type_id
    kind = context.engines.model_types().get(type_id)
    if is_operator(predictor) or (kind is not None and kind.engine and not kind.evaluation):
        raise AssessmentError(
            f"a {type_id} gives neither concepts nor regions, so that there is nothing to compare"
        )
    compare = _REGIONS.get(kind.evaluation) if kind is not None else None
    if compare is not None:
        return _regions(context, found, gathered, job, compare)
    return _labels(context, found, gathered, job)


def _labels(
    context: ServiceContext, found: FoundModel, gathered: LabelledInputs, job: Job
) -> resources_pb2.EvalMetrics:
    predictor = _predictor(context, found)
    items = [
        item
        for modality, part in (("image", gathered.images), ("text", gathered.texts))
        if modality in predictor.modalities
        for item in part
        if any(value > _POSITIVE for value in item.labels.values())
    ]
    if not items:
        taken = " or ".join(sorted(predictor.modalities))
        raise AssessmentError(f"the ground truth has no positively labelled {taken} input")
    said = [
        {concept.id: concept.value for concept in data.concepts}
        for _, _, data in _answers(context, predictor, items, job)
    ]
    if not any(said):
        raise AssessmentError("the model gives no concepts, so that there is nothing to compare")
    names = [name for answer in said for name in answer]
    labelled = [name for item in items for name in item.labels]
    return _metrics(_concepts(found, [*names, *labelled]), items, said)


def _regions(
    context: ServiceContext,
    found: FoundModel,
    gathered: LabelledInputs,
    job: Job,
    compare: _Comparison,
) -> resources_pb2.EvalMetrics:
    predictor = _predictor(context, found)
    items = [item for item in gathered.images if has_truth(item)]
    if not any(True for item in items for _ in boxes_of(item.annotations)):
        raise AssessmentError("the ground truth has no picture with a labelled region")
    answered = [
        PredictedPicture.of(item, content, data)
        for item, content, data in _answers(context, predictor, items, job)
        if isinstance(content, bytes)
    ]
    return compare(answered, lambda names: _concepts(found, names))


_Comparison: TypeAlias = "Callable[[Sequence[PredictedPicture], Known], resources_pb2.EvalMetrics]"
_REGIONS: dict[int, _Comparison] = {
    EvaluationType.Detection: box_metrics,
    EvaluationType.Segmentation: area_metrics,
}


def _predictor(context: ServiceContext, found: FoundModel) -> Predictor:
    predictor = context.predictors.of(found)
    if isinstance(predictor, RunnerModel) or is_operator(predictor):
        raise AssessmentError("the model works on the answers of others")
    return predictor


def _metrics(
    concepts: Sequence[resources_pb2.Concept],
    items: Sequence[LabelledInput],
    said: Sequence[dict[str, float]],
) -> resources_pb2.EvalMetrics:
    column = {concept.id: index for index, concept in enumerate(concepts)}
    truth = np.zeros((len(items), len(concepts)), np.bool_)
    values = np.zeros((len(items), len(concepts)))
    for row, (item, answer) in enumerate(zip(items, said, strict=True)):
        for concept_id, value in item.labels.items():
            truth[row, column[concept_id]] = value > _POSITIVE
        for concept_id, value in answer.items():
            values[row, column[concept_id]] = value
    metrics = evaluate(Answers(concepts, truth, values))
    for row, item in enumerate(items):
        entry = metrics.test_set.add()
        entry.input.id = item.id
        for index in np.argsort(-values[row], kind="stable").tolist():
            if concepts[index].id in said[row]:
                _add(entry.predicted_concepts, concepts[index], values[row, index])
        for index in np.flatnonzero(truth[row]).tolist():
            _add(entry.ground_truth_concepts, concepts[index], 1.0)
    return metrics


def _answers(
    context: ServiceContext, predictor: Predictor, items: Sequence[LabelledInput], job: Job
) -> Iterator[tuple[LabelledInput, Content, resources_pb2.Data]]:
    for part in _batches(items):
        if job.cancelled:
            raise AssessmentError("cancelled")
        modality: Modality = "text" if part[0].media is None else "image"
        try:
            contents = [content_of(context, item) for item in part]
        except LookupError as error:
            raise AssessmentError(str(error)) from error
        kept = functools.partial(vectors, context, modality, part)
        batch = ModelInputs(modality, contents, context.embedder, kept)
        yield from zip(part, contents, answers_of(predictor, batch, {}), strict=True)


def _concepts(found: FoundModel, names: Iterable[str]) -> list[resources_pb2.Concept]:
    """Return the model's concepts in its order, then those that only answers or labels have."""
    version = found.version
    known: dict[str, Any] = {}
    if version is not None:
        learned = version.message(resources_pb2.ModelVersion).output_info.data.concepts
        known = {concept.id: concept for concept in learned}
    ordered = dict.fromkeys([*known, *names])
    return [
        resources_pb2.Concept(
            id=concept_id,
            name=known[concept_id].name if concept_id in known else concept_id,
            app_id=known[concept_id].app_id if concept_id in known else found.model.app_id,
        )
        for concept_id in ordered
    ]


def _add(to: Any, concept: resources_pb2.Concept, value: float) -> None:
    added = to.add()
    added.CopyFrom(concept)
    added.value = value


def _batches(items: Sequence[LabelledInput]) -> Iterator[Sequence[LabelledInput]]:
    images = [item for item in items if item.media is not None]
    texts = [item for item in items if item.media is None]
    # `items` lists pictures first, so that the batches come in its order.
    for part in (images, texts):
        yield from (part[start : start + _BATCH] for start in range(0, len(part), _BATCH))
