"""Plain GETs over connections that are kept, by the standard library.

httpx is the way of the house, but a GET of it costs about three times the CPU of `http.client`, and
an export is thousands of them. So what is plain goes this way: an ordinary address, no proxy. All
else goes through `proxied`. `http.client` keeps connections and reads answers; what it would
believe and httpx would not is checked here: lengths, codings, sizes of chunks, heads that are cut.
The request is written here, in one piece: its way, header by header, costs a fifth of it all. And a
connection has one reader for all of its answers, where `http.client` makes a new one for each.
"""

from __future__ import annotations

import http.client
import io
import re
import select
import ssl
import threading
from email import errors as email_errors
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from clarifai_core.transport import _answer_limits as within
from clarifai_core.transport._answer_limits import Bounds, Unframed
from clarifai_core.transport.address import PORTS, broken, timed_out

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping

    from clarifai_core.transport.address import UrlParts

MAX_INTERIM = 8
"""Heads with a status of 1xx before an answer; of 100 (Continue) as many as their bytes allow."""

MAX_IDLE = 64
"""Connections that are kept for later; beyond that the one that was not used for longest goes."""

MAX_SIZE_LINE_BYTES = 4096
"""Of a chunk's size with its extensions."""

_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?\r?\n")
_NO_HEADERS = (
    email_errors.FirstHeaderLineIsContinuationDefect,
    email_errors.InvalidHeaderDefect,
    email_errors.MisplacedEnvelopeHeaderDefect,
    email_errors.MissingHeaderBodySeparatorDefect,
)
_FAULTS = (OSError, http.client.HTTPException, Unframed)


class Direct:
    """Connections to any number of hosts. Thread-safe.

    Args:
        trust: Returns whom to trust; asked when the first https URL comes.
    """

    def __init__(self, trust: Callable[[], ssl.SSLContext]) -> None:
        self._trust = trust
        self._lock = threading.Lock()
        # Of this pool, not of the module: keys are among the headers.
        self._rest_of_head = lru_cache(maxsize=64)(_rest_of_head)
        self._idle: list[tuple[tuple[str, str, int], _Connection]] = []

    def get(
        self, url: str, parts: UrlParts, headers: Mapping[str, str], deadline: float
    ) -> DirectResponse:
        """Ask for a URL, and return as soon as the head of the answer is there.

        Raises:
            DeadlineExceeded: Nothing came in time.
            Unreachable: There is no connection, or it broke.
        """
        kept = self._take(parts)
        try:
            if kept is not None:
                try:
                    return self._ask(kept, url, parts, headers, Bounds(deadline))
                except (ConnectionError, ssl.SSLError):
                    kept.close()  # why: the server had closed it meanwhile; GET may be repeated
            bounds = Bounds(deadline)
            return self._ask(self._connected(parts, bounds), url, parts, headers, bounds)
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

    def keep(self, parts: UrlParts, connection: _Connection) -> None:
        """Take back a connection whose answer was read to its end."""
        with self._lock:
            self._idle.append((parts.origin, connection))
            surplus = self._idle.pop(0)[1] if len(self._idle) > MAX_IDLE else None
        if surplus is not None:
            surplus.close()

    def _take(self, parts: UrlParts) -> _Connection | None:
        origin = parts.origin
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

    def _connected(self, parts: UrlParts, bounds: Bounds) -> _Connection:
        trust = self._trust() if parts.scheme == "https" else None
        sock: Any = within.connect(parts.host, parts.port, bounds)
        if trust is not None:
            try:  # a handshake has one timeout for all of it
                sock.settimeout(bounds.seconds(within.CONNECT_SECONDS))
                sock = trust.wrap_socket(sock, server_hostname=parts.host)
            except BaseException:  # why: it is in no state to be used; raised again
                sock.close()
                raise
        return _Connection(parts, sock)

    def _ask(
        self,
        connection: _Connection,
        url: str,
        parts: UrlParts,
        headers: Mapping[str, str],
        bounds: Bounds,
    ) -> DirectResponse:
        try:
            sock: Any = connection.sock
            sock.bounds = bounds
            seconds = bounds.seconds(within.IDLE_SECONDS)
            if seconds != sock.gettimeout():  # a call of the system less for most
                sock.settimeout(seconds)
            sock.sendall(self._request(parts, headers))
            response = _Response(connection, method="GET")  # type: ignore[arg-type]
            try:
                response.begin()
                length = response.checked(bounds)
            except BaseException:  # why: it keeps the socket open; raised again
                response.close()
                raise
        except BaseException:  # why: it is in no state to be used again; raised again
            connection.close()
            raise
        return DirectResponse(self, url, parts, connection, response, length, bounds)

    def _request(self, parts: UrlParts, headers: Mapping[str, str]) -> bytes:
        """Return the bytes of a request.

        Raises:
            Unframed: A line of it would end the head, or begin another one.
        """
        target = parts.target
        if "\n" in target or "\r" in target:
            raise _broken_line()
        rest = self._rest_of_head(parts.scheme, parts.host, parts.port, tuple(headers.items()))
        return f"GET {target} HTTP/1.1".encode("latin-1") + rest


class _Connection(http.client.HTTPConnection):
    """A connection whose answers are read one behind the other, by one reader."""

    def __init__(self, parts: UrlParts, sock: socket.socket) -> None:
        super().__init__(parts.host, parts.port)
        self.sock = sock
        self._raw = _Raw(sock)
        self._reader = _Reader(self._raw, within.BUFFER_BYTES)

    def makefile(self, mode: str) -> _Reader:  # noqa: ARG002
        """Return the reader; an answer asks its socket for one by this name."""
        return self._reader

    def is_read_up(self) -> bool:
        """Return whether nothing came behind the answers: the next one would begin with it."""
        self._raw.is_asked = False
        try:
            return not self._reader.peek(1)
        finally:
            self._raw.is_asked = True


class _Raw(io.RawIOBase):
    """The socket below a reader."""

    def __init__(self, sock: socket.socket) -> None:
        self._recv_into = sock.recv_into
        self.is_asked = True
        """Whether to ask the socket; False: as if nothing had come."""

    def readable(self) -> bool:
        """Return that it is."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Fill a buffer with what comes."""
        return self._recv_into(buffer) if self.is_asked else None


class _Reader(io.BufferedReader):
    """A reader that stays when an answer is done with it; it goes with its connection."""

    def close(self) -> None:
        """Stay open."""


def _has_news(sock: socket.socket) -> bool:
    """Return whether an idle connection was closed, or holds bytes that nobody asked for."""
    if not hasattr(select, "poll"):
        return bool(select.select([sock], [], [], 0)[0])
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


def _rest_of_head(scheme: str, host: str, port: int, headers: tuple[tuple[str, str], ...]) -> bytes:
    """Return what stands behind the first line, which is the same for all of a host's media.

    Raises:
        Unframed: A header would end the head, or begin another one.
    """
    shown = f"[{host}]" if ":" in host else host
    shown = shown if port == PORTS[scheme] else f"{shown}:{port}"
    lines = [f"Host: {shown}", *(f"{name}: {value}" for name, value in headers)]
    text = "\r\n".join(lines)
    if text.count("\n") != len(headers) or text.count("\r") != len(headers):
        raise _broken_line()
    return f"\r\n{text}\r\n\r\n".encode("latin-1")


def _broken_line() -> Unframed:
    return Unframed("a header of the request holds a line break")


class _Response(http.client.HTTPResponse):
    """An answer of which nothing is believed that httpx would not believe."""

    def begin(self) -> None:
        """Read the head; heads with a status of 1xx come before it."""
        super().begin()
        for _ in range(MAX_INTERIM):
            if self.status >= http.client.OK:
                return
            self.headers = None  # type: ignore[assignment]  # so that http.client begins again
            super().begin()
        if self.status < http.client.OK:
            raise Unframed(f"more than {MAX_INTERIM} heads with a status of 1xx")

    def checked(self, bounds: Bounds) -> int | None:
        """Return the length of the body, if the head is a head.

        Raises:
            Unframed: It is none.
        """
        if bounds.ended:
            raise Unframed("its head makes no sense: it is cut off")
        headers = self.headers
        rest = headers.get_payload()
        if (rest and isinstance(rest, str)) or any(
            isinstance(one, _NO_HEADERS) for one in headers.defects
        ):
            raise Unframed("its head makes no sense: it has lines that are no headers")
        codings, lengths = [], []
        for name, value in headers.items():
            name = name.lower()
            if name == "content-length":
                lengths.append(value)
            elif name == "transfer-encoding":
                codings.append(value)
        length = within.length_of(lengths, codings)
        if self.chunked:
            self.fp = _Chunks(self.fp)  # type: ignore[assignment]
        return 0 if self.length == 0 else length


class _Chunks:
    """A body in chunks, of which http.client would believe sizes such as `-5`, `0x5` and `1_0`."""

    def __init__(self, file: Any) -> None:
        self._file, self._ended = file, False
        self.read1, self.flush, self.close = file.read1, file.flush, file.close

    def readline(self, limit: int) -> bytes:
        """Return the line with the next size; after the last one, a trailer."""
        line: bytes = self._file.readline(min(limit, MAX_SIZE_LINE_BYTES + 1))
        if self._ended:
            if len(line) > MAX_SIZE_LINE_BYTES:
                raise Unframed("a trailer is too long")
            return line
        size = _SIZE.fullmatch(line)
        if size is None:
            raise Unframed(f"the size of a chunk is {line[:80]!r}")
        self._ended = not int(size[1], 16)
        return line

    def read(self, count: int) -> bytes:
        """Return the line break after a chunk."""
        found: bytes = self._file.read(count)
        if found != b"\r\n":
            raise Unframed("a chunk does not end where its size says")
        return found


class DirectResponse:
    """An answer whose body is still to be read. Read it, and close it."""

    def __init__(
        self,
        pool: Direct,
        url: str,
        parts: UrlParts,
        connection: _Connection,
        response: _Response,
        length: int | None,
        bounds: Bounds,
    ) -> None:
        self._pool, self._place, self._connection = pool, parts, connection
        self._response, self._left, self._bounds = response, length, bounds
        self._ended = False
        self.url, self.status, self.reason = url, response.status, response.reason
        self.size = length

    def header(self, name: str) -> str:
        """Return the value of a header, or an empty string."""
        value = self._response.headers.get(name, "")
        try:
            return value.encode("latin-1").decode("utf-8")
        except UnicodeError:
            return value

    def read(self) -> bytes:
        """Return some of the body, and at its end nothing."""
        if self._left == 0:
            return b""
        self._bounds.allow_chunk()
        try:
            chunk = self._response.read1(within.CHUNK_BYTES)
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
        if keepable and self._connection.is_read_up():
            self._pool.keep(self._place, self._connection)
        else:
            self._connection.close()
