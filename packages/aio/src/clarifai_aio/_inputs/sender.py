# Made of clarifai_inputs.sender by a tool:
# change that, and run `python -m tools.asynchronous`.

"""The one sender of what is uploaded: inputs, their annotations, their places in datasets.

Inputs are serialised once, before they come here, and only joined to a request: a request's
constructor copies the messages it is given, and serialising the whole walks them again, which for
128 pictures costs ten times as much.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import aclosing
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic

import attrs

from clarifai_aio._core.paging import Pager, message_pages
from clarifai_aio._core.session import Session, over
from clarifai_aio._inputs.bulk import BulkCall, BulkSender
from clarifai_core.errors import ClarifaiError
from clarifai_core.heavy import resources_pb2, service_pb2, status_pb2
from clarifai_core.paging import Page, PageLimits
from clarifai_core.transport import catalogue
from clarifai_inputs.batching import InFlight
from clarifai_inputs.bisection import Refusals
from clarifai_inputs.bulk import BulkResult, RefusedItem, always
from clarifai_inputs.item_statuses import INPUT_READY
from clarifai_inputs.sender import MAX_CONCEPTS, T, _all_have_ids, _by_input

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable

    from google.protobuf.message import Message

    from clarifai_core.scope import Scope


@attrs.frozen
class InputSender(Generic[T]):
    """Sends inputs to an app. Thread-safe."""

    session: Session
    scope: resources_pb2.UserAppIDSet
    hear: Callable[[T, resources_pb2.Input], object] | None = None
    """Gets each input that needed a look at its own answer, and that answer."""
    one_place: bool = False
    """Whether all inputs go to one dataset: if it does not exist, nothing more is sent."""
    refusals: Refusals = attrs.field(factory=Refusals, eq=False)

    def start(self, items: Sequence[T], job_id: str) -> asyncio.Task[Any]:
        """Begin to send inputs that nobody sent before; see `taken_by` and `post`."""
        return self._bulk(job_id).start(items)

    def taken_by(self, items: Sequence[T], answer: asyncio.Task[Any]) -> bool:
        """Return whether all were taken, by what came of `start`; if not, `post` goes on."""
        return self._bulk("").taken_by(items, answer)

    async def post(
        self, items: Sequence[T], job_id: str, first: asyncio.Task[Any] | None = None
    ) -> BulkResult[T]:
        """Send inputs, again where that can help, and say what became of each.

        Args:
            items: At most what one request may hold. Those that have an id are looked for when an
                answer was lost; if one has none, that request is not sent again.
            job_id: Id of the upload job they belong to.
            first: What `start` returned for them, if they were sent.

        Raises:
            ApiError: The platform refuses the upload as such, whatever the inputs.
        """
        return await self._bulk(job_id).post(items, first)

    async def send(
        self,
        batches: Iterable[Sequence[T]],
        job_id: str,
        note: Callable[[Sequence[T], asyncio.Task[Any] | None, BulkResult[T]], object],
    ) -> None:
        """Send batches, several at a time; what became of each is noted in their order.

        When no answer comes to one, or the platform refuses to go on, those that are under way are
        waited for, and no more are sent.

        Args:
            batches: What fits one request each.
            job_id: Id of the upload job they belong to.
            note: Gets each batch, its answer when all were taken at once, and what became of it.

        Raises:
            ClarifaiError: Not one batch was answered: the platform has nothing.
        """
        await _Series(self, job_id, note).run(batches)

    async def states(self, ids: Sequence[str], *, ready_only: bool = False) -> Sequence[Any]:
        """Return the inputs that the app has of these.

        Args:
            ids: At most 1000.
            ready_only: Only those that are processed.
        """
        request = service_pb2.ListInputsRequest(user_app_id=self.scope, ids=ids)
        limits = PageLimits(known_items=len(ids))
        if not ready_only:
            return await listed(self.session, "ListInputs", request, limits).all()
        request.status.code = INPUT_READY
        # Where a server gives fewer than it is asked for, the rest is not ready yet, or comes next.
        pages = listed(self.session, "ListInputs", request, limits).pages()
        async with aclosing(pages):
            return await anext(pages, [])

    def _bulk(self, job_id: str) -> BulkSender[T]:
        call = BulkCall[T](
            "PostInputs",
            "inputs",
            partial(self._request, job_id),
            find=self._find,
            may_repeat=_all_have_ids,
            hear=self.hear,
            one_place=self.one_place,
        )
        return BulkSender(self.session, call, self.refusals)

    def _request(self, job_id: str, items: Sequence[T]) -> bytes:
        head = service_pb2.PostInputsRequest(user_app_id=self.scope, inputs_add_job_id=job_id)
        entries = [part for item in items for part in (item.head, item.content) if part]
        return b"".join([head.SerializeToString(), *entries])

    async def _find(self, items: Sequence[T]) -> list[Any]:
        there = {one.id: one for one in await self.states([item.id for item in items])}
        return [there.get(item.id) for item in items]


@attrs.define
class _Series(Generic[T]):
    """Batches one after another, several under way, the oldest of them waited for."""

    sender: InputSender[T]
    job_id: str
    note: Callable[[Sequence[T], Any, BulkResult[T]], object]
    window: InFlight = attrs.field(factory=InFlight)
    waiting: deque[tuple[Sequence[T], int, asyncio.Task[Any]]] = attrs.field(factory=deque)
    arrived: bool = False
    fatal: ClarifaiError | None = None

    async def run(self, batches: Iterable[Sequence[T]]) -> None:
        try:
            await self._run(batches)
        finally:
            for _, _, answer in self.waiting:
                answer.cancel()

    async def _run(self, batches: Iterable[Sequence[T]]) -> None:
        for batch in batches:
            size = sum(len(one.head) + len(one.content) for one in batch)
            while self.window.is_full(size):
                await self._reap()
            if self.fatal is None:
                self.window.add(size)
                self.waiting.append((batch, size, self.sender.start(batch, self.job_id)))
            else:
                await self._leave(batch, self.fatal)
        while self.waiting:
            await self._reap()
        if self.fatal is not None and not self.arrived:
            raise self.fatal

    async def _reap(self) -> None:
        """Wait for the oldest request."""
        batch, size, answer = self.waiting.popleft()
        self.window.remove(size)
        await over(answer)
        if self.sender.taken_by(batch, answer):
            self.arrived = True
            self.note(batch, answer, BulkResult(list(batch)))
            return
        try:
            posted = await self.sender.post(batch, self.job_id, answer)
        except ClarifaiError as error:
            self.fatal = self.fatal or error
            said = status_pb2.Status(code=getattr(error, "code", 0), description=str(error))
            posted = BulkResult[T](refused=[RefusedItem(item, said) for item in batch])
        else:
            self.fatal = self.fatal or posted.fatal or posted.lost
            self.arrived = self.arrived or posted.lost is None
        self.note(batch, None, posted)

    async def _leave(self, batch: Sequence[T], why: ClarifaiError) -> None:
        while self.waiting:
            await self._reap()
        posted = BulkResult[T]()
        posted.leave(batch, why)
        self.note(batch, None, posted)


def annotation_call(
    scope: resources_pb2.UserAppIDSet,
    entries: Callable[[Sequence[Any]], bytes],
    may_repeat: Callable[[Sequence[Any]], bool] = always,
) -> BulkCall[Any]:
    """Return how annotations are sent.

    Args:
        scope: User and app.
        entries: Returns annotations as entries of `PostAnnotationsRequest.annotations`, joined.
        may_repeat: Whether all of some have ids, which makes sending them again harmless.
    """
    head = service_pb2.PostAnnotationsRequest(user_app_id=scope).SerializeToString()
    return BulkCall(
        "PostAnnotations",
        "annotations",
        lambda items: head + entries(items),
        may_repeat=may_repeat,
    )


def dataset_call(scope: resources_pb2.UserAppIDSet, dataset_id: str) -> BulkCall[str]:
    """Return how inputs of the app are put into a dataset, by their ids."""

    def request(ids: Sequence[str]) -> Message:
        entries = [{"input": {"id": one}} for one in ids]
        return service_pb2.PostDatasetInputsRequest(
            user_app_id=scope, dataset_id=dataset_id, dataset_inputs=entries
        )

    return BulkCall(
        "PostDatasetInputs",
        "dataset_inputs",
        request,
        status_of=attrgetter("input.status"),
        arrange=_by_input,
    )


async def app_concepts(session: Session, scope: Scope) -> dict[str, str]:
    """Return the ids and the names of the concepts of an app; none when that cannot be asked.

    Args:
        session: The way to the platform.
        scope: User and app.
    """
    found: dict[str, str] = {}
    request = service_pb2.ListConceptsRequest(user_app_id=scope.message())
    try:
        concepts = listed(session, "ListConcepts", request, PageLimits(max_items=MAX_CONCEPTS))
        found.update([(one.id, one.name) async for one in concepts])
    except ClarifaiError:
        pass  # why: what is wrong, the upload says that comes next
    return found


def listed(
    session: Session, rpc_name: str, request: Any, limits: PageLimits | None = None
) -> Pager[Any]:
    """Return the messages of a List method, one page after the other.

    Args:
        session: The way to the platform.
        rpc_name: Such as `"ListConcepts"`.
        request: Its request, but for the page.
        limits: Which pages; all by default.
    """
    fetch: Callable[[int, int], Awaitable[Page[Any]]] = message_pages(
        partial(session.call, rpc_name), request, catalogue.rpc(rpc_name).items_field, None
    )
    return Pager(fetch, limits, sizes=lambda: session.page_sizes[rpc_name])
