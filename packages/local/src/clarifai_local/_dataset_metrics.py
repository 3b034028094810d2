"""What a dataset version counts: inputs by type, labels and regions by concept."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import resources_pb2, service_pb2

from clarifai_local._store.annotations import FRAME, REGION, WHOLE, concepts_in
from clarifai_local._views import KIND_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from clarifai_local._store import AnnotatedInput

TOTAL = "total"
"""Value of the input-type group that counts everything; clients look for it."""

POSITIVE_VALUE = 0.5
"""A label of more than this says that the concept is there."""

_TAGS = {
    WHOLE: "positive_input_tags_count",
    REGION: "positive_region_tags_count",
    FRAME: "positive_frame_tags_count",
}
_SHAPES = {
    "bounding_box": "bounding_boxes_count",
    "polygon": "polygons_count",
    "point": "points_count",
    "mask": "masks_count",
}
_COUNTED = (
    "inputs_count",
    "unlabeled_inputs_count",
    "inputs_with_metadata_count",
    "inputs_with_geo_count",
    "regions_count",
    *_SHAPES.values(),
    "region_inputs_count",
    "frames_count",
    "frame_inputs_count",
    *_TAGS.values(),
)


def count(
    examples: Iterable[AnnotatedInput],
) -> tuple[
    resources_pb2.DatasetVersionMetrics, service_pb2.MultiDatasetVersionMetricsGroupResponse
]:
    """Return the totals of a version and its groups.

    Args:
        examples: The version's snapshot.
    """
    types: dict[str, Counter[str]] = {TOTAL: Counter()}
    concepts: dict[str, Counter[str]] = {}
    for example in examples:
        counts = _count_input(example)
        for name in (TOTAL, *_kinds(example)):
            types.setdefault(name, Counter()).update(counts)
        for concept_id, per_concept in _count_concepts(example).items():
            concepts.setdefault(concept_id, Counter()).update(per_concept)
    groups = service_pb2.MultiDatasetVersionMetricsGroupResponse()
    for kind, rows in (
        (resources_pb2.INPUT_TYPE, types),
        (resources_pb2.CONCEPT_ID, concepts),
    ):
        for value, counts in rows.items():
            group = groups.dataset_version_metrics_groups.add(type=kind, metrics=_metrics(counts))
            group.value.string_value = value
    return _metrics(types[TOTAL]), groups


def _kinds(example: AnnotatedInput) -> Iterator[str]:
    return (name for bit, name in KIND_NAMES.items() if example.kinds & bit)


def _count_input(example: AnnotatedInput) -> Counter[str]:
    counts: Counter[str] = Counter(inputs_count=1)
    for annotation in example.annotations:
        counts.update(_count_regions(annotation.data))
        counts["frames_count"] += len(annotation.data.frames)
        for place, concept in concepts_in(annotation.data):
            counts["labels"] += 1
            if place in _TAGS and concept.value > POSITIVE_VALUE:
                counts[_TAGS[place]] += 1
        counts["metadata"] += annotation.data.HasField("metadata")
        counts["geo"] += annotation.data.geo.HasField("geo_point")
    counts["unlabeled_inputs_count"] = int(not counts.pop("labels", 0))
    counts["inputs_with_metadata_count"] = int(bool(counts.pop("metadata", 0)))
    counts["inputs_with_geo_count"] = int(bool(counts.pop("geo", 0)))
    counts["region_inputs_count"] = int(bool(counts["regions_count"]))
    counts["frame_inputs_count"] = int(bool(counts["frames_count"]))
    return counts


def _count_concepts(example: AnnotatedInput) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for annotation in example.annotations:
        for place, concept in concepts_in(annotation.data):
            counts = found.setdefault(concept.id, Counter(inputs_count=1))
            if place in _TAGS and concept.value > POSITIVE_VALUE:
                counts[_TAGS[place]] += 1
        for region in annotation.data.regions:
            for concept_id in {c.id for c in region.data.concepts}:
                found[concept_id].update(_shape(region))
    return found


def _count_regions(data: resources_pb2.Data) -> Counter[str]:
    counts: Counter[str] = Counter()
    for region in data.regions:
        counts.update(_shape(region))
    return counts


def _shape(region: resources_pb2.Region) -> Counter[str]:
    counts: Counter[str] = Counter(regions_count=1)
    for field, name in _SHAPES.items():
        if region.region_info.HasField(field):  # type: ignore[arg-type]
            counts[name] += 1
    return counts


def _metrics(counts: Counter[str]) -> resources_pb2.DatasetVersionMetrics:
    metrics = resources_pb2.DatasetVersionMetrics()
    for name in _COUNTED:
        # Clients read these without asking whether they are there: 0 must be set, too.
        getattr(metrics, name).value = counts[name]
    return metrics
