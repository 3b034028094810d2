"""Metrics of a model version on labelled inputs: what it says is held against what users said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from clarifai_grpc.grpc.api import resources_pb2

from clarifai.local.engine.contracts import Batch, is_operator
from clarifai.local.engine.metrics import Answers, evaluate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clarifai.local.engine.contracts import Predictor
    from clarifai.local.jobs import Job
    from clarifai.local.models.rows import Found
    from clarifai.local.models.samples import Gathered, LabelledInput
    from clarifai.local.platform import Platform

_BATCH = 128
_POSITIVE = 0.5


class AssessmentError(Exception):
    """The data does not allow an evaluation; the text says why."""


def assess(
    platform: Platform, found: Found, gathered: Gathered, job: Job
) -> resources_pb2.EvalMetrics:
    """Return all metrics of a model version on labelled inputs.

    Concepts that the model does not know count too: it can only miss them.

    Args:
        platform: Where contents and vectors are.
        found: A trained version.
        gathered: The inputs.
        job: Looked at between batches.

    Raises:
        AssessmentError: No input can be used, or the model gives no concepts.
    """
    predictor = platform.predictors.of(found)
    if is_operator(predictor):
        raise AssessmentError("the model gives no concepts, so that there is nothing to compare")
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
    said: list[dict[str, float]] = []
    for part in _batches(items):
        if job.cancelled:
            raise AssessmentError("cancelled")
        said += [
            {concept.id: concept.value for concept in data.concepts}
            for data in _predict(platform, predictor, part)
        ]
    if not any(said):
        raise AssessmentError("the model gives no concepts, so that there is nothing to compare")
    return _metrics(_concepts(found, items, said), items, said)


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


def _predict(
    platform: Platform, predictor: Predictor, part: Sequence[LabelledInput]
) -> Sequence[resources_pb2.Data]:
    if part[0].media is None:
        return predictor.predict(
            Batch("text", [item.text or "" for item in part], platform.embedder), {}
        )
    blobs = [platform.media.blob(item.media) for item in part if item.media is not None]
    pictures = [blob for blob in blobs if blob is not None]
    if len(pictures) < len(part):
        raise AssessmentError("pictures of the ground truth are gone")
    return predictor.predict(Batch("image", pictures, platform.embedder), {})


def _concepts(
    found: Found, items: Sequence[LabelledInput], said: Sequence[dict[str, float]]
) -> list[resources_pb2.Concept]:
    """Return the model's concepts in its order, then those that only the ground truth has."""
    version = found.version
    known: dict[str, Any] = {}
    if version is not None:
        learned = version.message(resources_pb2.ModelVersion).output_info.data.concepts
        known = {concept.id: concept for concept in learned}
    names = [c for answer in said for c in answer] + [c for item in items for c in item.labels]
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
