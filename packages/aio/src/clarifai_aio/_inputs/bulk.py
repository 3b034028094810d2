# Made of clarifai_inputs.bulk by a tool:
# change that, and run `python -m tools.asynchronous`.

"""A bulk request: many items in one call, and one status for each in its answer.

Whatever happens, an item is in one of the lists that come back. When an answer is lost, one looks
what arrived; what the platform failed at for the moment is sent again, with pauses; a request that
is refused as a whole is sent in halves, down to the culprits.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic

import attrs

from clarifai_aio._core.session import Session
from clarifai_core import status
from clarifai_core.errors import ApiClientError, ApiError, BadReply, ClarifaiError, ServerError
from clarifai_core.heavy import protobuf_message, status_pb2
from clarifai_inputs.bisection import Refusals, blames_content, halves
from clarifai_inputs.bulk import MAX_ATTEMPTS, BulkResult, RefusedItem, T, _status_of, always
from clarifai_inputs.item_statuses import Outcome, RetryAdvice, meaning_of

if TYPE_CHECKING:
    import asyncio


@attrs.frozen
class BulkCall(Generic[T]):
    """How items of one kind are sent."""

    rpc: str
    """Such as `"PostInputs"`."""
    field: str
    """The list of the answer that speaks of each item, in order: `"inputs"`."""
    request: Callable[[Sequence[T]], protobuf_message.Message | bytes]
    """Returns the request for some items."""
    status_of: Callable[[Any], status_pb2.Status] = attrgetter("status")
    """Takes the status of one item out of the answer's list."""
    find: Callable[[Sequence[T]], Awaitable[Sequence[Any]]] | None = None
    """Looks for items after a lost answer: returns what the platform has of each, or None. Without
    it, sending an item again must do no harm."""
    may_repeat: Callable[[Sequence[T]], bool] = always
    """Whether items may be sent again after a lost answer."""
    hear: Callable[[T, Any], object] | None = None
    """Gets each item that has its answer, and what the platform says of it."""
    arrange: Callable[[Sequence[T], Sequence[Any]], Sequence[Any]] | None = None
    """Puts what the platform says of each into the order of the items, where it may differ."""
    one_place: bool = False
    """Whether all go to one place, so that "does not exist" from each means that place."""
    blames: Callable[[ApiError], bool] = blames_content
    """Whether the refusal of a whole request may be about one of several items."""


@attrs.frozen
class BulkSender(Generic[T]):
    """Sends items, and says what became of each. Thread-safe."""

    session: Session
    call: BulkCall[T]
    refusals: Refusals = attrs.field(factory=Refusals, eq=False)
    """Of all requests of one piece of work: that all of them are refused alike ends it."""

    def start(self, items: Sequence[T]) -> asyncio.Task[Any]:
        """Begin to send items; see `taken_by` and `post` for what to do with the answer."""
        request = self.call.request(items)
        call = self.session.prepare(self.call.rpc, request, status.PARTIAL)
        return self.session.start(call)

    def taken_by(self, items: Sequence[T], answer: asyncio.Task[Any]) -> bool:
        """Return whether all items were taken, by what came of `start`; if not, `post` goes on."""
        if answer.exception() is not None:
            return False
        response = answer.result()
        # SUCCESS speaks for all, also without a list of them.
        told = len(getattr(response, self.call.field)) in (0, len(items))
        if not (told and status.is_success(response.status)):
            return False
        self.refusals.took()
        return True

    async def post(
        self, items: Sequence[T], first: asyncio.Task[Any] | None = None
    ) -> BulkResult[T]:
        """Send items, again where that can help, and say what became of each.

        Args:
            items: At most what one request may hold.
            first: What `start` returned for them, if they were sent.

        Raises:
            ApiError: The platform refuses what is done here as such, whatever the items.
        """
        posted, waiting, doubtful = BulkResult[T](), list(items), False
        attempt = 0
        for attempt in range(1, MAX_ATTEMPTS + 1):
            await self.session.pause_before(attempt)
            posted.lost = None
            try:
                answers = await self._answers(waiting, first or self.start(waiting), posted)
            except (ApiClientError, ServerError) as error:
                posted.lost = error
                if getattr(error, "maybe_applied", True):
                    if not self.call.may_repeat(waiting):
                        break
                    doubtful = True
                    waiting = await self._unfound(waiting, posted)
            except ApiError as error:
                posted.whole = posted.whole or error
                await self._find_culprits(error, waiting, posted, attempt)
                return posted
            else:
                waiting = self._sort(answers, waiting, posted, attempt, doubtful)
            if posted.taken or posted.there:
                self.refusals.took()
            if not waiting:
                posted.lost = None
                return posted
            first = None
            if self.session.rules.outage_left_seconds() <= 0:
                break  # why: it was waited for long enough, and the next attempt would wait anew
        said = status_pb2.Status(description=str(posted.lost))
        posted.refused += [RefusedItem(item, said, attempt) for item in waiting]
        return posted

    async def _answers(
        self, items: Sequence[T], answer: asyncio.Task[Any], posted: BulkResult[T]
    ) -> Sequence[Any]:
        """Return what the platform says of each item.

        Raises:
            ApiError: It speaks of the whole request only, and refuses it.
            ApiClientError: No answer came, or it speaks of more items, or of fewer.
        """
        field = self.call.field
        try:
            response = await answer
        except ApiError as error:
            if len(getattr(error.response, field, ())) != len(items):
                raise
            response = error.response
        posted.said = response.status
        said: Sequence[Any] = getattr(response, field)
        if len(said) == len(items):
            return self.call.arrange(items, said) if self.call.arrange else said
        if status.is_failure(response.status) and not said:
            raise self._error(response, response.status)
        raise BadReply(
            f"{self.call.rpc}: the platform answered for {len(said)} of {len(items)} {field}.",
            rpc=self.call.rpc,
        )

    async def _unfound(self, items: list[T], posted: BulkResult[T]) -> list[T]:
        """Look which items are there; return the others, to send them again."""
        if self.call.find is None:
            return items
        try:
            found = await self.call.find(items)
        except (ApiClientError, ApiError) as error:  # what is the matter, sending again tells
            posted.lost = error
            return items
        for item, one in zip(items, found, strict=True):
            if one is not None:
                posted.taken.append(item)
                posted.found.append(item)
                self._hear(item, one)
        return [item for item, one in zip(items, found, strict=True) if one is None]

    def _sort(
        self,
        answers: Sequence[Any],
        items: Sequence[T],
        posted: BulkResult[T],
        attempt: int,
        doubtful: bool,
    ) -> list[T]:
        """Put each item where its status says; return those to send again.

        Raises:
            ApiError: They all go to one place, which does not exist.
        """
        statuses = [self.call.status_of(one) for one in answers]
        meanings = [meaning_of(said) for said in statuses]
        if self.call.one_place and {one.outcome for one in meanings} == {Outcome.NO_PLACE}:
            raise self._error(None, statuses[0])
        again = []
        for item, answer, said, meaning in zip(items, answers, statuses, meanings, strict=True):
            if meaning.again is RetryAdvice.SOON and attempt < MAX_ATTEMPTS:
                again.append(item)
            elif meaning.outcome is Outcome.THERE and doubtful:
                posted.taken.append(item)  # most likely it is ours, of a request without answer
                posted.found.append(item)
            else:
                self._hear(item, answer)
                if meaning.is_accepted:
                    posted.taken.append(item)
                elif meaning.is_there:
                    posted.there.append(item)
                else:
                    posted.refused.append(RefusedItem(item, said, attempt))
        return again

    def _hear(self, item: T, answer: Any) -> None:
        if self.call.hear is not None:
            self.call.hear(item, answer)

    async def _find_culprits(
        self, error: ApiError, items: Sequence[T], posted: BulkResult[T], attempt: int
    ) -> None:
        """A request was refused as a whole: send its halves, down to what is to blame.

        Raises:
            ApiError: The refusal is not about single items, or all is refused for one reason.
        """
        if not self.call.blames(error) or self.refusals.are_alike:
            posted.stop(items, error)
            return
        if len(items) == 1:
            self.refusals.add(error)
            posted.refused.append(RefusedItem(items[0], _status_of(error), attempt))
            return
        for half in halves(items):
            if posted.fatal is not None:
                posted.leave(half, posted.fatal)
                continue
            try:
                posted.add(await self.post(half))
            except ClarifaiError as fatal:
                posted.stop(half, fatal)

    def _error(self, response: Any, said: status_pb2.Status) -> ApiError:
        call = self.session.prepare(self.call.rpc, self.call.request([]))
        return status.error_within(response or call.rpc.response_class(), said, call)
