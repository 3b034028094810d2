"""A loopback web site whose answers break in the middle, as scripted byte for byte."""

from __future__ import annotations

import socket
import struct
import threading


def whole(body, *headers, status="200 OK"):
    """Return an answer that is as it should be; its connection stays open."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return [("\r\n".join(lines)).encode() + body]


def cut(body, after, then):
    """Return the answer with only the first bytes of its body; `then`: "fin", "rst" or "wait"."""
    return [whole(body)[0][: after - len(body)], then]


class FaultSite:
    """`pages`: path -> answers in turn, of which the last one stays.

    An answer is a list of bytes to send and of words: "fin" closes the connection, "rst" resets it,
    "wait" keeps it and says nothing more until the site closes.
    """

    def __init__(self):
        self.pages, self.asked, self.connections = {}, [], 0
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.other_url = f"http://localhost:{self.port}"
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def times(self, path):
        """Return how often a page was asked for."""
        return sum(asked == path for asked, _ in self.asked)

    def close(self):
        self._over.set()
        # Closing alone does not wake up whoever waits in accept.
        socket.create_connection(("127.0.0.1", self.port)).close()
        self._threads[0].join()
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _accept(self):
        while True:
            connection, _ = self._listener.accept()
            if self._over.is_set():
                connection.close()
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection):
        connection.settimeout(0.05)
        with connection:
            while (head := self._head(connection)) is not None:
                for part in self._answer(head):
                    if part == "wait":
                        self._over.wait()
                        return
                    if part == "rst":
                        linger = struct.pack("ii", 1, 0)
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    if part in ("fin", "rst"):
                        return
                    connection.sendall(part)

    def _head(self, connection):
        data = b""
        while not data.endswith(b"\r\n\r\n"):
            try:
                more = connection.recv(65536)
            except TimeoutError:
                if self._over.is_set():
                    return None
                continue
            except ConnectionError:
                return None
            if not more:
                return None
            data += more
        return data.decode("latin-1")

    def _answer(self, head):
        lines = head.split("\r\n")
        path = lines[0].split(" ")[1].partition("?")[0]
        fields = {name.lower(): value for name, _, value in (x.partition(": ") for x in lines[1:])}
        with self._lock:
            self.asked.append((path, fields))
            answers = self.pages.get(path, [whole(b"", status="404 Not Found")])
            return answers.pop(0) if len(answers) > 1 else answers[0]
