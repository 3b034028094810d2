"""Metrics of detectors and segmenters: the regions they answer with against those of users.

A detector's regions are compared by their boxes. A segmenter's are compared by their pixels, and
all regions of a concept in a picture count as one, as in its answers.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import attrs
import numpy as np
import numpy.typing as npt
from clarifai_grpc.grpc.api import resources_pb2

from clarifai_local._models.samples import LabelledInput
from clarifai_local.engine import regions
from clarifai_local.engine._region_metrics import Scene, evaluate_regions
from clarifai_local.engine.pictures import fitting, size_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeAlias

    from clarifai_local.engine.regions import Area, MarkedRegion

    Known: TypeAlias = Callable[[Iterable[str]], Sequence[resources_pb2.Concept]]
    """From the ids that occur to the concepts that count, in the order of the answer."""

GRID_PIXELS = 256
"""Longer side of the grid that areas are compared on."""

_SAID = 0.0
"""Concepts of an answer count from any value on."""


@attrs.frozen
class PredictedPicture:
    """A picture of the ground truth with what the model said of it."""

    item: LabelledInput
    said: resources_pb2.Annotation
    """Each region with its most probable concept."""
    height: int
    width: int

    @classmethod
    def of(
        cls, item: LabelledInput, content: bytes, answer: resources_pb2.Data
    ) -> PredictedPicture:
        """Measure the picture and reduce the answer to what is compared."""
        said = resources_pb2.Annotation()
        for region in answer.regions:
            if region.data.concepts:
                best = max(region.data.concepts, key=lambda concept: concept.value)
                added = said.data.regions.add(region_info=region.region_info, value=best.value)
                added.data.concepts.add(id=best.id, value=best.value)
        return cls(item, said, *size_of(content))

    @property
    def pixels(self) -> int:
        """Of the whole picture."""
        return self.height * self.width


def has_truth(item: LabelledInput) -> bool:
    """Return whether a picture can be compared: it has labelled regions, or nothing in it."""
    if any(True for _ in regions.boxes_of(item.annotations)):
        return True
    return bool(item.labels) and all(value == 0 for value in item.labels.values())


def box_metrics(answered: Sequence[PredictedPicture], known: Known) -> resources_pb2.EvalMetrics:
    """Return the metrics of a detector."""
    pairs = [
        (
            list(regions.boxes_of(one.item.annotations)),
            list(regions.boxes_of([one.said], _SAID)),
        )
        for one in answered
    ]
    concepts = _concepts(pairs, known)
    scenes = [_scene(one, *pair, concepts) for one, pair in zip(answered, pairs, strict=True)]
    metrics = evaluate_regions(concepts, scenes)
    _add_test_set(metrics, answered, concepts)
    return metrics


def area_metrics(answered: Sequence[PredictedPicture], known: Known) -> resources_pb2.EvalMetrics:
    """Return the metrics of a segmenter.

    In `binary_metrics`, `iou` and `f1` are those of all pixels of the test set together.
    """
    pairs = []
    for one in answered:
        grid = fitting(one.height, one.width, GRID_PIXELS)
        truth = regions.areas_of(one.item.annotations, *grid)
        pairs.append((_joined(truth), _joined(regions.areas_of([one.said], *grid, _SAID))))
    concepts = _concepts(pairs, known)
    scenes = [_scene(one, *pair, concepts) for one, pair in zip(answered, pairs, strict=True)]
    metrics = evaluate_regions(concepts, scenes)
    metrics.binary_metrics.extend(_pixel_figures(pairs, concepts))
    _add_test_set(metrics, answered, concepts)
    return metrics


_Pair = tuple[list["MarkedRegion"], list["MarkedRegion"]]
"""What is there, and what was said."""


def _joined(marks: Iterable[MarkedRegion]) -> list[MarkedRegion]:
    """Return one mark per concept: all its areas together, with the greatest value."""
    by_concept: dict[str, MarkedRegion] = {}
    for mark in marks:
        before = by_concept.get(mark.concept)
        by_concept[mark.concept] = mark if before is None else _both(before, mark)
    return list(by_concept.values())


def _both(first: MarkedRegion, second: MarkedRegion) -> MarkedRegion:
    area = _area(first) | _area(second)
    value = max(first.value, second.value)
    return regions.MarkedRegion(first.concept, value, regions.bounds(area), area)


def _area(mark: MarkedRegion) -> Area:
    if mark.area is None:
        raise ValueError("a box has no area")
    return mark.area


def _concepts(pairs: Sequence[_Pair], known: Known) -> Sequence[resources_pb2.Concept]:
    return known(mark.concept for pair in pairs for side in pair[::-1] for mark in side)


def _scene(
    one: PredictedPicture,
    truth: Sequence[MarkedRegion],
    said: Sequence[MarkedRegion],
    concepts: Sequence[resources_pb2.Concept],
) -> Scene:
    place = {concept.id: index for index, concept in enumerate(concepts)}
    return Scene(
        truth=np.array([place[mark.concept] for mark in truth], np.int64),
        truth_pixels=_shares(truth) * one.pixels,
        said=np.array([place[mark.concept] for mark in said], np.int64),
        said_pixels=_shares(said) * one.pixels,
        values=np.array([mark.value for mark in said], np.float64),
        overlaps=_overlaps(said, truth),
    )


def _shares(marks: Sequence[MarkedRegion]) -> npt.NDArray[np.float64]:
    """Return how much of the picture each mark covers."""
    return np.array(
        [
            float(np.prod(mark.box[2:] - mark.box[:2]) if mark.area is None else mark.area.mean())
            for mark in marks
        ],
        np.float64,
    )


def _overlaps(
    said: Sequence[MarkedRegion], truth: Sequence[MarkedRegion]
) -> npt.NDArray[np.float64]:
    if said and truth and said[0].area is not None:
        return regions.area_overlaps([_area(m) for m in said], [_area(m) for m in truth])
    one, two = (np.array([m.box for m in side]).reshape(-1, 4) for side in (said, truth))
    return regions.overlaps(one, two)


def _pixel_figures(
    pairs: Sequence[_Pair], concepts: Sequence[resources_pb2.Concept]
) -> list[resources_pb2.BinaryMetrics]:
    shared: defaultdict[str, float] = defaultdict(float)
    sizes: defaultdict[str, float] = defaultdict(float)
    pictures: defaultdict[str, int] = defaultdict(int)
    for truth, said in pairs:
        answered = {mark.concept: _area(mark) for mark in said}
        for mark in truth:
            pictures[mark.concept] += 1
            if mark.concept in answered:
                shared[mark.concept] += float((_area(mark) & answered[mark.concept]).mean())
        for mark in (*truth, *said):
            sizes[mark.concept] += float(_area(mark).mean())
    return [
        resources_pb2.BinaryMetrics(
            concept=concept,
            num_pos=pictures[concept.id],
            num_neg=len(pairs) - pictures[concept.id],
            num_tot=len(pairs),
            iou=_ratio(shared[concept.id], sizes[concept.id] - shared[concept.id]),
            f1=_ratio(2 * shared[concept.id], sizes[concept.id]),
        )
        for concept in concepts
    ]


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _add_test_set(
    metrics: resources_pb2.EvalMetrics,
    answered: Sequence[PredictedPicture],
    concepts: Sequence[resources_pb2.Concept],
) -> None:
    for one in answered:
        entry = metrics.test_set.add()
        entry.input.id = one.item.id
        for annotation in one.item.annotations:
            entry.ground_truth_annotation.data.regions.extend(annotation.data.regions)
        entry.predicted_annotation.CopyFrom(one.said)
        for said, shown in (
            (entry.predicted_annotation, entry.predicted_concepts),
            (entry.ground_truth_annotation, entry.ground_truth_concepts),
        ):
            values = _best_values(said)
            for concept in sorted(concepts, key=lambda concept: -values.get(concept.id, 0)):
                if concept.id in values:
                    shown.add().CopyFrom(concept)
                    shown[-1].value = values[concept.id]
            _without_masks(said)


def _best_values(annotation: resources_pb2.Annotation) -> dict[str, float]:
    values: dict[str, float] = {}
    for region in annotation.data.regions:
        for concept in region.data.concepts:
            values[concept.id] = max(concept.value, values.get(concept.id, 0.0))
    return values


def _without_masks(annotation: resources_pb2.Annotation) -> None:
    """Put the box around a mask in its place: bytes in an answer break clients that list."""
    for region in annotation.data.regions:
        if region.region_info.mask.image.base64:
            area = regions.area_of(region.region_info, GRID_PIXELS, GRID_PIXELS)
            region.region_info.ClearField("mask")
            if area is not None and area.any():
                box = region.region_info.bounding_box
                box.top_row, box.left_col, box.bottom_row, box.right_col = regions.bounds(area)
