"""The internet as the programs see it: a proxy on loopback, and behind it the platform alone.

Old clients have no setting for every address they call: uploads of the official SDK 10.1.1 go to
api.clarifai.com whatever its `base_url` says. So the programs run behind a proxy that takes
connections to that host, ends their TLS with a certificate which the programs are told to trust,
and hands the bytes to the platform. Every other host is refused, and remembered.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
import ssl
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import trustme

API_HOST = "api.clarifai.com"


class Internet:
    """Serves from `start` to `stop`, in a thread of its own.

    Args:
        grpc_port: Where the platform speaks gRPC on loopback.
        http_port: Where it speaks HTTP.
        folder: Where the certificates are written.
    """

    def __init__(self, grpc_port: int, http_port: int, folder: Path) -> None:
        self.connections: Counter[tuple[str, str]] = Counter()
        """How often who asked for which host, refused ones too."""
        self.ca_file = folder / "ca.pem"
        self._ports = {"h2": grpc_port, "http/1.1": http_port}
        self._tls = _certified(API_HOST, self.ca_file)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self) -> None:
        """Listen."""
        self._thread.start()
        started = asyncio.run_coroutine_threadsafe(self._listen(), self._loop)
        self._server, self._inner = started.result(60)

    def stop(self) -> None:
        """Close every connection."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(60)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(60)
        self._loop.close()

    def environment(self, who: str) -> dict[str, str]:
        """Return the variables that put a program behind the proxy.

        Args:
            who: The name under which it asks.
        """
        proxy = f"http://{who}:-@127.0.0.1:{_port(self._server)}"
        names = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")
        direct = dict.fromkeys(("no_proxy", "NO_PROXY"), "127.0.0.1,localhost")
        trust = {
            "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": str(self.ca_file),
            "REQUESTS_CA_BUNDLE": str(self.ca_file),
            "SSL_CERT_FILE": str(self.ca_file),
        }
        return {**dict.fromkeys(names, proxy), **direct, **trust}

    async def _listen(self) -> tuple[asyncio.Server, asyncio.Server]:
        inner = await asyncio.start_server(
            self._keeping(self._relay), "127.0.0.1", 0, ssl=self._tls
        )
        outer = await asyncio.start_server(self._keeping(self._proxy), "127.0.0.1", 0)
        return outer, inner

    def _keeping(self, handle):
        async def kept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._tasks.add(task)
            try:
                # Clients come and go as they like, and this internet ends while they stay.
                with contextlib.suppress(
                    OSError, asyncio.IncompleteReadError, asyncio.CancelledError
                ):
                    await handle(reader, writer)
            finally:
                self._tasks.discard(task)
                writer.close()

        return kept

    async def _proxy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer CONNECT: the host decides."""
        head = await reader.readuntil(b"\r\n\r\n")
        method, target, _ = head.split(b"\r\n")[0].decode("latin-1").split(" ", 2)
        host = target.rpartition(":")[0] if method == "CONNECT" else target
        self.connections[_who(head), host] += 1
        if host != API_HOST:
            writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await _join(reader, writer, _port(self._inner))

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        protocol = writer.get_extra_info("ssl_object").selected_alpn_protocol()
        await _join(reader, writer, self._ports[protocol or "http/1.1"])

    async def _close(self) -> None:
        for server in (self._server, self._inner):
            server.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _who(head: bytes) -> str:
    found = re.search(rb"(?i)^proxy-authorization: *basic +(\S+)", head, re.MULTILINE)
    return base64.b64decode(found[1]).decode().partition(":")[0] if found else ""


async def _join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    """Carry bytes both ways until one side ends."""
    far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
    ways = [
        asyncio.ensure_future(_carry(reader, far_writer)),
        asyncio.ensure_future(_carry(far_reader, writer)),
    ]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        far_writer.close()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


def _certified(host: str, ca_file: Path) -> ssl.SSLContext:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(ca_file))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(host).configure_cert(context)
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


def _port(server: asyncio.Server) -> int:
    port: int = server.sockets[0].getsockname()[1]
    return port
