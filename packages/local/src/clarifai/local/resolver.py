"""From the address of a picture or text to its bytes, for inputs that are given by URL.

First a cache keyed by host and path, so that examples and tests run offline; then, only where it
was allowed, the network: with a deadline, a size cap, and only at public addresses, so that nobody
can make the platform fetch from the network that it runs in.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import attrs

MAX_REDIRECTS = 5


class Unresolvable(Exception):
    """The address leads nowhere; the text says why, in one sentence."""


@attrs.frozen
class Resolver:
    """How the platform downloads."""

    cache: Path | Mapping[str, bytes] | None = None
    """A directory with files `host/path`, or a mapping from `"host/path"` to bytes."""
    allow_network: bool = False
    """Whether to download what the cache does not have."""
    allow_private: bool = False
    """Whether addresses of this machine and of private networks are allowed."""
    timeout_seconds: float = 30.0
    """Time for one download in all."""
    max_bytes: int = 128 * 1024 * 1024

    def fetch(self, url: str) -> bytes:
        """Return what is at `url`.

        Raises:
            Unresolvable: It is not an http(s) address, not in the cache and not allowed, too
                large, too slow, or the server says no.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise Unresolvable(f"{url[:200]!r} is not an http or https address")
        cached = self._cached(parts.hostname, unquote(parts.path))
        if cached is not None:
            return cached
        if not self.allow_network:
            raise Unresolvable(
                f"{url[:200]!r} is not in the platform's cache, "
                "and the platform was not allowed to download"
            )
        return self._download(url)

    def _cached(self, host: str, path: str) -> bytes | None:
        key = host.lower() + path
        if self.cache is None:
            return None
        if isinstance(self.cache, Path):
            root = self.cache.resolve()
            file = (root / key).resolve()
            return file.read_bytes() if file.is_relative_to(root) and file.is_file() else None
        return self.cache.get(key)

    def _download(self, url: str) -> bytes:
        import httpx

        deadline = time.monotonic() + self.timeout_seconds
        try:
            with httpx.Client(trust_env=False, timeout=self.timeout_seconds) as client:
                for _ in range(MAX_REDIRECTS + 1):
                    found = self._get(client, url, deadline)
                    if isinstance(found, bytes):
                        return found
                    url = urljoin(url, found)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            reason = str(error) or type(error).__name__
            raise Unresolvable(f"{url[:200]!r} cannot be downloaded: {reason}") from error
        raise Unresolvable(f"{url[:200]!r} redirects more than {MAX_REDIRECTS} times")

    def _get(self, client: httpx.Client, url: str, deadline: float) -> bytes | str:
        """Return the body, or where it redirects to."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme not in {"http", "https"}:
            raise Unresolvable(f"it redirects to {url[:200]!r}, which is not http or https")
        # The connection goes to the very address that was checked, not to a second look-up's.
        pinned = client.build_request(
            "GET",
            client.base_url.join(url).copy_with(host=self._address(host, parts.port or 443)),
            headers={"host": parts.netloc.rpartition("@")[2]},
            extensions={"sni_hostname": host},
        )
        answer = client.send(pinned, stream=True)
        try:
            if answer.is_redirect:
                return str(answer.headers.get("location", ""))
            if answer.status_code != 200:
                raise Unresolvable(f"{url[:200]!r} answers HTTP {answer.status_code}")
            return self._body(answer, url, deadline)
        finally:
            answer.close()

    def _body(self, answer: httpx.Response, url: str, deadline: float) -> bytes:
        body = bytearray()
        for chunk in answer.iter_bytes():
            body += chunk
            if len(body) > self.max_bytes:
                raise Unresolvable(f"{url[:200]!r} has more than {self.max_bytes:,} bytes")
            if time.monotonic() > deadline:
                raise Unresolvable(f"{url[:200]!r} took longer than {self.timeout_seconds:g} s")
        return bytes(body)

    def _address(self, host: str, port: int) -> str:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
        for address in addresses:
            if not (address.is_global or self.allow_private):
                raise Unresolvable(f"{host!r} is {address}, which is not a public address")
        return str(addresses[0])


TYPE_CHECKING = False
if TYPE_CHECKING:
    import httpx
