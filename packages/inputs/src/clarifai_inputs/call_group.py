"""Calls of one piece of work, which can be given up together: what Ctrl-C needs.

The session is shared, and others go on with it; so only these calls end, and whoever waits for one
of them is let go at once, in whatever thread.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from clarifai_core.errors import ApiClientError
from clarifai_core.transport.calls import DEFAULT, Default, RpcCall

if TYPE_CHECKING:
    from collections.abc import Iterable
    from concurrent.futures import Executor

    from google.protobuf.message import Message

    from clarifai_core.page_sizes import SizesByMethod
    from clarifai_core.transport.download import Downloader
    from clarifai_core.transport.policies import CallRules
    from clarifai_core.transport.session import Session
    from clarifai_core.wire.preserialized import JoinedRequest


class CallGroup:
    """Does what a session does, until it is ended. Thread-safe.

    Args:
        session: The way to the platform.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lock = threading.Lock()
        self._waiting: dict[Future[Any], tuple[RpcCall, Future[Any] | None]] = {}
        self._ended = ""

    @property
    def rules(self) -> CallRules:
        """Return the session's rules."""
        return self._session.rules

    @property
    def page_sizes(self) -> SizesByMethod:
        """Return what the session knows of the pages of its List methods."""
        return self._session.page_sizes

    @property
    def executor(self) -> Executor:
        """Return the session's threads."""
        return self._session.executor

    @property
    def downloads(self) -> Downloader:
        """Return what fetches media; a download that is under way is not given up."""
        return self._session.downloads

    def prepare(
        self,
        name: str,
        request: Message | JoinedRequest | bytes,
        accept: Iterable[int] = (),
        timeout_seconds: float | Default | None = DEFAULT,
    ) -> RpcCall:
        """Return a call; see `Session.prepare`."""
        return self._session.prepare(name, request, accept, timeout_seconds)

    def call(
        self, name: str, request: Message | JoinedRequest | bytes, *, accept: Iterable[int] = ()
    ) -> Any:
        """Call a method and return its answer; see `Session.call`.

        Raises:
            ApiClientError: As there; or the group has ended.
        """
        return self.start(self.prepare(name, request, accept)).result()

    def start(self, call: RpcCall) -> Future[Any]:
        """Begin a call and return its answer as a future; see `Session.start`."""
        mine: Future[Any] = Future()
        with self._lock:
            if self._ended:
                mine.set_exception(_given_up(call, self._ended, maybe_applied=False))
                return mine
            self._waiting[mine] = (call, None)
        answer = self._session.start(call)
        with self._lock:
            if mine in self._waiting:
                self._waiting[mine] = (call, answer)
        answer.add_done_callback(partial(self._hear, mine))
        return mine

    def _hear(self, mine: Future[Any], answer: Future[Any]) -> None:
        with self._lock:
            self._waiting.pop(mine, None)
        error = answer.exception()
        with suppress(InvalidStateError):  # why: it was given up in this very moment
            if error is None:
                mine.set_result(answer.result())
            else:
                mine.set_exception(error)

    def end(self, why: str = "") -> None:
        """Give up every call that is under way; no other one begins.

        Args:
            why: For the error of each.
        """
        with self._lock:
            self._ended = self._ended or why or _STOPPED
            waiting, self._waiting = self._waiting, {}
        for mine, (call, answer) in waiting.items():
            if answer is not None:
                answer.cancel()
            with suppress(InvalidStateError):  # why: it was answered in this very moment
                mine.set_exception(_given_up(call, self._ended, maybe_applied=True))


_STOPPED = "the work that it belongs to was stopped."


def _given_up(call: RpcCall, why: str, *, maybe_applied: bool) -> ApiClientError:
    return ApiClientError(
        f"{call.rpc.name}: given up, as {why}",
        rpc=call.rpc.name,
        request_id=call.request_id,
        maybe_applied=maybe_applied,
    )
