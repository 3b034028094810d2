"""Opening connections: gRPC over TLS or, where the URL says so, in the clear."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from clarifai_core.defaults import VERSION
from clarifai_core.endpoint import is_loopback
from clarifai_core.errors import PluginError, UserError
from clarifai_core.heavy import grpc
from clarifai_core.lazy import quiet
from clarifai_core.safe_text import named, redacted

if TYPE_CHECKING:
    import httpx

    from clarifai_core.contracts import Connection
    from clarifai_core.endpoint import Endpoint
    from clarifai_core.settings import Settings

MAX_MESSAGE_BYTES = 1024 * 1024 * 1024
"""The largest message the platform's own clients accept."""

OPTIONS: tuple[tuple[str, int | str], ...] = (
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.enable_retries", 0),  # one retrier only: transport/flow.py
    ("grpc.service_config_disable_resolution", 1),
    # A server with gRPC's defaults breaks connections that ping more often than every 300 s. While
    # keepalive is on, Linux gives up data that nobody acknowledges within its timeout, too.
    ("grpc.keepalive_time_ms", 330_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    # Not grpc.min_reconnect_backoff_ms: it is gRPC's time for TCP, TLS and SETTINGS (20 s), too.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    ("grpc.primary_user_agent", f"clarifai-core/{VERSION}"),
)

MEDIA_ORIGINS = {"https://api.clarifai.com:443": ("https://data.clarifai.com:443",)}
"""Further origins of one platform that keep its media; downloads from them need its credentials."""

MAX_REASON = 1000
"""Characters of what the endpoint of a plugin says."""

_CONNECTION = (
    "needs_credentials",
    "media_origins",
    "channel",
    "aio_channel",
    "http_transport",
    "close",
)
"""What the endpoint of a plugin must return: see `contracts.Connection`."""

_NO_PROXY = (("grpc.enable_http_proxy", 0),)
"""For loopback: a proxy is another machine, and would be asked for itself."""


class GrpcConnection:
    """A platform behind a network address."""

    needs_credentials = True

    def __init__(self, endpoint: Endpoint, root_certificates_path: str = "") -> None:
        self._endpoint = endpoint
        self._roots: bytes | None = None
        # In the clear nobody shows a certificate: what the environment names does not matter.
        if endpoint.tls or root_certificates_path:
            from clarifai_core.transport.trust import read_roots  # ssl: not for loopback

            self._roots = read_roots(root_certificates_path)
        self._options = OPTIONS + (_NO_PROXY if is_loopback(endpoint.host) else ())
        self._lock = threading.Lock()
        self._channel: grpc.Channel | None = None
        self.media_origins = (endpoint.origin, *MEDIA_ORIGINS.get(endpoint.origin, ()))

    def channel(self) -> grpc.Channel:
        """Return the one channel of this connection."""
        with self._lock:
            if self._channel is None:
                self._channel = self._open()
            return self._channel

    def _open(self) -> grpc.Channel:
        target = self._endpoint.target
        with quiet("grpc"):
            if not self._endpoint.tls:
                return grpc.insecure_channel(target, options=self._options)
            return grpc.secure_channel(
                target, grpc.ssl_channel_credentials(self._roots), options=self._options
            )

    def aio_channel(self) -> grpc.aio.Channel:
        """Return a new channel for the running event loop."""
        target = self._endpoint.target
        with quiet("grpc"):
            if not self._endpoint.tls:
                return grpc.aio.insecure_channel(target, options=self._options)
            return grpc.aio.secure_channel(
                target, grpc.ssl_channel_credentials(self._roots), options=self._options
            )

    def http_transport(self) -> httpx.BaseTransport | None:
        """Return None: downloads use the network."""
        return None

    def close(self) -> None:
        """Close the channel."""
        with self._lock:
            channel, self._channel = self._channel, None
        if channel is not None:
            channel.close()


def open_connection(settings: Settings) -> Connection:
    """Open the platform that `settings` names.

    Raises:
        PluginError: No installed plugin knows the URL's scheme.
        UserError: The root certificates, or what the URL names, cannot be opened.
    """
    endpoint = settings.endpoint
    if not endpoint.is_plugin:
        return GrpcConnection(endpoint, settings.root_certificates_path)
    from clarifai_core.plugins import plugins

    spec = plugins().find("endpoints", endpoint.scheme)
    if spec is None:
        raise PluginError(_no_endpoint(endpoint))
    try:
        connection: Connection = spec.make(endpoint.url, settings, having=_CONNECTION)
    except (ValueError, OSError) as error:
        reason = redacted(error, MAX_REASON).rstrip(".")
        raise UserError(f"base_url {endpoint.where!r} cannot be opened: {reason}.") from error
    return connection


def _no_endpoint(endpoint: Endpoint) -> str:
    from clarifai_core.missing_plugins import why_not_there

    why = why_not_there("endpoints", [endpoint.scheme])
    hint = f" {why}." if why else " Write https://HOST, or local:DIR."
    scheme = named(f"{endpoint.scheme}:")
    return f"base_url: no plugin opens {scheme}.{hint}"
