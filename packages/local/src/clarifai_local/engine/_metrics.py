"""How good a classifier is: real figures from what it said and what is true.

Accuracy counts inputs with at least one true concept: top 1 is right when the most probable concept
is true, top 5 when one of the first five is. The binary figures of a concept take it alone against
all others, at a threshold of 0.5 where one is needed. "Macro" is the plain mean over the concepts
that occur; a concept with positives only, or negatives only, has no area under the ROC curve and is
left out of that mean. Formulas are scikit-learn's.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np
import numpy.typing as npt
from clarifai_grpc.grpc.api import resources_pb2

THRESHOLD = 0.5

THRESHOLDS = np.arange(101) / 100
"""Where curves have points."""

_TOP = 5


@attrs.frozen
class Answers:
    """What a model said about a test set, and the truth; rows are inputs, columns concepts."""

    concepts: Sequence[resources_pb2.Concept]
    truth: npt.NDArray[np.bool_]
    values: npt.NDArray[np.float64]


def evaluate(answers: Answers) -> resources_pb2.EvalMetrics:
    """Return summary, confusion matrix, co-occurrences, label counts and binary metrics.

    Args:
        answers: At least one row and one column.

    Returns:
        Everything but the test set and the ids, which the caller knows.
    """
    binary = [
        _binary(concept, answers.truth[:, column], answers.values[:, column])
        for column, concept in enumerate(answers.concepts)
    ]
    return resources_pb2.EvalMetrics(
        summary=_summary(answers, binary),
        confusion_matrix=confusion_matrix(answers),
        cooccurrence_matrix=_cooccurrence(answers),
        label_counts=_label_counts(answers),
        binary_metrics=binary,
        metrics_by_class=binary,
    )


def confusion_matrix(answers: Answers) -> resources_pb2.ConfusionMatrix:
    """Return, for each pair of concepts, how the mass of "actual" is shared out over "predicted".

    An input with the true concept a adds 1 to (predicted: the most probable concept, actual: a);
    rows of one actual concept are then divided by its inputs, so that they sum to 1.
    """
    chosen = answers.values.argmax(axis=1)
    count = len(answers.concepts)
    picked = np.eye(count)[chosen]
    counts = answers.truth.astype(np.float64).T @ picked
    shares = counts / np.maximum(answers.truth.sum(axis=0), 1)[:, None]
    matrix = resources_pb2.ConfusionMatrix(concept_ids=[item.id for item in answers.concepts])
    for actual, predicted in zip(*np.nonzero(shares), strict=True):
        matrix.matrix.add(
            predicted=answers.concepts[predicted].id,
            actual=answers.concepts[actual].id,
            value=float(shares[actual, predicted]),
            predicted_concept=answers.concepts[predicted],
            actual_concept=answers.concepts[actual],
        )
    return matrix


def _summary(
    answers: Answers, binary: Sequence[resources_pb2.BinaryMetrics]
) -> resources_pb2.MetricsSummary:
    occurring = [item for item in binary if item.num_pos]
    areas = [item.roc_auc for item in binary if item.num_pos and item.num_neg]
    scores = [item.f1 for item in occurring]
    precisions, recalls = _precision_recall(answers, [bool(item.num_pos) for item in binary])
    return resources_pb2.MetricsSummary(
        top1_accuracy=_top(answers, 1),
        top5_accuracy=_top(answers, _TOP),
        macro_avg_roc_auc=_mean(areas),
        macro_std_roc_auc=float(np.std(areas)) if areas else 0.0,
        macro_avg_f1_score=_mean(scores),
        macro_std_f1_score=float(np.std(scores)) if scores else 0.0,
        macro_avg_precision=_mean(precisions),
        macro_avg_recall=_mean(recalls),
    )


def _top(answers: Answers, count: int) -> float:
    rows = answers.truth.any(axis=1)
    if not rows.any():
        return 0.0
    first = np.argsort(-answers.values[rows], axis=1, kind="stable")[:, :count]
    return float(np.take_along_axis(answers.truth[rows], first, axis=1).any(axis=1).mean())


def _precision_recall(
    answers: Answers, occurring: Sequence[bool]
) -> tuple[list[float], list[float]]:
    said = answers.values >= THRESHOLD
    right = (said & answers.truth).sum(axis=0)
    precision = right / np.maximum(said.sum(axis=0), 1)
    recall = right / np.maximum(answers.truth.sum(axis=0), 1)
    return list(precision[np.array(occurring)]), list(recall[np.array(occurring)])


def _binary(
    concept: resources_pb2.Concept, truth: npt.NDArray[np.bool_], values: npt.NDArray[np.float64]
) -> resources_pb2.BinaryMetrics:
    from sklearn import metrics

    positives = int(truth.sum())
    result = resources_pb2.BinaryMetrics(
        concept=concept,
        num_pos=positives,
        num_neg=len(truth) - positives,
        num_tot=len(truth),
        f1=float(metrics.f1_score(truth, values >= THRESHOLD, zero_division=0.0)),
    )
    if 0 < positives < len(truth):
        result.roc_auc = float(metrics.roc_auc_score(truth, values))
    if positives:
        result.avg_precision = float(metrics.average_precision_score(truth, values))
        _add_curves(result, truth, values)
    return result


def _add_curves(
    result: resources_pb2.BinaryMetrics,
    truth: npt.NDArray[np.bool_],
    values: npt.NDArray[np.float64],
) -> None:
    """Add both curves at the same thresholds for every concept, 0.5 among them.

    Clients look up the figures at 0.5 in both, and take means over concepts place by place.
    """
    said = values[None, :] >= THRESHOLDS[:, None]
    right, wrong = (said & truth).sum(axis=1), (said & ~truth).sum(axis=1)
    shown = right + wrong
    recall = right / max(result.num_pos, 1)
    curve = result.precision_recall_curve
    curve.precision.extend(np.where(shown > 0, right / np.maximum(shown, 1), 1.0))
    curve.recall.extend(recall)
    curve.thresholds.extend(THRESHOLDS)
    # By falling thresholds, so that the rates rise.
    result.roc_curve.fpr.extend((wrong / max(result.num_neg, 1))[::-1])
    result.roc_curve.tpr.extend(recall[::-1])
    result.roc_curve.thresholds.extend(THRESHOLDS[::-1])


def _cooccurrence(answers: Answers) -> resources_pb2.CooccurrenceMatrix:
    truth = answers.truth.astype(np.int64)
    counts = truth.T @ truth
    matrix = resources_pb2.CooccurrenceMatrix(concept_ids=[item.id for item in answers.concepts])
    for row, column in zip(*np.nonzero(counts), strict=True):
        matrix.matrix.add(
            row=answers.concepts[row].id,
            col=answers.concepts[column].id,
            count=int(counts[row, column]),
        )
    return matrix


def _label_counts(answers: Answers) -> resources_pb2.LabelDistribution:
    counts = answers.truth.sum(axis=0)
    return resources_pb2.LabelDistribution(
        positive_label_counts=[
            resources_pb2.LabelCount(
                concept_name=concept.name, count=int(counts[column]), concept=concept
            )
            for column, concept in enumerate(answers.concepts)
        ]
    )


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if len(values) else 0.0
