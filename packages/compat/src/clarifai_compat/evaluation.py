"""Evaluations side by side: several models on one dataset, or one model on several.

The tables are those of pandas (`pip install "clarifai-compat[evaluation]"`), the charts those of
matplotlib.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import attrs

from clarifai_core.errors import UserError
from clarifai_core.existing import owner_of
from clarifai_core.handles import Handle, open_class
from clarifai_core.heavy import service_pb2
from clarifai_core.jobs import EVALUATION, JobState
from clarifai_core.lazy import import_module
from clarifai_core.loggers import logger_for

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from types import ModuleType
    from typing import TypeAlias

    from clarifai_grpc.grpc.api import resources_pb2

__all__ = ["EvalResultCompare", "EvalType", "get_eval_type"]

logger = logger_for(__name__)

if TYPE_CHECKING:  # handles are of rooms that this one does not know
    Model: TypeAlias = Any
    Dataset: TypeAlias = Any
    Table: TypeAlias = Any
    """A `pandas.DataFrame`."""

MACRO_AVG = "macro_avg"
"""What curves call the mean of all concepts."""

Area: TypeAlias = Literal["all", "medium", "small"]
AREAS: tuple[Area, ...] = get_args(Area)
"""Sizes of regions that detections are counted by."""

IOUS = (0.5, 0.6, 0.7, 0.8, 0.9)
"""How much of each other two boxes cover (intersection over union) to count as the same."""

_FIGURES = ("label_counts", "binary_metrics", "confusion_matrix", "metrics_by_class")


class EvalType(Enum):
    """What kind of answer is evaluated."""

    UNDEFINED = 0
    CLASSIFICATION = 1
    DETECTION = 2
    CLUSTERING = 3
    SEGMENTATION = 4
    TRACKER = 5


_TYPES = {
    "classifier": EvalType.CLASSIFICATION,
    "visual-detector": EvalType.DETECTION,
    "segmenter": EvalType.SEGMENTATION,
    "embedder": EvalType.CLUSTERING,
    "tracker": EvalType.TRACKER,
}


def get_eval_type(model_type: str) -> EvalType:
    """Return what kind of answer a type of models gives.

    Example:
        >>> get_eval_type("visual-classifier").name, get_eval_type("text-to-text").name
        ('CLASSIFICATION', 'UNDEFINED')
    """
    found = (kind for part, kind in _TYPES.items() if part in model_type)
    return next(found, EvalType.UNDEFINED)


@attrs.frozen
class _Evaluated:
    """A model with its newest evaluation on a dataset."""

    model: Any
    dataset: Any
    metrics: Any
    """`EvalMetrics`, with all figures."""

    def model_name(self) -> str:
        version = self.model.message.model_version.id
        return "/".join([self.model.app_id, self.model.id, *([version[:5]] if version else [])])

    def dataset_name(self) -> str:
        version = self.dataset.message.version.id
        name = [self.dataset.app_id, self.dataset.id, *([version[:5]] if version else [])]
        return "/".join(name)


class EvalResultCompare:
    """Compares the newest evaluations of models on datasets.

    Args:
        models: Handles or URLs of models of one type.
        datasets: A handle or URL of a dataset, or a list of such; of several models, one only.
        attempt_evaluate: Whether to evaluate where that was not done yet.
        eval_info: Parameters of those evaluations.
        auth_kwargs: Arguments for handles that are opened by their URL: `pat`, `base_url` ...

    Raises:
        UserError: Several models and several datasets, models of several types, or something is not
            evaluated.
        ImportError: pandas is not installed.

    Example:
        >>> compared = EvalResultCompare([model], [train, test])  # doctest: +SKIP
        >>> by_concept, in_all = compared.detailed_summary()  # doctest: +SKIP
    """

    def __init__(
        self,
        models: Sequence[Model] | Sequence[str],
        datasets: Dataset | Sequence[Dataset] | str | Sequence[str],
        attempt_evaluate: bool = False,
        eval_info: Mapping[str, Any] | None = None,
        auth_kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        _pandas()
        given = [datasets] if isinstance(datasets, (str, Handle)) else list(datasets)
        if not isinstance(models, (list, tuple)) or not models or not given:
            raise UserError("Give a list of models, and at least one dataset.")
        if len(models) > 1 and len(given) > 1:
            raise UserError(f"{len(models)} models are compared on one dataset, got {len(given)}.")
        self.comparator = "Model" if len(models) > 1 else "Dataset"
        auth = dict(auth_kwargs or {})
        opened = [_with_info(_opened("model", one, auth)) for one in models]
        types = sorted({one.message.model_type_id for one in opened})
        if len(types) > 1:
            raise UserError(f"Models of different types cannot be compared: {', '.join(types)}.")
        self.model_type = types[0]
        self._evaluated = [
            _Evaluated(model, dataset, _found(model, dataset, attempt_evaluate, eval_info))
            for model in opened
            for dataset in [_opened("dataset", one, auth) for one in given]
        ]

    def detailed_summary(
        self,
        confidence_threshold: float = 0.5,
        iou_threshold: float = 0.5,
        area: Area = "all",
        bypass_const: bool = False,
    ) -> tuple[Table, Table] | None:
        """Return a table of the concepts and one of the totals, or None where there are no figures.

        Args:
            confidence_threshold: From which value on a concept counts as predicted, 0..1.
            iou_threshold: Of detections: one of 0.5, 0.6 ... 0.9.
            area: Of detections: `"all"`, `"medium"` or `"small"`.
            bypass_const: Whether other values of these two are looked for, too.
        """
        pandas, tables, totals = _pandas(), [], []
        for one, name in self._named():
            rows = self._rows(one, confidence_threshold, iou_threshold, area, bypass_const)
            if rows:
                table = pandas.DataFrame(rows)
                totals.append({"Total Concept": f"{self.comparator}:{name}", **_total(one, rows)})
                table[self.comparator] = name
                tables.append(table)
        if not tables:
            logger.warning("Evaluations of a %s have no summary.", self.model_type)
            return None
        return pandas.concat(tables, axis=0), pandas.DataFrame(totals)

    def _rows(
        self, one: _Evaluated, confidence: float, iou: float, area: Area, is_any: bool
    ) -> list[dict[str, Any]]:
        kind = get_eval_type(self.model_type)
        if kind is EvalType.DETECTION:
            found = _of_size(one.metrics.metrics_by_class, iou, area, is_any)
            return [_detected(metrics, confidence) for metrics in found]
        if kind is not EvalType.CLASSIFICATION:
            return []
        metrics = one.metrics.binary_metrics
        return [_classified(m, confidence) for m in metrics if m.precision_recall_curve.ByteSize()]

    def confusion_matrix(
        self,
        show: bool = True,
        save_path: str | os.PathLike[str] | None = None,
        cm_kwargs: Mapping[str, Any] | None = None,
    ) -> Table | None:
        """Return what was taken for what, or None where there are no such figures.

        Args:
            show: Whether to show a chart.
            save_path: Where to save the chart.
            cm_kwargs: Kept for programs that give it; there is nothing to set.
        """
        del cm_kwargs
        pandas, tables = _pandas(), []
        for one, name in self._named():
            if not one.metrics.confusion_matrix.matrix:
                continue
            table = _confusions(pandas, one.metrics)
            table[self.comparator] = name
            tables.append(table)
        if not tables:
            logger.warning("Evaluations of a %s have no confusion matrix.", self.model_type)
            return None
        if show or save_path:
            _charts(tables, self.comparator, _draw_confusions, show, save_path)
        return pandas.concat(tables, axis=0)

    def roc_curve_plot(
        self,
        show: bool = True,
        save_path: str | os.PathLike[str] | None = None,
        roc_curve_kwargs: Mapping[str, Any] | None = None,
        relplot_kwargs: Mapping[str, Any] | None = None,
    ) -> Table | None:
        """Return true against false positive rates, or None where there are no such figures.

        Args:
            show: Whether to show a chart.
            save_path: Where to save the chart.
            roc_curve_kwargs: Kept for programs that give it; there is nothing to set.
            relplot_kwargs: `title` of the chart's figure.
        """
        del roc_curve_kwargs
        found = [
            (name, one.metrics.binary_metrics)
            for one, name in self._named()
            if get_eval_type(self.model_type) is EvalType.CLASSIFICATION
        ]
        return self._curves(found, "roc_curve", ("tpr", "fpr"), show, save_path, relplot_kwargs)

    def pr_plot(
        self,
        show: bool = True,
        save_path: str | os.PathLike[str] | None = None,
        pr_curve_kwargs: Mapping[str, Any] | None = None,
        relplot_kwargs: Mapping[str, Any] | None = None,
    ) -> Table | None:
        """Return precision against recall, or None where there are no such figures.

        Args:
            show: Whether to show a chart.
            save_path: Where to save the chart.
            pr_curve_kwargs: Of detections: `iou_threshold`, `area`, `bypass_const`.
            relplot_kwargs: `title` of the chart's figure.
        """
        given = pr_curve_kwargs or {}
        size = (given.get("iou_threshold", 0.5), given.get("area", "all"))
        is_any = bool(given.get("bypass_const"))
        found = []
        for one, name in self._named():
            metrics = one.metrics.binary_metrics
            if get_eval_type(self.model_type) is EvalType.DETECTION:
                metrics = _of_size(one.metrics.metrics_by_class, *size, is_any)
            found.append((name, metrics))
        axes = ("recall", "precision")
        return self._curves(found, "precision_recall_curve", axes, show, save_path, relplot_kwargs)

    def all(
        self,
        output_folder: str | os.PathLike[str],
        confidence_threshold: float = 0.5,
        iou_threshold: float = 0.5,
        overwrite: bool = False,
        metric_kwargs: Mapping[str, Any] | None = None,
        pr_plot_kwargs: Mapping[str, Any] | None = None,
        roc_plot_kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        """Write all tables as CSV and all charts as JPEG into a folder below `output_folder`.

        Args:
            output_folder: Where the folder is made: `conf-0.5`, of detections `conf-0.5_iou-...`.
            confidence_threshold: As in `detailed_summary`.
            iou_threshold: As there.
            overwrite: Whether that folder may exist.
            metric_kwargs: `area` and `bypass_const`, as there.
            pr_plot_kwargs: As `relplot_kwargs` of `pr_plot`.
            roc_plot_kwargs: As `relplot_kwargs` of `roc_curve_plot`.

        Raises:
            UserError: The folder exists.
        """
        more = {"area": "all", "bypass_const": False, **(metric_kwargs or {})}
        name = f"conf-{confidence_threshold}"
        if get_eval_type(self.model_type) is EvalType.DETECTION:
            name += f"_iou-{iou_threshold}_area-{more['area']}"
        folder = Path(output_folder) / name
        if folder.exists() and not overwrite:
            raise UserError(f"{str(folder)!r} exists: give overwrite=True to replace its files.")
        folder.mkdir(parents=True, exist_ok=True)
        tables = self.detailed_summary(
            confidence_threshold, iou_threshold, more["area"], more["bypass_const"]
        )
        for file, table in zip(("concepts_summary", "total_summary"), tables or (), strict=False):
            table.to_csv(folder / f"{file}.csv")
        curve = {"iou_threshold": iou_threshold, **more}
        self.roc_curve_plot(False, folder / "roc.jpg", None, roc_plot_kwargs)
        self.pr_plot(False, folder / "pr.jpg", curve, pr_plot_kwargs)
        self.confusion_matrix(False, folder / "confusion_matrix.jpg")

    def _named(self) -> list[tuple[_Evaluated, str]]:
        """Return the evaluations with what tells them apart."""
        if self.comparator == "Dataset":
            return [(one, one.dataset_name()) for one in self._evaluated]
        names = [one.model_name() for one in self._evaluated]
        if len({name.partition("/")[0] for name in names}) == 1:
            names = [name.partition("/")[2] for name in names]
        return list(zip(self._evaluated, names, strict=True))

    def _curves(
        self,
        found: Iterable[tuple[str, Iterable[Any]]],
        curve: str,
        axes: tuple[str, str],
        show: bool,
        save_path: str | os.PathLike[str] | None,
        relplot_kwargs: Mapping[str, Any] | None,
    ) -> Table | None:
        pandas, tables = _pandas(), []
        for name, metrics in found:
            rows = _points([m for m in metrics if getattr(m, curve).ByteSize()], curve, axes)
            if rows:
                table = pandas.DataFrame(rows)
                table[self.comparator] = name
                tables.append(table)
        if not tables:
            logger.warning("Evaluations of a %s have no %s.", self.model_type, curve)
            return None
        if show or save_path:
            title = str((relplot_kwargs or {}).get("title", ""))

            def draw(plot: Any, table: Any) -> None:
                _draw_curves(plot, table, axes)

            _charts(tables, self.comparator, draw, show, save_path, title)
        return pandas.concat(tables, axis=0)


def _pandas() -> ModuleType:
    try:
        return import_module("pandas")
    except ImportError as error:
        raise ImportError("Tables are those of pandas: pip install pandas") from error


def _opened(kind: str, given: Any, auth: Mapping[str, Any]) -> Any:
    if isinstance(given, str):
        return open_class(kind)(given, **auth)
    if not isinstance(given, Handle) or given.kind != kind:
        raise UserError(f"A {kind} must be a handle or a URL, got {given!r}.")
    return given


def _with_info(model: Model) -> Model:
    """Return a model with its type and version, asked of the platform where they are not known."""
    version_id = model.message.model_version.id
    if model.message.model_type_id and version_id:
        return model
    app: Any = model.child("app")
    found: Model = app.model(model.id, model_version_id=version_id)
    return found


def _found(
    model: Model, dataset: Dataset, evaluates: bool, eval_info: Mapping[str, Any] | None
) -> resources_pb2.EvalMetrics:
    """Return the newest evaluation of a model on a dataset, with all figures."""
    wanted = dict.fromkeys(_FIGURES, True)
    request = service_pb2.ListModelVersionEvaluationsRequest(
        user_app_id=model.user_app_id,
        model_id=model.id,
        model_version_id=model.message.model_version.id,
    )
    listed = model.session.call("ListModelVersionEvaluations", request).eval_metrics
    for one in listed:
        is_done = EVALUATION.state_of(one.status.code) is JobState.DONE
        if is_done and _is_of(one.ground_truth_dataset, dataset, model):
            found: resources_pb2.EvalMetrics = model.get_eval_by_id(one.id, **wanted)
            return found
    if not evaluates:
        raise UserError(
            f"Model {model.id!r} is not evaluated on dataset {dataset.id!r}: call model.evaluate, "
            "or give attempt_evaluate=True."
        )
    (begun,) = model.evaluate(
        dataset_id=dataset.id,
        dataset_app_id=dataset.app_id,
        dataset_user_id=owner_of(dataset),
        eval_info=eval_info,
    )
    made: resources_pb2.EvalMetrics = model.wait_until_evaluated(begun.id, **wanted)
    return made


def _is_of(said: resources_pb2.Dataset, dataset: Dataset, model: Model) -> bool:
    version_id = dataset.message.version.id
    owners = [(owner_of(dataset) or owner_of(model), dataset.app_id or model.app_id)]
    if "me" in owners[0]:
        owners.append((said.user_id, owners[0][1]))
    same = said.id == dataset.id and (said.user_id, said.app_id) in owners
    return same and version_id in ("", said.version.id)


def _at(curve: Any, values: Sequence[float], threshold: float) -> float:
    """Return the value of a curve at the threshold nearest to one."""
    steps = list(curve.thresholds)
    if not steps or not values:
        return 0.0
    nearest = min(range(len(steps)), key=lambda i: abs(steps[i] - threshold))
    return float(values[min(nearest, len(values) - 1)])


def _f1(recall: float, precision: float) -> float:
    return 2 * recall * precision / (recall + precision) if recall + precision else 0.0


def _classified(metrics: Any, confidence: float) -> dict[str, Any]:
    curve, roc = metrics.precision_recall_curve, metrics.roc_curve
    precision = _at(curve, curve.precision, confidence)
    recall = _at(curve, curve.recall, confidence)
    right = round(_at(roc, roc.tpr, confidence) * metrics.num_pos)
    wrong = round(_at(roc, roc.fpr, confidence) * metrics.num_neg)
    return {
        "Concept": metrics.concept.id,
        "Accuracy (ROC AUC)": round(metrics.roc_auc, 3),
        "Total Labeled": metrics.num_pos,
        "Total Predicted": right + wrong,
        "True Positives": right,
        "False Negatives": metrics.num_pos - right,
        "False Positives": wrong,
        "Recall": recall,
        "Precision": precision,
        "F1": _f1(recall, precision),
    }


def _detected(metrics: Any, confidence: float) -> dict[str, Any]:
    curve = metrics.precision_recall_curve
    precision = round(_at(curve, curve.precision, confidence), 3)
    recall = round(_at(curve, curve.recall, confidence), 3)
    right = round(recall * metrics.num_tot)
    return {
        "Concept": metrics.concept.id,
        "Average Precision": round(metrics.avg_precision, 3),
        "Total Labeled": metrics.num_tot,
        "True Positives": right,
        "False Positives": round(right / precision - right) if precision else 0,
        "False Negatives": metrics.num_tot - right,
        "Recall": recall,
        "Precision": precision,
        "F1": _f1(recall, precision),
    }


def _total(one: _Evaluated, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the sums of a table; recall and precision are weighted by what is labelled."""
    labelled = sum(row["Total Labeled"] for row in rows)
    found = {name: sum(row[name] for row in rows) for name in rows[0] if name != "Concept"}
    for name in ("Recall", "Precision"):
        weighted = sum(row[name] * row["Total Labeled"] for row in rows)
        found[name] = weighted / labelled if labelled else 0.0
    if "Average Precision" in found:
        found["Average Precision"] /= len(rows)
        predicted = found["True Positives"] + found["False Positives"]
        found["Precision"] = found["True Positives"] / predicted if predicted else 0.0
    else:
        found["Accuracy (ROC AUC)"] = one.metrics.summary.macro_avg_roc_auc
    found["F1"] = _f1(found["Recall"], found["Precision"])
    return found


def _of_size(metrics: Iterable[Any], iou: float, area: Area, is_any: bool) -> list[Any]:
    if not is_any and (round(iou, 1) not in IOUS or area not in AREAS):
        raise UserError(
            f"iou_threshold must be one of {', '.join(map(str, IOUS))} and area one of "
            f"{', '.join(AREAS)}, got {iou!r} and {area!r}."
        )
    return [m for m in metrics if m.area_name == area and round(m.iou, 1) == round(iou, 1)]


def _confusions(pandas: Any, metrics: resources_pb2.EvalMetrics) -> Table:
    entries = metrics.confusion_matrix.matrix
    ids = sorted(one.concept.id for one in metrics.label_counts.positive_label_counts)
    ids = ids or sorted({e.actual_concept.id for e in entries})
    values = {(e.actual_concept.id, e.predicted_concept.id): round(e.value, 3) for e in entries}
    return pandas.DataFrame(
        [[values.get((actual, predicted), 0.0) for predicted in ids] for actual in ids],
        index=pandas.Index(ids, name="Actual"),
        columns=pandas.Index(ids, name="Predicted"),
    )


def _points(metrics: Sequence[Any], curve: str, axes: tuple[str, str]) -> list[dict[str, Any]]:
    """Return the points of the curves of all concepts, and those of their mean."""
    rows = []
    grid = sorted({step for one in metrics for step in getattr(one, curve).thresholds})
    for one in metrics:
        found = getattr(one, curve)
        columns = (getattr(found, axes[0]), getattr(found, axes[1]), found.thresholds)
        for x, y, step in zip(*columns, strict=False):
            rows.append(_point(axes, x, y, one.concept.id, step))
    for step in grid if rows else ():
        x, y = (
            sum(_at(getattr(m, curve), getattr(getattr(m, curve), axis), step) for m in metrics)
            / len(metrics)
            for axis in axes
        )
        rows.append(_point(axes, x, y, MACRO_AVG, step))
    return rows


def _point(axes: tuple[str, str], x: float, y: float, concept: str, step: float) -> dict[str, Any]:
    return {axes[0]: x, axes[1]: y, "concept": concept, "threshold": step}


def _charts(
    tables: Sequence[Table],
    comparator: str,
    draw: Callable[[Any, Table], None],
    show: bool,
    save_path: str | os.PathLike[str] | None,
    title: str = "",
) -> None:
    """Draw a chart for each table, side by side."""
    try:
        pyplot: Any = import_module("matplotlib.pyplot")
    except ImportError as error:
        raise ImportError(
            "Charts are those of matplotlib: pip install matplotlib, or give show=False"
        ) from error
    figure, plots = pyplot.subplots(1, len(tables), squeeze=False, figsize=(5 * len(tables), 5))
    for plot, table in zip(plots[0], tables, strict=True):
        plot.set_title(f"{comparator}: {table[comparator].iloc[0]}", fontsize=8)
        draw(plot, table.drop(columns=comparator))
    figure.suptitle(title)
    if save_path:
        figure.savefig(save_path)
    if show:
        pyplot.show()
    pyplot.close(figure)


def _draw_curves(plot: Any, table: Table, axes: tuple[str, str]) -> None:
    for concept, points in table.groupby("concept", sort=False):
        width = 3.0 if concept == MACRO_AVG else 1.0
        plot.plot(points[axes[0]], points[axes[1]], label=concept, linewidth=width)
    plot.set(xlabel=axes[0], ylabel=axes[1])
    plot.legend(fontsize=6)


def _draw_confusions(plot: Any, table: Table) -> None:
    names = list(table.columns)
    plot.imshow(table.to_numpy(), cmap="Blues", vmin=0)
    plot.set(xlabel="Predicted", ylabel="Actual")
    plot.set_xticks(range(len(names)), names, rotation=45, fontsize=6)
    plot.set_yticks(range(len(names)), names, fontsize=6)
