"""The platform's HTTP addresses for httpx clients of this process: no port, no socket, no key."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx

from clarifai_local.http_messages import Break, HttpReply, HttpRequest, in_process

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from clarifai_local._http_routes import HttpRoutes


class HttpTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Serves the platform's HTTP addresses to httpx clients of this process.

    Args:
        routes: What answers.
    """

    def __init__(self, routes: HttpRoutes) -> None:
        self._routes = routes

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request; its host does not matter."""
        token = in_process.set(True)
        try:
            reply = self._routes.handle(
                HttpRequest(
                    request.url.path,
                    request.url.query.decode("ascii"),
                    dict(request.headers),
                    request.method,
                    request.read(),
                    request.url.raw_path.decode("ascii").partition("?")[0],
                    trusted=True,
                )
            )
        finally:
            in_process.reset(token)
        headers = {"content-type": reply.media_type, "content-length": str(len(reply.body))}
        headers |= reply.headers
        if reply.chunks is not None:
            del headers["content-length"]
            stream = _Chunks(reply.body, reply.chunks)
            return httpx.Response(reply.status, headers=headers, stream=stream)
        if reply.broken is None:
            return httpx.Response(reply.status, headers=headers, content=reply.body)
        if reply.broken.reset and not reply.broken.after_bytes:
            raise _breaking(reply, reply.broken)
        return httpx.Response(
            reply.status, headers=headers, stream=_BrokenBody(reply, reply.broken)
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of an asyncio client."""
        await request.aread()
        return await asyncio.to_thread(self.handle_request, request)


class _Chunks(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that is still being made."""

    def __init__(self, first: bytes, rest: Iterator[bytes]) -> None:
        self._first = first
        self._rest = rest

    def __iter__(self) -> Iterator[bytes]:
        yield self._first
        while (part := self._next()) is not None:
            yield part

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._first
        while (part := await asyncio.to_thread(self._next)) is not None:
            yield part

    def _next(self) -> bytes | None:
        token = in_process.set(True)
        try:
            return next(self._rest, None)
        finally:
            in_process.reset(token)


class _BrokenBody(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that breaks off, with the errors that a network would give."""

    def __init__(self, reply: HttpReply, broken: Break) -> None:
        self._reply = reply
        self._broken = broken

    def __iter__(self) -> Iterator[bytes]:
        yield self._reply.body[: self._broken.after_bytes]
        raise _breaking(self._reply, self._broken)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self:
            yield part


def _breaking(reply: HttpReply, broken: Break) -> httpx.TransportError:
    if broken.reset:
        return httpx.ReadError("Connection reset by peer")
    return httpx.RemoteProtocolError(
        "peer closed connection without sending complete message body "
        f"(received {broken.after_bytes} bytes, expected {len(reply.body)})"
    )
