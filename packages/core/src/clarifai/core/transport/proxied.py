"""GETs by httpx: through proxies, to the embedded platform, and to addresses that are not plain."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from clarifai.core.transport.address import broken, timed_out
from clarifai.core.transport.direct import CHUNK_BYTES, CONNECT_SECONDS, IDLE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Proxied:
    """A client that follows the environment's proxies. Thread-safe.

    Args:
        trust: Whom to trust.
        hosts: Hosts that `transport` stands for.
        transport: What requests to them go through; None: the network.
    """

    def __init__(
        self, trust: ssl.SSLContext, hosts: Sequence[str], transport: httpx.BaseTransport | None
    ) -> None:
        mounts = {f"all://{host}": transport for host in hosts} if transport else None
        timeout = httpx.Timeout(IDLE_SECONDS, connect=CONNECT_SECONDS)
        self._client = httpx.Client(verify=trust, mounts=mounts, timeout=timeout)

    def get(self, url: str, headers: Mapping[str, str]) -> ProxiedAnswer:
        """Ask for a URL, and return as soon as the head of the answer is there.

        Raises:
            DeadlineExceeded: Nothing came in time.
            Unreachable: There is no connection, or it broke.
        """
        try:
            request = self._client.build_request("GET", url, headers=dict(headers))
            return ProxiedAnswer(url, self._client.send(request, stream=True))
        except httpx.TimeoutException as error:
            raise timed_out(url) from error
        except (httpx.TransportError, ssl.SSLError) as error:
            raise broken(url, error) from error

    def close(self) -> None:
        """Close idle connections."""
        self._client.close()


class ProxiedAnswer:
    """An answer whose body is still to be read. Read it, and close it."""

    def __init__(self, url: str, response: httpx.Response) -> None:
        self._response = response
        self._chunks = response.iter_bytes(CHUNK_BYTES)
        self.url, self.status, self.reason = url, response.status_code, response.reason_phrase
        length = response.headers.get("content-length", "")
        # Of what is encoded, httpx returns the content.
        whole = length.isdecimal() and "content-encoding" not in response.headers
        self.size = int(length) if whole else None

    def header(self, name: str) -> str:
        """Return the value of a header, or an empty string."""
        return str(self._response.headers.get(name, ""))

    def read(self) -> bytes:
        """Return some of the body, and at its end nothing."""
        try:
            return next(self._chunks, b"")
        except httpx.TimeoutException as error:
            raise timed_out(self.url) from error
        except (httpx.TransportError, httpx.DecodingError, ssl.SSLError) as error:
            raise broken(self.url, error) from error

    def close(self) -> None:
        """Let go of the connection."""
        self._response.close()


def default_trust() -> ssl.SSLContext:
    """Return the certificates that httpx trusts: certifi's, or those that the environment names."""
    return httpx.create_ssl_context()


def is_url(url: str) -> bool:
    """Return whether it is an http or https URL with a host."""
    try:
        httpx.URL(url)
        parts = urlsplit(url)
        # Reading the port checks it.
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except (ValueError, httpx.InvalidURL):
        return False
