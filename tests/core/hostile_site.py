"""A loopback server that does what a test says with each connection, byte by byte."""

from __future__ import annotations

import socket
import struct
import threading


class HostileSite:
    """`behave(visit)` is called for each request; then the connection ends.

    With a `context` of `ssl` it speaks TLS.
    """

    def __init__(self, behave, context=None):
        self.sent, self.asked = 0, []
        self._behave, self._over = behave, threading.Event()
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def close(self):
        self._over.set()
        # Closing alone does not wake up whoever waits in accept.
        socket.create_connection(("127.0.0.1", self.port)).close()
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _accept(self):
        while True:
            connection, _ = self._listener.accept()
            if self._over.is_set():
                connection.close()
                return
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection):
        connection.settimeout(5)
        visit = Visit(self, connection, self._over)
        try:
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
                visit = Visit(self, connection, self._over)
            self.asked.append(connection.recv(65536))
            self._behave(visit)
        except OSError:
            """The client has had enough."""
        finally:
            connection.close()


class Visit:
    """One request, and what a server may do to its client."""

    def __init__(self, site, connection, over):
        self._site, self._connection, self._over = site, connection, over

    def say(self, data):
        self._connection.sendall(data)
        self._site.sent += len(data)

    def drip(self, piece):
        """Send a piece five times a second until the client goes."""
        while not self._over.wait(0.2):
            self.say(piece)

    def flood(self, piece):
        """Send a piece without end."""
        while not self._over.is_set():
            self.say(piece)

    def wait(self, seconds=None):
        self._over.wait(seconds)

    def reset(self):
        linger = struct.pack("ii", 1, 0)
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
