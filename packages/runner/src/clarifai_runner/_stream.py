"""The stream poller: one ProcessRunnerItems call carries work in and outputs out, for all polls.

    runner     status RUNNER_STREAM_START                  I have room for one item (more)
    platform   runner_items[0] with a request              here it is
    runner     runner_item_id, runner_item_outputs         these are its outputs
    platform   runner_items[0] with processing_info only   its status says whether they were taken

A stream that breaks fails the polls that wait; the next poll opens another. Outputs that have no
stream to go by are posted by a call. What was not answered when a stream ended, the platform gives
out again.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core import status
from clarifai_core.errors import ApiClientError, ApiError, ClarifaiError, DeadlineExceeded
from clarifai_core.heavy import resources_pb2
from clarifai_core.transport import catalogue
from clarifai_runner._poller import LongPoll, check_open

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from clarifai_core.transport.session import Session
    from clarifai_runner.handle import Runner

RPC = "ProcessRunnerItems"

ACKNOWLEDGE_SECONDS = 30.0
"""How long the platform may take to say that it has the outputs of an item."""

IDLE_SECONDS = 5.0
"""How long one poll waits at a stream that is open: it tells that the runner is well."""

CLOSE_SECONDS = 2.0
"""How long it may take to end a stream."""


class StreamPoller:
    """Gets work and returns it by one stream, which it opens when there is none."""

    def __init__(self, session: Session, runner: Runner) -> None:
        self._session = session
        self._head: dict[str, Any] = {
            "user_app_id": resources_pb2.UserAppIDSet(user_id=runner.user_id),
            "runner_id": runner.runner_id,
        }
        self._calls = LongPoll(session, runner)
        self._lock = threading.Lock()
        self._stream: Stream | None = None
        self._stopping = False

    def poll(self, timeout_seconds: float) -> list[Message]:
        """Return an item, none when there was none for a while or the platform ended the stream.

        Args:
            timeout_seconds: How long to wait at most; room that was offered stays offered.

        Raises:
            ApiError: The platform refused.
            ApiClientError: The stream broke, or cannot be opened.
            UserError: The session was closed.
        """
        with self._lock:
            if self._stopping:
                return []
            check_open(self._session, self._head["runner_id"])
            if self._stream is None or self._stream.ended:
                self._stream = Stream(self._session, self._head)
            stream = self._stream
        return stream.take(min(timeout_seconds, IDLE_SECONDS))

    def post(self, item: Message, outputs: Message) -> None:
        """Return the outputs of one item; by a call when no stream is open.

        Raises:
            ApiError: The platform refused them.
            ApiClientError: No valid answer came; it may have them or not.
        """
        stream = self._stream
        if stream is None or stream.ended:
            self._calls.post(item, outputs)
        else:
            stream.give(item, outputs)

    def interrupt(self) -> None:
        """End polls that wait; outputs can still be posted."""
        with self._lock:
            self._stopping = True
            stream = self._stream
        if stream is not None:
            stream.interrupt()

    def close(self) -> None:
        """End the stream."""
        self.interrupt()
        if self._stream is not None:
            self._stream.close()


@attrs.define
class _Wait:
    """Outputs whose acknowledgement is waited for."""

    reply: Any = None


class Stream:
    """One call of ProcessRunnerItems; a thread of its own reads what comes."""

    def __init__(self, session: Session, head: dict[str, Any]) -> None:
        self._session = session
        self._head = head
        self._request_class = catalogue.rpc(RPC).request_class
        self._sent: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._changed = threading.Condition()
        self._items: deque[Message] = deque()
        self._waits: dict[str, _Wait] = {}
        self._polls = self._offered = 0
        self._error: ClarifaiError | None = None
        self._interrupted = False
        self.ended = False
        """Whether nothing can be sent any more."""
        self._thread = threading.Thread(
            target=self._read, name="clarifai-runner-stream", daemon=True
        )
        self._thread.start()

    def take(self, timeout_seconds: float) -> list[Message]:
        """Return the next item; see `StreamPoller.poll`."""
        with self._changed:
            self._polls += 1
            try:
                if self._offered < self._polls and not self._interrupted:
                    self._offered += 1
                    self._send(status={"code": status.STREAM_START})
                self._changed.wait_for(
                    lambda: self._items or self.ended or self._interrupted, timeout_seconds
                )
                if self._items:
                    return [self._items.popleft()]
                if self._error is not None:
                    raise self._error
                return []
            finally:
                self._polls -= 1

    def give(self, item: Any, outputs: Message) -> None:
        """Send outputs and wait until they are taken; see `StreamPoller.post`."""
        wait = _Wait()
        with self._changed:
            self._waits[item.id] = wait
            self._send(
                runner_item_id=item.id,
                runner_item_outputs=[outputs],
                status={"code": status.SUCCESS},
            )
            there = self._changed.wait_for(
                lambda: wait.reply is not None or self.ended, ACKNOWLEDGE_SECONDS
            )
            self._waits.pop(item.id, None)
        if wait.reply is not None:
            _check(self._session, wait.reply, self._head)
        elif there:
            raise self._error or ApiClientError(f"{RPC}: the stream ended", rpc=RPC)
        else:
            self.close()
            text = f"{RPC}: outputs not acknowledged within {ACKNOWLEDGE_SECONDS:g} seconds"
            raise DeadlineExceeded(text, rpc=RPC)

    def interrupt(self) -> None:
        """End waiting for items."""
        with self._changed:
            self._interrupted = True
            self._changed.notify_all()

    def close(self) -> None:
        """Say that nothing more comes, and wait a moment for the other side to end, too."""
        self._sent.put(None)
        self._thread.join(CLOSE_SECONDS)
        self._end(None)

    def _send(self, **fields: Any) -> None:
        self._sent.put(self._request_class(**self._head, **fields))

    def _read(self) -> None:
        error: ClarifaiError | None = None
        try:
            for response in self._session.stream(RPC, iter(self._sent.get, None)):
                if status.ends_stream(response.status):
                    break
                _check(self._session, response, self._head)
                self._hear(response)
        except (ApiError, ApiClientError) as failed:
            error = failed
        finally:
            self._end(error)

    def _hear(self, response: Any) -> None:
        with self._changed:
            for item in response.runner_items:
                if item.processing_info.HasField("status"):
                    wait = self._waits.get(item.id)
                    if wait is not None:
                        wait.reply = item.processing_info
                else:
                    self._offered -= 1
                    self._items.append(item)
            self._changed.notify_all()

    def _end(self, error: ClarifaiError | None) -> None:
        self._sent.put(None)
        with self._changed:
            self._error = self._error or error
            self.ended = True
            # What was not begun is given out again, to whoever asks next.
            self._items.clear()
            self._changed.notify_all()


def _check(session: Session, reply: Any, head: dict[str, Any]) -> None:
    """Raise what a status other than success means.

    Raises:
        ApiError: It is one.
    """
    if not status.is_success(reply.status):
        request = catalogue.rpc(RPC).request_class(**head)
        raise status.error_from(reply, session.prepare(RPC, request), 1)
