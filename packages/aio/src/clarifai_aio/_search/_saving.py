# Made of clarifai_search._saving by a tool:
# change that, and run `python -m tools.asynchronous`.

"""The hits of a search as a dataset of the app."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from clarifai_aio._inputs.bulk import BulkSender
from clarifai_aio._inputs.sender import dataset_call
from clarifai_core.errors import AlreadyExists
from clarifai_core.heavy import resources_pb2, service_pb2
from clarifai_core.wire.ids import check_new_id
from clarifai_inputs.batching import in_batches
from clarifai_search._saving import REQUESTS_IN_FLIGHT, _note
from clarifai_search._saving import SavedHits as SavedHits

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator

    from clarifai_aio._core.handles import Handle
    from clarifai_inputs.bulk import BulkResult


async def save(
    handle: Handle, hits: AsyncIterable[resources_pb2.Hit], dataset_id: str
) -> SavedHits:
    """Put the inputs of hits into a dataset, which is made when there is none.

    Args:
        handle: Whose app it is in.
        hits: The hits; an input that several hits are of, counts once.
        dataset_id: Id of the dataset.

    Raises:
        UserError: The id cannot be one.
        ApiError: The platform refused a request. Those before it had their effect; saving again
            goes on from there.
    """
    check_new_id("dataset_id", dataset_id)
    report = SavedHits(dataset_id, await _create(handle, dataset_id))
    bulk = BulkSender(handle.session, dataset_call(handle.user_app_id, dataset_id))
    waiting: deque[asyncio.Task[BulkResult[str]]] = deque()
    try:
        for batch in in_batches([one async for one in _ids(hits)], len):
            waiting.append(asyncio.ensure_future(bulk.post(batch)))
            if len(waiting) >= REQUESTS_IN_FLIGHT:
                _note(report, await waiting.popleft())
        while waiting:
            _note(report, await waiting.popleft())
    finally:
        for future in waiting:
            future.cancel()
    return report


async def _create(handle: Handle, dataset_id: str) -> bool:
    request = service_pb2.PostDatasetsRequest(
        user_app_id=handle.user_app_id, datasets=[resources_pb2.Dataset(id=dataset_id)]
    )
    try:
        await handle.session.call("PostDatasets", request)
    except AlreadyExists:
        return False
    return True


async def _ids(hits: AsyncIterable[resources_pb2.Hit]) -> AsyncIterator[str]:
    seen: set[str] = set()
    async for hit in hits:
        if hit.input.id not in seen:
            seen.add(hit.input.id)
            yield hit.input.id
