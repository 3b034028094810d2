"""The long poll: ask for work and wait, return the result of each item.

Newer contracts renamed two fields (`items` -> `runner_items`, `item_id` -> `runner_item_id`); the
names are read from the descriptors, so both generations work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_grpc.grpc.api import resources_pb2

from clarifai.core.transport import catalogue
from clarifai.core.transport.calls import CallLimits, RpcCall

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from clarifai.core.transport.session import Session
    from clarifai.runner.handle import Runner

NEEDS_RETRY = 25604
"""RUNNER_NEEDS_RETRY: the platform waited as long as it does, and there was no work."""

_EMPTY_IS_FINE = frozenset({NEEDS_RETRY})


class LongPoll:
    """Gets work with ListRunnerItems and returns it with PostRunnerItemOutputs."""

    def __init__(self, session: Session, runner: Runner) -> None:
        self._session = session
        self._scope = resources_pb2.UserAppIDSet(user_id=runner.user_id)
        self._runner_id = runner.runner_id
        self._where = session.settings.endpoint.where
        self._request = catalogue.rpc("ListRunnerItems").request_class(
            user_app_id=self._scope, runner_id=self._runner_id
        )
        self._items_field = catalogue.rpc("ListRunnerItems").items_field
        fields = catalogue.rpc("PostRunnerItemOutputs").request_class.DESCRIPTOR.fields_by_name
        self._id_field = "runner_item_id" if "runner_item_id" in fields else "item_id"

    def poll(self, timeout_seconds: float) -> list[Message]:
        """Return the items that are ready, none when the platform has no work for now.

        Args:
            timeout_seconds: Deadline of the call: longer than the platform lets polls wait, as
                what it answers later is lost until it gives the item out again.

        Raises:
            ApiError: The platform refused.
            ApiClientError: No valid answer came.
        """
        response = self._session.run(self._poll_call(timeout_seconds))
        return list(getattr(response, self._items_field))

    def _poll_call(self, timeout_seconds: float) -> RpcCall:
        rpc = catalogue.rpc("ListRunnerItems")
        limits = CallLimits(timeout_seconds, timeout_seconds)
        return RpcCall(rpc, self._request, limits, _EMPTY_IS_FINE, self._where)

    def post(self, item: Message, outputs: Message) -> None:
        """Return the outputs of one item.

        Raises:
            ApiError: The platform refused them.
            ApiClientError: No valid answer came; it may have them or not.
        """
        rpc = catalogue.rpc("PostRunnerItemOutputs")
        named: dict[str, Any] = {self._id_field: item.id}  # type: ignore[attr-defined]
        request = rpc.request_class(
            user_app_id=self._scope,
            runner_id=self._runner_id,
            runner_item_outputs=[outputs],
            **named,
        )
        self._session.call(rpc.name, request)
