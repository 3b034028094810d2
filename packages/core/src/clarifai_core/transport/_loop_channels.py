"""Channels of event loops: one per loop, closed with it.

A channel of `grpc.aio` belongs to the loop that it was made in: another loop, such as that of a
second `asyncio.run`, cannot use it, and one that is left open when its loop ends is complained
about. `asyncio.run` ends all asynchronous generators of its loop before it closes that: so a
generator that waits with each channel closes it.
"""

from __future__ import annotations

import asyncio
import threading
import weakref
from typing import TYPE_CHECKING, Any

from clarifai_core.wire.preserialized import serialize

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from clarifai_core.contracts import Connection
    from clarifai_core.heavy import grpc
    from clarifai_core.transport.catalogue import Rpc


class LoopChannel:
    """The channel of one loop.

    Args:
        channel: What carries the calls; it belongs to this object.
    """

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.channel = channel
        self.closed = False
        self._callables: dict[str, Any] = {}
        self._keeper = self._keep()

    async def begin(self) -> None:
        """Have the channel closed when its loop ends."""
        await self._keeper.__anext__()

    def callable(self, rpc: Rpc, kind: str = "unary_unary") -> Callable[..., Any]:
        """Return what calls a method of this channel."""
        made: Callable[..., Any] | None = self._callables.get(rpc.name)
        if made is None:
            make: Callable[..., Callable[..., Any]] = getattr(self.channel, kind)
            made = self._callables[rpc.name] = make(
                rpc.path,
                request_serializer=serialize,
                response_deserializer=rpc.response_class.FromString,
            )
        return made

    async def aclose(self) -> None:
        """Close the channel; calls in flight end with an error."""
        await self._keeper.aclose()

    async def _keep(self) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            self.closed = True
            channel = self.channel
            # While one is held, gRPC has a thread that polls, with which no process can be forked.
            del self.channel
            self._callables.clear()
            await channel.close()


class LoopChannels:
    """The channels of one connection, by their loops. Thread-safe."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._all: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, LoopChannel] = (
            weakref.WeakKeyDictionary()
        )

    async def get(self) -> LoopChannel:
        """Return the one of the running loop, opened when there is none."""
        loop = asyncio.get_running_loop()
        found = self._all.get(loop)
        if found is not None and not found.closed:
            return found
        with self._lock:
            found = self._all[loop] = LoopChannel(self._connection.aio_channel())
        # Nothing is waited for here: no other task of the loop comes in between.
        await found.begin()
        return found

    async def aclose(self) -> None:
        """Close the one of the running loop, if there is one."""
        with self._lock:
            found = self._all.pop(asyncio.get_running_loop(), None)
        if found is not None:
            await found.aclose()
