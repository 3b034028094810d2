"""Which proxy an address is asked through: what the environment says, and never for loopback."""

from __future__ import annotations

import ipaddress
import urllib.request
from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

from clarifai_core.endpoint import is_loopback

if TYPE_CHECKING:
    from clarifai_core.transport.address import UrlParts


@attrs.frozen
class Proxies:
    """The proxies of a session.

    Example:
        >>> proxies = Proxies.read({"http": "proxy:3128", "no": "example.com, 10.0.0.0/8"})
        >>> proxies.url("http", "example.org", 80), proxies.url("http", "10.1.2.3", 80)
        ('http://proxy:3128', '')
    """

    by_scheme: Mapping[str, str]
    """`"http"`, `"https"` or `"all"` -> URL of a proxy, which may hold its password."""
    exceptions: tuple[str, ...] = ()
    """Hosts that are asked without a proxy: names with all below them, addresses, networks."""
    _known: dict[tuple[str, str, int], str] = attrs.field(factory=dict, init=False, repr=False)

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Proxies:
        """Return what the environment's variables mean.

        Args:
            environment: As `urllib.request.getproxies` has it: by the name of a variable in lower
                case, without its `_proxy`.
        """
        schemes = ("http", "https", "all")
        found = {name: environment[name].strip() for name in schemes if environment.get(name)}
        urls = {name: url if "://" in url else f"http://{url}" for name, url in found.items()}
        exceptions = (one.strip().lower() for one in environment.get("no", "").split(","))
        return cls(urls, tuple(one for one in exceptions if one))

    def of(self, parts: UrlParts) -> str:
        """Return the URL of the proxy for a parts, or an empty string."""
        if not self.by_scheme:
            return ""
        found = self._known.get(parts.origin)
        if found is None:
            found = self._known[parts.origin] = self.url(*parts.origin)
        return found

    def url(self, scheme: str, host: str, port: int) -> str:
        """Return the URL of the proxy for an origin, or an empty string."""
        url = self.by_scheme.get(scheme) or self.by_scheme.get("all", "")
        if not url or is_loopback(host):
            return ""
        if any(_covers(one, scheme, host, port) for one in self.exceptions):
            return ""
        # Besides the environment there are the system's own settings on Windows and macOS.
        return "" if urllib.request.proxy_bypass(host) else url


def _covers(exception: str, scheme: str, host: str, port: int) -> bool:
    """Return whether an entry of NO_PROXY is about this host."""
    wanted, divider, name = exception.rpartition("://")
    if divider and wanted not in (scheme, "all"):
        return False
    if name == "*":
        return True
    network, address = _network(name), _address(host)
    if network is not None:
        return address is not None and address in network
    name, _, number = name.rpartition(":") if _has_port(name) else (name, "", "")
    if number and int(number) != port:
        return False
    name = name.strip("[]").removeprefix("*").strip(".")
    if address is not None:
        return _address(name) == address
    return bool(name) and f".{host.removesuffix('.')}".endswith(f".{name}")


def _has_port(name: str) -> bool:
    head, colon, port = name.rpartition(":")
    return bool(colon) and port.isdecimal() and (":" not in head or head.endswith("]"))


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False) if "/" in text else None
    except ValueError:
        return None


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
