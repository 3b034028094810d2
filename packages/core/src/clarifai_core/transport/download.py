"""Fetching media, archives and logs over HTTP, with the key sent to the platform only.

The deadline is for all of a download: connections, heads, bodies, redirects and attempts. It cannot
interrupt the look-up of a name, which takes as long as the system's resolver does.
"""

from __future__ import annotations

import random
import threading
import time
from contextlib import contextmanager
from contextvars import ContextVar
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from clarifai_core.errors import (
    ApiClientError,
    ApiError,
    BadReply,
    DeadlineExceeded,
    NotFound,
    PermissionDenied,
    PluginError,
    ServerError,
    Throttled,
    Unreachable,
    UserError,
)
from clarifai_core.files import ORDINARY, replacing
from clarifai_core.safe_text import plain, redacted, shown_url
from clarifai_core.settings import environment_proxies
from clarifai_core.transport._answer_limits import CHUNK_BYTES as CHUNK_BYTES
from clarifai_core.transport._answer_limits import Unframed, bound
from clarifai_core.transport._http_direct import Direct
from clarifai_core.transport.address import Address, broken
from clarifai_core.transport.policies import RetryRules
from clarifai_core.transport.proxies import Proxies

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable, Iterator

    from clarifai_core.contracts import Connection
    from clarifai_core.credentials import Credentials
    from clarifai_core.settings import Settings
    from clarifai_core.transport._http_proxied import Proxied

_T = TypeVar("_T")

TOTAL_SECONDS = 600.0
"""Deadline of one download, retries included, unless the settings name another."""

MAX_BYTES = 128_000_000
"""Of a download whose caller names no other limit: as much as the platform takes at once."""

GIVEN_UP: ContextVar[threading.Event | None] = ContextVar("given_up", default=None)
"""Set when nobody waits for the downloads of a thread any more; they then end at the next piece."""

_RETRY = RetryRules(base_seconds=0.5)

MAX_ATTEMPTS = 4
MAX_REDIRECTS = 5

_REDIRECTS = (301, 302, 303, 307, 308)
_REFUSALS: dict[int, type[ApiError]] = {
    401: PermissionDenied,
    403: PermissionDenied,
    404: NotFound,
    410: NotFound,
    429: Throttled,
}
_ALWAYS = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "clarifai-python"}
"""Headers of every request; what is kept elsewhere is wanted byte for byte."""


class DownloadResponse(Protocol):
    """What came of one request: a head, and a body to read."""

    url: str
    status: int
    reason: str
    size: int | None
    """Bytes that the body should have, if that is known."""

    def header(self, name: str) -> str:
        """Return the value of a header, or an empty string."""

    def read(self) -> bytes:
        """Return some of the body, and at its end nothing."""

    def close(self) -> None:
        """Let go of the connection."""


class _ByteLimit(NamedTuple):
    """How many bytes may come."""

    sized: int
    unsized: int | None

    def of(self, answer: DownloadResponse) -> int:
        if answer.size is not None or self.unsized is None:
            return self.sized
        return min(self.sized, self.unsized)


class Downloader:
    """Gets URLs for one session. Thread-safe.

    A key goes to the platform's origins (scheme, host and port) only, redirects included. User and
    password of a URL go to its own origin only; those of a redirect to nobody.
    """

    def __init__(
        self,
        settings: Settings,
        connection: Connection,
        credentials: Credentials | None,
    ) -> None:
        self._origins = origins(connection.media_origins)
        self._ours = {**_ALWAYS, **dict(credentials.metadata())} if credentials else None
        self._tls_only = settings.endpoint.tls
        self._total_seconds = settings.timeout_seconds or TOTAL_SECONDS
        self._transport = connection.http_transport()
        self._proxies = Proxies.read(environment_proxies())
        self._lock = threading.Lock()
        self._roots = settings.root_certificates_path
        self._context: ssl.SSLContext | None = None
        self._direct = Direct(self._trusted)
        self._proxied: Proxied | None = None

    def read(
        self, url: str, *, max_bytes: int = MAX_BYTES, max_unsized_bytes: int | None = None
    ) -> bytes:
        """Return the content of `url`.

        Args:
            url: http or https.
            max_bytes: Refuse anything larger: at once when its head says so, or when so much came.
            max_unsized_bytes: The same for what comes without its size; None: `max_bytes`.

        Raises:
            UserError: It is no http(s) URL.
            ApiError: The server refused (NotFound, PermissionDenied ...).
            ApiClientError: No whole answer came before the deadline, or it is too large.
        """
        most = _ByteLimit(max_bytes, max_unsized_bytes)
        return self._retried(url, lambda chunks: b"".join(chunks), most)

    def save(
        self,
        url: str,
        path: str | Path,
        *,
        max_bytes: int = MAX_BYTES,
        max_unsized_bytes: int | None = None,
        mode: int = ORDINARY,
        durable: bool = True,
    ) -> Path:
        """Write the content of `url` to the file `path`: all of it, or nothing.

        Args:
            url: http or https.
            path: Where to; what is there is replaced.
            max_bytes: As in `read`; more is never written.
            max_unsized_bytes: As in `read`.
            mode: Of the file; see `clarifai_core.files.replacing`.
            durable: As there.

        Returns:
            The path. What it raises: see `read`; OSError when the file cannot be written.
        """
        target = Path(path)

        def write(chunks: Iterator[bytes]) -> Path:
            with replacing(target, mode=mode, durable=durable) as file:
                for chunk in chunks:
                    file.write(chunk)
            return target

        return self._retried(url, write, _ByteLimit(max_bytes, max_unsized_bytes))

    def close(self) -> None:
        """Close idle connections."""
        self._direct.close()
        if self._proxied is not None:
            self._proxied.close()

    def _retried(self, url: str, use: Callable[[Iterator[bytes]], _T], most: _ByteLimit) -> _T:
        address = Address.parse(url)
        if address is None:
            raise UserError(f"Not an http or https URL: {redacted(repr(url))}.")
        deadline = time.monotonic() + self._total_seconds
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                with self._get(address, deadline) as answer:
                    return use(_content(answer, most.of(answer), deadline))
            except (Unreachable, ServerError, Throttled) as error:
                pause = _RETRY.pause_seconds(attempt, random.uniform)
                if attempt == MAX_ATTEMPTS or time.monotonic() + pause > deadline:
                    error.attempts = attempt
                    raise
                time.sleep(pause)
        raise AssertionError("unreachable: the last attempt returns or raises")

    @contextmanager
    def _get(self, address: Address, deadline: float) -> Iterator[DownloadResponse]:
        first = address
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._asked(address, self._headers(address, first), deadline)
            try:
                if answer.status in _REDIRECTS and answer.header("location"):
                    address = self._redirected(address, answer.header("location"))
                    continue
                _check_answer(answer)
                yield answer
                return
            finally:
                answer.close()
        raise BadReply(f"GET {shown_url(first.url)}: more than {MAX_REDIRECTS} redirects.")

    def _asked(
        self, address: Address, headers: dict[str, str], deadline: float
    ) -> DownloadResponse:
        """Send one request, the short way if that is open."""
        parts = address.parts
        mounted = self._transport if parts.origin in self._origins else None
        proxy = "" if mounted is not None else self._proxies.of(parts)
        if address.is_plain and mounted is None and not proxy:
            return self._direct.get(address.url, parts, headers, deadline)
        way = self._through_httpx()
        return way.get(address.url, headers, deadline, proxy=proxy, transport=mounted)

    def _headers(self, address: Address, first: Address) -> dict[str, str]:
        origin = address.parts.origin
        if self._ours is not None and origin in self._origins:
            return self._ours
        if first.basic and origin == first.parts.origin:
            return {**_ALWAYS, "Authorization": first.basic}
        return _ALWAYS

    def _redirected(self, address: Address, location: str) -> Address:
        target = address.joined(location)
        where = f"GET {shown_url(address.url)}: redirected"
        if target is None:
            raise BadReply(f"{where} to no http or https URL.")
        schemes = (address.parts.scheme, target.parts.scheme)
        if self._tls_only and schemes == ("https", "http"):
            raise BadReply(f"{where} from https to http, to {shown_url(target.url)}.")
        return target

    def _through_httpx(self) -> Proxied:
        from clarifai_core.transport._http_proxied import Proxied

        with self._lock:
            if self._proxied is None:
                self._proxied = Proxied(self._trusted)
            return self._proxied

    def _trusted(self) -> ssl.SSLContext:
        with self._lock:
            if self._context is None:
                from clarifai_core.transport.trust import ssl_context

                self._context = bound(ssl_context(self._roots))
            return self._context


def origins(urls: Iterable[str]) -> frozenset[tuple[str, str, int]]:
    """Return scheme, host and port of each URL, such as those of `Connection.media_origins`.

    Raises:
        PluginError: One is no http or https URL.

    Example:
        >>> origins(["https://data.example.com"])
        frozenset({('https', 'data.example.com', 443)})
    """
    found = {url: Address.parse(url) for url in urls}
    for url, address in found.items():
        if address is None:
            raise PluginError(f"media_origins must be like 'https://host[:port]', got {url!r}.")
    return frozenset(address.parts.origin for address in found.values() if address)


def is_among(url: str, platforms: Iterable[str]) -> bool:
    """Return whether a URL is of one of these origins.

    Example:
        >>> is_among("https://data.example.com/orig/a", ["https://data.example.com"])
        True
    """
    address = Address.parse(url)
    return address is not None and address.parts.origin in origins(platforms)


def _content(answer: DownloadResponse, max_bytes: int, deadline: float) -> Iterator[bytes]:
    """Return the content of an answer, unpacked, and no more of it than `max_bytes`."""
    if answer.size is not None and answer.size > max_bytes:
        raise _too_large(answer, max_bytes)
    coding = answer.header("content-encoding").strip().lower()
    chunks = _limited(_body(answer), answer, max_bytes, deadline)
    if coding in ("", "identity"):
        return chunks
    return _limited(_unpacked(chunks, coding, answer), answer, max_bytes, deadline)


def _body(answer: DownloadResponse) -> Iterator[bytes]:
    received = 0
    while chunk := answer.read():  # up to its end: only then is the connection kept
        received += len(chunk)
        yield chunk
    if answer.size is not None and received < answer.size:
        where = f"GET {shown_url(answer.url)}"
        raise Unreachable(f"{where}: ended after {received} of {answer.size} bytes.")


def _unpacked(chunks: Iterable[bytes], coding: str, answer: DownloadResponse) -> Iterator[bytes]:
    from clarifai_core.transport._decompression import unpacked

    try:
        yield from unpacked(chunks, coding)
    except Unframed as error:
        raise broken(answer.url, error) from error


def _limited(
    chunks: Iterable[bytes], answer: DownloadResponse, max_bytes: int, deadline: float
) -> Iterator[bytes]:
    received, given_up = 0, GIVEN_UP.get()
    for chunk in chunks:
        received += len(chunk)
        if given_up is not None and given_up.is_set():
            raise ApiClientError(f"GET {shown_url(answer.url)}: given up.", maybe_applied=False)
        if received > max_bytes:
            raise _too_large(answer, max_bytes)
        if time.monotonic() > deadline:
            raise DeadlineExceeded(f"GET {shown_url(answer.url)}: not whole in time.")
        yield chunk


def _too_large(answer: DownloadResponse, max_bytes: int) -> BadReply:
    return BadReply(f"GET {shown_url(answer.url)}: larger than {max_bytes} bytes.")


def _check_answer(answer: DownloadResponse) -> None:
    code = answer.status
    if code == HTTPStatus.OK:
        return
    cls = _REFUSALS.get(code) or (ServerError if code >= 500 else ApiError)
    raise cls(
        "GET",
        {"url": shown_url(answer.url)},
        "HTTP",
        code=code,
        description=f"HTTP {code} {plain(answer.reason)}",
    )
