"""A network between a program and a server: late, lossy, slow, half dead, or gone.

    with TcpProxy(("127.0.0.1", server.port)) as proxy:
        proxy.rtt_seconds = 0.4
        ...                                # talks to 127.0.0.1:proxy.port
        proxy.go_down()                    # connections are reset, new ones refused
        proxy.come_back()

It carries bytes as they are. Each way has a delay line, so that latency costs no throughput, as on
a real link. A process cannot drop the packets of TCP: `loss` is what one sees of it, a piece that
comes a retransmission timeout later, with all behind it.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import ssl
import struct
import threading
from collections.abc import Awaitable, Iterable
from typing import Any

PIECE_BYTES = 64 * 1024
MAX_WAITING_BYTES = 4 * 1024 * 1024
"""In one delay line: a link holds its bandwidth times its delay, not everything."""

RETRANSMISSION_SECONDS = 0.2
"""What a lost packet costs at the least (RFC 6298 says a second, Linux has 200 ms)."""


class Loop:
    """An event loop in a thread of its own; what runs in it ends with it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.tasks: set[asyncio.Task[Any]] = set()

    def do(self, work: Awaitable[Any]) -> Any:
        """Run a coroutine in the loop, and return its result."""

        async def run() -> Any:
            return await work

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(60)

    def spawn(self, work: Any) -> None:
        """Begin a coroutine; called in the loop."""
        task = self._loop.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def close(self) -> None:
        """Cancel what runs."""
        self.do(self._cancel())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(60)
        self._loop.close()

    async def _cancel(self) -> None:
        me = asyncio.current_task()
        tasks = [task for task in asyncio.all_tasks() if task is not me]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class TcpProxy:
    """Listens on loopback, and carries each connection to `upstream`.

    Args:
        upstream: Host and port.
        seed: Of the dice for `loss`.
    """

    def __init__(self, upstream: tuple[str, int], *, seed: int = 0) -> None:
        self.rtt_seconds = 0.0
        self.jitter = 0.0
        """Share of the delay by which it varies."""
        self.loss = 0.0
        """Share of the pieces of 64 KiB or less that are late by a retransmission."""
        self.bytes_per_second = 0
        """0: as fast as it goes."""
        self.silent: frozenset[str] = frozenset()
        """`"up"` and `"down"`: what goes that way is taken, and never arrives."""
        self.reset_after_bytes: int | None = None
        """Downstream bytes after which a connection is reset."""
        self.on_connect = ""
        """What becomes of new connections: `""`, `"reset"`, `"close"`, or `"hang"`."""
        self.accepted = 0
        self.resets = 0
        self._upstream, self._dice = upstream, random.Random(seed)
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = Loop()
        self._server: asyncio.Server | None = None
        self.port = 0
        self._loop.do(self._listen())

    def __enter__(self) -> TcpProxy:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Reset every connection, and end."""
        self.go_down()
        self._loop.close()

    def go_down(self) -> None:
        """Reset every connection, and refuse new ones."""
        self._loop.do(self._unlisten())
        self.reset_all()

    def come_back(self) -> None:
        """Listen again, at the same port."""
        self._loop.do(self._listen())

    def reset_all(self) -> None:
        """Reset every connection."""
        self._loop.do(self._reset_all())

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._begin, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _unlisten(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _reset_all(self) -> None:
        for writer in list(self._writers):
            self._reset(writer)

    def _reset(self, writer: asyncio.StreamWriter) -> None:
        self.resets += 1
        reset(writer)

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A task of our own: those that asyncio makes here are loud when they are cancelled.
        self._loop.spawn(self._carry(reader, writer))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        with _tidy(self._writers, writer):
            if self.on_connect == "reset":
                return self._reset(writer)
            if self.on_connect == "close":
                return None
            if self.on_connect == "hang":
                await asyncio.Event().wait()
            try:
                back, forth = await asyncio.open_connection(*self._upstream)
            except OSError:
                return self._reset(writer)
            with _tidy(self._writers, forth):
                ways = [self._way("up", reader, forth), self._way("down", back, writer)]
                await first_to_end(ways)
        return None

    async def _way(
        self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        line: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(MAX_WAITING_BYTES // PIECE_BYTES)
        await first_to_end([self._take(reader, line), self._give(name, line, writer)])

    async def _take(
        self, reader: asyncio.StreamReader, line: asyncio.Queue[tuple[float, bytes]]
    ) -> None:
        clock = asyncio.get_running_loop().time
        last = 0.0
        while piece := await reader.read(PIECE_BYTES):
            delay = self.rtt_seconds / 2 * (1 + self.jitter * self._dice.uniform(-1, 1))
            if self.loss and self._dice.random() < self.loss:
                delay += RETRANSMISSION_SECONDS + self.rtt_seconds
            last = max(last, clock() + delay)
            await line.put((last, piece))
        await line.put((last, b""))
        await asyncio.Event().wait()  # the other task ends when all of it has arrived

    async def _give(
        self, name: str, line: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter
    ) -> None:
        clock, sent = asyncio.get_running_loop().time, 0
        while True:
            due, piece = await line.get()
            if (late := due - clock()) > 0:
                await asyncio.sleep(late)
            if not piece:
                return
            if name in self.silent:
                continue
            for part in self._parts(piece):
                writer.write(part)
                await writer.drain()
                sent += len(part)
                if self.bytes_per_second:
                    await asyncio.sleep(len(part) / self.bytes_per_second)
                limit = self.reset_after_bytes
                if name == "down" and limit is not None and sent >= limit:
                    self._reset(writer)
                    return

    def _parts(self, piece: bytes) -> Iterable[bytes]:
        size = max(1, self.bytes_per_second // 20) if self.bytes_per_second else len(piece)
        return (piece[i : i + size] for i in range(0, len(piece), size))


class TlsFront:
    """Ends TLS on loopback and hands the bytes to `upstream`, as a load balancer does.

    Args:
        upstream: Host and port.
        context: Holds the certificate.
    """

    def __init__(self, upstream: tuple[str, int], context: ssl.SSLContext) -> None:
        context.set_alpn_protocols(["h2", "http/1.1"])
        self._upstream, self._context = upstream, context
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = Loop()
        self._server = self._loop.do(asyncio.start_server(self._begin, "127.0.0.1", 0, ssl=context))
        self.port: int = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        """End."""
        self._loop.do(self._close())
        self._loop.close()

    async def _close(self) -> None:
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._loop.spawn(self._carry(reader, writer))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with _tidy(self._writers, writer):
            try:
                back, forth = await asyncio.open_connection(*self._upstream)
            except OSError:
                return
            with _tidy(self._writers, forth):
                await first_to_end([pump(reader, forth), pump(back, writer)])


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Carry bytes as they come."""
    while piece := await reader.read(PIECE_BYTES):
        writer.write(piece)
        await writer.drain()


async def first_to_end(works: Iterable[Any]) -> None:
    """Run several until one of them ends, and end the others; a broken connection is an end."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
    for task in done:
        if not isinstance(task.exception(), (OSError, type(None))):
            task.result()


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection with RST."""
    sock = writer.get_extra_info("socket")
    if sock is not None:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@contextlib.contextmanager
def _tidy(writers: set[asyncio.StreamWriter], writer: asyncio.StreamWriter) -> Any:
    writers.add(writer)
    try:
        yield
    finally:
        writers.discard(writer)
        writer.close()
