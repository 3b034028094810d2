"""Under which names a server answers over HTTP: a guard against DNS rebinding.

A page of a foreign site can let its own name lead to 127.0.0.1, and then asks this server in the
name of that site. Such a request names the foreign site in its Host header. gRPC needs no guard:
browsers do not speak HTTP/2 without TLS, so its `:authority` is not looked at.
"""

from __future__ import annotations

import functools
import ipaddress
import re
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable

_AUTHORITY = re.compile(r"(?:\[([0-9A-Fa-f:.]{2,45})\]|([A-Za-z0-9._~-]{1,255}))(?::([0-9]{1,5}))?")
_PORTS = {"http": 80, "https": 443}


@attrs.frozen
class HostNames:
    """The names and addresses that a server is asked by.

    Answered are `localhost` and loopback addresses, the address that it is bound to, and the names
    that were given; every address when it is bound to all of them, since no name is looked up for
    those. The port does not matter: who forwards another one to this server (`ssh -L`, a container)
    asks by that, and no foreign site can choose what a browser says there. For pages it does.
    """

    port: int
    bound: str
    """The address that the server listens at, lower case and without brackets."""
    names: frozenset[str] = frozenset()
    """As given, lower case: `box.example`, or `box.example:443` for that port only."""

    @classmethod
    def of(cls, bound: str, port: int, names: Iterable[str] = ()) -> HostNames:
        """Return the names that a server answers to.

        Args:
            bound: The host that it was told to listen at.
            port: The port that it listens at.
            names: Further ones, with or without a port.

        Raises:
            ValueError: A name is no host, or no host and port.

        Example:
            >>> hosts = HostNames.of("127.0.0.1", 18080, ["box.example"])
            >>> hosts.accepts("localhost:18080"), hosts.accepts("box.example")
            (True, True)
            >>> hosts.accepts("localhost:8080"), hosts.accepts("evil.example:18080")
            (True, False)
        """
        for name in names:
            if _parsed(name) is None:
                raise ValueError(f"{name!r} is no name of a host: give 'box' or 'box:8080'")
        return cls(port, bound.strip("[]").lower(), frozenset(name.lower() for name in names))

    def accepts(self, authority: str) -> bool:
        """Return whether a Host header, or what follows `//` in an address, is one of these."""
        found = _parsed(authority)
        if found is None:
            return False
        host, port = found
        return host in self.names or f"{host}:{port}" in self.names or self._is_own(host)

    def accepts_origin(self, origin: str) -> bool:
        """Return whether an Origin header is of a page that this server sent itself."""
        scheme, slashes, authority = origin.partition("://")
        found = _parsed(authority)
        if not slashes or scheme not in _PORTS or found is None:
            return False
        host, port = found
        given = {host, f"{host}:{port}"} & self.names
        return bool(given) or ((port or _PORTS[scheme]) == self.port and self._is_own(host))

    def _is_own(self, host: str) -> bool:
        if host in {"localhost", self.bound}:
            return True
        address = _address(host)
        if address is None:
            return False
        own = _address(self.bound)
        return address.is_loopback or own == address or (own is not None and own.is_unspecified)


@functools.lru_cache(maxsize=64)
def _parsed(authority: str) -> tuple[str, int | None] | None:
    """Return host and port of an authority; None for what is none, or has a user in it."""
    found = _AUTHORITY.fullmatch(authority)
    if found is None:
        return None
    inside, name, port = found.groups()
    if inside is not None and ":" not in inside:
        return None
    host = (inside or name).lower()
    if host.endswith(".") and _address(host[:-1]) is None:
        host = host[:-1]
    return host, None if port is None else int(port)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
