"""One port for gRPC and HTTP, as clients have one base address for both.

The first bytes of a connection say what it is. HTTP/2 with its preface is gRPC: from there on bytes
are handed to and fro between the caller and gRPC's own port, unread. What begins like TLS gets
plain text back, which every TLS library reports as an SSL error at once: clients probe for that.
All else is HTTP/1.1.

Whoever has shown no key yet is a guest: there are so many of them at a time, and none stays long.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
"""What a connection that speaks HTTP/2 begins with."""

FIRST_BYTES_SECONDS = 30.0
"""How long a connection may say nothing."""

KEY_SECONDS = 60.0
"""How long a connection may go without showing a key that is accepted."""

MAX_GUESTS = 256
"""Connections without a key at a time; the oldest one goes when another comes."""

_DESCRIPTORS_OF_A_GUEST = 3
"""Its own, and both ends of what leads to gRPC."""

_TLS_HANDSHAKE = 0x16
_NO_TLS = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class UnknownConnections:
    """The connections of one event loop that have shown no key.

    Args:
        most: How many there may be.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._leaving: dict[Any, asyncio.TimerHandle] = {}
        """When each has to go, by its transport; the oldest first."""

    def __len__(self) -> int:
        return len(self._leaving)

    def arrived(self, transport: Any) -> None:
        """Take in a connection, and let go of the oldest when there are too many."""
        if len(self._leaving) >= self.most:
            self._end(next(iter(self._leaving)))
        loop = asyncio.get_running_loop()
        self._leaving[transport] = loop.call_later(KEY_SECONDS, self._end, transport)

    def left(self, transport: Any) -> None:
        """Forget a connection: it has ended, or shown a key."""
        leaving = self._leaving.pop(transport, None)
        if leaving is not None:
            leaving.cancel()

    def _end(self, transport: Any) -> None:
        self.left(transport)
        transport.abort()


class PortMultiplexer:
    """Takes connections, all of one event loop, and hands them on."""

    def __init__(self) -> None:
        self.upstream = ("", 0)
        """Host and port of gRPC; set before the first connection."""
        self.guests = UnknownConnections(_most_guests())
        self.open: set[Any] = set()
        """Connections that HTTP/1.1 does not know of."""
        self.joining: set[asyncio.Task[None]] = set()
        """Tasks are collected when nobody keeps them."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._callers: dict[int, Any] = {}
        """Who speaks gRPC, by the port that gRPC sees them at."""
        self._known: set[int] = set()

    def protocol(self, http: Callable[[], asyncio.Protocol]) -> asyncio.Protocol:
        """Return the protocol of a new connection.

        Args:
            http: Makes the protocol that takes over when it speaks HTTP/1.1.
        """
        self._loop = asyncio.get_running_loop()
        return _Undecided(self, http)

    def has_shown_key(self, peer: str) -> None:
        """Say that a caller over gRPC is no guest any more; from any thread.

        Args:
            peer: As gRPC names it: `"ipv4:127.0.0.1:41234"`.
        """
        port = int(peer.rpartition(":")[2])
        if port not in self._known and self._loop is not None:
            self._known.add(port)
            self._loop.call_soon_threadsafe(self._admit, port)

    def joined(self, port: int, caller: Any) -> None:
        """Note at which port gRPC sees a caller."""
        self._callers[port] = caller

    def parted(self, port: int) -> None:
        """Forget a caller of gRPC."""
        self._callers.pop(port, None)
        self._known.discard(port)

    def close(self) -> None:
        """Break off all connections that are not HTTP/1.1."""
        for transport in list(self.open):
            transport.abort()

    def _admit(self, port: int) -> None:
        if port in self._callers:
            self.guests.left(self._callers[port])
        else:
            self._known.discard(port)  # it has left meanwhile


class _Undecided(asyncio.Protocol):
    """Looks at the first bytes of a connection."""

    def __init__(self, multiplexer: PortMultiplexer, http: Callable[[], asyncio.Protocol]) -> None:
        self._multiplexer = multiplexer
        self._http = http
        self._first = b""
        self._transport: Any = None
        self._too_late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._multiplexer.open.add(transport)
        self._multiplexer.guests.arrived(transport)
        loop = asyncio.get_running_loop()
        self._too_late = loop.call_later(FIRST_BYTES_SECONDS, transport.close)

    def data_received(self, data: bytes) -> None:
        self._first += data
        if self._first[0] == _TLS_HANDSHAKE:
            self._transport.write(_NO_TLS)
            self._transport.close()
        elif self._first.startswith(PREFACE):
            caller = _End(self._multiplexer)
            self._hand_to(caller)
            _join(caller, self._first)
        elif not PREFACE.startswith(self._first):
            http = self._http()
            self._multiplexer.open.discard(self._transport)
            self._hand_to(http)
            http.data_received(self._first)

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002 - as asyncio calls
        self._decided()
        self._multiplexer.open.discard(self._transport)
        self._multiplexer.guests.left(self._transport)

    def _hand_to(self, protocol: asyncio.Protocol) -> None:
        self._decided()
        self._transport.set_protocol(protocol)
        protocol.connection_made(self._transport)

    def _decided(self) -> None:
        if self._too_late is not None:
            self._too_late.cancel()


class _End(asyncio.Protocol):
    """One of two connections whose bytes go to the other."""

    def __init__(self, multiplexer: PortMultiplexer) -> None:
        self.multiplexer = multiplexer
        self.transport: Any = None
        self.other: _End | None = None
        self.port = 0
        """Of the end at gRPC: where it sees the caller."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.multiplexer.open.add(transport)

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
        self.multiplexer.open.discard(self.transport)
        self.multiplexer.guests.left(self.transport)
        if self.port:
            self.multiplexer.parted(self.port)
        if self.other is not None:
            self.other.transport.close()


def _join(caller: _End, first: bytes) -> None:
    """Connect a caller with gRPC; its bytes wait until then."""
    caller.transport.pause_reading()
    joining = asyncio.get_running_loop().create_task(_connect(caller, first))
    caller.multiplexer.joining.add(joining)
    joining.add_done_callback(caller.multiplexer.joining.discard)


async def _connect(caller: _End, first: bytes) -> None:
    multiplexer = caller.multiplexer
    loop = asyncio.get_running_loop()
    try:
        _, end = await loop.create_connection(lambda: _End(multiplexer), *multiplexer.upstream)
    except OSError:
        # The server stops, or no descriptor is free: callers come again.
        caller.transport.abort()
        return
    if caller.transport.is_closing():
        end.transport.close()
        return
    caller.other, end.other = end, caller
    end.port = end.transport.get_extra_info("sockname")[1]
    multiplexer.joined(end.port, caller.transport)
    end.transport.write(first)
    caller.transport.resume_reading()


def _most_guests() -> int:
    """Return how many guests leave half of this process's descriptors to others."""
    if sys.platform == "win32":
        return MAX_GUESTS
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return MAX_GUESTS
    return max(1, min(MAX_GUESTS, soft // 2 // _DESCRIPTORS_OF_A_GUEST))
