"""Plain GETs over connections that are kept, by the standard library.

httpx is the way of the house, but one GET of it costs six times the CPU of `http.client`, and an
export is thousands of them. So what is plain goes this way: an ordinary address, no proxy. All else
goes through `proxied`. Of `http.client` this takes connections and bodies; its way to write a
request and to read headers (by `email`) costs more than all the rest together.
"""

from __future__ import annotations

import http.client
import re
import select
import ssl
import threading
import time
import urllib.request
from typing import TYPE_CHECKING, NamedTuple

from clarifai.core.transport.address import broken, timed_out

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping

CHUNK_BYTES = 1024 * 1024
CONNECT_SECONDS = 10.0
IDLE_SECONDS = 60.0
"""How long a server may say nothing."""

MAX_INTERIM = 8
"""Heads with a status of 1xx before an answer."""

MAX_HEADERS = 100
MAX_LINE_BYTES = 65536
"""Of the head of an answer."""

MAX_IDLE = 64
"""Connections that are kept for later; beyond that the one that was not used for longest goes."""

_PLAIN = re.compile(r"(https?)://([A-Za-z0-9_.-]+)(?::([0-9]{1,5}))?(/[!-\"$-~]*)?")
_PORTS = {"http": 80, "https": 443}
_SHORTEST_SECONDS = 0.001
_SINGLE = ("content-length", "transfer-encoding", "location")
_FAULTS = (OSError, http.client.HTTPException)


class Place(NamedTuple):
    """A URL, taken apart."""

    scheme: str
    host: str
    port: int
    target: str


def plain(url: str) -> Place | None:
    """Return a URL's parts when it is an ordinary one: ASCII, no user, no fragment, a valid port.

    Example:
        >>> plain("https://data.example.com/orig/a?b")
        Place(scheme='https', host='data.example.com', port=443, target='/orig/a?b')
    """
    found = _PLAIN.fullmatch(url)
    if found is None:
        return None
    scheme, host, port, target = found.groups()
    number = int(port) if port else _PORTS[scheme]
    return Place(scheme, host.lower(), number, target or "/") if 0 < number < 65536 else None


class Direct:
    """Connections to any number of hosts. Thread-safe.

    Args:
        trust: Returns whom to trust; asked when the first https URL comes.
    """

    def __init__(self, trust: Callable[[], ssl.SSLContext]) -> None:
        self._trust = trust
        self._proxies = {name for name in urllib.request.getproxies() if name != "no"}
        self._lock = threading.Lock()
        self._idle: list[tuple[tuple[str, str, int], http.client.HTTPConnection]] = []

    def reaches(self, place: Place) -> bool:
        """Return whether no proxy is set for it."""
        if self._proxies.isdisjoint((place.scheme, "all")):
            return True
        return bool(urllib.request.proxy_bypass(place.host))

    def get(
        self, url: str, place: Place, headers: Mapping[str, str], deadline: float
    ) -> DirectAnswer:
        """Ask for a URL, and return as soon as the head of the answer is there.

        Raises:
            DeadlineExceeded: Nothing came in time.
            Unreachable: There is no connection, or it broke.
        """
        kept = self._take(place)
        try:
            if kept is not None:
                try:
                    return self._ask(kept, url, place, headers, deadline)
                except (ConnectionError, ssl.SSLError):
                    kept.close()  # why: the server had closed it meanwhile; GET may be repeated
            return self._ask(self._connected(place, deadline), url, place, headers, deadline)
        except TimeoutError as error:
            raise timed_out(url) from error
        except _FAULTS as error:
            raise broken(url, error) from error

    def close(self) -> None:
        """Close idle connections."""
        with self._lock:
            idle, self._idle = self._idle, []
        for _, connection in idle:
            connection.close()

    def keep(self, place: Place, connection: http.client.HTTPConnection) -> None:
        """Take back a connection whose answer was read to its end."""
        with self._lock:
            self._idle.append((place[:3], connection))
            surplus = self._idle.pop(0)[1] if len(self._idle) > MAX_IDLE else None
        if surplus is not None:
            surplus.close()

    def _take(self, place: Place) -> http.client.HTTPConnection | None:
        origin = place[:3]
        while True:
            with self._lock:
                for index in range(len(self._idle) - 1, -1, -1):
                    if self._idle[index][0] == origin:
                        connection = self._idle.pop(index)[1]
                        break
                else:
                    return None
            if not _has_news(connection.sock):
                return connection
            connection.close()

    def _connected(self, place: Place, deadline: float) -> http.client.HTTPConnection:
        seconds = _within(CONNECT_SECONDS, deadline)
        connection = (
            http.client.HTTPSConnection(
                place.host, place.port, timeout=seconds, context=self._trust()
            )
            if place.scheme == "https"
            else http.client.HTTPConnection(place.host, place.port, timeout=seconds)
        )
        connection.connect()
        return connection

    def _ask(
        self,
        connection: http.client.HTTPConnection,
        url: str,
        place: Place,
        headers: Mapping[str, str],
        deadline: float,
    ) -> DirectAnswer:
        try:
            connection.sock.settimeout(_within(IDLE_SECONDS, deadline))
            connection.sock.sendall(_request(place, headers))
            response = _Response(connection.sock, method="GET", url=url)
            response.begin()
        except BaseException:  # why: it is in no state to be used again; raised again
            connection.close()
            raise
        return DirectAnswer(self, url, place, connection, response)


def _has_news(sock: socket.socket) -> bool:
    """Return whether an idle connection was closed, or holds bytes that nobody asked for."""
    if not hasattr(select, "poll"):
        return bool(select.select([sock], [], [], 0)[0])
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


def _request(place: Place, headers: Mapping[str, str]) -> bytes:
    host = place.host if place.port == _PORTS[place.scheme] else f"{place.host}:{place.port}"
    lines = [f"GET {place.target} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    text = "\r\n".join(lines)
    if text.count("\n") != len(headers) + 1 or text.count("\r") != len(headers) + 1:
        raise ValueError("a header of a request holds a line break")
    return text.encode("latin-1") + b"\r\n\r\n"


class _Response(http.client.HTTPResponse):
    """A response whose headers are a plain dictionary, by their names in lower case."""

    fields: dict[str, str]

    def begin(self) -> None:
        """Read the head."""
        for _ in range(MAX_INTERIM + 1):
            version, status, self.reason = self._status_line()
            self.fields = self._fields()
            if not 100 <= status < 200:
                break
        if status < 200 or not version.startswith("HTTP/1."):
            raise http.client.BadStatusLine(f"{version} {status}")
        self.code = self.status = status
        self.version = 10 if version == "HTTP/1.0" else 11
        self.chunked = self.fields.get("transfer-encoding", "").lower() == "chunked"
        self.chunk_left = None
        length = self.fields.get("content-length", "")
        self.length = int(length) if length.isdecimal() and not self.chunked else None
        if status in (204, 304):
            self.length = 0
        wish = self.fields.get("connection", "").lower()
        stays = "close" not in wish if self.version == 11 else "keep-alive" in wish
        self.will_close = not stays or (self.length is None and not self.chunked)

    def _status_line(self) -> tuple[str, int, str]:
        line = self._line()
        if not line:
            raise http.client.RemoteDisconnected("the server closed the connection, no answer")
        version, _, rest = line.strip().partition(" ")
        code, _, reason = rest.partition(" ")
        if not (len(code) == 3 and code.isdecimal()):
            raise http.client.BadStatusLine(line.strip())
        return version, int(code), reason

    def _fields(self) -> dict[str, str]:
        fields: dict[str, str] = {}
        for _ in range(MAX_HEADERS):
            line = self._line()
            if line in ("\r\n", "\n"):
                return fields
            name, colon, value = line.partition(":")
            name, value = name.lower(), value.strip()
            if not colon or (fields.setdefault(name, value) != value and name in _SINGLE):
                raise http.client.HTTPException(f"the header {line.strip()!r} makes no sense")
        raise http.client.HTTPException(f"more than {MAX_HEADERS} headers")

    def _line(self) -> str:
        line = self.fp.readline(MAX_LINE_BYTES + 1)
        if len(line) > MAX_LINE_BYTES:
            raise http.client.LineTooLong("header line")
        return line.decode("latin-1")


class DirectAnswer:
    """An answer whose body is still to be read. Read it, and close it."""

    def __init__(
        self,
        pool: Direct,
        url: str,
        place: Place,
        connection: http.client.HTTPConnection,
        response: _Response,
    ) -> None:
        self._pool, self._place, self._connection = pool, place, connection
        self._response, self._left = response, response.length
        self._ended = False
        self.url, self.status, self.reason = url, response.status, response.reason
        self.size = response.length

    def header(self, name: str) -> str:
        """Return the value of a header, or an empty string."""
        value = self._response.fields.get(name, "")
        try:
            return value.encode("latin-1").decode("utf-8")
        except UnicodeDecodeError:
            return value

    def read(self) -> bytes:
        """Return some of the body, and at its end nothing."""
        if self._left == 0:
            return b""
        try:
            chunk = self._response.read1(CHUNK_BYTES)
        except TimeoutError as error:
            raise timed_out(self.url) from error
        except _FAULTS as error:
            raise broken(self.url, error) from error
        if self._left is not None:
            self._left -= len(chunk)
        elif not chunk:
            self._ended = True
        return chunk

    def close(self) -> None:
        """Let go of the connection; it is kept if the whole body was read."""
        keepable = (self._left == 0 or self._ended) and not self._response.will_close
        self._response.close()
        if keepable:
            self._pool.keep(self._place, self._connection)
        else:
            self._connection.close()


def _within(seconds: float, deadline: float) -> float:
    return min(seconds, max(deadline - time.monotonic(), _SHORTEST_SECONDS))
