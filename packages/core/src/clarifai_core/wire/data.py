"""What a `Data` message says, in words: its kind of media, and the labels that are there.

A concept is there when its value is over `PRESENT`: 1 says that it is, 0 that it is not, and what a
model predicts lies between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

MEDIA = ("image", "video", "text", "audio")
"""Fields of `Data` that are media, in the order in which an input has them."""

PRESENT = 0.5
"""A concept is there when its value is over this."""


def kind_of(data: Any) -> str:
    """Return the kind of media of an input's data; `""`: it has none.

    Example:
        >>> from clarifai_grpc.grpc.api import resources_pb2
        >>> kind_of(resources_pb2.Data(text={"raw": "words"})), kind_of(resources_pb2.Data())
        ('text', '')
    """
    return next((kind for kind in MEDIA if data.HasField(kind)), "")


def is_present(concept: Any) -> bool:
    """Return whether a concept is there, by its value."""
    return bool(concept.value > PRESENT)


def name_of(concept: Any) -> str:
    """Return what people call a concept: its name, or its id where it has none."""
    return str(concept.name or concept.id)


def said_concepts(data: Any) -> list[Any]:
    """Return all concepts that a `Data` message names: its own, and those of its regions."""
    return [*data.concepts, *(c for region in data.regions for c in region.data.concepts)]


def labels(concepts: Iterable[Any]) -> list[str]:
    """Return the names of the concepts that are there, each once.

    Example:
        >>> from clarifai_grpc.grpc.api import resources_pb2
        >>> cat, dog = (resources_pb2.Concept(name=name) for name in ("cat", "dog"))
        >>> cat.value, dog.value = 0.75, 0.25
        >>> labels([cat, dog, cat])
        ['cat']
    """
    return list(dict.fromkeys(name_of(one) for one in concepts if is_present(one)))
