"""Fetching media, archives and logs over HTTP, with the key sent to the platform only."""

from __future__ import annotations

import os
import random
import ssl
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

import httpx

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

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from clarifai.core.contracts import Connection
    from clarifai.core.credentials import Credentials
    from clarifai.core.settings import Settings

_T = TypeVar("_T")

TOTAL_SECONDS = 600.0
"""Deadline of one download, retries included, unless the settings name another."""

CHUNK_BYTES = 1024 * 1024
MAX_ATTEMPTS = 4
MAX_REDIRECTS = 5
_CONNECT_SECONDS = 10.0
_IDLE_SECONDS = 60.0

_REFUSALS: dict[int, type[ApiError]] = {
    401: PermissionDenied,
    403: PermissionDenied,
    404: NotFound,
    410: NotFound,
    429: Throttled,
}


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
        transport = connection.http_transport()
        verify = _trust(settings.root_certificates_path)
        mounts = {f"all://{host}": transport for host in self._hosts} if transport else None
        self._client = httpx.Client(
            verify=verify,
            mounts=mounts,
            timeout=httpx.Timeout(_IDLE_SECONDS, connect=_CONNECT_SECONDS),
        )

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
        return self._retried(url, lambda response: b"".join(_chunks(response, max_bytes)))

    def save(self, url: str, path: str | Path, *, max_bytes: int | None = None) -> Path:
        """Write the content of `url` to the file `path`: all of it, or nothing.

        Returns:
            The path. What it raises: see `read`; OSError when the file cannot be written.
        """
        target = Path(path)

        def write(response: httpx.Response) -> Path:
            handle, draft = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
            try:
                with os.fdopen(handle, "wb") as file:
                    for chunk in _chunks(response, max_bytes):
                        file.write(chunk)
                Path(draft).replace(target)
            except BaseException:  # why: no half-written draft stays; raised again
                Path(draft).unlink(missing_ok=True)
                raise
            return target

        return self._retried(url, write)

    def close(self) -> None:
        """Close idle connections."""
        self._client.close()

    def _retried(self, url: str, use: Callable[[httpx.Response], _T]) -> _T:
        deadline = time.monotonic() + self._total_seconds
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                with self._get(url, deadline) as response:
                    return use(response)
            except (Unreachable, ServerError, Throttled) as error:
                pause = random.uniform(0, 0.25 * 2**attempt)
                if attempt == MAX_ATTEMPTS or time.monotonic() + pause > deadline:
                    error.attempts = attempt
                    raise
                time.sleep(pause)
        raise AssertionError("unreachable: the last attempt returns or raises")

    @contextmanager
    def _get(self, url: str, deadline: float) -> Iterator[httpx.Response]:
        try:
            for _ in range(MAX_REDIRECTS + 1):
                request = self._client.build_request(
                    "GET",
                    _checked(url),
                    headers=self._headers(url),
                    extensions={"deadline": deadline},
                )
                response = self._client.send(request, stream=True)
                try:
                    if response.is_redirect:
                        url = str(response.url.join(response.headers["location"]))
                        continue
                    _check_answer(response)
                    yield response
                    return
                finally:
                    response.close()
            raise BadReply(f"GET {_shown(url)}: more than {MAX_REDIRECTS} redirects.")
        except httpx.InvalidURL as error:
            raise BadReply(f"GET {_shown(url)}: redirected to no valid URL.") from error
        except httpx.TimeoutException as error:
            raise DeadlineExceeded(f"GET {_shown(url)}: no answer in time.") from error
        except (httpx.TransportError, ssl.SSLError) as error:
            raise Unreachable(f"GET {_shown(url)} failed: {error}.") from error

    def _headers(self, url: str) -> dict[str, str]:
        if self._credentials is None or not self._is_ours(url):
            return {}
        return dict(self._credentials.metadata())

    def _is_ours(self, url: str) -> bool:
        """Return whether the key may go there: to the platform's host, and not in the clear."""
        parts = urlsplit(url)
        if self._tls_only and parts.scheme != "https":
            return False
        host = (parts.hostname or "").lower()
        return host in self._hosts or f"{host}:{parts.port}" in self._hosts


def _chunks(response: httpx.Response, max_bytes: int | None) -> Iterator[bytes]:
    deadline = response.request.extensions["deadline"]
    expected = response.headers.get("content-length")
    encoded = "content-encoding" in response.headers
    received = 0
    for chunk in response.iter_bytes(CHUNK_BYTES):
        received += len(chunk)
        if max_bytes is not None and received > max_bytes:
            raise BadReply(f"GET {_shown(str(response.url))}: larger than {max_bytes} bytes.")
        if time.monotonic() > deadline:
            raise DeadlineExceeded(f"GET {_shown(str(response.url))}: not whole in time.")
        yield chunk
    if expected is not None and not encoded and received != int(expected):
        raise Unreachable(
            f"GET {_shown(str(response.url))}: ended after {received} of {expected} bytes."
        )


def _check_answer(response: httpx.Response) -> None:
    code = response.status_code
    if code == httpx.codes.OK:
        return
    cls = _REFUSALS.get(code) or (ServerError if code >= 500 else ApiError)
    raise cls(
        "GET",
        {"url": _shown(str(response.url))},
        "HTTP",
        code=code,
        description=f"HTTP {code} {response.reason_phrase}",
    )


def _checked(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
        parts = urlsplit(url)
        # Reading the port checks it.
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return parsed
    except (ValueError, TypeError, AttributeError, httpx.InvalidURL):
        pass
    raise UserError(f"Not an http or https URL: {url!r}.")


def _shown(url: str) -> str:
    """Return a URL without its query, where signatures are."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"


def _trust(path: str) -> ssl.SSLContext | bool:
    if not path:
        return True
    try:
        return ssl.create_default_context(cafile=path)
    except (OSError, ssl.SSLError) as error:
        raise UserError(f"Root certificates {path!r} cannot be used: {error}.") from error
