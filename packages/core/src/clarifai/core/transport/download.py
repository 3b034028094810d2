"""Fetching media, archives and logs over HTTP, with the key sent to the platform only."""

from __future__ import annotations

import os
import random
import ssl
import tempfile
import threading
import time
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar
from urllib.parse import urljoin, urlsplit

from clarifai.core.errors import (
    ApiError,
    BadReply,
    DeadlineExceeded,
    NotFound,
    PermissionDenied,
    ServerError,
    Throttled,
    Unreachable,
    UserError,
)
from clarifai.core.transport.address import shown
from clarifai.core.transport.direct import CHUNK_BYTES as CHUNK_BYTES
from clarifai.core.transport.direct import Direct, Place, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from clarifai.core.contracts import Connection
    from clarifai.core.credentials import Credentials
    from clarifai.core.settings import Settings
    from clarifai.core.transport.proxied import Proxied

_T = TypeVar("_T")

TOTAL_SECONDS = 600.0
"""Deadline of one download, retries included, unless the settings name another."""

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


class Answer(Protocol):
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


class Downloader:
    """Gets URLs for one session. Thread-safe."""

    def __init__(
        self,
        settings: Settings,
        connection: Connection,
        credentials: Credentials | None,
    ) -> None:
        self._hosts = connection.media_hosts
        self._credentials = credentials
        self._tls_only = settings.endpoint.tls
        self._total_seconds = settings.timeout_seconds or TOTAL_SECONDS
        self._transport = connection.http_transport()
        self._lock = threading.Lock()
        path = settings.root_certificates_path
        self._context = _trust(path) if path else None
        self._direct = Direct(self._trusted)
        self._proxied: Proxied | None = None

    def read(self, url: str, *, max_bytes: int | None = None) -> bytes:
        """Return the content of `url`.

        Args:
            url: http or https.
            max_bytes: Refuse anything larger; None means no limit.

        Raises:
            UserError: It is no http(s) URL.
            ApiError: The server refused (NotFound, PermissionDenied ...).
            ApiClientError: No whole answer came before the deadline, or it is too large.
        """
        return self._retried(url, lambda chunks: b"".join(chunks), max_bytes)

    def save(self, url: str, path: str | Path, *, max_bytes: int | None = None) -> Path:
        """Write the content of `url` to the file `path`: all of it, or nothing.

        Returns:
            The path. What it raises: see `read`; OSError when the file cannot be written.
        """
        target = Path(path)

        def write(chunks: Iterator[bytes]) -> Path:
            handle, draft = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
            try:
                with os.fdopen(handle, "wb") as file:
                    for chunk in chunks:
                        file.write(chunk)
                Path(draft).replace(target)
            except BaseException:  # why: no half-written draft stays; raised again
                Path(draft).unlink(missing_ok=True)
                raise
            return target

        return self._retried(url, write, max_bytes)

    def close(self) -> None:
        """Close idle connections."""
        self._direct.close()
        if self._proxied is not None:
            self._proxied.close()

    def _retried(self, url: str, use: Callable[[Iterator[bytes]], _T], max_bytes: int | None) -> _T:
        _check(url)
        deadline = time.monotonic() + self._total_seconds
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                with self._get(url, deadline) as answer:
                    return use(_chunks(answer, max_bytes, deadline))
            except (Unreachable, ServerError, Throttled) as error:
                pause = random.uniform(0, 0.25 * 2**attempt)
                if attempt == MAX_ATTEMPTS or time.monotonic() + pause > deadline:
                    error.attempts = attempt
                    raise
                time.sleep(pause)
        raise AssertionError("unreachable: the last attempt returns or raises")

    @contextmanager
    def _get(self, url: str, deadline: float) -> Iterator[Answer]:
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._asked(url, deadline)
            try:
                if answer.status in _REDIRECTS and answer.header("location"):
                    url = _redirected(url, answer.header("location"))
                    continue
                _check_answer(answer)
                yield answer
                return
            finally:
                answer.close()
        raise BadReply(f"GET {shown(url)}: more than {MAX_REDIRECTS} redirects.")

    def _asked(self, url: str, deadline: float) -> Answer:
        """Send one request, the short way if that is open."""
        place = plain(url)
        headers = self._headers(url, place)
        if place is not None and not self._is_mounted(place) and self._direct.reaches(place):
            answer = self._direct.get(url, place, headers, deadline)
            if answer.header("content-encoding") in ("", "identity"):
                return answer
            answer.close()  # why: it was not asked for; httpx takes it apart
        return self._through_httpx().get(url, headers)

    def _headers(self, url: str, place: Place | None) -> dict[str, str]:
        if self._credentials is None or not self._is_ours(url, place):
            return _ALWAYS
        return {**_ALWAYS, **dict(self._credentials.metadata())}

    def _is_ours(self, url: str, place: Place | None) -> bool:
        """Return whether the key may go there: to the platform's host, and not in the clear."""
        if place is None:
            parts = urlsplit(url)
            place = Place(parts.scheme, (parts.hostname or "").lower(), parts.port or 0, "")
        return (place.scheme == "https" or not self._tls_only) and self._is_platform(place)

    def _is_platform(self, place: Place) -> bool:
        return place.host in self._hosts or f"{place.host}:{place.port}" in self._hosts

    def _is_mounted(self, place: Place) -> bool:
        return self._transport is not None and self._is_platform(place)

    def _through_httpx(self) -> Proxied:
        from clarifai.core.transport.proxied import Proxied

        context = self._trusted()
        with self._lock:
            if self._proxied is None:
                self._proxied = Proxied(context, self._hosts, self._transport)
            return self._proxied

    def _trusted(self) -> ssl.SSLContext:
        with self._lock:
            if self._context is None:
                from clarifai.core.transport.proxied import default_trust

                self._context = default_trust()
            return self._context


def _chunks(answer: Answer, max_bytes: int | None, deadline: float) -> Iterator[bytes]:
    size, received = answer.size, 0
    most = float("inf") if max_bytes is None else max_bytes
    while max(size or 0, received) <= most:
        if received == size:
            return
        chunk = answer.read()
        if not chunk:
            if size is None:
                return
            raise Unreachable(f"GET {shown(answer.url)}: ended after {received} of {size} bytes.")
        received += len(chunk)
        if time.monotonic() > deadline:
            raise DeadlineExceeded(f"GET {shown(answer.url)}: not whole in time.")
        yield chunk
    raise BadReply(f"GET {shown(answer.url)}: larger than {max_bytes} bytes.")


def _check_answer(answer: Answer) -> None:
    code = answer.status
    if code == HTTPStatus.OK:
        return
    cls = _REFUSALS.get(code) or (ServerError if code >= 500 else ApiError)
    raise cls(
        "GET",
        {"url": shown(answer.url)},
        "HTTP",
        code=code,
        description=f"HTTP {code} {answer.reason}",
    )


def _check(url: str) -> None:
    if not _is_url(url):
        raise UserError(f"Not an http or https URL: {url!r}.")


def _redirected(url: str, location: str) -> str:
    try:
        target = urljoin(url, location)
    except ValueError:
        target = ""
    if not _is_url(target):
        raise BadReply(f"GET {shown(url)}: redirected to no http or https URL.")
    return target


def _is_url(url: str) -> bool:
    if not isinstance(url, str):
        return False
    if plain(url):
        return True
    from clarifai.core.transport.proxied import is_url

    return is_url(url)


def _trust(path: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=path)
    except (OSError, ssl.SSLError) as error:
        raise UserError(f"Root certificates {path!r} cannot be used: {error}.") from error
