"""One session per platform and credentials, shared by every handle that has the same."""

from __future__ import annotations

import asyncio
import os
import threading
from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from clarifai_core import registration, status
from clarifai_core._credential_providers import asked_for_credentials
from clarifai_core._deadlines import left_seconds
from clarifai_core.errors import UserError
from clarifai_core.heavy import grpc
from clarifai_core.loggers import logger_for
from clarifai_core.page_sizes import PageSizes, SizesByMethod
from clarifai_core.safe_text import plain
from clarifai_core.transport import catalogue
from clarifai_core.transport._flow import drive, drive_async, drive_later, unary
from clarifai_core.transport._loop_channels import LoopChannels
from clarifai_core.transport._sharing import Shared
from clarifai_core.transport.calls import (
    DEFAULT,
    Default,
    Failure,
    Flow,
    RpcCall,
    Send,
    Sleep,
)
from clarifai_core.transport.channel import open_connection
from clarifai_core.transport.policies import CallRules
from clarifai_core.transport.workers import Workers
from clarifai_core.wire.preserialized import serialize

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable, Iterator
    from concurrent.futures import Future

    from google.protobuf.message import Message

    from clarifai_core.contracts import Connection, Policy
    from clarifai_core.credentials import Credentials
    from clarifai_core.registration import Registration
    from clarifai_core.settings import Settings
    from clarifai_core.transport.download import Downloader
    from clarifai_core.wire.preserialized import JoinedRequest

T = TypeVar("T")

logger = logger_for(__name__)

WORKERS = 16
"""Requests in flight at which the throughput of one client flattens."""

_PROOFS = frozenset({"authorization", "x-clarifai-session-token"})
"""Metadata that says who calls."""


class Session:
    """The way to one platform, with one set of credentials. Thread-safe.

    Get one from `session_for`. Rate limit, retry budget, channel and threads belong to it.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        rules: CallRules | None = None,
        registered: tuple[Registration, ...] | None = None,
    ) -> None:
        self.settings = settings
        self._registered = registration.registered() if registered is None else registered
        self.rules = rules or CallRules()
        self._where = settings.endpoint.where
        self.connection: Connection = open_connection(settings)
        self._credentials = _credentials_for(settings, self.connection, self._registered)
        self._policies: tuple[Policy, ...] = _load_policies(settings, self._registered)
        self._callables: dict[str, Any] = {}
        self._loops = LoopChannels(self.connection)
        self.belongings = _Belongings(self.connection)
        self._under_way: set[Future[Any]] = set()
        """Answers that `start` returned and that did not come yet."""
        self.page_sizes: SizesByMethod = defaultdict(PageSizes)
        """What each List method was seen to do with the size of a page."""
        self.is_parents = False
        """Whether it was opened before this process was forked."""
        self._closing = threading.Event()
        """What pauses between attempts wait on, so that they end with the session."""

    @property
    def closed(self) -> bool:
        """Return whether `close` was called: who still holds this session should let go of it."""
        return self.is_parents or self._closing.is_set()

    def call(
        self,
        name: str,
        request: Message | JoinedRequest | bytes,
        *,
        accept: Iterable[int] = (),
        timeout_seconds: float | Default | None = DEFAULT,
        metadata: Iterable[tuple[str, str]] = (),
    ) -> Any:
        """Call the method `name` and return its answer.

        Args:
            name: Such as `"GetApp"`.
            request: The message, the parts of one, or its serialised bytes.
            accept: Status codes besides SUCCESS that the caller handles itself.
            timeout_seconds: Deadline of the whole call; DEFAULT means the settings' or method's.
            metadata: Further pairs to send along; credentials among them replace the session's.

        Raises:
            ApiError: The platform said no.
            ApiClientError: No valid answer came before the deadline.
        """
        return self.run(self.prepare(name, request, accept, timeout_seconds, metadata))

    def prepare(
        self,
        name: str,
        request: Message | JoinedRequest | bytes,
        accept: Iterable[int] = (),
        timeout_seconds: float | Default | None = DEFAULT,
        metadata: Iterable[tuple[str, str]] = (),
    ) -> RpcCall:
        """Return the call that `call` would run."""
        rpc = catalogue.rpc(name)
        limits = rpc.limits
        if timeout_seconds is DEFAULT:
            timeout_seconds = self.settings.timeout_seconds
        if isinstance(timeout_seconds, (int, float)):
            limits = limits.within(timeout_seconds, asked=True)
        left = left_seconds()
        if left < limits.total_seconds:
            limits = limits.within(left)
        return RpcCall(rpc, request, limits, frozenset(accept), self._where, tuple(metadata))

    def run(self, call: RpcCall) -> Any:
        """Run one call and return its answer; see `call` for what it raises."""
        return drive(self._steps(call), self._send, self._closing.wait)

    def start(self, call: RpcCall, *, can_cancel: bool = False) -> Future[Any]:
        """Begin a call and return its answer as a future, whose `result` raises what `call` does.

        No thread waits for the answer, unless the call has to be repeated, or is the only one: then
        one of ours is cheaper than gRPC's, which begins and ends with the only future. What is
        called back must be quick.

        Args:
            call: What `prepare` returned.
            can_cancel: Whether cancelling the future gives the request up.
        """
        is_only = not (self._under_way or can_cancel)
        answer = drive_later(
            self._steps(call), None if is_only else self._begin, self._go_on, self._submit
        )
        self._under_way.add(answer)
        answer.add_done_callback(self._under_way.discard)
        return answer

    def _go_on(self, flow: Flow[T], step: Send | Sleep) -> T:
        return drive(flow, self._send, self._closing.wait, step)

    def _submit(self, function: Callable[..., object], *arguments: object) -> None:
        self.executor.submit(function, *arguments)

    def stream(
        self,
        name: str,
        request: Message | Iterable[Message],
        *,
        timeout_seconds: float | None = None,
        metadata: Iterable[tuple[str, str]] = (),
    ) -> Iterator[Any]:
        """Yield the answers of a streaming method, one by one as they come; it is tried once.

        Args:
            name: Such as `"StreamModelOutputs"`.
            request: The message, or the messages when the method takes a stream of them.
            timeout_seconds: Deadline of the whole stream; None: it has none.
            metadata: As in `call`.

        Raises:
            ApiClientError: The stream broke, or its deadline came.
        """
        rpc = catalogue.rpc(name)
        call = self.prepare(name, b"", (), timeout_seconds, metadata)
        start = getattr(self.connection.channel(), _kind_of(rpc))(
            rpc.path,
            request_serializer=serialize,
            response_deserializer=rpc.response_class.FromString,
        )
        sent = self._metadata_for(Send(call, 1, timeout_seconds or 0.0))
        answers = start(request, timeout=timeout_seconds, metadata=sent)
        try:
            yield from answers
        except grpc.RpcError as error:
            raise status.error_from_failure(failure_from(error), call, 1) from error
        finally:
            # Who stops reading early would leave the call open, and the platform answering.
            answers.cancel()

    async def run_async(self, call: RpcCall) -> Any:
        """Run one call on the running event loop and return its answer; see `call`.

        Cancelling the task that waits cancels the request, or the pause before the next one.
        """
        return await drive_async(self._steps(call), self._send_async, asyncio.sleep)

    async def stream_async(
        self,
        name: str,
        request: Message | AsyncIterable[Any],
        *,
        timeout_seconds: float | None = None,
        metadata: Iterable[tuple[str, str]] = (),
    ) -> AsyncGenerator[Any, None]:
        """Yield the answers of a streaming method on the running event loop; see `stream`.

        Raises:
            ApiClientError: The stream broke, or its deadline came.
        """
        rpc = catalogue.rpc(name)
        call = self.prepare(name, b"", (), timeout_seconds, metadata)
        kind = _kind_of(rpc)
        start = (await self._loops.get()).callable(rpc, kind)
        sent = self._metadata_for(Send(call, 1, timeout_seconds or 0.0))
        answers = start(request, timeout=timeout_seconds, metadata=sent)
        try:
            async for answer in answers:
                yield answer
        except grpc.RpcError as error:
            raise status.error_from_failure(failure_from(error), call, 1) from error
        finally:
            cancel = getattr(answers, "cancel", None)
            if cancel is not None:
                cancel()

    async def aclose(self) -> None:
        """Close the channel of the running event loop; the next call there opens another."""
        await self._loops.aclose()

    def _steps(self, call: RpcCall) -> Flow[Any]:
        if not self._policies:
            return unary(call, self.rules)
        step: Callable[[RpcCall], Flow[Any]] = partial(unary, rules=self.rules)
        for policy in reversed(self._policies):
            step = _around(policy, step)
        return step(call)

    def _send(self, step: Send) -> object:
        call = step.call
        if self.closed:
            return CLOSED
        send = self._callables.get(call.rpc.name) or self._callable(call.rpc)
        logger.debug("%s, attempt %d, request %s", call.rpc.name, step.attempt, call.request_id)
        try:
            return send(
                call.request, timeout=step.timeout_seconds, metadata=self._metadata_for(step)
            )
        except grpc.RpcError as error:
            return failure_from(error)
        except ValueError:
            # So says gRPC of a channel that another thread has closed meanwhile.
            if not self.closed:
                raise
            return CLOSED

    def _begin(self, step: Send, answered: Callable[[Any], None]) -> grpc.Future[Any]:
        call = step.call
        send = self._callables.get(call.rpc.name) or self._callable(call.rpc)
        pending: grpc.Future[Any] = send.future(
            call.request, timeout=step.timeout_seconds, metadata=self._metadata_for(step)
        )

        def hear(done: Any) -> None:
            try:
                reply = done.result()
            except Exception as error:  # noqa: BLE001  why: whatever ends a call is a failure of it
                reply = failure_from(error)
            answered(reply)

        pending.add_done_callback(hear)
        return pending

    async def _send_async(self, step: Send) -> object:
        if self.closed:
            return CLOSED
        way = await self._loops.get()
        call = way.callable(step.call.rpc)(
            step.call.request,
            timeout=step.timeout_seconds,
            metadata=self._metadata_for(step),
        )
        try:
            return await call
        except grpc.RpcError as error:
            return failure_from(error)
        except asyncio.CancelledError:
            # Closing a channel cancels its calls, too: but then it is not the task that is to end.
            if way.closed and not _is_cancelled():
                return CLOSED
            raise

    def _metadata_for(self, step: Send) -> tuple[tuple[str, str], ...]:
        given = step.call.metadata
        metadata = (*given, *self._proof(given), ("x-clarifai-request-id", step.call.request_id))
        if step.attempt > 1:
            metadata += (("x-clarifai-attempt", str(step.attempt)),)
        return metadata

    def _proof(self, given: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        if self._credentials is None:
            return ()
        if given and any(name.lower() in _PROOFS for name, _ in given):
            return ()
        return self._credentials.metadata()

    def _callable(self, rpc: catalogue.Rpc) -> grpc.UnaryUnaryMultiCallable[Any, Any]:
        made: grpc.UnaryUnaryMultiCallable[Any, Any] = self.connection.channel().unary_unary(
            rpc.path,
            request_serializer=serialize,
            response_deserializer=rpc.response_class.FromString,
        )
        # Threads may come here at the same time: all of them go on with the first one.
        kept: grpc.UnaryUnaryMultiCallable[Any, Any] = self._callables.setdefault(rpc.name, made)
        return kept

    @property
    def executor(self) -> Workers:
        """Return the threads that requests of this session may run side by side in."""
        return self.belongings.executor()

    @property
    def downloads(self) -> Downloader:
        """Return what fetches media, archives and logs for this session."""
        return self.belongings.downloads(self.settings, self.connection, self._credentials)

    def close(self) -> None:
        """Close the connection; handles that share the session open a new one when used again."""
        self._closing.set()
        _sessions.forget((self.settings.session_key, self._registered), self)
        self._callables.clear()
        self.belongings.close()


class _Belongings:
    """What a session has open: it outlives the session for as long as closing takes."""

    def __init__(self, connection: Connection) -> None:
        self._connection: Connection | None = connection
        self._lock = threading.Lock()
        self._executor: Workers | None = None
        self._downloader: Downloader | None = None

    def executor(self) -> Workers:
        """Return the threads, begun when they are first asked for."""
        with self._lock:
            if self._executor is None:
                self._executor = Workers(WORKERS, "clarifai")
            return self._executor

    def downloads(
        self, settings: Settings, connection: Connection, credentials: Credentials | None
    ) -> Downloader:
        """Return the downloader, made when it is first asked for."""
        from clarifai_core.transport.download import Downloader

        with self._lock:
            if self._downloader is None:
                self._downloader = Downloader(settings, connection, credentials)
            return self._downloader

    def close(self) -> None:
        """Give up threads and sockets; closing twice is fine."""
        with self._lock:
            executor, self._executor = self._executor, None
            downloader, self._downloader = self._downloader, None
            connection, self._connection = self._connection, None
        if executor is not None:
            executor.shutdown(wait=False, cancel_futures=True)
        if downloader is not None:
            downloader.close()
        if connection is not None:
            connection.close()


CLOSED = Failure(grpc.StatusCode.CANCELLED, "the session was closed")
"""What becomes of an attempt on a closed session."""


def _kind_of(rpc: catalogue.Rpc) -> str:
    """Return the kind of a method as channels name it: `"unary_stream"`."""
    ways = (rpc.client_streaming, rpc.server_streaming)
    return "_".join(("unary", "stream")[way] for way in ways)


def _is_cancelled() -> bool:
    """Return whether the running task is to end; Python 3.10 does not tell."""
    cancelling = getattr(asyncio.current_task(), "cancelling", None)
    return cancelling is None or cancelling() > 0


def _around(
    policy: Policy, proceed: Callable[[RpcCall], Flow[Any]]
) -> Callable[[RpcCall], Flow[Any]]:
    return lambda call: policy(call, proceed)


def failure_from(error: Exception) -> Failure:
    """Return what a raised gRPC error says."""
    code = getattr(error, "code", None)
    details = getattr(error, "details", None)
    return Failure(
        code() if callable(code) else grpc.StatusCode.UNKNOWN,
        (details() if callable(details) else str(error)) or "",
    )


def _credentials_for(
    settings: Settings, connection: Connection, registered: tuple[Registration, ...]
) -> Credentials | None:
    credentials = settings.credentials
    if credentials is None and settings.finds_key and connection.needs_credentials:
        credentials = settings.found_key()
    if credentials is None and connection.needs_credentials:
        credentials = _supplied_credentials(settings, registered)
    if credentials is None:
        if connection.needs_credentials:
            where = settings.endpoint.where
            if settings.finds_key:
                raise UserError(
                    f"No credentials for {where} in this process; nothing was sent. The handle was "
                    "made by without_key(), which leaves them out: set CLARIFAI_PAT (or "
                    "CLARIFAI_SESSION_TOKEN) here, or run `clarifai login` on this machine."
                )
            raise UserError(
                f"No credentials for {where}; nothing was sent. Give pat= (or "
                "CLARIFAI_PAT), token= (or CLARIFAI_SESSION_TOKEN), or run `clarifai login`."
            )
        return None
    if not connection.needs_credentials:
        return None
    credentials.check_origin(settings.endpoint.origin)
    return credentials


def _supplied_credentials(
    settings: Settings, registered: tuple[Registration, ...]
) -> Credentials | None:
    """Ask the program's own providers, then those of plugins."""
    from clarifai_core.plugins import plugins

    for one in reversed(registered):
        if one.what == "credentials":
            remedy = f"remove the registration of {plain(one.name)!r}"
            found = asked_for_credentials(one.function, settings, one.title, remedy)
            if found is not None:
                return found
    return plugins().credentials(settings)


def _load_policies(settings: Settings, registered: tuple[Registration, ...]) -> tuple[Policy, ...]:
    from clarifai_core.plugins import plugins
    from clarifai_core.transport._plugin_policies import policies_of

    return policies_of(plugins(), settings, registered)


_sessions: Shared[Session] = Shared()
"""The only global state: open sessions by what they are shared for."""


def _after_fork() -> None:
    """Leave the parent's channels alone; the child opens its own."""
    for session in _sessions.after_fork():
        session.is_parents = True


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def session_for(settings: Settings) -> Session:
    """Return the session that handles with these settings share.

    It is closed when nobody holds it any more, but for the last few: see `transport.sharing`.

    Raises:
        UserError: No credentials, unreadable certificates, or an unknown URL scheme.
    """
    registered = registration.registered()
    key = (settings.session_key, registered)
    return _sessions.get(key, partial(Session, settings, registered=registered))


def session_that_serves(url: str) -> Session | None:
    """Return an open session whose platform keeps what is at a URL, or None."""
    from clarifai_core.transport.download import is_among

    found = (one for one in _sessions.all() if not one.closed)
    return next((one for one in found if is_among(url, one.connection.media_origins)), None)


def close_sessions() -> None:
    """Close every open session of this process."""
    for session in _sessions.all():
        session.close()
