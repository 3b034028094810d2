"""`Annotation` messages of boxes and outlines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_core.errors import UserError
from clarifai_core.heavy import resources_pb2
from clarifai_inputs import boxes
from clarifai_inputs import polygons as outlines
from clarifai_resources.inputs.builders import concept, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


def box(input_id: str, label: str, bbox: Sequence[float]) -> resources_pb2.Annotation:
    """Return the annotation of a box.

    Args:
        input_id: The input it belongs to.
        label: What is in the box.
        bbox: [x_min, y_min, x_max, y_max], fractions of width and height, 0..1.

    Raises:
        UserError: It is no such list.
    """
    if not isinstance(bbox, list) or len(bbox) != 4:
        raise UserError(f"bbox must be a list [x_min, y_min, x_max, y_max], got {bbox!r}.")
    fitted = boxes.from_fractions(bbox)
    if fitted.fault or fitted.shape is None:
        raise UserError(f"bbox: {fitted.fault}.")
    return _annotation(input_id, label, [boxes.to_message(fitted.shape)])


def mask(input_id: str, label: str, polygons: Sequence[Any]) -> resources_pb2.Annotation:
    """Return the annotation of one or several outlines, a region for each.

    Args:
        input_id: The input it belongs to.
        label: What is inside.
        polygons: One outline [[x, y], ...] or several [[[x, y], ...], ...]; fractions, 0..1.

    Raises:
        UserError: It is no such list.
    """
    if not isinstance(polygons, list) or not polygons:
        raise UserError(f"polygons must be a list of lists of [x, y], got {polygons!r:.80}.")
    try:
        listed = outlines.outlines(polygons)
    except (TypeError, ValueError, IndexError, KeyError) as error:
        raise UserError(
            f"polygons must be a list of lists of [x, y], got {polygons!r:.80}."
        ) from error
    infos = []
    for index, outline in enumerate(listed):
        fitted = outlines.from_fractions(outline)
        if fitted.fault or fitted.shape is None:
            raise UserError(f"polygons[{index}]: {fitted.fault}.")
        infos.append(outlines.to_message(fitted.shape))
    return _annotation(input_id, label, infos)


def one_region_each(
    annotations: Iterable[resources_pb2.Annotation],
) -> Iterator[tuple[int, resources_pb2.Annotation]]:
    """Yield (index, annotation) with one region in each, as the platform wants them."""
    for index, annotation in enumerate(annotations):
        if len(annotation.data.regions) < 2:
            yield index, annotation
            continue
        for region in annotation.data.regions:
            part = resources_pb2.Annotation()
            part.CopyFrom(annotation)
            part.id = ""
            del part.data.regions[:]
            part.data.regions.append(region)
            yield index, part


def _annotation(
    input_id: str, label: str, infos: Iterable[resources_pb2.RegionInfo]
) -> resources_pb2.Annotation:
    named = concept(label)
    data = resources_pb2.Data(
        regions=[
            resources_pb2.Region(region_info=info, data=resources_pb2.Data(concepts=[named]))
            for info in infos
        ]
    )
    return resources_pb2.Annotation(input_id=text(input_id, "input_id"), data=data)
