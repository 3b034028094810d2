"""Calls on a platform of this process, for the synchronous and the asyncio channel alike."""

from __future__ import annotations

import contextlib
import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Protocol

from clarifai_local._grpc import grpc
from clarifai_local._methods import Aborted, Method
from clarifai_local._store import ClosedError
from clarifai_local.http_messages import in_process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from clarifai_local.dispatch import Dispatcher

MAX_THREADS = 256
"""Calls with a timeout, or made as futures, that run at a time."""


on_leaving: ContextVar[Callable[[Callable[[], None]], bool] | None] = ContextVar(
    "clarifai_local_on_leaving", default=None
)
"""Has a function called once the caller does not wait for this very answer any more, and returns
whether it still does; None where nobody can tell."""


class LocalRpcError(grpc.RpcError, grpc.Call, Exception):
    """A gRPC error of an in-process call."""

    def __init__(self, code: grpc.StatusCode, details: str) -> None:
        super().__init__(f"{code.name}: {details}")
        self._code = code
        self._details = details

    def code(self) -> grpc.StatusCode:
        """Return the gRPC status code."""
        return self._code

    def details(self) -> str:
        """Return what went wrong."""
        return self._details

    def initial_metadata(self) -> tuple[()]:
        """Return no metadata."""
        return ()

    def trailing_metadata(self) -> tuple[()]:
        """Return no metadata."""
        return ()

    def is_active(self) -> bool:
        """Return False: the call is over."""
        return False

    def time_remaining(self) -> float:
        """Return 0: the call is over."""
        return 0.0

    def cancel(self) -> bool:
        """Return False: the call is over."""
        return False

    def add_callback(self, callback: Callable[[], None]) -> bool:  # noqa: ARG002
        """Return False: the call is over."""
        return False


class Callee(Protocol):
    """What of a platform is called; `Platform` is one."""

    pid: int
    """The process it runs in."""

    @property
    def dispatcher(self) -> Dispatcher:
        """Answers the RPCs."""

    @property
    def closed(self) -> bool:
        """Whether it cannot be used any more."""


class Calls:
    """Makes calls on a platform, from any thread.

    Args:
        platform: Who answers.
        trusted: Whether calls need no key.
    """

    def __init__(self, platform: Callee, *, trusted: bool) -> None:
        self.platform = platform
        self.trusted = trusted
        self.closed = False
        self._pool: ThreadPoolExecutor | None = None
        self._lock = threading.Lock()

    def method(self, path: str | bytes) -> Method:
        """Return the RPC of a path such as `/clarifai.api.V2/GetApp`."""
        name = path.decode() if isinstance(path, bytes) else path
        method = self.platform.dispatcher.methods.get(name)
        if method is None:
            raise LocalRpcError(grpc.StatusCode.UNIMPLEMENTED, f"there is no method {name}")
        return method

    def unary(self, method: Method, payload: bytes, metadata: dict[str, str]) -> bytes:
        """Answer a call with one request and one response."""
        with self._entered():
            return self.platform.dispatcher.unary(method, payload, metadata, trusted=self.trusted)

    def stream(
        self, method: Method, payloads: Iterable[bytes], metadata: dict[str, str]
    ) -> Iterator[bytes]:
        """Answer a call that streams; the answers come as the handler yields them."""
        answers = self.platform.dispatcher.stream(
            method, iter(payloads), metadata, trusted=self.trusted
        )
        while True:
            with self._entered():
                answer = next(answers, None)
            if answer is None:
                return
            yield answer

    def submit(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Future[Any]:
        """Run a call in a thread."""
        self._check()
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(MAX_THREADS, "clarifai-local-call")
            return self._pool.submit(call, *args, **kwargs)

    def close(self) -> None:
        """Refuse further calls; those in flight go on."""
        self.closed = True
        with self._lock:
            if self._pool is not None:
                self._pool.shutdown(wait=False)

    @contextlib.contextmanager
    def _entered(self) -> Iterator[None]:
        self._check()
        token = in_process.set(True)
        try:
            yield
        except Aborted as error:
            raise LocalRpcError(error.code, error.details) from error
        except ClosedError as error:
            raise LocalRpcError(grpc.StatusCode.CANCELLED, str(error)) from error
        finally:
            in_process.reset(token)

    def _check(self) -> None:
        if self.platform.pid != os.getpid():
            raise LocalRpcError(
                grpc.StatusCode.FAILED_PRECONDITION,
                f"the embedded platform runs in process {self.platform.pid}, which forked this "
                "one: open a connection of your own, or use a server (`clarifai local up`)",
            )
        if self.closed:
            raise LocalRpcError(grpc.StatusCode.CANCELLED, "the channel is closed")
        if self.platform.closed:
            raise LocalRpcError(grpc.StatusCode.CANCELLED, "the embedded platform is closed")


def too_late(timeout: float) -> LocalRpcError:
    """Return the error of a call whose time is over."""
    return LocalRpcError(grpc.StatusCode.DEADLINE_EXCEEDED, f"no answer within {timeout:g} seconds")


def as_mapping(metadata: Iterable[tuple[str, str | bytes]] | None) -> dict[str, str]:
    """Return call metadata with lower-case keys and text values."""
    return {
        key.lower(): value.decode("latin-1") if isinstance(value, bytes) else _whole(value)
        for key, value in metadata or ()
    }


def _whole(value: str) -> str:
    """Return a text without half characters: gRPC itself could not send them."""
    return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
