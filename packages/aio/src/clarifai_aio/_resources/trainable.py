# Made of clarifai_resources.trainable by a tool:
# change that, and run `python -m tools.asynchronous`.

"""The documented types of models that can be trained.

What a platform trains it says itself, by `ListModelTypes`: plugins bring types that no list has.
This one only saves the question about types that are trained everywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_aio._core import ops
from clarifai_core.heavy import service_pb2
from clarifai_resources.trainable import TRAINABLE_MODEL_TYPES as TRAINABLE_MODEL_TYPES

if TYPE_CHECKING:
    from clarifai_grpc.grpc.api import resources_pb2

    from clarifai_aio._core.handles import Handle
    from clarifai_aio._core.paging import Pager


class Trainable:
    """The model types that the platform of a handle trains: `await Trainable(app).holds("oracle")`.

    It is asked once, and only about types that are not documented.
    """

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._known: frozenset[str] | None = None

    async def holds(self, type_id: object) -> bool:
        """Return whether a type is one of them."""
        if not type_id or type_id in TRAINABLE_MODEL_TYPES:
            return bool(type_id)
        if self._known is None:
            self._known = await self._told()
        return type_id in self._known

    async def _told(self) -> frozenset[str]:
        request = service_pb2.ListModelTypesRequest(user_app_id=self._handle.user_app_id)
        listed: Pager[resources_pb2.ModelType] = ops.list_pages(
            self._handle, "ListModelTypes", request, "model_types", None
        )
        return frozenset([kind.id async for kind in listed if kind.trainable])
