"""From the address of a picture or text to its bytes, for inputs that are given by URL.

First a cache keyed by host and path, so that examples and tests run offline; then, only where it
was allowed, the network: with a deadline for all of a download, a size cap, and only at public
addresses, after every redirect anew, so that nobody can make the platform fetch from the network
that it runs in. What a server compresses is not unpacked: that would get around the size cap.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin, urlsplit

import attrs

if TYPE_CHECKING:
    import httpx
    from typing_extensions import Self

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
        try:
            parts = urlsplit(url)
        except ValueError as error:
            raise Unresolvable(f"{url[:200]!r} is not an address: {error}") from error
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
        if not isinstance(self.cache, Path):
            return self.cache.get(key)
        try:
            root = self.cache.resolve()
            file = (root / key).resolve()
            return file.read_bytes() if file.is_relative_to(root) and file.is_file() else None
        except (OSError, ValueError):  # no name that a file can have
            return None

    def _download(self, url: str) -> bytes:
        import httpx

        asked = url
        with _Deadline(self.timeout_seconds) as deadline:
            try:
                with httpx.Client(trust_env=False, timeout=self.timeout_seconds) as client:
                    for _ in range(MAX_REDIRECTS + 1):
                        found = self._get(client, url, deadline)
                        # A body of unknown length also ends when the deadline ends it.
                        deadline.check()
                        if isinstance(found, bytes):
                            return found
                        url = urljoin(url, found)
            except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
                if deadline.over or isinstance(error, httpx.TimeoutException):
                    raise Unresolvable(
                        f"{asked[:200]!r} took longer than {self.timeout_seconds:g} s"
                    ) from error
                reason = str(error) or type(error).__name__
                raise Unresolvable(f"{asked[:200]!r} cannot be downloaded: {reason}") from error
        raise Unresolvable(f"{asked[:200]!r} redirects more than {MAX_REDIRECTS} times")

    def _get(self, client: httpx.Client, url: str, deadline: _Deadline) -> bytes | str:
        """Return the body, or where it redirects to."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme not in {"http", "https"}:
            raise Unresolvable(f"it redirects to {url[:200]!r}, which is not http or https")
        # The connection goes to the very address that was checked, not to a second look-up's.
        pinned = client.build_request(
            "GET",
            client.base_url.join(url).copy_with(host=self._address(host, parts.port or 443)),
            headers={"host": parts.netloc.rpartition("@")[2], "accept-encoding": "identity"},
            extensions={"sni_hostname": host, "trace": deadline.watch},
        )
        answer = client.send(pinned, stream=True)
        try:
            if answer.is_redirect:
                return str(answer.headers.get("location", ""))
            if answer.status_code != _OK:
                raise Unresolvable(f"{url[:200]!r} answers HTTP {answer.status_code}")
            if answer.headers.get("content-encoding", "identity").lower() != "identity":
                raise Unresolvable(f"{url[:200]!r} is compressed, which was not asked for")
            return self._body(answer, url)
        finally:
            answer.close()

    def _body(self, answer: httpx.Response, url: str) -> bytes:
        body = bytearray()
        for chunk in answer.iter_raw():
            body += chunk
            if len(body) > self.max_bytes:
                raise Unresolvable(f"{url[:200]!r} has more than {self.max_bytes:,} bytes")
        return bytes(body)

    def _address(self, host: str, port: int) -> str:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
        for address in addresses:
            if not (self.allow_private or is_public(address)):
                raise Unresolvable(f"{host!r} is {address}, which is not a public address")
        return str(addresses[0])


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Return whether an address is one of the internet's, and carries no private one within.

    Example:
        >>> is_public(ipaddress.ip_address("64:ff9b::10.0.0.1"))
        False
    """
    if not address.is_global or address.is_multicast or address.is_reserved:
        # Of what is reserved for other uses, only translated addresses lead anywhere.
        return address in _TRANSLATED and _embedded_are_public(address)
    if isinstance(address, ipaddress.IPv6Address):
        return not address.is_site_local and _embedded_are_public(address)
    return True


_OK = 200
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""IPv4 addresses as networks without IPv4 see them (NAT64)."""


class _Deadline:
    """Ends the connections of a download when its time is over, whatever they are doing.

    Timeouts of reads alone do not: a server may send a byte now and then for hours.
    """

    def __init__(self, seconds: float) -> None:
        self.over = False
        self._connection: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def watch(self, event: str, info: Mapping[str, Any]) -> None:
        """Take note of what httpx does: its request extension `trace`."""
        if event == "connection.connect_tcp.complete":
            # A second handle on the connection, which TLS does not take over.
            connection = info["return_value"].get_extra_info("socket").dup()
            with self._lock:
                self._forget()
                self._connection = connection
            if self.over:
                self._end()

    def check(self) -> None:
        """Raise TimeoutError when the time is over."""
        if self.over:
            raise TimeoutError

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            self._forget()

    def _end(self) -> None:
        with self._lock:
            self.over = True
            if self._connection is not None:
                with contextlib.suppress(OSError):  # it may have ended by itself
                    self._connection.shutdown(socket.SHUT_RDWR)

    def _forget(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _embedded_are_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv4Address):
        return True
    within = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _TRANSLATED:
        within.append(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
    return all(inner is None or is_public(inner) for inner in within)
