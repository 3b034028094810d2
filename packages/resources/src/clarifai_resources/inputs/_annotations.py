"""`Annotation` messages of boxes and outlines."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from clarifai_core.errors import UserError
from clarifai_core.heavy import resources_pb2
from clarifai_inputs import boxes
from clarifai_inputs import polygons as outlines
from clarifai_resources.inputs._builders import concept, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from clarifai_inputs.coordinates import ClampedShape

T = TypeVar("T")


@attrs.frozen
class AnnotationFields:
    """What an annotation says besides where."""

    input_id: str
    """The input it belongs to."""
    label: str
    """What is there."""
    label_id: str | None = None
    """The label's id; else one is made of the label."""
    annot_id: str | None = None
    """The annotation's own id; else the platform chooses one."""


def box(about: AnnotationFields, bbox: Sequence[float]) -> resources_pb2.Annotation:
    """Return the annotation of a box.

    Args:
        about: The input and what is in the box.
        bbox: [x_min, y_min, x_max, y_max], fractions of width and height, 0..1; what goes over
            the border is cut there, with a warning.

    Raises:
        UserError: It is no such list, or nothing of it lies in the image.
    """
    if not isinstance(bbox, list) or len(bbox) != 4:
        raise UserError(f"bbox must be a list [x_min, y_min, x_max, y_max], got {bbox!r}.")
    shape = _visible(boxes.from_fractions(bbox), "bbox")
    return _annotation(about, [boxes.to_message(shape)])


def mask(about: AnnotationFields, polygons: Sequence[Any]) -> resources_pb2.Annotation:
    """Return the annotation of one or several outlines, a region for each.

    Args:
        about: The input and what is inside.
        polygons: One outline [[x, y], ...] or several [[[x, y], ...], ...]; fractions, 0..1; what
            goes over the border is cut there, with a warning.

    Raises:
        UserError: It is no such list, or nothing of one lies in the image.
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
        shape = _visible(outlines.from_fractions(outline), f"polygons[{index}]")
        infos.append(outlines.to_message(shape))
    return _annotation(about, infos)


def one_region_each(
    annotations: Iterable[resources_pb2.Annotation],
) -> Iterator[tuple[int, resources_pb2.Annotation]]:
    """Yield (index, annotation) with one region in each, as the platform wants them.

    The first part of one that has an id keeps it, the others are `<id>-2` and so on.
    """
    for index, annotation in enumerate(annotations):
        if len(annotation.data.regions) < 2:
            yield index, annotation
            continue
        for number, region in enumerate(annotation.data.regions, 1):
            part = resources_pb2.Annotation()
            part.CopyFrom(annotation)
            if annotation.id and number > 1:
                part.id = f"{annotation.id}-{number}"
            del part.data.regions[:]
            part.data.regions.append(region)
            yield index, part


def _visible(fitted: ClampedShape[T], what: str) -> T:
    """Return what of a shape lies in the image; warns where that is not all of it.

    Raises:
        UserError: Nothing does, or it is no shape.
    """
    try:
        shape = fitted.visible()
    except ValueError as error:
        raise UserError(f"{what}: {error}.") from None
    if fitted.is_cut:
        warnings.warn(f"{what} is cut at the border: {fitted.fault}", stacklevel=4)
    return shape


def _annotation(
    about: AnnotationFields, infos: Iterable[resources_pb2.RegionInfo]
) -> resources_pb2.Annotation:
    named = concept(about.label, about.label_id)
    data = resources_pb2.Data(
        regions=[
            resources_pb2.Region(region_info=info, data=resources_pb2.Data(concepts=[named]))
            for info in infos
        ]
    )
    own = text(about.annot_id, "annot_id") if about.annot_id else ""
    return resources_pb2.Annotation(id=own, input_id=text(about.input_id, "input_id"), data=data)
