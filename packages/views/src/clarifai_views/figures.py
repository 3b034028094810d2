"""What an evaluation says, as rows: what was taken for what, the figures and curves of each class.

One reading of `EvalMetrics`, for tables, notebooks and charts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_core.wire.data import name_of
from clarifai_core.wire.messages import shortest_float

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from clarifai_core.records import Record

CURVES = {
    "precision_recall": ("precision_recall_curve", "recall", "precision"),
    "roc": ("roc_curve", "fpr", "tpr"),
}
"""Name of a curve -> the field that holds it, and what its axes are called there."""

AXES = {
    "precision_recall": ("recall", "precision"),
    "roc": ("false positive rate", "true positive rate"),
}
"""Name of a curve -> what its axes mean."""


CLASS_COLUMNS = ("concept", "positives", "negatives", "roc_auc", "f1", "avg_precision")
"""Columns of the figures of each class."""


def classes_of(metrics: Any) -> list[Any]:
    """Return the figures of each class, `BinaryMetrics`."""
    return list(metrics.metrics_by_class or metrics.binary_metrics)


def by_class(metrics: Any) -> list[Record]:
    """Return a row for each class: how many there are, and how well they were told."""
    return [
        {
            "concept": name_of(one.concept),
            "positives": one.num_pos or one.num_tot,
            "negatives": one.num_neg,
            "roc_auc": shortest_float(one.roc_auc),
            "f1": shortest_float(one.f1),
            "avg_precision": shortest_float(one.avg_precision),
        }
        for one in classes_of(metrics)
    ]


def confusions(metrics: Any) -> tuple[list[str], list[list[float]]]:
    """Return the names of the classes, and for each the shares that were taken for each.

    The first index is what is right, the second what was predicted; shares are 0..1.
    """
    entries = metrics.confusion_matrix.matrix
    names: dict[str, str] = {}
    shares: dict[tuple[str, str], float] = {}
    for one in entries:
        actual = one.actual_concept.id or one.actual
        predicted = one.predicted_concept.id or one.predicted
        names.setdefault(actual, name_of(one.actual_concept) or one.actual)
        names.setdefault(predicted, name_of(one.predicted_concept) or one.predicted)
        shares[actual, predicted] = shortest_float(one.value)
    order = sorted(names)
    found = [[shares.get((row, column), 0.0) for column in order] for row in order]
    return [names[one] for one in order], found


def points(metrics: Any, curve: str) -> list[Record]:
    """Return the points of a curve of all classes, a row each.

    Args:
        metrics: The evaluation, with its binary metrics.
        curve: A key of `CURVES`.
    """
    field, x_axis, y_axis = CURVES[curve]
    rows: list[Record] = []
    for one in classes_of(metrics):
        found = getattr(one, field)
        columns = (getattr(found, x_axis), getattr(found, y_axis), found.thresholds)
        rows += [
            {
                "concept": name_of(one.concept),
                x_axis: shortest_float(x),
                y_axis: shortest_float(y),
                "threshold": shortest_float(threshold),
            }
            for x, y, threshold in zip(*columns, strict=False)
        ]
    return rows


def lines(metrics: Any, curve: str) -> dict[str, list[tuple[float, float]]]:
    """Return the points of a curve as (x, y), by the name of the class."""
    _, x_axis, y_axis = CURVES[curve]
    found: dict[str, list[tuple[float, float]]] = {}
    for row in points(metrics, curve):
        x, y = row[x_axis], row[y_axis]
        found.setdefault(str(row["concept"]), []).append((x, y))  # type: ignore[arg-type]
    return found


def summary(metrics: Any) -> Record:
    """Return the figures of the whole that are set."""
    return {field.name: _plain(value) for field, value in metrics.summary.ListFields()}


def _plain(value: Any) -> object:
    return shortest_float(value) if isinstance(value, float) else value


def thinned(line: Sequence[tuple[float, float]], most: int) -> Iterable[tuple[float, float]]:
    """Return at most about so many points of a line, its ends among them."""
    step = max(1, len(line) // most)
    return [*line[::step], *line[-1:]]
