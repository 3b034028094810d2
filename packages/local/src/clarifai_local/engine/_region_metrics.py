"""How good a detector or segmenter is: average precision by overlap, size and concept.

Matching is COCO's: the answers of a concept, the surest first, each take the true region that they
overlap most, if by at least the asked intersection over union (IoU) and not taken yet. Average
precision is the area under the curve of precision over recall, precision made falling. For the
figures of a size, true regions of other sizes count neither way, nor do answers of other sizes that
match nothing. Sizes are pixels of the original picture, the limits COCO's: 32 x 32 and 96 x 96.

Curves have a point for each value 0, 0.01 ... 1, as clients look a value up in them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
import numpy.typing as npt
from clarifai_grpc.grpc.api import resources_pb2

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

AREAS: tuple[tuple[str, float, float], ...] = (
    ("all", 0.0, 1e10),
    ("small", 0.0, 32.0**2),
    ("medium", 32.0**2, 96.0**2),
    ("large", 96.0**2, 1e10),
)
"""Name, least and greatest pixels."""

IOUS = (0.5, 0.6, 0.7, 0.8, 0.9)
"""Overlaps that figures of concepts and sizes are given for."""

IOU_RANGE = tuple(0.5 + 0.05 * step for step in range(10))
"""Overlaps that `mean_avg_precision_iou_range` is the mean over."""

_THRESHOLDS = np.arange(101) / 100
_SURE = 50
"""Place of 0.5 in the thresholds."""


@attrs.frozen
class Scene:
    """One picture: what is there, and what the model said; concepts are places in a list."""

    truth: npt.NDArray[np.int64]
    truth_pixels: npt.NDArray[np.float64]
    said: npt.NDArray[np.int64]
    said_pixels: npt.NDArray[np.float64]
    values: npt.NDArray[np.float64]
    overlaps: npt.NDArray[np.float64]
    """(said, truth): intersection over union."""


@attrs.frozen
class _Matches:
    """The answers about one concept, the surest first."""

    values: npt.NDArray[np.float64]
    right: npt.NDArray[np.bool_]
    total: int
    """True regions."""

    @property
    def average_precision(self) -> float:
        """Area under precision over recall."""
        if not (self.total and len(self.right)):
            return 0.0
        hits = np.cumsum(self.right)
        precision = hits / np.arange(1, len(hits) + 1)
        falling = np.maximum.accumulate(precision[::-1])[::-1]
        return float(falling[self.right].sum() / self.total)

    def curve(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Return precision and recall at each threshold; without answers precision is 1."""
        shown = (self.values[None, :] >= _THRESHOLDS[:, None]).sum(axis=1)
        hits = np.concatenate([[0], np.cumsum(self.right)])[shown]
        precision = np.where(shown > 0, hits / np.maximum(shown, 1), 1.0)
        return precision, hits / max(self.total, 1)


def evaluate_regions(
    concepts: Sequence[resources_pb2.Concept], scenes: Sequence[Scene]
) -> resources_pb2.EvalMetrics:
    """Return summary, label counts and the figures of each concept and size.

    Args:
        concepts: What can be there or be said.
        scenes: The test set.
    """
    table = {
        (index, area, iou): _matched(scenes, index, area, iou)
        for index in range(len(concepts))
        for area in AREAS
        for iou in (IOUS if area != AREAS[0] else sorted({*IOUS, *IOU_RANGE}))
    }
    by_class = [
        _figures(table[index, area, iou], area, iou, concept=concept)
        for area in AREAS
        for iou in IOUS
        for index, concept in enumerate(concepts)
    ]
    by_area = [
        _over_concepts([table[index, area, iou] for index in range(len(concepts))], area, iou)
        for area in AREAS
        for iou in IOUS
    ]
    return resources_pb2.EvalMetrics(
        summary=_summary(table, len(concepts)),
        label_counts=_label_counts(concepts, scenes),
        metrics_by_class=by_class,
        metrics_by_area=by_area,
    )


def _matched(
    scenes: Sequence[Scene], concept: int, area: tuple[str, float, float], iou: float
) -> _Matches:
    answers = [answer for scene in scenes for answer in _answers(scene, concept, area, iou)]
    answers.sort(key=lambda answer: -answer[0])
    total = sum(
        int((_within(scene.truth_pixels, area) & (scene.truth == concept)).sum())
        for scene in scenes
    )
    return _Matches(
        np.array([value for value, _ in answers]),
        np.array([right for _, right in answers], np.bool_),
        total,
    )


def _answers(
    scene: Scene, concept: int, area: tuple[str, float, float], iou: float
) -> Iterator[tuple[float, bool]]:
    """Yield value and rightness of each answer that counts."""
    there = np.flatnonzero(scene.truth == concept)
    counted = _within(scene.truth_pixels, area)
    fitting = _within(scene.said_pixels, area)
    free = np.ones(len(there), np.bool_)
    said = np.flatnonzero(scene.said == concept)
    for answer in said[np.argsort(-scene.values[said], kind="stable")]:
        shared = np.where(free, scene.overlaps[answer, there], -1.0)
        best = int(shared.argmax()) if len(there) else -1
        # A box is in single precision on the wire: an exact 0.5 must not fail by the last digit.
        if best >= 0 and shared[best] >= iou - 1e-6:
            free[best] = False
            if counted[there[best]]:
                yield float(scene.values[answer]), True
        elif fitting[answer]:
            yield float(scene.values[answer]), False


def _within(
    pixels: npt.NDArray[np.float64], area: tuple[str, float, float]
) -> npt.NDArray[np.bool_]:
    return np.asarray((pixels >= area[1]) & (pixels < area[2]))


def _figures(
    matches: _Matches,
    area: tuple[str, float, float],
    iou: float,
    **fields: Any,
) -> resources_pb2.BinaryMetrics:
    precision, recall = matches.curve()
    return resources_pb2.BinaryMetrics(
        num_pos=matches.total,
        num_tot=matches.total,
        f1=_f1(precision[_SURE], recall[_SURE]),
        avg_precision=matches.average_precision,
        precision_recall_curve=_curve(precision, recall),
        area_name=area[0],
        area_min=area[1],
        area_max=area[2],
        iou=iou,
        **fields,
    )


def _over_concepts(
    parts: Sequence[_Matches], area: tuple[str, float, float], iou: float
) -> resources_pb2.BinaryMetrics:
    """Return the means over the concepts that occur in an area."""
    occurring = [part for part in parts if part.total] or [_NONE]
    curves = [part.curve() for part in occurring]
    precision, recall = (np.mean([curve[side] for curve in curves], axis=0) for side in (0, 1))
    total = sum(part.total for part in occurring)
    return resources_pb2.BinaryMetrics(
        num_pos=total,
        num_tot=total,
        f1=float(np.mean([_f1(p[_SURE], r[_SURE]) for p, r in curves])),
        avg_precision=float(np.mean([part.average_precision for part in occurring])),
        precision_recall_curve=_curve(precision, recall),
        area_name=area[0],
        area_min=area[1],
        area_max=area[2],
        iou=iou,
    )


_NONE = _Matches(np.zeros(0), np.zeros(0, np.bool_), 0)


def _curve(
    precision: npt.NDArray[np.float64], recall: npt.NDArray[np.float64]
) -> resources_pb2.PrecisionRecallCurve:
    return resources_pb2.PrecisionRecallCurve(
        precision=precision, recall=recall, thresholds=_THRESHOLDS
    )


def _summary(table: dict[Any, _Matches], count: int) -> resources_pb2.MetricsSummary:
    everywhere = AREAS[0]
    occurring = [i for i in range(count) if table[i, everywhere, 0.5].total]
    at_half = [table[i, everywhere, 0.5] for i in occurring]
    curves = [matches.curve() for matches in at_half]
    precisions, recalls = ([float(curve[side][_SURE]) for curve in curves] for side in (0, 1))
    scores = [_f1(p, r) for p, r in zip(precisions, recalls, strict=True)]
    over_range = [
        table[i, everywhere, iou].average_precision for i in occurring for iou in IOU_RANGE
    ]
    return resources_pb2.MetricsSummary(
        mean_avg_precision_iou_50=_mean([matches.average_precision for matches in at_half]),
        mean_avg_precision_iou_range=_mean(over_range),
        macro_avg_precision=_mean(precisions),
        macro_avg_recall=_mean(recalls),
        macro_avg_f1_score=_mean(scores),
        macro_std_f1_score=float(np.std(scores)) if scores else 0.0,
    )


def _label_counts(
    concepts: Sequence[resources_pb2.Concept], scenes: Sequence[Scene]
) -> resources_pb2.LabelDistribution:
    counts = [sum(int((scene.truth == i).sum()) for scene in scenes) for i in range(len(concepts))]
    return resources_pb2.LabelDistribution(
        positive_label_counts=[
            resources_pb2.LabelCount(concept_name=concept.name, count=count, concept=concept)
            for concept, count in zip(concepts, counts, strict=True)
        ]
    )


def _f1(precision: float, recall: float) -> float:
    both = precision + recall
    return float(2 * precision * recall / both) if both else 0.0


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if len(values) else 0.0
