"""A real server on loopback: gRPC and HTTP on one port (see `front`)."""

from __future__ import annotations

import contextlib
import ipaddress
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import grpc

from clarifai.local.calls import as_mapping, on_leaving
from clarifai.local.dispatch import Aborted, Method
from clarifai.local.store import ClosedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from typing_extensions import Self

    from clarifai.local.platform import Platform
    from clarifai.local.web import WebServer

MAX_RECEIVE_BYTES = 1024 * 1024 * 1024
"""Largest request, as large as clients of the service allow themselves."""

MAX_SEND_BYTES = 1024 * 1024 * 1024

MAX_CALLS = 256
"""Calls answered at a time; more wait. Runners' polls and who waits for runners hold one each."""

STOP_SECONDS = 5.0
"""How long calls in flight may take once the server stops."""

_HANG_UP_SECONDS = 0.1

_OPTIONS = (
    ("grpc.max_receive_message_length", MAX_RECEIVE_BYTES),
    ("grpc.max_send_message_length", MAX_SEND_BYTES),
    # Clients of any age ping as they like: none is sent away for it.
    ("grpc.http2.max_ping_strikes", 0),
    ("grpc.http2.min_ping_interval_without_data_ms", 1_000),
    ("grpc.keepalive_permit_without_calls", 1),
    # Two servers on one port would share the calls between them.
    ("grpc.so_reuseport", 0),
)


class Server:
    """Serves a platform until `stop`; use it as a context manager.

    Args:
        platform: Who answers.
        host: Address to listen at.
        port: Port of gRPC and HTTP; 0 for any free one.
        allow_remote: Let `host` be another address than loopback.

    Raises:
        ValueError: `host` is not a loopback address and `allow_remote` is not set.
        OSError: The port is taken.
    """

    def __init__(
        self, platform: Platform, host: str, port: int, *, allow_remote: bool = False
    ) -> None:
        if not (allow_remote or _is_loopback(host)):
            raise ValueError(
                f"host {host!r} is not a loopback address: the embedded platform serves this "
                "machine only, unless allow_remote is set"
            )
        self._platform = platform
        self._stopped = threading.Event()
        self.pat = platform.keys.first(platform.path)
        """A key that the server accepts."""
        self._grpc, self._web = _start(platform, host, port)
        self.port = self._web.port
        self.address = f"{_bracketed(host)}:{self.port}"
        """Host and port of gRPC and HTTP."""
        self.http_url = f"http://{self.address}"
        """Base address of media, logs, archives and the JSON gateway."""
        platform.http.server_url = self.http_url
        if platform.store.lock is not None:
            platform.store.lock.describe(address=self.address, http_url=self.http_url)

    @property
    def base_url(self) -> str:
        """What clients take as `base_url`."""
        return f"http://{self.address}"

    def stop(self) -> None:
        """Refuse new calls and end the ones in flight; stopping twice is fine."""
        if self._stopped.is_set():
            return
        self._stopped.set()
        ended = self._grpc.stop(STOP_SECONDS)
        self._platform.runner_queue.hang_up()
        while not ended.wait(_HANG_UP_SECONDS):
            # A call that was on its way may have begun to wait meanwhile.
            self._platform.runner_queue.hang_up()
        self._web.stop()
        self._platform.http.server_url = None

    def wait(self, timeout_seconds: float | None = None) -> bool:
        """Wait until somebody stops the server; returns whether that happened."""
        return self._stopped.wait(timeout_seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


class _Handlers(grpc.GenericRpcHandler):
    """Hands every RPC of the service to the dispatcher, as bytes."""

    def __init__(self, platform: Platform) -> None:
        self._dispatcher = platform.dispatcher
        self._kinds: dict[tuple[bool, bool], tuple[Any, Any]] = {
            (False, False): (grpc.unary_unary_rpc_method_handler, self._unary),
            (False, True): (grpc.unary_stream_rpc_method_handler, self._unary_stream),
            (True, False): (grpc.stream_unary_rpc_method_handler, self._stream_unary),
            (True, True): (grpc.stream_stream_rpc_method_handler, self._stream),
        }

    def service(self, details: Any) -> Any:
        method = self._dispatcher.methods.get(details.method)
        if method is None:
            return None
        make, answer = self._kinds[method.client_streaming, method.server_streaming]
        return make(_bound(answer, method))

    def _unary(self, method: Method, payload: bytes, context: Any) -> bytes:
        with _aborting(context):
            on_leaving.set(context.add_callback)  # for this thread, which answers one at a time
            return self._dispatcher.unary(method, payload, _metadata(context), trusted=False)
        raise AssertionError("an aborted call does not go on")

    def _unary_stream(self, method: Method, payload: bytes, context: Any) -> Iterator[bytes]:
        return self._stream(method, iter((payload,)), context)

    def _stream_unary(self, method: Method, payloads: Iterator[bytes], context: Any) -> bytes:
        return next(self._stream(method, payloads, context))

    def _stream(self, method: Method, payloads: Iterator[bytes], context: Any) -> Iterator[bytes]:
        with _aborting(context):
            yield from self._dispatcher.stream(method, payloads, _metadata(context), trusted=False)


def _bound(answer: Callable[..., Any], method: Method) -> Callable[[Any, Any], Any]:
    return lambda request, context: answer(method, request, context)


@contextlib.contextmanager
def _aborting(context: Any) -> Iterator[None]:
    try:
        yield
    except Aborted as error:
        context.abort(error.code, error.details)
    except ClosedError as error:
        context.abort(grpc.StatusCode.CANCELLED, str(error))


def _metadata(context: Any) -> dict[str, str]:
    return as_mapping(context.invocation_metadata())


def _start(platform: Platform, host: str, port: int) -> tuple[grpc.Server, WebServer]:
    """Start gRPC on a port of its own on loopback, and what leads there on the port asked for."""
    from clarifai.local.web import WebServer

    server = grpc.server(ThreadPoolExecutor(MAX_CALLS, "clarifai-local-grpc"), options=_OPTIONS)
    server.add_generic_rpc_handlers((_Handlers(platform),))
    inner = "::1" if host.strip("[]") == "::1" else "127.0.0.1"
    inner_port = server.add_insecure_port(f"{_bracketed(inner)}:0")
    try:
        web = WebServer(platform.http, host, port, (inner, inner_port))
    except (OSError, OverflowError) as error:
        server.stop(None)
        reason = getattr(error, "strerror", None) or str(error)
        raise OSError(f"port {port} of {host} cannot be used: {reason}") from error
    server.start()
    return server, web


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
