"""Users: they exist as soon as somebody names them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import resources_pb2, service_pb2

from clarifai_local._clock import timestamp
from clarifai_local.dispatch import rpc

if TYPE_CHECKING:
    from clarifai_local._context import ServiceContext
    from clarifai_local.auth import Caller

_EVERYWHERE = ("", "")


class UserService:
    """RPCs on users."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    @rpc("GetUser")
    def get_user(
        self, request: service_pb2.GetUserRequest, caller: Caller
    ) -> service_pb2.SingleUserResponse:
        """Return a user, created on first use."""
        user_id = self._context.scopes.user(request.user_app_id, caller)
        store = self._context.store
        with store.write() as db:
            row = store.resources.get(db, "user", _EVERYWHERE, user_id)
            if row is None:
                now_us = self._context.clock.now_us()
                user = resources_pb2.User(
                    id=user_id, first_name=user_id, created_at=timestamp(now_us)
                )
                row = store.resources.insert(db, "user", _EVERYWHERE, user_id, user, now_us=now_us)
        return service_pb2.SingleUserResponse(user=row.message(resources_pb2.User))
