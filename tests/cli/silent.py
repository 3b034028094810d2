"""A TCP proxy that stops passing anything on: the server behind it seems to have fallen silent."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class SilentProxy:
    """Listens on loopback and forwards to a port, until `silence`. Use it in a `with` block."""

    def __init__(self, port: int) -> None:
        self._upstream = port
        self._silent = threading.Event()
        self._closed = threading.Event()
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def is_silent(self) -> bool:
        return self._silent.is_set()

    @property
    def connections(self) -> int:
        """How many were made to it so far."""
        return len(self._sockets) // 2

    def silence(self) -> None:
        """Swallow from now on whatever comes, in both directions."""
        self._silent.set()

    def __enter__(self) -> SilentProxy:
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        for one in (self._listener, *self._sockets):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        while not self._closed.is_set():
            try:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._upstream))
            except OSError:
                return
            self._sockets += near, far
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=self._pump, args=(source, target), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if not self._silent.is_set():
                    target.sendall(data)
