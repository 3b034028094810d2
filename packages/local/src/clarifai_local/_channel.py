"""A `grpc.Channel` that calls the platform of this process: no port, no socket, no key.

Requests and answers are serialized and parsed as on the wire, so that caller and platform share no
message. A call with a timeout runs in a thread of its own and is given up when the time is over.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import TYPE_CHECKING, Any, TypeVar

from clarifai_local._calls import Calls, LocalRpcError, as_mapping, too_late
from clarifai_local._grpc import grpc

if TYPE_CHECKING:
    from types import TracebackType

    from clarifai_local._calls import Callee
    from clarifai_local._methods import Method

Metadata = Sequence[tuple[str, "str | bytes"]]
T = TypeVar("T")


class LocalChannel(grpc.Channel):
    """The in-process channel; see `Platform.channel`."""

    def __init__(self, platform: Callee, *, trusted: bool) -> None:
        self._calls = Calls(platform, trusted=trusted)

    def unary_unary(
        self,
        method: str,
        request_serializer: Callable[[Any], bytes] | None = None,
        response_deserializer: Callable[[bytes], Any] | None = None,
        _registered_method: bool | None = None,
    ) -> Any:
        """Return the callable of an RPC with one request and one response."""
        return _UnaryUnary(self._calls, method, request_serializer, response_deserializer)

    def unary_stream(
        self,
        method: str,
        request_serializer: Callable[[Any], bytes] | None = None,
        response_deserializer: Callable[[bytes], Any] | None = None,
        _registered_method: bool | None = None,
    ) -> Any:
        """Return the callable of an RPC that streams responses."""
        return _UnaryStream(self._calls, method, request_serializer, response_deserializer)

    def stream_unary(
        self,
        method: str,
        request_serializer: Callable[[Any], bytes] | None = None,
        response_deserializer: Callable[[bytes], Any] | None = None,
        _registered_method: bool | None = None,
    ) -> Any:
        """Return the callable of an RPC that streams requests."""
        return _StreamUnary(self._calls, method, request_serializer, response_deserializer)

    def stream_stream(
        self,
        method: str,
        request_serializer: Callable[[Any], bytes] | None = None,
        response_deserializer: Callable[[bytes], Any] | None = None,
        _registered_method: bool | None = None,
    ) -> Any:
        """Return the callable of an RPC that streams both ways."""
        return _StreamStream(self._calls, method, request_serializer, response_deserializer)

    def subscribe(
        self,
        callback: Callable[[grpc.ChannelConnectivity], None],
        try_to_connect: bool = False,  # noqa: ARG002
    ) -> None:
        """Tell `callback` at once that the channel is ready; that never changes."""
        callback(grpc.ChannelConnectivity.READY)

    def unsubscribe(self, callback: Callable[[grpc.ChannelConnectivity], None]) -> None:
        """Do nothing: there are no changes to tell of."""

    def close(self) -> None:
        """Refuse further calls; the platform stays open."""
        self._calls.close()

    def __enter__(self) -> LocalChannel:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _MultiCallable:
    """What all multi-callables share."""

    def __init__(
        self,
        calls: Calls,
        path: str,
        serializer: Callable[[Any], bytes] | None,
        deserializer: Callable[[bytes], Any] | None,
    ) -> None:
        self._calls = calls
        self._path = path
        self._serialize: Callable[[Any], bytes] = serializer or _same
        self._deserialize: Callable[[bytes], Any] = deserializer or _same

    def _method(self) -> Method:
        return self._calls.method(self._path)


class _UnaryUnary(_MultiCallable):
    """One request, one response."""

    def __call__(
        self,
        request: Any,
        timeout: float | None = None,
        metadata: Metadata | None = None,
        **_: Any,
    ) -> Any:
        """Make the call and return the response; see `grpc.UnaryUnaryMultiCallable`."""
        payload, sent = self._serialize(request), as_mapping(metadata)
        if timeout is None:
            return self._deserialize(self._calls.unary(self._method(), payload, sent))
        if timeout <= 0:
            raise too_late(timeout)
        end = time.monotonic() + timeout
        running = self._calls.submit(self._calls.unary, self._method(), payload, sent)
        try:
            answer = running.result(timeout)
        except FutureTimeout:
            running.cancel()
            raise too_late(timeout) from None
        if time.monotonic() > end:  # a busy process may see the answer and the end at once
            raise too_late(timeout)
        return self._deserialize(answer)

    def with_call(self, request: Any, *args: Any, **kwargs: Any) -> tuple[Any, LocalCall]:
        """Make the call and return `(response, call)`."""
        return self(request, *args, **kwargs), LocalCall()

    def future(self, request: Any, *args: Any, **kwargs: Any) -> LocalFuture:
        """Start the call and return a future of its response."""
        return LocalFuture(self._calls.submit(self, request, *args, **kwargs))


class _UnaryStream(_MultiCallable):
    """One request, many responses."""

    def __call__(
        self,
        request: Any,
        timeout: float | None = None,
        metadata: Metadata | None = None,
        **_: Any,
    ) -> LocalStream:
        """Start the call and return its responses as an iterator."""
        payloads = [self._serialize(request)]
        answers = self._calls.stream(self._method(), payloads, as_mapping(metadata))
        return LocalStream(self._calls, answers, self._deserialize, timeout)


class _StreamUnary(_MultiCallable):
    """Many requests, one response."""

    def __call__(
        self,
        request_iterator: Iterable[Any],
        timeout: float | None = None,
        metadata: Metadata | None = None,
        **_: Any,
    ) -> Any:
        """Make the call and return the response."""
        payloads = map(self._serialize, request_iterator)
        answers = self._calls.stream(self._method(), payloads, as_mapping(metadata))
        return next(LocalStream(self._calls, answers, self._deserialize, timeout))

    def with_call(
        self, request_iterator: Iterable[Any], *args: Any, **kwargs: Any
    ) -> tuple[Any, LocalCall]:
        """Make the call and return `(response, call)`."""
        return self(request_iterator, *args, **kwargs), LocalCall()

    def future(self, request_iterator: Iterable[Any], *args: Any, **kwargs: Any) -> LocalFuture:
        """Start the call and return a future of its response."""
        return LocalFuture(self._calls.submit(self, request_iterator, *args, **kwargs))


class _StreamStream(_MultiCallable):
    """Many requests, many responses."""

    def __call__(
        self,
        request_iterator: Iterable[Any],
        timeout: float | None = None,
        metadata: Metadata | None = None,
        **_: Any,
    ) -> LocalStream:
        """Start the call and return its responses as an iterator."""
        payloads = map(self._serialize, request_iterator)
        answers = self._calls.stream(self._method(), payloads, as_mapping(metadata))
        return LocalStream(self._calls, answers, self._deserialize, timeout)


class LocalCall:
    """A call that went well."""

    def code(self) -> grpc.StatusCode:
        """Return OK."""
        return grpc.StatusCode.OK

    def details(self) -> str:
        """Return no details."""
        return ""

    def initial_metadata(self) -> tuple[()]:
        """Return no metadata."""
        return ()

    def trailing_metadata(self) -> tuple[()]:
        """Return no metadata."""
        return ()

    def is_active(self) -> bool:
        """Return False: the call is over."""
        return False

    def time_remaining(self) -> None:
        """Return None: the call has no deadline any more."""

    def cancel(self) -> bool:
        """Return False: the call is over."""
        return False

    def add_callback(self, callback: Callable[[], None]) -> bool:  # noqa: ARG002
        """Return False: the call is over."""
        return False


class LocalStream(LocalCall):
    """The responses of a streaming call; iterate over it."""

    def __init__(
        self,
        calls: Calls,
        answers: Iterator[bytes],
        deserialize: Callable[[bytes], Any],
        timeout: float | None,
    ) -> None:
        self._calls = calls
        self._answers = answers
        self._deserialize = deserialize
        self._timeout = timeout
        self._deadline = None if timeout is None else time.monotonic() + timeout
        self._cancelled = False

    def __iter__(self) -> LocalStream:
        return self

    def __next__(self) -> Any:
        if self._cancelled:
            raise LocalRpcError(grpc.StatusCode.CANCELLED, "the call was cancelled")
        answer = self._next()
        if answer is None:
            raise StopIteration
        return self._deserialize(answer)

    def _next(self) -> bytes | None:
        if self._deadline is None or self._timeout is None:
            return next(self._answers, None)
        running = self._calls.submit(next, self._answers, None)
        try:
            answer: bytes | None = running.result(max(0.0, self._deadline - time.monotonic()))
        except FutureTimeout:
            raise too_late(self._timeout) from None
        return answer

    def cancel(self) -> bool:
        """Give up the call; no further response comes."""
        self._cancelled = True
        return True


class LocalFuture(LocalCall):
    """A call in progress: result, exception and callbacks as gRPC's futures have them."""

    def __init__(self, future: Future[Any]) -> None:
        self._future = future

    def code(self) -> grpc.StatusCode:
        """Wait for the end and return its gRPC status code."""
        error = self._future.exception()
        return error.code() if isinstance(error, LocalRpcError) else grpc.StatusCode.OK

    def details(self) -> str:
        """Wait for the end and return what went wrong, "" when nothing did."""
        error = self._future.exception()
        return error.details() if isinstance(error, LocalRpcError) else ""

    def cancel(self) -> bool:
        """Cancel the call if it has not begun; returns whether that was so."""
        return self._future.cancel()

    def cancelled(self) -> bool:
        """Return whether the call was cancelled."""
        return self._future.cancelled()

    def running(self) -> bool:
        """Return whether the call is running."""
        return self._future.running()

    def done(self) -> bool:
        """Return whether the call is over."""
        return self._future.done()

    def result(self, timeout: float | None = None) -> Any:
        """Wait for the response and return it, or raise what the call raised."""
        try:
            return self._future.result(timeout)
        except FutureTimeout:
            raise grpc.FutureTimeoutError from None

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Wait for the end and return what the call raised, or None."""
        try:
            return self._future.exception(timeout)
        except FutureTimeout:
            raise grpc.FutureTimeoutError from None

    def traceback(self, timeout: float | None = None) -> TracebackType | None:
        """Wait for the end and return the traceback of what the call raised, or None."""
        error = self.exception(timeout)
        return None if error is None else error.__traceback__

    def add_done_callback(self, fn: Callable[[Any], None]) -> None:
        """Call `fn(self)` when the call is over."""
        self._future.add_done_callback(lambda _: fn(self))


def _same(value: T) -> T:
    return value
