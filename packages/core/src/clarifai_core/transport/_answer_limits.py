"""What one answer may cost: time until its deadline, and bytes that are none of its body.

A timeout of a socket is for one operation: a server that sends a byte now and then is never late.
So each operation gets the time that is left, and a server that keeps sending heads, chunk sizes or
trailers runs out of bytes. Both ways of downloading hold to this: `direct` by its sockets,
`proxied` by its streams. Only a look-up of a name (`getaddrinfo`) cannot be interrupted: the
deadline is looked at before and after it.
"""

from __future__ import annotations

import re
import socket
import ssl
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

CHUNK_BYTES = 1024 * 1024
BUFFER_BYTES = 32 * 1024
CONNECT_SECONDS = 10.0
IDLE_SECONDS = 60.0
"""How long a server may say nothing."""

MAX_HEAD_BYTES = 256 * 1024
"""Of an answer's heads together (those with a status of 1xx, too), and of what frames one piece of
its body: chunk sizes with extensions, or trailers."""

_LENGTH = re.compile(r"[0-9]{1,18}")


class Unframed(Exception):
    """What came is no answer: where its parts begin and end cannot be told, or never comes."""


class Bounds:
    """Deadline and bytes of one answer; used by one thread.

    Args:
        deadline: By `time.monotonic`.
    """

    __slots__ = ("_bytes_left", "deadline", "ended")

    def __init__(self, deadline: float) -> None:
        self.deadline, self.ended = deadline, False
        self._bytes_left = MAX_HEAD_BYTES

    def seconds(self, most: float) -> float:
        """Return how long the next operation may take.

        Raises:
            TimeoutError: The deadline is over.
        """
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline is over")
        return min(most, left)

    def allow_chunk(self) -> None:
        """Let another piece of the body come, with what frames it."""
        self._bytes_left = CHUNK_BYTES + MAX_HEAD_BYTES

    def took(self, count: int) -> None:
        """Take note of bytes that came; none means that the server sent its last.

        Raises:
            Unframed: They are too many before anything of use.
        """
        self.ended = not count
        self._bytes_left -= count
        if self._bytes_left < 0:
            raise Unframed(f"more than {MAX_HEAD_BYTES} bytes came that are no content")


class _Bounded(socket.socket):
    """Gives each operation that reads the time that its bounds leave."""

    bounds: Bounds | None = None

    def recv(self, *args: Any) -> bytes:
        """Read as `socket.recv` does; httpcore's TLS within TLS reads by this."""
        self._hurry()
        return super().recv(*args)

    def recv_into(self, *args: Any) -> int:
        """Read as `socket.recv_into` does; http.client reads by this."""
        self._hurry()
        count = super().recv_into(*args)
        if self.bounds is not None:
            self.bounds.took(count)
        return count

    def makefile(self, mode: str = "rb", buffering: int | None = None, **options: Any) -> Any:
        """Return a file that takes a small body in together with its head."""
        return super().makefile(mode, BUFFER_BYTES if buffering is None else buffering, **options)  # type: ignore[call-overload]

    def _hurry(self) -> None:
        if self.bounds is None:
            return
        seconds, now = self.bounds.seconds(IDLE_SECONDS), self.gettimeout()
        if now is None or seconds < now:
            self.settimeout(seconds)


class BoundedTls(_Bounded, ssl.SSLSocket):
    """Sockets of contexts that `bound` was given."""


def bound(context: ssl.SSLContext) -> ssl.SSLContext:
    """Let the sockets of a context keep to bounds, and return it."""
    context.sslsocket_class = BoundedTls
    return context


def connect(host: str, port: int, bounds: Bounds) -> _Bounded:
    """Return a connection to the first address of a host that answers.

    Raises:
        OSError: There is none; TimeoutError: not in time.
    """
    for at, (address, number) in enumerate(found := addresses(host, port, bounds)):
        try:
            seconds = bounds.seconds(CONNECT_SECONDS)
            made = socket.create_connection((address, number), timeout=seconds)
        except OSError:
            if at == len(found) - 1:
                raise
            continue
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        seconds = made.gettimeout() or seconds
        own = _Bounded(fileno=made.detach())
        own.settimeout(seconds)
        return own
    raise OSError(f"{host} has no address")


def addresses(host: str, port: int, bounds: Bounds) -> list[tuple[str, int]]:
    """Return a host's addresses as numbers: to connect to one of them takes one timeout."""
    bounds.seconds(CONNECT_SECONDS)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # a label is empty, or has more than 63 characters
        raise OSError(f"{host[:80]!r} cannot be the name of a host") from error
    bounds.seconds(CONNECT_SECONDS)
    return [(str(entry[4][0]), port) for entry in found]


def length_of(lengths: Sequence[str], codings: Sequence[str]) -> int | None:
    """Return how long a body is by its head; None when it has no length.

    Args:
        lengths: Values of Content-Length.
        codings: Values of Transfer-Encoding.

    Raises:
        Unframed: They contradict each other, or are none.

    Example:
        >>> length_of(["12"], []), length_of([], ["chunked"])
        (12, None)
    """
    if len(codings) > 1 or (codings and (lengths or codings[0].lower() != "chunked")):
        raise _senseless("Transfer-Encoding", codings)
    if not lengths:
        return None
    text = lengths[0].strip(" \t")
    if len(lengths) > 1 or not _LENGTH.fullmatch(text):
        raise _senseless("Content-Length", lengths)
    return int(text)


def _senseless(name: str, values: Sequence[str]) -> Unframed:
    return Unframed(f"the header {f'{name}: {values[-1][:80]}'!r} makes no sense")
