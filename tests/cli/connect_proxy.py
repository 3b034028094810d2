"""A proxy as companies have them: it knows CONNECT, and passes everything on to one server."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class ConnectProxy:
    """Listens on loopback; whatever host is asked for, a port of this machine answers."""

    def __init__(self, port: int, answer: str = "200 Connection established") -> None:
        self._port, self._answer = port, answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []
        self.asked: list[str] = []
        """The first line of each request."""
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> ConnectProxy:
        return self

    def __exit__(self, *_: object) -> None:
        for one in (self._listener, *self._sockets):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                self._sockets.append(near)
                threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        with suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                part = near.recv(1)
                if not part:  # why: who gave up before asking would be waited for at full speed
                    return
                head += part
            self.asked.append(head.partition(b"\r\n")[0].decode())
            near.sendall(f"HTTP/1.1 {self._answer}\r\n\r\n".encode())
            if not self._answer.startswith("2"):
                near.close()
                return
            far = socket.create_connection(("127.0.0.1", self._port))
            self._sockets.append(far)
            threading.Thread(target=self._pump, args=(far, near), daemon=True).start()
            self._pump(near, far)

    @staticmethod
    def _pump(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
