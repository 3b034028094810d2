"""The documented types of models that can be trained.

What a platform trains it says itself, by `ListModelTypes`: plugins bring types that no list has.
This one only saves the question about types that are trained everywhere.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from clarifai_core import ops
from clarifai_core.heavy import service_pb2

if TYPE_CHECKING:
    from clarifai_grpc.grpc.api import resources_pb2

    from clarifai_core.handles import Handle
    from clarifai_core.paging import Pager

TRAINABLE_MODEL_TYPES = (
    "visual-classifier",
    "visual-detector",
    "visual-segmenter",
    "visual-embedder",
    "clusterer",
    "text-classifier",
    "embedding-classifier",
    "text-to-text",
)
"""Every documented trainable type, in the order in which it is listed."""

_WEIGHTS = ("train_info", "pretrained_model_config", "import_info")
"""Fields of a version that tell of more than a file can hold."""


def has_weights(version: resources_pb2.ModelVersion) -> bool:
    """Return whether a version was trained or imported."""
    return any(getattr(version, name).ByteSize() for name in _WEIGHTS)


class Trainable:
    """The model types that the platform of a handle trains: `"oracle" in Trainable(app)`.

    It is asked once, and only about types that are not documented.
    """

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def __contains__(self, type_id: object) -> bool:
        return bool(type_id) and (type_id in TRAINABLE_MODEL_TYPES or type_id in self._told)

    @cached_property
    def _told(self) -> frozenset[str]:
        request = service_pb2.ListModelTypesRequest(user_app_id=self._handle.user_app_id)
        listed: Pager[resources_pb2.ModelType] = ops.list_pages(
            self._handle, "ListModelTypes", request, "model_types", None
        )
        return frozenset(kind.id for kind in listed if kind.trainable)
