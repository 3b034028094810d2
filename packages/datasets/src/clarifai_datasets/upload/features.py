"""What a data loader returns for one item: an input and what is known about it.

The first four classes take the arguments, in the order, that programs for the official SDK use.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import attrs


@attrs.define
class TextFeatures:
    """A text with its labels."""

    text: str
    labels: list[str | int]
    """Concepts of the whole text."""
    id: str | int | None = None
    """Id within the dataset; None: the item's number."""
    metadata: dict[str, Any] | None = None


@attrs.define
class VisualClassificationFeatures:
    """An image with its labels; for captions, too."""

    image_path: str
    labels: list[str | int]
    """Concepts of the whole image."""
    geo_info: list[float] | None = None
    """`[longitude, latitude]` in degrees."""
    id: str | int | None = None
    """Id within the dataset; None: the item's number."""
    metadata: dict[str, Any] | None = None
    """None: `{"filename": ...}`."""
    image_bytes: bytes | None = None
    """The file's content; then `image_path` is only its name."""


@attrs.define
class VisualDetectionFeatures:
    """An image with labelled boxes."""

    image_path: str
    labels: list[str | int]
    """One per box."""
    bboxes: list[list[float]]
    """`[x_min, y_min, x_max, y_max]` each, fractions of width and height, 0..1."""
    geo_info: list[float] | None = None
    """`[longitude, latitude]` in degrees."""
    id: str | int | None = None
    metadata: dict[str, Any] | None = None
    image_bytes: bytes | None = None


@attrs.define
class VisualSegmentationFeatures:
    """An image with labelled polygons."""

    image_path: str
    labels: list[str | int]
    """One per entry of `polygons`."""
    polygons: list[Any]
    """Per label one polygon `[[x, y], ...]` or a list of polygons; fractions, 0..1."""
    geo_info: list[float] | None = None
    """`[longitude, latitude]` in degrees."""
    id: str | int | None = None
    metadata: dict[str, Any] | None = None
    image_bytes: bytes | None = None


@attrs.define
class RegionFeatures:
    """A labelled part of an image: give one of `bbox`, `polygon`, `point`."""

    labels: list[str | int]
    bbox: list[float] | None = None
    """`[x_min, y_min, x_max, y_max]`, fractions of width and height, 0..1."""
    polygon: list[list[float]] | None = None
    """`[[x, y], ...]`, at least three, fractions."""
    point: list[float] | None = None
    """`[x, y]`, fractions."""


@attrs.define
class MediaFeatures:
    """A text, image, video or audio that is given by URL, by file or by its content.

    For sources that the classes above cannot describe; ours alone, the official SDK has none.
    """

    input_type: str
    """`"text"`, `"image"`, `"video"` or `"audio"`."""
    labels: list[str | int] = attrs.field(factory=list)
    path: str = ""
    """A file to read; or else ..."""
    url: str = ""
    """... an address that the platform reads; or else `content`."""
    geo_info: list[float] | None = None
    """`[longitude, latitude]` in degrees."""
    id: str | int | None = None
    metadata: dict[str, Any] | None = None
    content: bytes | None = attrs.field(default=None, repr=False)
    """The bytes themselves; of a text, in UTF-8."""
    regions: list[RegionFeatures] = attrs.field(factory=list)
    """Labelled parts of an image, of any kind."""


Features: TypeAlias = (
    TextFeatures
    | VisualClassificationFeatures
    | VisualDetectionFeatures
    | VisualSegmentationFeatures
    | MediaFeatures
)
"""What our loaders return for one item; those of others may return their own with such fields."""
