"""A real server on loopback: gRPC and HTTP on one port (see `port_multiplexer`)."""

from __future__ import annotations

import contextlib
import ipaddress
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Protocol

from clarifai_core.lazy import quiet
from clarifai_local._calls import as_mapping, on_leaving
from clarifai_local._grpc import grpc
from clarifai_local._methods import Aborted, Method
from clarifai_local._port_multiplexer import PortMultiplexer
from clarifai_local._store import ClosedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from types import TracebackType

    from typing_extensions import Self

    from clarifai_local._http_routes import HttpRoutes
    from clarifai_local._runner_queue import RunnerQueue
    from clarifai_local._store import Store
    from clarifai_local._uvicorn_server import UvicornServer
    from clarifai_local.auth import ApiKeys
    from clarifai_local.dispatch import Dispatcher

MAX_RECEIVE_BYTES = 1024 * 1024 * 1024
"""Largest request, as large as clients of the service allow themselves."""

MAX_SEND_BYTES = 1024 * 1024 * 1024

MAX_CALLS = 256
"""Calls answered at a time; more wait. Runners' polls and who waits for runners hold one each."""

STOP_SECONDS = 5.0
"""How long calls in flight may take once the server stops."""

MAX_STREAMS = 1024
"""Calls in flight on one connection; further ones wait at the client."""

MAX_PING_STRIKES = 100
"""Pings within a second of another after which a connection is ended."""

_HANG_UP_SECONDS = 0.1

_OPTIONS = (
    ("grpc.max_receive_message_length", MAX_RECEIVE_BYTES),
    ("grpc.max_send_message_length", MAX_SEND_BYTES),
    ("grpc.max_concurrent_streams", MAX_STREAMS),
    # Messages come plain: packed ones would be unpacked before anybody counts their bytes.
    ("grpc.compression_enabled_algorithms_bitset", 1),
    # Clients of any age ping as they like, even each second: none is sent away for that.
    ("grpc.http2.max_ping_strikes", MAX_PING_STRIKES),
    ("grpc.http2.min_ping_interval_without_data_ms", 1_000),
    ("grpc.keepalive_permit_without_calls", 1),
    # Settings have to follow the preface within that time.
    ("grpc.server_handshake_timeout_ms", 20_000),
    # Two servers on one port would share the calls between them.
    ("grpc.so_reuseport", 0),
)


class Served(Protocol):
    """What of a platform a server needs; `Platform` has it."""

    path: Path | None
    """Its directory, where its key is kept."""
    keys: ApiKeys
    store: Store
    dispatcher: Dispatcher
    """Answers over gRPC."""
    http: HttpRoutes
    """Answers over HTTP."""
    runner_queue: RunnerQueue
    """Where calls wait that would not end by themselves."""


class Server:
    """Serves a platform until `stop`; use it as a context manager.

    Args:
        platform: Who answers.
        host: Address to listen at.
        port: Port of gRPC and HTTP; 0 for any free one.
        allow_remote: Let `host` be another address than loopback.
        host_names: Names besides that address that callers use over HTTP; see `HostNames`.

    Raises:
        ValueError: `host` is not a loopback address and `allow_remote` is not set; or one of
            `host_names` is no name of a host.
        OSError: The port is taken.
    """

    def __init__(
        self,
        platform: Served,
        host: str,
        port: int,
        *,
        allow_remote: bool = False,
        host_names: Iterable[str] = (),
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
        self._grpc, self._http = _start(platform, host, port, tuple(host_names))
        self.port = self._http.port
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
        self._http.stop()
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
    """Hands every RPC of the service to the dispatcher, as bytes.

    Requests are read as streams, those that are a single message, too: so the key, which comes
    before, is looked at first, and nothing that comes without one is read.
    """

    def __init__(self, platform: Served, multiplexer: PortMultiplexer) -> None:
        self._dispatcher = platform.dispatcher
        self._multiplexer = multiplexer
        self._kinds: dict[tuple[bool, bool], tuple[Any, Any]] = {
            (False, False): (grpc.stream_unary_rpc_method_handler, self._unary),
            (False, True): (grpc.stream_stream_rpc_method_handler, self._stream),
            (True, False): (grpc.stream_unary_rpc_method_handler, self._stream_unary),
            (True, True): (grpc.stream_stream_rpc_method_handler, self._stream),
        }

    def service(self, details: Any) -> Any:
        method = self._dispatcher.methods.get(details.method)
        if method is None:
            return None
        make, answer = self._kinds[method.client_streaming, method.server_streaming]
        return make(_bound(answer, method))

    def _unary(self, method: Method, payloads: Iterator[bytes], context: Any) -> bytes:
        with _aborting(context):
            metadata, payloads = self._admitted(payloads, context)
            on_leaving.set(context.add_callback)  # for this thread, which answers one at a time
            return self._dispatcher.unary(method, next(payloads, b""), metadata, trusted=False)
        raise AssertionError("an aborted call does not go on")

    def _stream_unary(self, method: Method, payloads: Iterator[bytes], context: Any) -> bytes:
        return next(self._stream(method, payloads, context))

    def _stream(self, method: Method, payloads: Iterator[bytes], context: Any) -> Iterator[bytes]:
        with _aborting(context):
            metadata, payloads = self._admitted(payloads, context)
            yield from self._dispatcher.stream(method, payloads, metadata, trusted=False)

    def _admitted(
        self, payloads: Iterator[bytes], context: Any
    ) -> tuple[dict[str, str], Iterator[bytes]]:
        """Return the metadata of a call, and its requests: none when the key is not accepted."""
        metadata = as_mapping(context.invocation_metadata())
        if not self._dispatcher.admits(metadata):
            return metadata, iter(())
        self._multiplexer.has_shown_key(context.peer())
        return metadata, _until_cancelled(payloads)


def _until_cancelled(payloads: Iterator[bytes]) -> Iterator[bytes]:
    with contextlib.suppress(grpc.RpcError):  # the caller has left: nobody reads the answer
        yield from payloads


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


def _start(
    platform: Served, host: str, port: int, host_names: tuple[str, ...]
) -> tuple[grpc.Server, UvicornServer]:
    """Start gRPC on a port of its own on loopback, and what leads there on the port asked for."""
    from clarifai_local._uvicorn_server import UvicornServer

    multiplexer = PortMultiplexer()
    with quiet("grpc"):
        server = grpc.server(ThreadPoolExecutor(MAX_CALLS, "clarifai-local-grpc"), options=_OPTIONS)
    server.add_generic_rpc_handlers((_Handlers(platform, multiplexer),))
    inner = "::1" if host.strip("[]") == "::1" else "127.0.0.1"
    inner_port = server.add_insecure_port(f"{_bracketed(inner)}:0")
    multiplexer.upstream = (inner, inner_port)
    try:
        http = UvicornServer(platform.http, host, port, multiplexer, host_names)
    except ValueError:
        server.stop(None)
        raise
    except (OSError, OverflowError) as error:
        server.stop(None)
        reason = getattr(error, "strerror", None) or str(error)
        raise OSError(f"port {port} of {host} cannot be used: {reason}") from error
    server.start()
    return server, http


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
