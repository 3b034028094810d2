"""Media that cost next to nothing to serve: texts and pictures from a process of its own.

    python -m benchmarks.media_server

It prints its port and a folder, serves on the loopback interface only, and ends when its standard
input does; the folder, for files of whoever started it, goes with it. `GET /text/orig/7` is a short
text, `GET /image/orig/7` a PNG of 10 KB; they differ by their number. It also runs in the
environment of the official SDK: it needs nothing but the standard library.
"""

from __future__ import annotations

import asyncio
import random
import struct
import subprocess
import sys
import tempfile
import threading
import zlib
from pathlib import Path

SIDE = 58
"""Pixels, whose noise cannot be packed: 58 x 58 x 3 are 10 KB."""

DIFFERENT = 64
"""Pictures; more of them would only fill memory."""


def start() -> tuple[int, Path]:
    """Start a server that ends with this process, and return its port and its folder."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.media_server"],
        cwd=Path(__file__).resolve().parent.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    _running.append(process)
    assert process.stdout is not None  # noqa: S101  why: it is a pipe
    port, folder = process.stdout.readline().decode().split(" ", 1)
    return int(port), Path(folder.rstrip("\n"))


_running: list[subprocess.Popen[bytes]] = []
"""Kept: its standard input must stay open."""


def png(number: int) -> bytes:
    """Return a picture that every reader takes: noise, so that it stays as large as it is."""
    noise = random.Random(number)
    rows = b"".join(b"\0" + noise.randbytes(SIDE * 3) for _ in range(SIDE))
    head = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


class _Media(asyncio.Protocol):
    """Answers each request as soon as its head is there."""

    def __init__(self, pictures: list[bytes]) -> None:
        self._pictures, self._head = pictures, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._head += data
        while b"\r\n\r\n" in self._head:
            head, _, self._head = self._head.partition(b"\r\n\r\n")
            _, kind, _, number = head.split(b" ", 2)[1].split(b"/")
            self._transport.write(self._answer(kind, number))  # type: ignore[attr-defined]

    def _answer(self, kind: bytes, number: bytes) -> bytes:
        if kind == b"image":
            return self._pictures[int(number) % DIFFERENT]
        return _answer(b"text/plain", b"this is text number " + number)


def _answer(media_type: bytes, body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n"
    return head % (media_type, len(body)) + body


async def _serve() -> None:
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    pictures = [_answer(b"image/png", png(number)) for number in range(DIFFERENT)]
    server = await loop.create_server(lambda: _Media(pictures), "127.0.0.1", 0)
    with tempfile.TemporaryDirectory(prefix="clarifai-benchmarks-") as folder:
        print(server.sockets[0].getsockname()[1], folder, flush=True)  # noqa: T201

        def watch() -> None:
            sys.stdin.buffer.read()
            loop.call_soon_threadsafe(ended.set)

        threading.Thread(target=watch, daemon=True).start()
        await ended.wait()


if __name__ == "__main__":
    asyncio.run(_serve())
