"""The asyncio variant of the in-process channel: calls run in threads, so that the loop goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from clarifai_local._calls import MAX_THREADS, Calls, LocalRpcError, as_mapping, too_late
from clarifai_local._grpc import grpc

if TYPE_CHECKING:
    from collections.abc import Generator

    from clarifai_local._calls import Callee

Metadata = Sequence[tuple[str, "str | bytes"]]


class LocalAioRpcError(grpc.aio.AioRpcError):
    """A gRPC error of an in-process asyncio call."""

    def __init__(self, error: LocalRpcError) -> None:
        empty = grpc.aio.Metadata()
        super().__init__(error.code(), empty, empty, error.details())


class LocalAioChannel:
    """What clients use of `grpc.aio.Channel`; see `Platform.aio_channel`."""

    def __init__(self, platform: Callee, *, trusted: bool) -> None:
        self._calls = Calls(platform, trusted=trusted)
        self._pool = ThreadPoolExecutor(MAX_THREADS, "clarifai-local-aio")

    def unary_unary(
        self,
        method: str,
        request_serializer: Callable[[Any], bytes] | None = None,
        response_deserializer: Callable[[bytes], Any] | None = None,
        _registered_method: bool | None = None,
    ) -> _AioUnaryUnary:
        """Return the callable of an RPC with one request and one response."""
        return _AioUnaryUnary(self, method, request_serializer, response_deserializer)

    def unary_stream(
        self,
        method: str,
        request_serializer: Callable[[Any], bytes] | None = None,
        response_deserializer: Callable[[bytes], Any] | None = None,
        _registered_method: bool | None = None,
    ) -> _AioUnaryStream:
        """Return the callable of an RPC that streams responses."""
        return _AioUnaryStream(self, method, request_serializer, response_deserializer)

    def stream_unary(
        self,
        method: str,
        request_serializer: Callable[[Any], bytes] | None = None,
        response_deserializer: Callable[[bytes], Any] | None = None,
        _registered_method: bool | None = None,
    ) -> _AioStreamUnary:
        """Return the callable of an RPC that streams requests."""
        return _AioStreamUnary(self, method, request_serializer, response_deserializer)

    def stream_stream(
        self,
        method: str,
        request_serializer: Callable[[Any], bytes] | None = None,
        response_deserializer: Callable[[bytes], Any] | None = None,
        _registered_method: bool | None = None,
    ) -> _AioStreamStream:
        """Return the callable of an RPC that streams both ways."""
        return _AioStreamStream(self, method, request_serializer, response_deserializer)

    def get_state(self, try_to_connect: bool = False) -> grpc.ChannelConnectivity:  # noqa: ARG002
        """Return READY, or SHUTDOWN once closed."""
        closed = self._calls.closed
        return grpc.ChannelConnectivity.SHUTDOWN if closed else grpc.ChannelConnectivity.READY

    async def channel_ready(self) -> None:
        """Return at once: the platform is here."""

    async def close(self, grace: float | None = None) -> None:  # noqa: ARG002
        """Refuse further calls; the platform stays open."""
        self._calls.close()
        self._pool.shutdown(wait=False)

    async def __aenter__(self) -> LocalAioChannel:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def run(self, work: Callable[..., Any], *args: Any, timeout: float | None = None) -> Any:
        """Run `work` in a thread and return what it returns.

        What comes after its time is as good as what never comes: a loop that is busy may see both
        at once.
        """
        loop = asyncio.get_running_loop()
        end = None if timeout is None else loop.time() + timeout
        if timeout is not None and timeout <= 0:
            raise LocalAioRpcError(too_late(timeout))
        running = loop.run_in_executor(self._pool, work, *args)
        try:
            # Not `wait_for`: before Python 3.12 it may swallow a cancellation.
            done, _ = await asyncio.wait([running], timeout=timeout)
        finally:
            running.cancel()  # what is over is not cancelled by that
        if not done or (end is not None and loop.time() > end):
            raise LocalAioRpcError(too_late(timeout or 0.0))
        try:
            return running.result()
        except LocalRpcError as error:
            raise LocalAioRpcError(error) from error


class _Method:
    def __init__(
        self,
        channel: LocalAioChannel,
        path: str,
        serializer: Callable[[Any], bytes] | None,
        deserializer: Callable[[bytes], Any] | None,
    ) -> None:
        self._channel = channel
        self._calls = channel._calls
        self._path = path
        self._serialize = serializer or bytes
        self._deserialize = deserializer or bytes

    def _unary(self, payload: bytes, sent: dict[str, str]) -> bytes:
        return self._calls.unary(self._calls.method(self._path), payload, sent)

    def _stream(self, payloads: Iterable[bytes], sent: dict[str, str]) -> Iterator[bytes]:
        return self._calls.stream(self._calls.method(self._path), payloads, sent)

    async def _answers(
        self, requests: Any, timeout: float | None, metadata: Metadata | None
    ) -> AsyncIterator[Any]:
        payloads = [self._serialize(request) for request in await _all(requests)]
        answers = self._stream(payloads, as_mapping(metadata))
        time_now = asyncio.get_running_loop().time
        end = None if timeout is None else time_now() + timeout  # of the stream, not of an answer
        while True:
            left = None if end is None else end - time_now()
            answer = await self._channel.run(next, answers, None, timeout=left)
            if answer is None:
                return
            yield self._deserialize(answer)


class _AioUnaryUnary(_Method):
    def __call__(
        self,
        request: Any,
        *,
        timeout: float | None = None,
        metadata: Metadata | None = None,
        **_: Any,
    ) -> LocalAioCall:
        payload, sent = self._serialize(request), as_mapping(metadata)

        async def call() -> object:
            body = await self._channel.run(self._unary, payload, sent, timeout=timeout)
            return self._deserialize(body)

        return LocalAioCall(call())


class _AioUnaryStream(_Method):
    def __call__(
        self,
        request: Any,
        *,
        timeout: float | None = None,
        metadata: Metadata | None = None,
        **_: Any,
    ) -> AsyncIterator[Any]:
        return self._answers([request], timeout, metadata)


class _AioStreamUnary(_Method):
    def __call__(
        self,
        request_iterator: Any,
        timeout: float | None = None,
        metadata: Metadata | None = None,
        **_: Any,
    ) -> LocalAioCall:
        async def call() -> object:
            return await self._answers(request_iterator, timeout, metadata).__anext__()

        return LocalAioCall(call())


class _AioStreamStream(_Method):
    def __call__(
        self,
        request_iterator: Any,
        timeout: float | None = None,
        metadata: Metadata | None = None,
        **_: Any,
    ) -> AsyncIterator[Any]:
        return self._answers(request_iterator, timeout, metadata)


class LocalAioCall:
    """A call in progress: await it for the response."""

    def __init__(self, work: Any) -> None:
        self._task: asyncio.Future[Any] = asyncio.ensure_future(work)

    def __await__(self) -> Generator[Any, None, Any]:
        return self._task.__await__()

    def cancel(self) -> bool:
        """Give up the call; what the platform does already, it does."""
        return self._task.cancel()

    def cancelled(self) -> bool:
        """Return whether the call was given up."""
        return self._task.cancelled()

    def done(self) -> bool:
        """Return whether the call is over."""
        return self._task.done()

    def add_done_callback(self, callback: Callable[[Any], None]) -> None:
        """Call `callback(self)` when the call is over."""
        self._task.add_done_callback(lambda _: callback(self))

    async def code(self) -> grpc.StatusCode:
        """Wait for the end and return the gRPC status code."""
        error = await self._error()
        return grpc.StatusCode.OK if error is None else error.code()

    async def details(self) -> str:
        """Wait for the end and return what went wrong, "" when nothing did."""
        error = await self._error()
        return "" if error is None else error.details() or ""

    async def initial_metadata(self) -> tuple[()]:
        """Return no metadata."""
        return ()

    async def trailing_metadata(self) -> tuple[()]:
        """Return no metadata."""
        return ()

    async def _error(self) -> grpc.aio.AioRpcError | None:
        try:
            await asyncio.shield(self._task)
        except grpc.aio.AioRpcError as error:
            return error
        return None


async def _all(requests: Any) -> list[Any]:
    if isinstance(requests, AsyncIterable):
        return [request async for request in requests]
    return list(requests)
