"""The long poll: ask for work and wait, return the result of each item.

Newer contracts renamed two fields (`items` -> `runner_items`, `item_id` -> `runner_item_id`); the
names are read from the descriptors, so both generations work.
"""

from __future__ import annotations

import queue
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core.errors import ApiClientError, UserError
from clarifai_core.heavy import resources_pb2
from clarifai_core.status import NO_WORK
from clarifai_core.transport import catalogue
from clarifai_core.transport.calls import RpcCall
from clarifai_core.transport.catalogue import CallLimits

if TYPE_CHECKING:
    from concurrent.futures import Future

    from google.protobuf.message import Message

    from clarifai_core.transport.session import Session
    from clarifai_runner.handle import Runner

_EMPTY_IS_FINE = frozenset({NO_WORK})


class LongPoll:
    """Gets work with ListRunnerItems and returns it with PostRunnerItemOutputs.

    Each call is one attempt: the worker has a back-off of its own, and the retries of a runner
    that fails must not use up those of the program's other calls.
    """

    def __init__(self, session: Session, runner: Runner) -> None:
        self._session = session
        self._where = session.settings.endpoint.where
        self._runner_id = runner.runner_id
        self._scope = resources_pb2.UserAppIDSet(user_id=runner.user_id)
        self._poll = catalogue.rpc("ListRunnerItems")
        self._post = catalogue.rpc("PostRunnerItemOutputs")
        self._request = self._poll.request_class(user_app_id=self._scope, runner_id=self._runner_id)
        fields = self._post.request_class.DESCRIPTOR.fields_by_name
        self._id_field = "runner_item_id" if "runner_item_id" in fields else "item_id"
        usual = session.prepare(self._post.name, b"").limits
        self._post_limits = attrs.evolve(usual, once=True)
        self._waiting: set[Future[Any]] = set()
        self._interrupted = False

    def poll(self, timeout_seconds: float) -> list[Message]:
        """Return the items that are ready, none when the platform has no work for now.

        Args:
            timeout_seconds: Deadline of the call: longer than the platform lets polls wait, as
                what it answers later is lost until it gives the item out again.

        Raises:
            ApiError: The platform refused.
            ApiClientError: No valid answer came.
            UserError: The session was closed.
        """
        limits = CallLimits(timeout_seconds, timeout_seconds, once=True)
        if self._interrupted:
            return []
        call = RpcCall(self._poll, self._request, limits, _EMPTY_IS_FINE, self._where)
        answer = self._start(call, can_cancel=True)
        self._waiting.add(answer)
        if self._interrupted:
            answer.cancel()  # interrupt() may not have seen it
        # Half the cost of waiting for the future itself, for each item.
        answered: queue.SimpleQueue[Future[Any]] = queue.SimpleQueue()
        answer.add_done_callback(answered.put)
        answered.get()
        try:
            return list(getattr(answer.result(), self._poll.items_field))
        except ApiClientError:
            if self._interrupted:
                return []
            check_open(self._session, self._runner_id)
            raise
        finally:
            self._waiting.discard(answer)

    def post(self, item: Message, outputs: Message) -> None:
        """Return the outputs of one item.

        Raises:
            ApiError: The platform refused them.
            ApiClientError: No valid answer came; it may have them or not.
            UserError: The session was closed.
        """
        self.start_post(item, outputs).result()

    def start_post(self, item: Message, outputs: Message) -> Future[Any]:
        """Begin to return the outputs of one item; see `post` for what the future raises."""
        named: dict[str, Any] = {self._id_field: item.id}  # type: ignore[attr-defined]
        request = self._post.request_class(
            user_app_id=self._scope,
            runner_id=self._runner_id,
            runner_item_outputs=[outputs],
            **named,
        )
        return self._start(RpcCall(self._post, request, self._post_limits, where=self._where))

    def interrupt(self) -> None:
        """Give up polls that wait: the platform gives what it hands out meanwhile to others."""
        self._interrupted = True
        for answer in tuple(self._waiting):
            answer.cancel()

    def _start(self, call: RpcCall, *, can_cancel: bool = False) -> Future[Any]:
        check_open(self._session, self._runner_id)
        return self._session.start(call, can_cancel=can_cancel)


def check_open(session: Session, runner_id: str) -> None:
    """Refuse to go on with a session that somebody closed.

    Raises:
        UserError: It is closed.
    """
    if session.closed:
        raise UserError(
            f"The session of runner {runner_id!r} was closed while it ran (close(), or "
            "close_sessions()): stop() the runner first."
        )
