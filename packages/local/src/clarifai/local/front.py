"""One port for gRPC and HTTP, as clients have one base address for both.

The first bytes of a connection say what it is. HTTP/2 with its preface is gRPC: from there on bytes
are handed to and fro between the caller and gRPC's own port, unread. What begins like TLS gets
plain text back, which every TLS library reports as an SSL error at once: clients probe for that.
All else is HTTP/1.1.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
"""What a connection that speaks HTTP/2 begins with."""

FIRST_BYTES_SECONDS = 30.0
"""How long a connection may say nothing."""

_TLS_HANDSHAKE = 0x16
_NO_TLS = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Front:
    """Takes connections, all of one event loop, and hands them on.

    Args:
        host: Where gRPC is.
        port: Where gRPC is.
    """

    def __init__(self, host: str, port: int) -> None:
        self.upstream = (host, port)
        self.open: set[Any] = set()
        """Connections that HTTP/1.1 does not know of."""
        self.joining: set[asyncio.Task[None]] = set()
        """Tasks are collected when nobody keeps them."""

    def protocol(self, http: Callable[[], asyncio.Protocol]) -> asyncio.Protocol:
        """Return the protocol of a new connection.

        Args:
            http: Makes the protocol that takes over when it speaks HTTP/1.1.
        """
        return _Undecided(self, http)

    def close(self) -> None:
        """Break off all connections that are not HTTP/1.1."""
        for transport in list(self.open):
            transport.abort()


class _Undecided(asyncio.Protocol):
    """Looks at the first bytes of a connection."""

    def __init__(self, front: Front, http: Callable[[], asyncio.Protocol]) -> None:
        self._front = front
        self._http = http
        self._first = b""
        self._transport: Any = None
        self._too_late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._front.open.add(transport)
        loop = asyncio.get_running_loop()
        self._too_late = loop.call_later(FIRST_BYTES_SECONDS, transport.close)

    def data_received(self, data: bytes) -> None:
        self._first += data
        if self._first[0] == _TLS_HANDSHAKE:
            self._transport.write(_NO_TLS)
            self._transport.close()
        elif self._first.startswith(PREFACE):
            caller = _End(self._front)
            self._hand_to(caller)
            _join(caller, self._first)
        elif not PREFACE.startswith(self._first):
            http = self._http()
            self._front.open.discard(self._transport)
            self._hand_to(http)
            http.data_received(self._first)

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002 - as asyncio calls
        self._decided()
        self._front.open.discard(self._transport)

    def _hand_to(self, protocol: asyncio.Protocol) -> None:
        self._decided()
        self._transport.set_protocol(protocol)
        protocol.connection_made(self._transport)

    def _decided(self) -> None:
        if self._too_late is not None:
            self._too_late.cancel()


class _End(asyncio.Protocol):
    """One of two connections whose bytes go to the other."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self.transport: Any = None
        self.other: _End | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.front.open.add(transport)

    def data_received(self, data: bytes) -> None:
        if self.other is not None:
            self.other.transport.write(data)

    def pause_writing(self) -> None:
        if self.other is not None:
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.other is not None and not self.other.transport.is_closing():
            self.other.transport.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002 - as asyncio calls
        self.front.open.discard(self.transport)
        if self.other is not None:
            self.other.transport.close()


def _join(caller: _End, first: bytes) -> None:
    """Connect a caller with gRPC; its bytes wait until then."""
    caller.transport.pause_reading()
    joining = asyncio.get_running_loop().create_task(_connect(caller, first))
    caller.front.joining.add(joining)
    joining.add_done_callback(caller.front.joining.discard)


async def _connect(caller: _End, first: bytes) -> None:
    front = caller.front
    loop = asyncio.get_running_loop()
    try:
        _, end = await loop.create_connection(lambda: _End(front), *front.upstream)
    except OSError:
        # The server stops: callers see that nobody is there any more.
        caller.transport.abort()
        return
    if caller.transport.is_closing():
        end.transport.close()
        return
    caller.other, end.other = end, caller
    end.transport.write(first)
    caller.transport.resume_reading()
