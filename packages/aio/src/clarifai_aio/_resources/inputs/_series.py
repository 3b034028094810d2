# Made of clarifai_resources.inputs._series by a tool:
# change that, and run `python -m tools.asynchronous`.

"""Messages that go out in several requests, one after another, and the one answer made of all.

What the platform refuses costs the message that has the fault: the others are taken, and the answer
says what became of each. An error is raised where there is nothing of that kind to say: the
credentials are wrong, the app does not exist, no answer came, and nothing was taken before.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Generic

import attrs

from clarifai_aio._core.handles import Handle
from clarifai_aio._core.session import over
from clarifai_aio._inputs.bulk import BulkCall, BulkSender
from clarifai_core.errors import ClarifaiError, InvalidArgument, NotFound
from clarifai_core.heavy import status_pb2
from clarifai_core.status import (
    DOES_NOT_EXIST,
)
from clarifai_inputs.batching import in_batches
from clarifai_inputs.bulk import BulkResult, RefusedItem
from clarifai_resources.inputs._series import (
    Log,
    M,
    OutgoingMessage,
    R,
    T,
    _can_be_told,
    _size,
    _told,
    conclude,
    error_of,
    refusal_line,
)


@attrs.frozen
class MessageKind(Generic[M]):
    """How messages of one kind are sent."""

    handle: Handle
    call: BulkCall[OutgoingMessage[M]]
    what: Callable[[M], str]
    """Names a message in words: `"input 'a'"`."""
    key: Callable[[M], object]
    """What tells it apart, as in ..."""
    known: Callable[[Sequence[M]], Awaitable[Collection[object]]] | None = None
    """... the keys of those that the platform has; asked when it says that one does not exist."""

    async def send(self, messages: Sequence[M], log: Log, done: str) -> SentMessages[M]:
        """Send messages, and say what became of each; each that is refused is logged once.

        Args:
            messages: What to send, in order.
            log: Gets the lines.
            done: What has become of those that were taken: `"inputs were changed"`.

        Raises:
            ApiError: The platform refuses what is done here as such, and has taken nothing.
            ApiClientError: No answer came, and it has taken nothing before.
        """
        bulk = BulkSender(self.handle.session, attrs.evolve(self.call, hear=OutgoingMessage.hear))
        sent = SentMessages(self, list(map(OutgoingMessage, messages)))
        for batch in in_batches(sent.items, _size):
            sent.add(await self._post(bulk, batch, sent))
        for one in sent.items:
            if one.refusal is not None:
                log(logging.WARNING, refusal_line(self.what(one.message), one.refusal))
        taken = len(sent.items) - len(sent.failed)
        log(logging.INFO, f"{taken} of {len(sent.items)} {done}")
        return sent

    async def _post(
        self,
        bulk: BulkSender[OutgoingMessage[M]],
        batch: Sequence[OutgoingMessage[M]],
        sent: SentMessages[M],
    ) -> BulkResult[OutgoingMessage[M]]:
        posted = BulkResult[OutgoingMessage[M]]()
        if sent.stopped is not None:
            posted.leave(batch, sent.stopped)
            return posted
        try:
            return await self._posted(bulk, batch)
        except ClarifaiError as error:
            if not sent.taken:
                raise
            said = status_pb2.Status(code=getattr(error, "code", 0), description=str(error))
            return BulkResult(refused=[RefusedItem(item, said) for item in batch], fatal=error)

    async def _posted(
        self, bulk: BulkSender[OutgoingMessage[M]], batch: Sequence[OutgoingMessage[M]]
    ) -> BulkResult[OutgoingMessage[M]]:
        first = bulk.start(batch)
        await over(first)
        if bulk.taken_by(batch, first):
            response = first.result()
            # Where it speaks of none, it speaks for all.
            for item, answer in zip(batch, getattr(response, bulk.call.field), strict=False):
                item.hear(answer)
            return BulkResult(list(batch), said=response.status)
        refused = first.exception()
        if self.known is None or not isinstance(refused, (NotFound, InvalidArgument)):
            return await bulk.post(batch, first)
        known = await self.known([item.message for item in batch])
        there = [item for item in batch if self.key(item.message) in known]
        if len(there) == len(batch):
            return await bulk.post(batch, first)
        unknown = [item for item in batch if self.key(item.message) not in known]
        posted = BulkResult[OutgoingMessage[M]](
            refused=[RefusedItem(item, self._missing(item)) for item in unknown]
        )
        if there:
            posted.add(await self._posted(bulk, there))
        return posted

    def _missing(self, item: OutgoingMessage[M]) -> status_pb2.Status:
        return status_pb2.Status(
            code=DOES_NOT_EXIST,
            description="Resource does not exist",
            details=f"{self.what(item.message)} does not exist",
        )


async def in_turn(
    items: Sequence[T], send: Callable[[list[T]], Awaitable[object]], log: Log, what: str, done: str
) -> None:
    """Send things in several requests; what was done before one fails is logged.

    Args:
        items: The things, in order; none at all: nothing is sent.
        send: Sends some of them.
        log: Gets the lines.
        what: What they are: `"inputs"`.
        done: What is done to them: `"deleted"`.
    """
    count = 0
    try:
        for batch in in_batches(items, lambda _: 0):
            await send(batch)
            count += len(batch)
    except BaseException:  # why: what was done before is told, then it is raised again
        if count:
            log(logging.WARNING, f"only the first {count} of {len(items)} {what} were {done}")
        raise
    if items:
        log(logging.INFO, f"{count} {what} {done}")


@attrs.define
class SentMessages(Generic[M]):
    """What became of messages."""

    series: MessageKind[M]
    items: list[OutgoingMessage[M]]
    taken: int = 0
    stopped: ClarifaiError | None = None
    """Why the rest was not sent."""
    said: status_pb2.Status | None = None
    """The status of the first request that was answered."""

    def add(self, posted: BulkResult[OutgoingMessage[M]]) -> None:
        """Note what became of some.

        Raises:
            ClarifaiError: It is the end, and nothing has been taken.
        """
        self.taken += len(posted.taken)
        self.stopped = self.stopped or posted.fatal or posted.lost
        if self.stopped is not None and not self.taken:
            raise self.stopped
        self.said = self.said or posted.said
        for one in posted.refused:
            one.item.refusal = one.status
        for item in posted.there:
            item.refusal = item.answer.status

    @property
    def failed(self) -> list[OutgoingMessage[M]]:
        """Return those that the platform refused, or that were not sent."""
        return [item for item in self.items if item.refusal is not None]

    def response(self, made: R, shown: Callable[[M], M], *, raise_on_failure: bool) -> R:
        """Return the one answer that is made of those to all requests.

        Args:
            made: An empty message of its class.
            shown: Returns what is said of a message of which the platform did not speak.
            raise_on_failure: Whether anything that was refused is an error.

        Raises:
            ApiError: It is, and something was: `MixedStatus` when the rest was taken; its
                `response` is what is returned otherwise.
        """
        entries = getattr(made, self.series.call.field)
        entries.extend(_told(item, shown) for item in self.items if _can_be_told(item))
        failures = [item.refusal for item in self.items if item.refusal is not None]
        if self.said is not None:
            made.status.CopyFrom(self.said)  # type: ignore[attr-defined]
        conclude(made, failures, len(self.items))
        if raise_on_failure and failures:
            call = (self.series.handle, self.series.call.rpc)
            raise error_of(*call, made, failures) from self.stopped
        return made
