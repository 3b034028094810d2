"""The way to a platform, hop by hop: its name, the proxy, the connection, what it speaks.

Each hop really does what gRPC will do, so that the one that fails is named, with what to do.
"""

from __future__ import annotations

import base64
import os
import socket
import ssl
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from clarifai_core.endpoint import is_loopback
from clarifai_core.errors import Unreachable
from clarifai_core.safe_text import redacted, shown_url
from clarifai_core.transport.proxies import Proxies
from clarifai_core.transport.trust import ssl_context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from clarifai_core.settings import Settings

TIMEOUT_SECONDS = 10.0
REACH_SECONDS = 3.0
SILENCE_SECONDS = 2.0
"""How long a platform may take to say something before it is taken for one that waits."""

_PROXY_VARIABLES = ("grpc_proxy", "https_proxy", "http_proxy")
"""Where gRPC looks for a proxy, in this order, whatever the scheme."""

_EXCEPTION_VARIABLES = ("no_grpc_proxy", "no_proxy")

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
"""How an HTTP/2 client begins: its preface, and settings that say nothing."""

_TLS_ALERT = b"\x15\x03"


def hops(settings: Settings) -> Iterator[tuple[str, Callable[[Settings], str]]]:
    """Yield the hops to a platform in the network, each with what tries it.

    Args:
        settings: Where the platform is.
    """
    if proxy_of(settings):
        yield "proxy", _through
    else:
        yield "name", _resolve
        yield "connection", _connect
    if settings.endpoint.tls:
        yield "certificate", _shake_hands
    else:
        yield "protocol", _speak


def reach(settings: Settings) -> None:
    """Connect to a platform, and hang up.

    Raises:
        Unreachable: It cannot be reached.
    """
    try:
        with _open(settings, REACH_SECONDS):
            pass
    except OSError as error:
        raise failure("connection", error, settings) from error


def proxy_of(settings: Settings) -> str:
    """Return the URL of the proxy that gRPC goes through, or `""`."""
    endpoint = settings.endpoint
    if is_loopback(endpoint.host):
        return ""
    names = (name for name in _PROXY_VARIABLES if os.environ.get(name))
    proxy = os.environ.get(next(names, ""), "")
    lists = (os.environ.get(name, "") for name in _EXCEPTION_VARIABLES)
    exceptions = next(filter(None, lists), "")
    known = Proxies.read({"all": proxy, "no": exceptions})
    return known.url(endpoint.scheme, endpoint.host, endpoint.port) if proxy else ""


def failure(hop: str, error: OSError, settings: Settings) -> Unreachable:
    """Return what says that a hop failed, and what to do about it.

    Args:
        hop: Its name.
        error: How.
        settings: Where to.
    """
    where = settings.endpoint.where
    if isinstance(error, _MixUp):
        return Unreachable(f"The {hop} hop to {where} fails: {error}", maybe_applied=False)
    text = f"The {hop} hop to {where} fails: {redacted(error)}. {_REMEDIES[hop]}"
    return Unreachable(text, maybe_applied=False)


_REMEDIES = {
    "name": "Check base_url and the DNS of this machine.",
    "proxy": "Check https_proxy (or grpc_proxy, http_proxy) and no_proxy.",
    "connection": "Check the port, a firewall, or whether the server is running.",
    "certificate": "For a root of your own, set CLARIFAI_ROOT_CERTIFICATES_PATH or SSL_CERT_FILE.",
    "protocol": "Check that a Clarifai platform listens at this port.",
}


class _MixUp(OSError):
    """Somebody answers, in another language."""


def _resolve(settings: Settings) -> str:
    endpoint = settings.endpoint
    found = socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
    return ", ".join(sorted({str(entry[4][0]) for entry in found}))


def _connect(settings: Settings) -> str:
    with _open(settings):
        return f"port {settings.endpoint.port}"


def _through(settings: Settings) -> str:
    with _open(settings):
        return f"{shown_url(proxy_of(settings))} passes on to {settings.endpoint.where}"


def _shake_hands(settings: Settings) -> str:
    context = ssl_context(settings.root_certificates_path)
    context.set_alpn_protocols(["h2"])
    host = settings.endpoint.host
    try:
        with (
            _open(settings) as plain,
            context.wrap_socket(plain, server_hostname=host) as secure,
        ):
            return str(secure.version())
    except ssl.SSLCertVerificationError:
        raise
    except (ssl.SSLError, ConnectionError) as error:
        if _speaks_plainly(settings):
            raise _MixUp(
                f"it speaks plain HTTP there, not TLS. Write http://{_address(settings)} as "
                "base_url."
            ) from error
        raise


def _speak(settings: Settings) -> str:
    said = _answer_to(settings, _PREFACE)
    if said.startswith(_TLS_ALERT) or (not said[3:4] == b"\x04" and _speaks_tls(settings)):
        raise _MixUp(
            f"it speaks TLS there, not plain HTTP. Write https://{_address(settings)} as base_url."
        )
    if said.startswith(b"HTTP/1"):
        raise _MixUp(
            "a web server answers there that knows no HTTP/2, which gRPC needs. Check the port of "
            "base_url."
        )
    return "HTTP/2 without TLS"


def _speaks_plainly(settings: Settings) -> bool:
    said = _answer_to(settings, _PREFACE)
    return said[3:4] == b"\x04" or said.startswith(b"HTTP/")


def _speaks_tls(settings: Settings) -> bool:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            _open(settings, SILENCE_SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=settings.endpoint.host),
        ):
            return True
    except OSError:
        return False


def _answer_to(settings: Settings, words: bytes) -> bytes:
    """Return how a platform answers to some bytes; nothing when it says none."""
    try:
        with _open(settings, SILENCE_SECONDS) as opened:
            opened.sendall(words)
            return opened.recv(64)
    except OSError:
        return b""


def _address(settings: Settings) -> str:
    return f"{settings.endpoint.host}:{settings.endpoint.port}"


@contextmanager
def _open(settings: Settings, seconds: float = TIMEOUT_SECONDS) -> Iterator[socket.socket]:
    """Connect to a platform, through the proxy if there is one."""
    endpoint = settings.endpoint
    proxy = proxy_of(settings)
    if not proxy:
        with socket.create_connection((endpoint.host, endpoint.port), seconds) as opened:
            yield opened
        return
    parts = urlsplit(proxy)
    with socket.create_connection((parts.hostname or "", parts.port or 80), seconds) as opened:
        head = f"CONNECT {_address(settings)} HTTP/1.1\r\nHost: {_address(settings)}\r\n"
        if parts.username:
            user = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            head += f"Proxy-Authorization: Basic {base64.b64encode(user.encode()).decode()}\r\n"
        opened.sendall(f"{head}\r\n".encode())
        answer = _head_of(opened)
        if not answer.partition(" ")[2].startswith("2"):
            raise OSError(f"the proxy {shown_url(proxy)} answers {answer or 'nothing'!r}")
        yield opened


def _head_of(opened: socket.socket) -> str:
    """Return the first line of an answer, and read its head to the end."""
    read = b""
    while b"\r\n\r\n" not in read and len(read) < 65536:
        some = opened.recv(1)  # why: what comes behind the head is not for us to read
        if not some:
            break
        read += some
    return read.partition(b"\r\n")[0].decode("latin-1")
