"""What was right and what was predicted, input by input, as arrays or as COCO has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from clarifai_core.errors import PluginError, UserError
from clarifai_core.lazy import import_module

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from clarifai_grpc.grpc.api import resources_pb2

RawFormat: TypeAlias = Literal["array", "proto", "coco"]

_FORMATS = ("array", "proto", "coco")
_CLASSIFIERS = ("visual-classifier", "text-classifier")
_DETECTOR = "visual-detector"


def check(return_format: str, dataset: object, eval_id: str | None) -> None:
    """Refuse an unknown format, and anything but one of dataset and eval_id."""
    if return_format not in _FORMATS:
        raise UserError(f"return_format must be one of {_FORMATS}, got {return_format!r}.")
    if (dataset is None) == (not eval_id):
        raise UserError("Give exactly one of dataset and eval_id.")


def checked_type(type_id: str, return_format: str) -> str:
    """Return the type of a model whose evaluations can be shown in this format."""
    known = (_DETECTOR,) if return_format == "coco" else (*_CLASSIFIERS, _DETECTOR)
    if type_id not in known:
        raise UserError(
            f"return_format {return_format!r} is for models of type {', '.join(known)}, "
            f"not {type_id}."
        )
    return type_id


def shown(metrics: resources_pb2.EvalMetrics, type_id: str, return_format: str) -> object:
    """Return the test set of an evaluation; see `Model.get_raw_eval`."""
    entries = metrics.test_set
    if return_format == "proto":
        return entries
    if return_format == "coco":
        return _coco(entries, _classes(metrics))
    return _classifications(entries) if type_id != _DETECTOR else _detections(metrics)


def _classifications(entries: Sequence[resources_pb2.EvalTestSetEntry]) -> tuple[Any, ...]:
    ids = sorted(
        {
            concept.id
            for entry in entries
            for concept in (*entry.predicted_concepts, *entry.ground_truth_concepts)
        }
    )

    def values(concepts: Any) -> list[float]:
        by_id = {concept.id: concept.value for concept in concepts}
        return [by_id.get(one, 0.0) for one in ids]

    numpy = _numpy()
    right = numpy.asarray([values(entry.ground_truth_concepts) for entry in entries])
    predicted = numpy.asarray([values(entry.predicted_concepts) for entry in entries])
    return right, predicted, ids, [entry.input for entry in entries]


def _detections(metrics: resources_pb2.EvalMetrics) -> tuple[Any, ...]:
    ids, entries, numpy = _classes(metrics), metrics.test_set, _numpy()

    def per_input(which: str) -> object:
        found = numpy.empty(len(entries), dtype=object)
        for number, entry in enumerate(entries):
            rows = _rows(getattr(entry, which), entry.input, ids)
            found[number] = numpy.asarray(rows, dtype=float).reshape(-1, 6)
        return found

    right, predicted = per_input("ground_truth_annotation"), per_input("predicted_annotation")
    return right, predicted, ids, [entry.input for entry in entries]


def _rows(
    annotation: resources_pb2.Annotation, one: resources_pb2.Input, ids: Sequence[str]
) -> list[list[float]]:
    """Return [x_min, y_min, x_max, y_max, index of the concept, confidence] of each region."""
    info = one.data.image.image_info
    width, height = info.width or 1, info.height or 1
    rows = []
    for region in _named(annotation):
        box, concept = region.region_info.bounding_box, region.data.concepts[0]
        low = (box.left_col * width, box.top_row * height)
        high = (box.right_col * width, box.bottom_row * height)
        rows.append([*low, *high, ids.index(concept.id), concept.value])
    return rows


def _coco(
    entries: Sequence[resources_pb2.EvalTestSetEntry], ids: Sequence[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what is right and what was predicted, each as a document of COCO."""
    right = _document(entries, ids, "ground_truth_annotation", scored=False)
    return right, _document(entries, ids, "predicted_annotation", scored=True)


def _document(
    entries: Sequence[resources_pb2.EvalTestSetEntry],
    ids: Sequence[str],
    which: str,
    *,
    scored: bool,
) -> dict[str, Any]:
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for entry in entries:
        picture = entry.input.data.image
        size = {"width": picture.image_info.width, "height": picture.image_info.height}
        images.append({"id": entry.input.id, "file_name": picture.url, **size})
        for x_min, y_min, x_max, y_max, number, score in _rows(
            getattr(entry, which), entry.input, ids
        ):
            bbox = [x_min, y_min, x_max - x_min, y_max - y_min]
            annotations.append(
                {
                    "id": len(annotations),
                    "image_id": entry.input.id,
                    "category_id": number,
                    "bbox": bbox,
                    "area": bbox[2] * bbox[3],
                    "segmentation": [],
                    "iscrowd": 0,
                    "ignore": 0,
                    **({"score": score} if scored else {}),
                }
            )
    categories = [{"id": n, "name": one, "supercategory": "none"} for n, one in enumerate(ids)]
    return {"images": images, "annotations": annotations, "categories": categories}


def _classes(metrics: resources_pb2.EvalMetrics) -> list[str]:
    """Return the ids of the concepts, in order: those with figures, and those of regions."""
    found = {one.concept.id for one in metrics.metrics_by_class}
    for entry in metrics.test_set:
        for annotation in (entry.ground_truth_annotation, entry.predicted_annotation):
            found |= {region.data.concepts[0].id for region in _named(annotation)}
    return sorted(found)


def _named(annotation: resources_pb2.Annotation) -> list[resources_pb2.Region]:
    """Return the regions that say what they show."""
    return [region for region in annotation.data.regions if region.data.concepts]


def _numpy() -> ModuleType:
    try:
        return import_module("numpy")
    except ImportError as error:
        raise PluginError(
            'Arrays need numpy, which an extra brings: pip install "clarifai-resources[arrays]".'
        ) from error
