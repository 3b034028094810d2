"""One request over HTTP: from its head, by which it may be refused, to its answer.

Nothing of a body is looked at before the head says who asks: a foreign name in the Host header,
another site's page that wants to change something, or no key end the exchange.
"""

from __future__ import annotations

import itertools
import socket
import struct
import sys
from typing import TYPE_CHECKING

import attrs
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from clarifai_local._gateway.service import refusal
from clarifai_local._host_names import HostNames
from clarifai_local._http_routes import HttpRoutes
from clarifai_local._port_multiplexer import UnknownConnections
from clarifai_local.http_messages import HttpReply, HttpRequest
from clarifai_local.statuses import status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Receive, Scope, Send

    from clarifai_local.http_messages import Break

MAX_BODY_BYTES = 256 * 1024 * 1024
"""Largest body of a request over HTTP; gRPC takes larger ones."""

MAX_REFUSED_BYTES = 64 * 1024
"""Largest body that is read, and forgotten, of a request that is refused by its head; with a
larger one the connection is closed."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_READING = frozenset({"GET", "HEAD"})
_CLOSE = {"connection": "close"}
_FIRST_ERROR = 400


class _ClientDisconnected(Exception):
    """The caller has hung up before its request was complete."""


@attrs.frozen
class AsgiApplication:
    """Answers requests; an ASGI application.

    Each request brings its connection along, as `state.connection` of its scope.
    """

    http: HttpRoutes
    hosts: HostNames
    guests: UnknownConnections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            response = await self._response(scope, receive)
        except _ClientDisconnected:
            return
        await response(scope, receive, send)

    async def _response(self, scope: Scope, receive: Receive) -> Response:
        asked, target_host = _head(scope)
        refused = self._refused(asked, target_host)
        if refused is not None:
            return await _unread(refused, asked, receive)
        # An address that needs no key is as good as one when it leads somewhere.
        needs_key = self.http.needs_key(asked)
        if needs_key:
            self.guests.left(scope["state"]["connection"])
        body = await _body(asked.headers, receive, MAX_BODY_BYTES)
        if body is None:
            return _too_large()
        reply = await run_in_threadpool(self.http.answer, attrs.evolve(asked, body=body))
        if not needs_key and reply.status < _FIRST_ERROR:
            self.guests.left(scope["state"]["connection"])
        return _response_of(reply)

    def _refused(self, asked: HttpRequest, target_host: str | None) -> HttpReply | None:
        host = asked.headers.get("host", "")
        for name in (host, host if target_host is None else target_host):
            if not self.hosts.accepts(name):
                return _foreign_host(name, self.hosts)
        if not asked.raw_path.startswith("/"):
            return _refusal(400, f"{asked.raw_path[:200]!r} is no path")
        if asked.method not in _METHODS:
            return _refusal(405, f"there is no method {asked.method[:20]!r}")
        origin = None if asked.method in _READING else asked.headers.get("origin")
        if origin is not None and not self.hosts.accepts_origin(origin):
            return _refusal(403, f"pages of {origin[:200]!r} may not change anything here")
        packed = asked.headers.get("content-encoding", "identity").lower()
        if packed != "identity":
            return _refusal(415, f"a body packed as {packed[:20]!r} is not taken: send it plain")
        return self.http.refusal(asked)


def _head(scope: Scope) -> tuple[HttpRequest, str | None]:
    """Return a request without its body, and the host in its target, where that names one."""
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.decode("latin-1"), value.decode("latin-1"))
    path, raw_path, host = scope["path"], scope["raw_path"].decode("latin-1"), None
    if raw_path[:7].lower() == "http://":
        host, slash, rest = raw_path[7:].partition("/")
        raw_path, path = slash + rest, "/" + path[7:].partition("/")[2]
    query = scope["query_string"].decode("latin-1")
    return HttpRequest(path, query, headers, scope["method"], raw_path=raw_path or "/"), host


def _foreign_host(name: str, hosts: HostNames) -> HttpReply:
    if not name:
        return _refusal(400, f"the request names no host: send 'Host: localhost:{hosts.port}'")
    return _refusal(
        421,
        f"{name[:200]!r} is no name of this server, which answers to localhost:{hosts.port}: "
        "a server that has another name is told so with host_names",
    )


def _refusal(http: int, details: str) -> HttpReply:
    return refusal(status(codes.CONN_INVALID_REQUEST, details), http)


async def _unread(refused: HttpReply, asked: HttpRequest, receive: Receive) -> Response:
    """Return a refusal; a large body ends the connection, as it is not read."""
    if await _body(asked.headers, receive, MAX_REFUSED_BYTES, chunked=False) is None:
        refused = attrs.evolve(refused, headers={**refused.headers, **_CLOSE})
    return _response_of(refused)


async def _body(
    headers: Mapping[str, str], receive: Receive, most: int, *, chunked: bool = True
) -> bytes | None:
    """Return the body of a request, None when it is too large.

    Args:
        headers: Of the request.
        receive: Brings its parts.
        most: Bytes that are taken.
        chunked: Whether to read what announces no size.
    """
    if int(headers.get("content-length", 0)) > most:
        return None
    if "transfer-encoding" in headers and not chunked:
        return None
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _ClientDisconnected
        parts.append(message.get("body", b""))
        most -= len(parts[-1])
        if most < 0:
            return None
        if not message.get("more_body", False):
            return b"".join(parts)


def _too_large() -> Response:
    reply = _refusal(413, f"the body is larger than {MAX_BODY_BYTES:,} bytes: use gRPC")
    return _response_of(attrs.evolve(reply, headers=_CLOSE))


def _response_of(reply: HttpReply) -> Response:
    if reply.broken is not None:
        return _BrokenAnswer(reply, reply.broken)
    headers = dict(reply.headers)
    if reply.chunks is not None:
        parts = itertools.chain((reply.body,), reply.chunks)
        return StreamingResponse(parts, reply.status, headers, reply.media_type)
    return Response(reply.body, reply.status, headers, reply.media_type)


class _BrokenAnswer(Response):
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
