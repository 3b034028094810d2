"""The session of blocking handles, as an event loop uses it."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from clarifai_core.transport import session as sessions
from clarifai_core.transport.calls import DEFAULT
from clarifai_core.transport.download import GIVEN_UP

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable
    from concurrent.futures import Executor
    from pathlib import Path

    from google.protobuf.message import Message

    from clarifai_core.page_sizes import SizesByMethod
    from clarifai_core.settings import Settings
    from clarifai_core.transport.calls import Default, RpcCall
    from clarifai_core.transport.download import Downloader
    from clarifai_core.transport.policies import CallRules
    from clarifai_core.wire.preserialized import JoinedRequest

T = TypeVar("T")

__all__ = ["Downloads", "Session", "in_thread", "over", "session_for", "wrapped"]


class Session:
    """The way to one platform, with one set of credentials, on event loops.

    It shares with blocking handles of the same settings what they know of the platform: its rate
    limit, the retry budget, policies, page sizes. Each loop has a channel of its own, which is
    opened by the first call there and closed with the loop, or by `aclose`.

    Args:
        shared: The session of blocking handles.
    """

    __slots__ = ("_shared",)

    def __init__(self, shared: sessions.Session) -> None:
        self._shared = shared

    @property
    def shared(self) -> sessions.Session:
        """Return the session that blocking handles have."""
        return self._shared

    @property
    def settings(self) -> Settings:
        """Return the settings that it was opened with."""
        return self._shared.settings

    @property
    def rules(self) -> CallRules:
        """Return when calls wait, and when they are repeated."""
        return self._shared.rules

    @property
    def page_sizes(self) -> SizesByMethod:
        """Return what each List method was seen to do with the size of a page."""
        return self._shared.page_sizes

    @property
    def downloads(self) -> Downloads:
        """Return what fetches media, archives and logs."""
        return Downloads(self._shared.downloads, self._shared.executor)

    def prepare(
        self,
        name: str,
        request: Message | JoinedRequest | bytes,
        accept: Iterable[int] = (),
        timeout_seconds: float | Default | None = DEFAULT,
        metadata: Iterable[tuple[str, str]] = (),
    ) -> RpcCall:
        """Return the call that `call` would run."""
        return self._shared.prepare(name, request, accept, timeout_seconds, metadata)

    async def run(self, call: RpcCall) -> Any:
        """Run one call and return its answer; see `call`."""
        return await self._shared.run_async(call)

    async def call(
        self,
        name: str,
        request: Message | JoinedRequest | bytes,
        *,
        accept: Iterable[int] = (),
        timeout_seconds: float | Default | None = DEFAULT,
        metadata: Iterable[tuple[str, str]] = (),
    ) -> Any:
        """Call the method `name` and return its answer; cancelling the task gives it up.

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
        call = self.prepare(name, request, accept, timeout_seconds, metadata)
        return await self._shared.run_async(call)

    def start(self, call: RpcCall) -> asyncio.Task[Any]:
        """Begin a call and return the task that has its answer; cancelling it gives it up."""
        task = asyncio.ensure_future(self._shared.run_async(call))
        task.add_done_callback(_look_at)
        return task

    async def stream(
        self,
        name: str,
        request: Message | AsyncIterable[Any],
        *,
        timeout_seconds: float | None = None,
        metadata: Iterable[tuple[str, str]] = (),
    ) -> AsyncGenerator[Any, None]:
        """Yield the answers of a streaming method, one by one as they come; it is tried once."""
        answers = self._shared.stream_async(
            name, request, timeout_seconds=timeout_seconds, metadata=metadata
        )
        try:
            async for answer in answers:
                yield answer
        finally:
            await answers.aclose()

    async def pause_before(self, attempt: int) -> None:
        """Wait as the retry rules say before attempt number `attempt`, from 1."""
        if attempt > 1:
            rules = self.rules
            await asyncio.sleep(rules.retry.pause_seconds(attempt - 1, rules.spread))

    async def aclose(self) -> None:
        """Close the channel of the running loop; the next call there opens another."""
        await self._shared.aclose()


class Downloads:
    """Fetches media: threads of the session read the network and write files.

    Whoever waits is let go at once when its task is cancelled; a download that is under way then
    ends with the piece that it is at.

    Args:
        downloader: The one of blocking handles.
        executor: The threads.
    """

    def __init__(self, downloader: Downloader, executor: Executor) -> None:
        self.blocking = downloader
        self._executor = executor

    async def read(self, url: str, **limits: Any) -> bytes:
        """Return what is at an address; see `Downloader.read`."""
        return await self.run(self.blocking.read, url, **limits)

    async def save(self, url: str, path: str | Path, **limits: Any) -> Path:
        """Save what is at an address in a file; see `Downloader.save`."""
        return await self.run(self.blocking.save, url, path, **limits)

    async def run(self, work: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """Have a thread of the session do something, such as several downloads."""
        return await in_thread(self._executor, work, *arguments, **named)


async def in_thread(
    executor: Executor | None, work: Callable[..., T], /, *arguments: Any, **named: Any
) -> T:
    """Have a thread do something; cancelling the wait has downloads in it given up.

    Args:
        executor: The threads; None: those of the loop.
        work: What to do.
        *arguments: With what.
        **named: With what, by name.
    """
    context, given_up = contextvars.copy_context(), threading.Event()
    context.run(GIVEN_UP.set, given_up)
    call = partial(context.run, work, *arguments, **named)
    try:
        return await asyncio.get_running_loop().run_in_executor(executor, call)
    except asyncio.CancelledError:
        given_up.set()
        raise


def session_for(settings: Settings) -> Session:
    """Return the session that handles with these settings share.

    Raises:
        UserError: No credentials, unreadable certificates, or an unknown URL scheme.
    """
    return Session(sessions.session_for(settings))


def wrapped(session: Any) -> Any:
    """Return a blocking session as loops use it; anything else as it is."""
    return Session(session) if isinstance(session, sessions.Session) else session


async def over(task: asyncio.Task[Any]) -> None:
    """Wait until a task is over, whatever came of it; cancelling the wait cancels the task."""
    try:
        await asyncio.wait([task])
    except asyncio.CancelledError:
        task.cancel()
        raise


def _look_at(task: asyncio.Task[Any]) -> None:
    """Take note of an error: who gave the work up does not ask for it, and need not be warned."""
    if not task.cancelled():
        task.exception()
