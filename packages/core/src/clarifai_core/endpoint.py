"""What a `base_url` means: which host, which port, TLS or not, or which plugin."""

from __future__ import annotations

import functools
import re

import attrs

from clarifai_core.errors import UserError
from clarifai_core.safe_text import masked, may_be_key, plain, redacted

_PORTS = {"https": 443, "http": 80}
_PLAIN = re.compile(r"(?P<scheme>https?)://(?P<host>[a-z0-9.-]+)(?::(?P<port>[0-9]{1,5}))?/?")
_NO_HOST = re.compile(r"[\s\\%\"<>^`{|}\x00-\x20\x7f]")
_USER = re.compile(r"^([^/]*//)?.*@")
_QUERY = re.compile(r"([?#]).+")

LONG_KEY = 20
"""Letters and digits in one go that no host's name has, but for one with dots."""


@attrs.frozen
class Endpoint:
    """One platform's address.

    Example:
        >>> Endpoint.parse("api.clarifai.com").target
        'api.clarifai.com:443'
        >>> Endpoint.parse("localhost:8080").tls
        False
        >>> Endpoint.parse("local:./state").scheme
        'local'
    """

    scheme: str
    """`"https"`, `"http"`, or the scheme of an endpoint plugin such as `"local"`."""
    url: str
    """The normal form; equal addresses have equal ones."""
    host: str = ""
    port: int = 0

    @property
    def tls(self) -> bool:
        """Return whether the connection is encrypted."""
        return self.scheme == "https"

    @property
    def is_plugin(self) -> bool:
        """Return whether a plugin opens it."""
        return self.scheme not in _PORTS

    @property
    def target(self) -> str:
        """Return `"host:port"` as gRPC wants it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Return what a key belongs to: scheme, host and port, or all that a plugin is told."""
        return self.url

    @property
    def where(self) -> str:
        """Return the address for messages."""
        if self.is_plugin:
            return self.url
        return self.host if self.port == _PORTS[self.scheme] else self.target

    @classmethod
    def parse(cls, base_url: str) -> Endpoint:
        """Return what `base_url` means.

        A base without a scheme means https; http only on the loopback interface. Nothing is probed.

        Args:
            base_url: `"https://host[:port]"`, `"http://host[:port]"`, `"host[:port]"`, or
                `"scheme:..."` of an endpoint plugin.

        Raises:
            UserError: It is none of these.
        """
        text = base_url.strip() if isinstance(base_url, str) else ""
        if not text:
            kind = "an empty text" if isinstance(base_url, str) else f"a {type(base_url).__name__}"
            raise UserError(f"base_url must be a URL such as 'https://host', got {kind}.")
        return cls._parsed(text)

    @classmethod
    @functools.lru_cache(maxsize=64)
    def _parsed(cls, text: str) -> Endpoint:
        """Return it, kept: every handle of a program asks for the same few."""
        scheme, colon, rest = text.partition(":")
        if "://" not in text and colon and not rest[:1].isdigit() and scheme.isidentifier():
            return cls(scheme.lower(), f"{scheme.lower()}:{rest}")
        return cls._network(text)

    @classmethod
    def _network(cls, text: str) -> Endpoint:
        if plain := _PLAIN.fullmatch(text):  # most are: urllib takes as long to import as click
            scheme, host, port = plain["scheme"].lower(), plain["host"], plain["port"]
            number = int(port or _PORTS[scheme])
            if 0 < number < 65536 and not may_be_key(host, LONG_KEY):
                return cls(scheme, f"{scheme}://{host}:{number}", host, number)
        return cls._split(text)

    @classmethod
    def _split(cls, text: str) -> Endpoint:
        from urllib.parse import urlsplit

        try:
            parts = urlsplit(text if "://" in text else f"//{text}")
            host, port = parts.hostname or "", parts.port
        except ValueError as error:
            why = "" if "@" in text else f": {masked(redacted(error))}"
            raise UserError(f"base_url {_shown(text)} is no address{why}.") from None
        if may_be_key(host, LONG_KEY) and "." not in host:
            raise UserError(
                "base_url looks like a key, not like an address; nothing was sent. "
                "Give the key as pat= (or CLARIFAI_PAT)."
            )
        scheme = parts.scheme or ("http" if is_loopback(host) else "https")
        if scheme not in _PORTS or not host or port == 0 or _NO_HOST.search(host):
            raise UserError(f"base_url must look like 'https://host[:port]', got {_shown(text)}.")
        if parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
            place = f"[{host}]" if ":" in host else masked(host)
            raise UserError(
                f"base_url may have a host and a port only, got {_shown(text)}: "
                f"try '{scheme}://{place}{f':{port}' if port else ''}'."
            )
        port = port or _PORTS[scheme]
        host = host.lower()
        shown = f"[{host}]" if ":" in host else host
        return cls(scheme, f"{scheme}://{shown}:{port}", host, port)


def _shown(text: str) -> str:
    """Return it for an error: there may be a key before its `@`, behind its `?`, or as a name."""
    bare = _USER.sub(r"\1***@", text)
    return repr(plain(masked(_QUERY.sub(r"\1***", bare))))


def is_loopback(host: str) -> bool:
    """Return whether `host` is this machine itself.

    Example:
        >>> is_loopback("localhost"), is_loopback("127.0.0.9"), is_loopback("example.com")
        (True, True, False)
    """
    name = host.lower().removesuffix(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    if not (name[:1].isdigit() or ":" in name):
        return False
    import ipaddress  # here: most programs never ask, and all would wait for it

    try:
        address = ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    within = getattr(address, "ipv4_mapped", None)
    return address.is_loopback or (within is not None and within.is_loopback)
