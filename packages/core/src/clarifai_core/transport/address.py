r"""Addresses of downloads: taken apart in one way, and shown in errors without their secrets.

Who may get a key is decided by the very parts that the request then goes to. Two parsers would
disagree about addresses that are made to be misread, such as `http://a\@b/`.
"""

from __future__ import annotations

import base64
import re
from typing import NamedTuple
from urllib.parse import unquote_to_bytes, urljoin

from clarifai_core.errors import DeadlineExceeded, Unreachable
from clarifai_core.heavy import httpx
from clarifai_core.safe_text import redacted, shown_url

PORTS = {"http": 80, "https": 443}
_PLAIN = re.compile(r"(https?)://([A-Za-z0-9_.-]+)(?::([0-9]{1,5}))?(/[!-\"$-~]*)?")
_HOST = re.compile(r"[a-z0-9_.-]+|[0-9a-f:.]+")
_MISREAD = re.compile(r"[^/?#]*//[^/?#]*[\\\s]")
"""Host parts that browsers read in another way."""


class UrlParts(NamedTuple):
    """A URL, taken apart."""

    scheme: str
    host: str
    """In lower case and ASCII; an IPv6 address without brackets."""
    port: int
    target: str
    """Path and query, encoded."""

    @property
    def origin(self) -> tuple[str, str, int]:
        """Return what a key belongs to: scheme, host and port."""
        return self[:3]


class Address(NamedTuple):
    """A URL that can be asked for."""

    url: str
    """Without user and password."""
    parts: UrlParts
    is_plain: bool
    """Whether it is ASCII and in its normal form."""
    basic: str = ""
    """The header `Authorization` that its user and password mean, if it has any."""

    def joined(self, location: str) -> Address | None:
        """Return where a redirect leads, or None; a user and a password in it count for nothing.

        Example:
            >>> Address.parse("https://example.com/a/b").joined("//me:pw@example.org/c").url
            'https://example.org/c'
        """
        try:
            target = Address.parse(urljoin(self.url, location))
        except ValueError:
            return None
        return target._replace(basic="") if target else None

    @classmethod
    def parse(cls, url: object) -> Address | None:
        """Return a URL's parts, or None when it is no http or https URL.

        Example:
            >>> Address.parse("https://Data.example.com/orig/a?b").parts
            UrlParts(scheme='https', host='data.example.com', port=443, target='/orig/a?b')
        """
        if not isinstance(url, str):
            return None
        found = _PLAIN.fullmatch(url)
        if found is None:
            return cls._unusual(url)
        scheme, host, port, target = found.groups()
        number = int(port) if port else PORTS[scheme]
        if not 0 < number < 65536:
            return None
        return cls(url, UrlParts(scheme, host.lower(), number, target or "/"), True)

    @classmethod
    def _unusual(cls, url: str) -> Address | None:
        try:
            parts = httpx.URL(url)
            host = parts.raw_host.decode("ascii").lower()
            bare = str(parts.copy_with(userinfo=b"", fragment=None))
        except (ValueError, httpx.InvalidURL):
            return None
        if parts.scheme not in PORTS or parts.port == 0 or _MISREAD.match(url):
            return None
        if not _HOST.fullmatch(host):
            return None
        port = parts.port or PORTS[parts.scheme]
        found = UrlParts(parts.scheme, host, port, parts.raw_path.decode("ascii"))
        return cls(bare, found, False, _basic(parts.userinfo))


def _basic(userinfo: bytes) -> str:
    if not userinfo:
        return ""
    user, _, password = userinfo.partition(b":")
    pair = unquote_to_bytes(user) + b":" + unquote_to_bytes(password)
    return f"Basic {base64.b64encode(pair).decode('ascii')}"


def timed_out(url: str) -> DeadlineExceeded:
    """Return the error of a server that said nothing for too long."""
    return DeadlineExceeded(f"GET {shown_url(url)}: no answer in time.")


def broken(url: str, error: Exception) -> Unreachable:
    """Return the error of a connection that could not be made, or broke."""
    why = redacted(error) or type(error).__name__
    return Unreachable(f"GET {shown_url(url)} failed: {why}.")
