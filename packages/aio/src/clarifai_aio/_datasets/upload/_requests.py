# Made of clarifai_datasets.upload._requests by a tool:
# change that, and run `python -m tools.asynchronous`.

"""What an upload asks the platform for, beside the inputs that `clarifai_inputs.sender` sends.

What is special here: inputs that an earlier run may have sent are looked for first, and what does
not arrive is noted as the report wants it.
"""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_aio._core.session import Session
from clarifai_aio._inputs.bulk import BulkSender
from clarifai_aio._inputs.sender import InputSender, annotation_call, dataset_call, listed
from clarifai_core.errors import ApiClientError, ApiError, ServerError
from clarifai_core.heavy import resources_pb2, service_pb2, status_pb2
from clarifai_core.scope import Scope
from clarifai_datasets.upload._requests import _NOT_IN, _READY, _joined
from clarifai_datasets.upload.encode import EncodedItem
from clarifai_datasets.upload.report import FailedItem
from clarifai_inputs.batching import in_batches
from clarifai_inputs.bisection import Refusals
from clarifai_inputs.bulk import BulkResult, RefusedItem
from clarifai_inputs.same_input import content_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clarifai_inputs.originals import Original


@attrs.frozen(slots=False)
class UploadRequests:
    """Sends the inputs of one upload. Thread-safe."""

    session: Session
    scope: Scope
    dataset_id: str
    refusals: Refusals = attrs.field(factory=Refusals, eq=False)
    annotation_refusals: Refusals = attrs.field(factory=Refusals, eq=False)
    dataset_refusals: Refusals = attrs.field(factory=Refusals, eq=False)

    @cached_property
    def inputs(self) -> InputSender[EncodedItem]:
        """Return what sends inputs."""
        return InputSender(
            self.session,
            self.scope.message(),
            one_place=True,
            refusals=self.refusals,
        )

    async def post(
        self, items: Sequence[EncodedItem], job_id: str, first: asyncio.Task[Any] | None = None
    ) -> BulkResult[EncodedItem]:
        """Send inputs, again where that can help, and say what became of each.

        Args:
            items: At most what one request may hold; each that is taken says whether it was there.
            job_id: Id of the upload job they belong to.
            first: What `inputs.start` returned for them, if they were sent.

        Raises:
            ApiError: The platform refuses the upload as such, whatever the inputs.
        """
        posted = BulkResult[EncodedItem]()
        waiting = list(items) if first else await self._without_those_there(items, posted)
        if waiting:
            posted.add(await self.inputs.post(waiting, job_id, first))
        for item in posted.there:
            item.there = not item.doubtful  # one that was sent before, and only now is found
        for item in (*posted.there, *posted.found):
            item.mine = content_of(item.message)
        posted.taken += posted.there
        return posted

    async def _without_those_there(
        self, items: Sequence[EncodedItem], posted: BulkResult[EncodedItem]
    ) -> list[EncodedItem]:
        """Look for the inputs that an earlier run may have sent; return what is to be sent."""
        doubtful = [item.id for item in items if item.doubtful]
        if not doubtful:
            return list(items)
        try:
            there = await self.states(doubtful, ready_only=False)
        except (ApiClientError, ServerError) as error:
            posted.lost = error
            said = status_pb2.Status(description=f"not sent, as an earlier run may have: {error}")
            posted.refused += [RefusedItem(item, said, 0) for item in items]
            return []
        for item in items:
            item.there = item.id in there
            item.mine = content_of(item.message) if item.there else None
        posted.taken += [item for item in items if item.there]
        return [item for item in items if not item.there]

    def start_progress(self, job_id: str) -> asyncio.Task[Any]:
        """Ask how many inputs of an upload job are processed; see `progress_of` for the answer."""
        request = service_pb2.GetInputsAddJobRequest(user_app_id=self.scope.message(), id=job_id)
        return self.session.start(self.session.prepare("GetInputsAddJob", request))

    async def states(self, ids: Sequence[str], ready_only: bool) -> dict[str, status_pb2.Status]:
        """Return the status of each of these inputs that the platform has.

        Args:
            ids: At most 1000.
            ready_only: Only those that are processed.
        """
        found = await self.inputs.states(ids, ready_only=ready_only)
        if ready_only:
            return {one.id: _READY for one in found}  # a status of it would keep it all in memory
        return {one.id: one.status for one in found}

    async def delete_failed(self, ids: Sequence[str]) -> None:
        """Delete inputs that the platform has and says it could not process."""
        request = service_pb2.DeleteInputsRequest(user_app_id=self.scope.message(), ids=ids)
        await self.session.call("DeleteInputs", request)

    async def put_into_dataset(self, ids: Sequence[str]) -> list[FailedItem]:
        """Put inputs of the app into the dataset; return those that are not in it then.

        Args:
            ids: Any number of them; one that is in the dataset already is none that fails.
        """
        call = dataset_call(self.scope.message(), self.dataset_id)
        bulk = BulkSender(self.session, call, self.dataset_refusals)
        failed: list[FailedItem] = []
        for batch in in_batches(ids, len):
            try:
                posted = await bulk.post(batch)
            except ApiError as error:
                failed += [FailedItem(one, f"{_NOT_IN}: {error}", error.code) for one in batch]
                continue
            failed += [
                FailedItem(one.item, f"{_NOT_IN}: {one.reason}", one.status.code, one.attempts)
                for one in posted.refused
            ]
        return failed

    def read(self, original: Original) -> bytes:
        """Return the bytes of a medium that the platform has; it is for threads.

        Raises:
            ClarifaiError: They did not come.
        """
        downloads = self.session.downloads.blocking
        return downloads.read(
            original.hosted,
            max_bytes=original.max_bytes,
            max_unsized_bytes=original.max_unsized_bytes,
        )

    async def annotations_of(self, ids: Sequence[str]) -> dict[str, list[resources_pb2.Annotation]]:
        """Return the annotations of inputs that users made.

        Args:
            ids: Any number of inputs.
        """
        found: dict[str, list[resources_pb2.Annotation]] = {one: [] for one in ids}
        for batch in in_batches(ids, len):
            request = service_pb2.ListAnnotationsRequest(
                user_app_id=self.scope.message(), input_ids=batch
            )
            async for one in listed(self.session, "ListAnnotations", request):
                found.setdefault(one.input_id, []).append(one)
        return found

    async def delete_annotations(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Delete annotations.

        Args:
            pairs: Id of the input and of the annotation; any number of them.
        """
        for batch in in_batches(pairs, len):
            request = service_pb2.DeleteAnnotationsRequest(
                user_app_id=self.scope.message(),
                input_ids=[input_id for input_id, _ in batch],
                ids=[own for _, own in batch],
            )
            await self.session.call("DeleteAnnotations", request)

    async def patch_labels(self, labels: Mapping[str, Mapping[str, str]], action: str) -> None:
        """Change the labels of inputs as a whole.

        Args:
            labels: Id of an input -> ids and names of concepts; any number of them.
            action: `"merge"` or `"remove"`.
        """
        for batch in in_batches(list(labels), len):
            inputs = [
                resources_pb2.Input(
                    id=one,
                    data=resources_pb2.Data(
                        concepts=[
                            resources_pb2.Concept(id=own, name=name, value=1)
                            for own, name in labels[one].items()
                        ]
                    ),
                )
                for one in batch
            ]
            request = service_pb2.PatchInputsRequest(
                user_app_id=self.scope.message(), inputs=inputs, action=action
            )
            await self.session.call("PatchInputs", request)

    async def annotate(
        self, annotations: Sequence[tuple[str, bytes]]
    ) -> tuple[int, list[FailedItem]]:
        """Send annotations; their ids make sending them again harmless.

        Args:
            annotations: (input id, entry of the request), any number of them.

        Returns:
            How many were added, and what failed.
        """
        parts = list(in_batches(annotations, lambda one: len(one[1])))
        if len(parts) < 2:
            return await self._annotate(parts[0]) if parts else (0, [])
        answered = await asyncio.gather(*map(self._annotate, parts))
        added = sum(count for count, _ in answered)
        return added, [one for _, faults in answered for one in faults]

    async def _annotate(self, part: Sequence[tuple[str, bytes]]) -> tuple[int, list[FailedItem]]:
        call = annotation_call(self.scope.message(), _joined)
        try:
            posted = await BulkSender(self.session, call, self.annotation_refusals).post(part)
        except ApiError as error:
            said = (str(error), error.code, 1, "annotation")
            return 0, [FailedItem(input_id, *said) for input_id, _ in part]
        failed = [
            FailedItem(one.item[0], one.reason, one.status.code, one.attempts, "annotation")
            for one in posted.refused
        ]
        return len(posted.taken), failed


def progress_of(answer: asyncio.Task[Any]) -> resources_pb2.InputsAddJobProgress:
    """Return how many inputs of an upload job are processed, and how many are not.

    Args:
        answer: What `UploadRequests.start_progress` returned.
    """
    progress: resources_pb2.InputsAddJobProgress = answer.result().inputs_add_job.progress
    return progress
