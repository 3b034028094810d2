"""The keys of ranks and filters: a class each, with its schema and its protobuf.

The documented ones, and three that the wire has besides: `geo_box`, `input_id` and `embedding`. The
one attribute of a class has the name of its key. `apply` writes into a `Rank` or `Filter`
message; several keys of one dict share that message. A value that does not fit its type (see
`schema`) is a fault at its path.
"""

from __future__ import annotations

from typing import Any

import attrs

from clarifai_search._schema import (
    Content,
    InputType,
    JsonObject,
    Kilometers,
    Latitude,
    Longitude,
    Presence,
    StatusCode,
    Text,
    Vector,
    WebUrl,
)

GEO_LIMIT_TYPE = "withinKilometers"
"""The unit of `geo_limit`, as the wire names it."""


@attrs.frozen
class ImageUrl:
    """`{"image_url": "https://..."}`: like the picture behind a URL."""

    image_url: WebUrl

    def apply(self, target: Any) -> None:
        """Write the clause into a `Rank` or `Filter`."""
        target.annotation.data.image.url = self.image_url


@attrs.frozen
class ImageBytes:
    """`{"image_bytes": b"..."}`: like the picture in these bytes."""

    image_bytes: Content

    def apply(self, target: Any) -> None:
        """Write the clause into a `Rank` or `Filter`."""
        target.annotation.data.image.base64 = self.image_bytes


@attrs.frozen
class TextRaw:
    """`{"text_raw": "a dog"}`: like this text."""

    text_raw: Text

    def apply(self, target: Any) -> None:
        """Write the clause into a `Rank` or `Filter`."""
        target.annotation.data.text.raw = self.text_raw


@attrs.frozen
class Metadata:
    """`{"metadata": {"k": "v"}}`: with metadata that contain any of these keys and values."""

    metadata: JsonObject

    def apply(self, target: Any) -> None:
        """Write the clause into a `Rank` or `Filter`."""
        target.annotation.data.metadata.update(self.metadata)
        target.annotation.data.metadata.SetInParent()


@attrs.frozen
class GeoCircle:
    """What `geo_point` holds: a point, and a radius around it."""

    longitude: Longitude
    latitude: Latitude
    geo_limit: Kilometers
    """The radius, in kilometers; a dict must say it as a whole number."""


@attrs.frozen
class GeoPoint:
    """`{"geo_point": {"longitude": 1.5, "latitude": 2.5, "geo_limit": 3}}`: near this place."""

    geo_point: GeoCircle

    def apply(self, target: Any) -> None:
        """Write the clause into a `Rank` or `Filter`."""
        geo = target.annotation.data.geo
        geo.geo_point.longitude = self.geo_point.longitude
        geo.geo_point.latitude = self.geo_point.latitude
        geo.geo_limit.type = GEO_LIMIT_TYPE
        geo.geo_limit.value = self.geo_point.geo_limit


@attrs.frozen
class GeoEdges:
    """What `geo_box` holds: the edges of a box, in degrees."""

    west: Longitude
    south: Latitude
    east: Longitude
    north: Latitude

    def __attrs_post_init__(self) -> None:
        if self.west > self.east:
            raise ValueError(
                f"west {self.west:g} is east of east {self.east:g}; a box over the date line is two"
            )
        if self.south > self.north:
            raise ValueError(f"south {self.south:g} is north of north {self.north:g}")


@attrs.frozen
class GeoBox:
    """`{"geo_box": {"west": 13, "south": 52, "east": 14, "north": 53}}`: within this box."""

    geo_box: GeoEdges

    def apply(self, target: Any) -> None:
        """Write the clause into a `Filter`: two opposite corners."""
        edges = self.geo_box
        for longitude, latitude in ((edges.west, edges.south), (edges.east, edges.north)):
            corner = target.annotation.data.geo.geo_box.add().geo_point
            corner.longitude, corner.latitude = longitude, latitude


@attrs.frozen
class ConceptTerm:
    """One item of `concepts`: at least one of the four keys.

    A value that is left out is 0 on the wire: *without* the concept.
    """

    id: Text | None = None
    name: Text | None = None
    language: Text | None = None
    value: Presence | None = None

    def __attrs_post_init__(self) -> None:
        if not self.given():
            raise ValueError("needs at least one of id, name, language and value")

    def given(self) -> dict[str, Any]:
        """Return the fields that are there."""
        return attrs.asdict(self, filter=lambda _, value: value is not None)


@attrs.frozen
class Concepts:
    """`{"concepts": [{"id": "id-cat", "value": 1}]}`: with, or without, any of these."""

    concepts: tuple[ConceptTerm, ...]

    def apply(self, target: Any) -> None:
        """Write the clause into a `Rank` or `Filter`."""
        for term in self.concepts:
            target.annotation.data.concepts.add(**term.given())


@attrs.frozen
class InputTypes:
    """`{"input_types": ["image", "text"]}`: inputs that hold any of these."""

    input_types: tuple[InputType, ...]

    def apply(self, target: Any) -> None:
        """Write the clause into a `Filter`."""
        for name in self.input_types:
            getattr(target.input.data, name).SetInParent()


@attrs.frozen
class InputDatasetIds:
    """`{"input_dataset_ids": ["train"]}`: inputs in any of these datasets."""

    input_dataset_ids: tuple[Text, ...]

    def apply(self, target: Any) -> None:
        """Write the clause into a `Filter`."""
        target.input.dataset_ids.extend(self.input_dataset_ids)


@attrs.frozen
class InputStatusCode:
    """`{"input_status_code": 30000}`: inputs with this status."""

    input_status_code: StatusCode

    def apply(self, target: Any) -> None:
        """Write the clause into a `Filter`."""
        target.input.status.code = self.input_status_code


@attrs.frozen
class InputId:
    """`{"input_id": "a"}`: in a rank like this input, in a filter this input itself."""

    input_id: Text

    def apply(self, target: Any) -> None:
        """Write the clause into a `Rank` or `Filter`."""
        if "input" in target.DESCRIPTOR.fields_by_name:
            target.input.id = self.input_id
        else:
            target.annotation.input_id = self.input_id


@attrs.frozen
class Embedding:
    """`{"embedding": [0.1, 0.2]}`: near this vector of the app's embedding model."""

    embedding: Vector

    def apply(self, target: Any) -> None:
        """Write the clause into a `Rank`."""
        vector = self.embedding
        target.annotation.data.embeddings.add(vector=vector, num_dimensions=len(vector))
