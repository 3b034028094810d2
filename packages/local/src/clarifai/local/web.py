"""The HTTP routes of a platform on a port, with starlette and uvicorn."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import struct
import sys
import threading
from typing import TYPE_CHECKING, Any, cast

import uvicorn
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from clarifai.local.front import Front
from clarifai.local.gateway.service import refusal
from clarifai.local.http import HttpRequest
from clarifai.local.statuses import status

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from clarifai.local.http import Break, Http, HttpReply

STOP_SECONDS = 5.0
MAX_BODY_BYTES = 256 * 1024 * 1024
"""Largest body of a request over HTTP; gRPC takes larger ones."""

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


class WebServer:
    """Serves the routes from construction to `stop`, in a thread of its own.

    Args:
        http: The routes.
        host: Address to listen at.
        port: Port to listen at; 0 for any free one.
        upstream: Host and port of gRPC, which callers reach at the same port.

    Raises:
        OSError: The port is taken.
    """

    def __init__(self, http: Http, host: str, port: int, upstream: tuple[str, int]) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        try:
            if sys.platform != "win32":
                # There it would let two servers have the port.
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind((host.strip("[]"), port))
            self._socket.listen(128)
        except BaseException:  # why: tidied up, and raised again
            self._socket.close()
            raise
        self.port: int = self._socket.getsockname()[1]
        self._front = Front(*upstream)
        config = uvicorn.Config(
            _application(http),
            http=cast("type[asyncio.Protocol]", self._protocol),
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=int(STOP_SECONDS),
        )
        self._server = uvicorn.Server(config)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="clarifai-local-http", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop serving."""
        self._server.should_exit = True
        with contextlib.suppress(RuntimeError):  # when the loop has ended already
            self._loop.call_soon_threadsafe(self._front.close)
        self._thread.join(2 * STOP_SECONDS)
        self._socket.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._server.serve(sockets=[self._socket]))
        finally:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()

    def _protocol(self, **settings: Any) -> asyncio.Protocol:
        """Make the protocol of a connection: what uvicorn takes for its class of HTTP."""
        return self._front.protocol(lambda: _Protocol(**settings))


def _application(http: Http) -> Starlette:
    async def answer(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return _too_large()
        asked = HttpRequest(
            request.url.path,
            request.url.query,
            dict(request.headers),
            request.method,
            body,
            request.scope["raw_path"].decode("latin-1"),
        )
        reply = await run_in_threadpool(http.handle, asked, trusted=False)
        if reply.broken is not None:
            return _Broken(reply, reply.broken)
        headers = dict(reply.headers)
        if reply.chunks is not None:
            parts = itertools.chain((reply.body,), reply.chunks)
            return StreamingResponse(parts, reply.status, headers, reply.media_type)
        return Response(reply.body, reply.status, headers, reply.media_type)

    return Starlette(routes=[Route("/{path:path}", answer, methods=_METHODS)])


async def _body(request: Request) -> bytes | None:
    """Return the body of a request, None when it is too large."""
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > MAX_BODY_BYTES:
        return None
    parts = []
    left = MAX_BODY_BYTES
    async for part in request.stream():
        left -= len(part)
        if left < 0:
            return None
        parts.append(part)
    return b"".join(parts)


def _too_large() -> Response:
    refused = status(
        codes.CONN_INVALID_REQUEST, f"the body is larger than {MAX_BODY_BYTES:,} bytes: use gRPC"
    )
    reply = refusal(refused, 413)
    headers = {"connection": "close"}
    return Response(reply.body, reply.status, headers, reply.media_type)


class _Protocol(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """Lets an answer see the connection it goes out on, as `state.connection` of its request."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.app_state: dict[str, Any] = {**self.app_state, "connection": transport}


class _Broken(Response):
    """An answer that announces its whole length and breaks off before."""

    def __init__(self, reply: HttpReply, broken: Break) -> None:
        super().__init__(reply.body, reply.status, media_type=reply.media_type)
        self._broken = broken

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = scope["state"]["connection"]
        sent = bytes(self.body)[: self._broken.after_bytes]
        if sent or not self._broken.reset:
            start = {"status": self.status_code, "headers": self.raw_headers}
            await send({"type": "http.response.start", **start})
            await send({"type": "http.response.body", "body": sent, "more_body": True})
        if self._broken.reset:
            connection.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER
            )
            connection.abort()
        else:
            connection.close()
        # To return at once would let uvicorn complain of an answer that is not complete.
        while (await receive())["type"] != "http.disconnect":
            pass


_NO_LINGER = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
"""Linger for no time: closing the socket resets the connection."""
