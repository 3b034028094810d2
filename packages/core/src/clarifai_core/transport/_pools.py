"""The network for httpx: connections that keep to the bounds of the answer they are read for.

httpx's own transport has a timeout for each operation. This one is made of the same parts, those of
httpcore, with a network backend in between that gives each operation the time that is left.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, TypeVar, cast

from clarifai_core.errors import UserError
from clarifai_core.heavy import httpcore, httpx
from clarifai_core.safe_text import shown_url
from clarifai_core.transport import _answer_limits as within
from clarifai_core.transport._answer_limits import BoundedTls, Bounds, Unframed
from clarifai_core.transport.address import Address

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable, Iterator

_T = TypeVar("_T")

MAX_CONNECTIONS = 100
MAX_IDLE = 20
IDLE_CONNECTION_SECONDS = 5.0
SEND_BYTES = 4096
"""How much of a request is handed over at a time: each time with the time that is left."""

FAULTS = (
    OSError,
    Unframed,
    httpx.TransportError,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
)
TIMEOUTS = (TimeoutError, httpx.TimeoutException, httpcore.TimeoutException)


class PooledTransport(httpx.BaseTransport):
    """Connections over the network, or through one proxy. Thread-safe.

    A request brings its `Bounds` in its extensions, as `"bounds"`.

    Args:
        trust: Whom to trust; None where nothing is encrypted.
        proxy: URL of a proxy, or an empty string.

    Raises:
        UserError: The proxy's URL is none, or socksio is not installed for it.
    """

    def __init__(self, trust: ssl.SSLContext | None, proxy: str = "") -> None:
        self._backend = _Backend()
        self._pool = _pool(trust, proxy, self._backend)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Ask for a URL, and return as soon as the head of the answer is there."""
        bounds = cast("Bounds", request.extensions["bounds"])
        url = request.url
        asked = httpcore.Request(
            request.method,
            httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=request.headers.raw,
            extensions={"timeout": _timeouts(bounds)},
        )
        with self._backend.keeping_to(bounds):
            answer = self._pool.handle_request(asked)
        stream = _Body(cast("Iterable[bytes]", answer.stream), answer.close, bounds, self._backend)
        return httpx.Response(
            answer.status, headers=answer.headers, stream=stream, extensions=answer.extensions
        )

    def close(self) -> None:
        """Close idle connections."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(
        self,
        chunks: Iterable[bytes],
        close: Callable[[], None],
        bounds: Bounds,
        backend: _Backend,
    ) -> None:
        self._chunks, self._bounds, self._backend = iter(chunks), bounds, backend
        self.close = close  # type: ignore[method-assign]

    def __iter__(self) -> Iterator[bytes]:
        while True:
            self._bounds.allow_chunk()
            with self._backend.keeping_to(self._bounds):
                chunk = next(self._chunks, b"")
            if not chunk:
                return
            yield chunk


class _Stream(httpcore.NetworkStream):
    """A connection that reads and writes for the bounds of whoever uses it at the moment."""

    def __init__(self, inner: httpcore.NetworkStream, backend: _Backend) -> None:
        self._inner, self._backend = inner, backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return what comes first."""
        data = self._inner.read(max_bytes, self._seconds(timeout))
        self._backend.bounds.took(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of it."""
        for start in range(0, len(buffer), SEND_BYTES):
            self._inner.write(buffer[start : start + SEND_BYTES], self._seconds(timeout))

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Return the same connection, encrypted."""
        seconds = self._seconds(timeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, seconds), self._backend)

    def get_extra_info(self, info: str) -> object:
        """Return what httpcore asks for, such as `"is_readable"`."""
        return self._inner.get_extra_info(info)

    def _seconds(self, timeout: float | None) -> float:
        bounds = self._backend.bounds
        sock = self._inner.get_extra_info("socket")
        if isinstance(sock, BoundedTls):
            sock.bounds = bounds  # for TLS within TLS, which reads several times for one read
        return bounds.seconds(timeout or within.IDLE_SECONDS)


class _Backend(httpcore.NetworkBackend):
    def __init__(self) -> None:
        self._inner = httpcore.SyncBackend()
        self._of_thread = threading.local()

    @property
    def bounds(self) -> Bounds:
        """Return those of the answer that this thread is at."""
        return cast("Bounds", self._of_thread.bounds)

    def keeping_to(self, bounds: Bounds) -> _Keeping:
        """Let this thread's operations keep to `bounds` within a `with`."""
        return _Keeping(self._of_thread, bounds)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of a host that answers."""
        bounds, failure = self.bounds, OSError(f"{host} has no address")
        for address, number in within.addresses(host, port, bounds):
            seconds = bounds.seconds(timeout or within.CONNECT_SECONDS)
            try:
                inner = self._inner.connect_tcp(
                    address, number, seconds, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error  # type: ignore[assignment]
            else:
                return _Stream(inner, self)
        raise failure


class _Keeping:
    """As a context manager of `contextlib`, at a fifth of its cost."""

    __slots__ = ("_bounds", "_of_thread")

    def __init__(self, of_thread: threading.local, bounds: Bounds) -> None:
        self._of_thread, self._bounds = of_thread, bounds

    def __enter__(self) -> None:
        self._of_thread.bounds = self._bounds

    def __exit__(self, *args: object) -> None:
        del self._of_thread.bounds


def _pool(
    trust: ssl.SSLContext | None, proxy: str, backend: httpcore.NetworkBackend
) -> httpcore.ConnectionPool:
    options: dict[str, Any] = {
        "ssl_context": trust,
        "network_backend": backend,
        "max_connections": MAX_CONNECTIONS,
        "max_keepalive_connections": MAX_IDLE,
        "keepalive_expiry": IDLE_CONNECTION_SECONDS,
    }
    if not proxy:
        return httpcore.ConnectionPool(**options)
    if Address.parse(f"http:{proxy.partition(':')[2]}") is None:
        raise _no_proxy(proxy)
    try:
        found = httpx.Proxy(proxy)
        url = found.url
        options["proxy_url"] = httpcore.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
        )
        options["proxy_auth"] = found.raw_auth
        if url.scheme.startswith("socks"):
            return httpcore.SOCKSProxy(**options)
        return httpcore.HTTPProxy(
            **options, proxy_ssl_context=trust if url.scheme == "https" else None
        )
    except (ValueError, httpx.InvalidURL) as error:
        raise _no_proxy(proxy) from error
    except (ImportError, RuntimeError) as error:
        raise UserError(
            f"The proxy {shown_url(proxy)} needs a package: pip install 'httpx[socks]'."
        ) from error


def _no_proxy(proxy: str) -> UserError:
    return UserError(
        f"The proxy {shown_url(proxy)} that the environment names is none: HTTP_PROXY and its like "
        "must be http, https or socks5 URLs."
    )


def _timeouts(bounds: Bounds) -> dict[str, float]:
    idle, connect = within.IDLE_SECONDS, within.CONNECT_SECONDS
    return {"connect": connect, "read": idle, "write": idle, "pool": bounds.seconds(idle)}
