"""An evaluation as tables and pictures: what was taken for what, and the curves of each class."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from clarifai_core import records
from clarifai_core.errors import UserError
from clarifai_core.heavy import resources_pb2
from clarifai_core.optional import optional
from clarifai_core.safe_text import shown
from clarifai_core.tables import Tabular
from clarifai_views import figures, views
from clarifai_views.frames import frame, square

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clarifai_core.records import Record
    from clarifai_views.frames import DataFrame
    from clarifai_views.markup import Html

Curve: TypeAlias = Literal["precision_recall", "roc"]

EXTRA = "plots"
"""The extra that brings pictures."""

MAX_NAMED = 40
"""Classes whose names fit beside a matrix."""


class Evaluation(Tabular):
    """How good a model version is on data with known labels, as tables and pictures.

    `to_records()` and `to_pandas()` have a row for each class; notebooks show all of it.

    Example:
        >>> metrics = resources_pb2.EvalMetrics(id="first")
        >>> metrics.summary.top1_accuracy = 0.75
        >>> Evaluation(metrics).summary
        {'top1_accuracy': 0.75}
    """

    def __init__(self, metrics: resources_pb2.EvalMetrics) -> None:
        """Read an evaluation.

        Args:
            metrics: What `Model.get_eval_by_id` returns; what it was not asked for is empty here.

        Raises:
            UserError: It is none.
        """
        if not isinstance(metrics, resources_pb2.EvalMetrics):
            raise UserError(f"Give an EvalMetrics message, not {shown(metrics, 80)}.")
        self.metrics = metrics

    @property
    def summary(self) -> Record:
        """Return the figures of the whole, as far as the platform gives them."""
        return figures.summary(self.metrics)

    def to_record(self) -> Record:
        """Return the whole as one row."""
        return records.row_of(self.metrics)

    def confusion_matrix(self) -> DataFrame:
        """Return the share of each class (row) that was taken for each class (column), 0..1.

        Raises:
            PluginError: pandas is not installed.
        """
        names, shares = figures.confusions(self.metrics)
        return square(names, shares, ("actual", "predicted"), "confusion_matrix()")

    def curve(self, kind: Curve = "precision_recall") -> DataFrame:
        """Return the points of a curve of each class, a row each.

        Args:
            kind: `"precision_recall"`: columns concept, recall, precision, threshold; or `"roc"`:
                concept, fpr, tpr, threshold.

        Raises:
            UserError: There is no such curve.
            PluginError: pandas is not installed.
        """
        _, x_axis, y_axis = figures.CURVES[_checked(kind)]
        columns = ("concept", x_axis, y_axis, "threshold")
        return frame(lambda: figures.points(self.metrics, kind), columns)

    def plot_confusion_matrix(self) -> Plot:
        """Return the confusion matrix as a picture.

        Raises:
            UserError: The evaluation has none: it was not asked for.
            PluginError: matplotlib is not installed.
        """
        names, shares = figures.confusions(self.metrics)
        if not names:
            raise UserError(_missing("confusion matrix", "confusion_matrix"))
        made, (axes,) = _figure(1, "plot_confusion_matrix()")
        picture = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        axes.set(xlabel="predicted", ylabel="actual", title="What was taken for what")
        if len(names) <= MAX_NAMED:
            axes.set_xticks(range(len(names)), names, rotation=60, ha="right")
            axes.set_yticks(range(len(names)), names)
        if len(names) <= MAX_NAMED // 3:
            _write_shares(axes, shares)
        made.colorbar(picture, ax=axes, shrink=0.8)
        return Plot(made)

    def plot_curve(self, kind: Curve = "precision_recall") -> Plot:
        """Return a curve of each class as a picture.

        Args:
            kind: `"precision_recall"` or `"roc"`.

        Raises:
            UserError: There is no such curve, or the evaluation has none.
            PluginError: matplotlib is not installed.
        """
        lines = figures.lines(self.metrics, _checked(kind))
        if not lines:
            raise UserError(_missing(f"{kind} curve", "binary_metrics"))
        made, (axes,) = _figure(1, "plot_curve()")
        for name, points in lines.items():
            axes.plot([x for x, _ in points], [y for _, y in points], label=name)
        x_axis, y_axis = figures.AXES[kind]
        axes.set(xlabel=x_axis, ylabel=y_axis, xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
        if len(lines) <= MAX_NAMED:
            axes.legend(fontsize="small")
        return Plot(made)

    def _rows(self) -> Iterator[Record]:
        return iter(figures.by_class(self.metrics))

    def _columns(self) -> Sequence[str]:
        return figures.CLASS_COLUMNS

    def _view(self) -> Html:
        return views.of_evaluation(self.metrics)

    def __repr__(self) -> str:
        told = ", ".join(f"{name}={value:.4g}" for name, value in self.summary.items())
        return f"<Evaluation {self.metrics.id!r}: {told or 'no figures'}>"


class Plot:
    """A picture that notebooks show; `figure` is that of matplotlib, to go on with."""

    def __init__(self, figure: Any) -> None:
        self.figure = figure

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it to a file; its ending says how: `.png`, `.svg`, `.pdf` ..."""
        self.figure.savefig(os.fspath(path))

    def _repr_png_(self) -> bytes:
        file = io.BytesIO()
        self.figure.savefig(file, format="png")
        return file.getvalue()

    def __repr__(self) -> str:
        return "<Plot: .save(path) writes it, .figure is that of matplotlib>"


def _checked(kind: str) -> str:
    if kind not in figures.CURVES:
        raise UserError(f"There is no curve {kind!r}: give one of {', '.join(figures.CURVES)}.")
    return kind


def _missing(what: str, field: str) -> str:
    return (
        f"This evaluation has no {what}: ask for it, model.evaluation(), or "
        f"model.get_eval_by_id(eval_id, {field}=True)."
    )


def _figure(count: int, what: str) -> tuple[Any, Any]:
    """Return a figure of matplotlib and its axes; none of its global state is touched."""
    made = optional("matplotlib.figure", EXTRA, what=what).Figure(
        figsize=(5.5 * count, 4.5), layout="constrained"
    )
    return made, made.subplots(1, count, squeeze=False)[0]


def _write_shares(axes: Any, shares: Sequence[Sequence[float]]) -> None:
    for row, line in enumerate(shares):
        for column, value in enumerate(line):
            colour = "white" if value > 0.6 else "black"
            axes.text(column, row, f"{value:.2f}", ha="center", va="center", color=colour)
