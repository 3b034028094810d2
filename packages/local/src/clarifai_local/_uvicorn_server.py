"""The HTTP side of a platform on a port, with uvicorn; what it answers is in `asgi`."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import threading
from typing import TYPE_CHECKING, Any, cast

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from clarifai_local._asgi import AsgiApplication
from clarifai_local._host_names import HostNames

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clarifai_local._http_routes import HttpRoutes
    from clarifai_local._port_multiplexer import PortMultiplexer

STOP_SECONDS = 5.0

MAX_HEAD_BYTES = 64 * 1024
"""Largest head of a request: its first line and headers."""

HEAD_SECONDS = 30.0
"""How long the head of a request may take, from its first byte on."""

BODY_SECONDS = 60.0
"""How long a body may pause."""


class UvicornServer:
    """Serves the routes from construction to `stop`, in a thread of its own.

    Args:
        http: The routes.
        host: Address to listen at.
        port: Port to listen at; 0 for any free one.
        multiplexer: Tells HTTP from gRPC, which callers reach at the same port.
        host_names: Names of the server besides that address; see `HostNames`.

    Raises:
        OSError: The port is taken.
        ValueError: One of the names is none.
    """

    def __init__(
        self,
        http: HttpRoutes,
        host: str,
        port: int,
        multiplexer: PortMultiplexer,
        host_names: Iterable[str] = (),
    ) -> None:
        self._socket = _listening(host, port)
        self.port: int = self._socket.getsockname()[1]
        try:
            hosts = HostNames.of(host, self.port, host_names)
        except ValueError:
            self._socket.close()
            raise
        self._multiplexer = multiplexer
        config = uvicorn.Config(
            AsgiApplication(http, hosts, multiplexer.guests),
            http=cast("type[asyncio.Protocol]", self._protocol),
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            proxy_headers=False,
            h11_max_incomplete_event_size=MAX_HEAD_BYTES,
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
            self._loop.call_soon_threadsafe(self._multiplexer.close)
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
        return self._multiplexer.protocol(lambda: _Protocol(self._multiplexer, **settings))


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Only where TCP is named does asyncio switch Nagle's algorithm off: 40 ms of an answer's head.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":
            # There it would let two servers have the port.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host.strip("[]"), port))
        listening.listen(128)
    except BaseException:  # why: tidied up, and raised again
        listening.close()
        raise
    return listening


class _Protocol(H11Protocol):
    """HTTP/1.1 of a caller that may dawdle, but not for ever.

    An answer sees the connection it goes out on, as `state.connection` of its request. It is h11
    whatever uvicorn would choose: its limits are those that are documented.
    """

    def __init__(self, multiplexer: PortMultiplexer, **settings: Any) -> None:
        super().__init__(**settings)
        self._multiplexer = multiplexer
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.app_state: dict[str, Any] = {**self.app_state, "connection": transport}

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is not None and self.cycle.more_body:
            self._wait(BODY_SECONDS)
        elif (self.cycle is None or self.cycle.response_complete) and self.conn.trailing_data[0]:
            if self._patience is None:
                self._wait(HEAD_SECONDS)
        else:
            self._wait(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait(None)
        self._multiplexer.guests.left(self.transport)
        super().connection_lost(exc)

    def _wait(self, seconds: float | None) -> None:
        """Close the connection unless more comes within a time; None: however long that takes."""
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
        if seconds is not None and not self.transport.is_closing():
            self._patience = self.loop.call_later(seconds, self.transport.abort)
