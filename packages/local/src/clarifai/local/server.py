"""A real server on loopback: gRPC, and HTTP for media on the port behind it."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import grpc

from clarifai.local.calls import as_mapping
from clarifai.local.dispatch import Aborted, Method
from clarifai.local.store import ClosedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from typing_extensions import Self

    from clarifai.local.platform import Platform
    from clarifai.local.web import WebServer

MAX_RECEIVE_BYTES = 256 * 1024 * 1024
"""Largest request; clients send up to 128 MB of inputs at a time."""

MAX_SEND_BYTES = 1024 * 1024 * 1024

MAX_CALLS = 64
"""Calls answered at a time; more wait. Runners' long polls hold one each."""

STOP_SECONDS = 5.0
"""How long calls in flight may take once the server stops."""

_OPTIONS = (
    ("grpc.max_receive_message_length", MAX_RECEIVE_BYTES),
    ("grpc.max_send_message_length", MAX_SEND_BYTES),
    # Two servers on one port would share the calls between them.
    ("grpc.so_reuseport", 0),
)
_PORT_TRIES = 20


class Server:
    """Serves a platform until `stop`; use it as a context manager.

    Args:
        platform: Who answers.
        host: Address to listen at.
        port: Port of gRPC, HTTP gets the next; 0 for any two free ones.
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
        self._grpc, self.port, self._web = _start(platform, host, port)
        self.address = f"{_bracketed(host)}:{self.port}"
        """Host and port of gRPC."""
        self.http_url = f"http://{_bracketed(host)}:{self._web.port}"
        """Base address of media, logs and archives."""
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
        self._grpc.stop(STOP_SECONDS).wait()
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


def _start(platform: Platform, host: str, port: int) -> tuple[grpc.Server, int, WebServer]:
    """Start both servers on neighbouring ports, on other free ones where port 0 is asked for."""
    from clarifai.local.web import WebServer

    for attempt in range(_PORT_TRIES):
        server = grpc.server(ThreadPoolExecutor(MAX_CALLS, "clarifai-local-grpc"), options=_OPTIONS)
        server.add_generic_rpc_handlers((_Handlers(platform),))
        bound = _bind(server, host, port)
        try:
            web = WebServer(platform.http, host, bound + 1)
        except (OSError, OverflowError):
            server.stop(None)
            if port or attempt == _PORT_TRIES - 1:
                raise OSError(
                    f"port {bound + 1} of {host} is taken: HTTP needs the port behind {bound}"
                ) from None
            continue
        server.start()
        return server, bound, web
    raise AssertionError("the last attempt returns or raises")


def _bind(server: grpc.Server, host: str, port: int) -> int:
    # gRPC's own message does not say what is wrong: ask the system first.
    if port:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise OSError(f"port {port} of {host} cannot be used: {error.strerror}") from error
    try:
        bound = server.add_insecure_port(f"{_bracketed(host)}:{port}")
    except RuntimeError as error:
        raise OSError(f"port {port} of {host} cannot be used: {error}") from error
    if not bound:
        raise OSError(f"port {port} of {host} cannot be used")
    return bound


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
