"""From the address of a picture or text to its bytes, for inputs that are given by URL.

First a cache keyed by host and path, so that examples and tests run offline; then, only where it
was allowed, the network: with a deadline for all of a download, a size cap, and only at public
addresses, after every redirect anew, so that nobody can make the platform fetch from the network
that it runs in. What a server compresses is not unpacked: that would get around the size cap.
"""

from __future__ import annotations

import contextlib
import ipaddress
import queue
import re
import socket
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin, urlsplit

import attrs

if TYPE_CHECKING:
    import httpx
    from typing_extensions import Self

MAX_REDIRECTS = 5


class FetchError(Exception):
    """The address leads nowhere; the text says why, in one sentence."""


class TooLarge(FetchError):
    """What is there is larger than what may be there."""


@attrs.frozen
class UrlFetcher:
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
    """Size of anything; what is fetched for a purpose has a limit of its own, too."""

    def fetch(self, url: str, max_bytes: int | None = None) -> bytes:
        """Return what is at `url`.

        Args:
            url: An http or https address.
            max_bytes: What the kind of data may have, when that is less than `max_bytes`.

        Raises:
            TooLarge: It has more bytes.
            FetchError: It is not an http(s) address, not in the cache and not allowed, too
                slow, or the server says no.
        """
        limit = self.max_bytes if max_bytes is None else min(max_bytes, self.max_bytes)
        try:
            parts = urlsplit(url)
        except ValueError as error:
            raise FetchError(f"{shown(url)} is not an address: {error}") from error
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise FetchError(f"{shown(url)} is not an http or https address")
        cached = self._cached(parts.hostname, unquote(parts.path), url, limit)
        if cached is not None:
            return cached
        if not self.allow_network:
            raise FetchError(
                f"{shown(url)} is not in the platform's cache, "
                "and the platform was not allowed to download"
            )
        return self._download(url, limit)

    def _cached(self, host: str, path: str, url: str, limit: int) -> bytes | None:
        key = host.lower() + path
        if self.cache is None:
            return None
        if not isinstance(self.cache, Path):
            return self.cache.get(key)
        try:
            root = self.cache.resolve()
            file = (root / key).resolve()
            if not (file.is_relative_to(root) and file.is_file()):
                return None
            if file.stat().st_size > limit:
                raise _too_large(url, limit)
            return file.read_bytes()
        except (OSError, ValueError):  # no name that a file can have
            return None

    def _download(self, url: str, limit: int) -> bytes:
        import httpx

        asked = url
        with _Deadline(self.timeout_seconds) as deadline:
            try:
                with httpx.Client(trust_env=False, timeout=self.timeout_seconds) as client:
                    for _ in range(MAX_REDIRECTS + 1):
                        found = self._get(client, url, deadline, limit)
                        # A body of unknown length also ends when the deadline ends it.
                        deadline.check()
                        if isinstance(found, bytes):
                            return found
                        url = urljoin(url, found)
            except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
                if deadline.over or isinstance(error, (httpx.TimeoutException, TimeoutError)):
                    raise FetchError(
                        f"{shown(asked)} took longer than {self.timeout_seconds:g} s"
                    ) from error
                reason = str(error) or type(error).__name__
                raise FetchError(f"{shown(asked)} cannot be downloaded: {reason}") from error
        raise FetchError(f"{shown(asked)} redirects more than {MAX_REDIRECTS} times")

    def _get(self, client: httpx.Client, url: str, deadline: _Deadline, limit: int) -> bytes | str:
        """Return the body, or where it redirects to."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme not in {"http", "https"}:
            raise FetchError(f"it redirects to {shown(url)}, which is not http or https")
        # The connection goes to the very address that was checked, not to a second look-up's.
        pinned = client.build_request(
            "GET",
            client.base_url.join(url).copy_with(
                host=self._address(host, parts.port or 443, deadline)
            ),
            headers={"host": parts.netloc.rpartition("@")[2], "accept-encoding": "identity"},
            timeout=deadline.left_seconds(),
            extensions={"sni_hostname": host, "trace": deadline.watch},
        )
        answer = client.send(pinned, stream=True)
        try:
            if answer.is_redirect:
                return str(answer.headers.get("location", ""))
            if answer.status_code != _OK:
                raise FetchError(f"{shown(url)} answers HTTP {answer.status_code}")
            if answer.headers.get("content-encoding", "identity").lower() != "identity":
                raise FetchError(f"{shown(url)} is compressed, which was not asked for")
            return self._body(answer, url, limit)
        finally:
            answer.close()

    @staticmethod
    def _body(answer: httpx.Response, url: str, limit: int) -> bytes:
        announced = answer.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > limit:
            raise _too_large(url, limit)
        body = bytearray()
        for chunk in answer.iter_raw():
            body += chunk
            if len(body) > limit:
                raise _too_large(url, limit)
        return bytes(body)

    def _address(self, host: str, port: int, deadline: _Deadline) -> str:
        found = _looked_up(host, port, deadline.left_seconds())
        addresses = [ipaddress.ip_address(text.partition("%")[0]) for text in found]
        for address in addresses:
            if not (self.allow_private or is_public(address)):
                raise FetchError(f"{host!r} is {address}, which is not a public address")
        return str(addresses[0])


def shown(url: str) -> str:
    """Return an address as messages may quote it: without credentials, query and fragment.

    Example:
        >>> shown("https://me:secret@host/a?signature=secret#b")
        "'https://host/a'"
    """
    plain = re.sub(r"[?#].*", "", url, flags=re.DOTALL)
    return repr(re.sub(r"^([^/]*//)[^/]*@", r"\1", plain)[:_MAX_SHOWN])


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Return whether an address is one of the internet's, and carries no private one within.

    Example:
        >>> is_public(ipaddress.ip_address("64:ff9b::10.0.0.1"))
        False
    """
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC)
    if address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    if address in _TRANSLATED:
        return is_public(_last_four_bytes(address))
    if address not in _UNICAST or any(address in network for network in _NOT_PUBLIC_6):
        return False
    within = [address.sixtofour, _last_four_bytes(address) if _is_isatap(address) else None]
    return all(inner is None or is_public(inner) for inner in within)


_OK = 200
_MAX_SHOWN = 200
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
"""IPv4 addresses as networks without IPv4 see them (NAT64)."""

_UNICAST = ipaddress.IPv6Network("2000::/3")
"""All that the internet uses of IPv6, but for `_TRANSLATED`."""

# The registries of special addresses (RFC 6890 and its later entries), written out: what Python's
# `is_global` knows of them depends on its version.
_NOT_PUBLIC = tuple(
    ipaddress.IPv4Network(one)
    for one in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
_NOT_PUBLIC_6 = tuple(
    ipaddress.IPv6Network(one) for one in ("2001::/23", "2001:db8::/32", "3fff::/20")
)
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)


def _last_four_bytes(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address:
    return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)


def _is_isatap(address: ipaddress.IPv6Address) -> bool:
    """Whether it leads to an IPv4 address within an organization (RFC 5214)."""
    return (int(address) >> 32) & 0xFFFF_FFFF in _ISATAP


def _too_large(url: str, limit: int) -> TooLarge:
    return TooLarge(f"{shown(url)} has more than {limit:,} bytes")


def _looked_up(host: str, port: int, seconds: float) -> list[str]:
    """Return the addresses of a host. The system may take minutes: nobody waits longer for it."""
    answers: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put([str(entry[4][0]) for entry in found])
        except Exception as error:  # noqa: BLE001  why: raised in the thread that waits
            answers.put(error)

    threading.Thread(target=look_up, name="clarifai-local-look-up", daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(answer, Exception):
        raise answer
    return answer


class _Deadline:
    """Ends the connections of a download when its time is over, whatever they are doing.

    Timeouts of reads alone do not: a server may send a byte now and then for hours.
    """

    def __init__(self, seconds: float) -> None:
        self.over = False
        self._ends = time.monotonic() + seconds
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

    def left_seconds(self) -> float:
        """Return how long a step may take; a moment when the time is over."""
        return max(0.001, self._ends - time.monotonic())

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
