# Made of clarifai_datasets.upload._processing by a tool:
# change that, and run `python -m tools.asynchronous`.

"""After inputs were accepted: wait until they are processed, look, and add their annotations.

One status request and one look serve many batches. A failing status request only means that we look
later; it never makes an input count as failed. The single reason to delete an input is that the
platform itself says, input by input, that it could not process it; then it is sent once more, and
deleted for good when that fails again.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_aio._core import threads
from clarifai_aio._core.polling import wait_until
from clarifai_aio._core.session import over
from clarifai_aio._datasets.upload._existing import LabelUpdater, compared
from clarifai_aio._datasets.upload._requests import UploadRequests, progress_of
from clarifai_core.errors import (
    ApiClientError,
    ApiError,
    ClarifaiError,
    DeadlineExceeded,
    ServerError,
    Throttled,
)
from clarifai_core.wire.ids import new_id
from clarifai_datasets.upload._existing import ASK
from clarifai_datasets.upload._processing import (
    _LOST,
    MAX_POLL_ERRORS,
    PROCESSING_TIMEOUT_SECONDS,
    RESEND_INPUTS,
    ProcessingRound,
    Settled,
    _all_processed,
    _conflict,
    _could_not,
    _distinct,
    _Look,
)
from clarifai_datasets.upload._requests import failed_item
from clarifai_datasets.upload.encode import EncodedItem, ItemRules, signature
from clarifai_datasets.upload.report import FailedItem
from clarifai_inputs.item_statuses import Outcome, RetryAdvice, meaning_of

if TYPE_CHECKING:
    import asyncio

    from clarifai_core.heavy import status_pb2


@attrs.frozen
class Settler:
    """Settles the rounds of one upload. Thread-safe."""

    uplink: UploadRequests
    rules: ItemRules
    reread: Callable[..., EncodedItem | None]
    """Encodes an item again from its source, with an id that ends in a mark if one is given; None
    when that fails now."""
    stop: threading.Event
    timeout_seconds: float = PROCESSING_TIMEOUT_SECONDS

    def settled_by(self, progress: asyncio.Task[Any], round_: ProcessingRound) -> Settled | None:
        """Return what became of a round if that is simple: all was processed, nothing is left.

        Args:
            progress: What the platform said of its job.
            round_: The round.
        """
        items = round_.items
        # Those need requests of their own, which are for a thread that may wait: `settle`.
        if progress.exception() is not None or any(
            item.there or item.annotations or item.mine for item in items
        ):
            return None
        if not _all_processed(progress_of(progress), len(items)):
            return None
        done = [(item.id, signature(item.mark, (), item.labels)) for item in items]
        return Settled(
            len(items),
            sum([bool(item.labels) for item in items]),
            sum([item.size_bytes for item in items]),
            done=done,
        )

    async def settle(
        self, round_: ProcessingRound, progress: asyncio.Task[Any] | None = None
    ) -> Settled:
        """Wait for a round, send again what failed, add annotations, and say what became of it.

        Args:
            round_: The round.
            progress: What the platform said of its job, if it was asked.
        """
        settled = Settled()
        items = _distinct(round_.items, settled)
        look = await self._settled_by_job(round_.job_id, items, progress)
        await self._keep(look, settled)
        await self._retry(look, settled)
        return settled

    async def _keep(self, look: _Look, settled: Settled) -> None:
        known = [item for item in look.ready if item.mine is not None]
        if known:
            look.ready = [item for item in look.ready if item.mine is None]
            look.ready += await self._those_equal(known, settled)
        fresh = [item for item in look.ready if not item.there]
        settled.uploaded += len(fresh)
        settled.bytes += sum([item.size_bytes for item in fresh])
        # Before the annotations: it takes out of `ready` what did not get in.
        await self._put_into_dataset(look, settled)
        for item, reason in look.unknown:
            settled.unconfirmed.append(FailedItem(item.id, reason, index=item.index))
        new = [item for item in look.ready if item.mine is None]
        wanted = [(item.id, entry) for item in new for entry in item.annotations]
        added, failed = await self.uplink.annotate(wanted)
        if known := [item for item in look.ready if item.mine is not None]:
            relabelled = await LabelUpdater(self.uplink, self.rules).settle(known)
            added += relabelled.added
            failed += relabelled.failed
            settled.conflicts += relabelled.changed
            for item in known:
                item.stored = None  # it keeps a whole answer in memory
        settled.annotations += added
        incomplete = {one.id for one in failed}
        settled.labelled += sum(
            [bool(one.labels) or (one.labelled and one.id not in incomplete) for one in fresh]
        )
        if failed:
            index = {item.id: item.index for item in look.ready}
            settled.failed += [attrs.evolve(one, index=index[one.id]) for one in failed]
        settled.done += [
            (item.id, signature(item.mark, item.annotations, item.labels))
            for item in look.ready
            if item.id not in incomplete
        ]

    async def _those_equal(
        self, known: Sequence[EncodedItem], settled: Settled
    ) -> list[EncodedItem]:
        """Return those of inputs that were there that hold the same; deal with the others."""
        found = await compared(known, self.uplink)
        for item, why in found.unsure:
            self._leave_or_fail(item, f"the app has an input with this id, and {why}", settled)
        for item, why in found.other:
            reason = f"the app has another input with this id: {why}"
            self._leave_or_fail(item, reason, settled)
        instead = [pair for pair in (*found.other, *found.unsure) if self._goes_instead(pair[0])]
        for start in range(0, len(instead), RESEND_INPUTS):
            await self._send_instead(instead[start : start + RESEND_INPUTS], settled)
        return found.same

    def _goes_instead(self, item: EncodedItem) -> bool:
        return self.rules.on_conflict in ("replace", "suffix") and not item.instead

    def _leave_or_fail(self, item: EncodedItem, reason: str, settled: Settled) -> None:
        """Say of an item that it was not sent, unless it is now."""
        if self.rules.on_conflict == "skip":
            settled.conflicts.append(_conflict(item, "skipped", reason))
        elif not self._goes_instead(item):
            settled.failed.append(FailedItem(item.id, f"{reason}; {ASK}", index=item.index))

    async def _send_instead(
        self, items: Sequence[tuple[EncodedItem, str]], settled: Settled
    ) -> None:
        """Send inputs in the place of others, or beside them under another id, as was asked for."""
        replaces = self.rules.on_conflict == "replace"
        fresh: list[EncodedItem] = []
        for item, why in items:
            mark = "" if replaces or item.mine is None else item.mine.mark
            made = await threads.to_thread(self.reread, item.index, mark)
            if made is None:
                reason = f"the app has another input with this id: {why}; it cannot be read again"
                settled.failed.append(FailedItem(item.id, reason, index=item.index))
                continue
            made.instead = True
            fresh.append(made)
            what, said = (
                ("replaced", why) if replaces else ("suffixed", f"{why}: sent as {made.id!r}")
            )
            settled.conflicts.append(_conflict(item, what, said))
        try:
            if replaces and fresh:
                await self.uplink.delete_failed([item.id for item in fresh])
            if fresh:
                await self._post_again(fresh, settled)
        except ClarifaiError as error:
            settled.failed += [
                FailedItem(one.id, str(error), attempts=2, index=one.index) for one in fresh
            ]

    async def _put_into_dataset(self, look: _Look, settled: Settled) -> None:
        """See to it that inputs which the app had before are in the dataset, too."""
        there = {item.id: item for item in look.ready if item.there}
        if not there:
            return
        failed = {one.id: one for one in await self.uplink.put_into_dataset(list(there))}
        settled.there += [one for one in there if one not in failed]
        settled.failed += [
            attrs.evolve(fault, index=there[one].index) for one, fault in failed.items()
        ]
        look.ready = [item for item in look.ready if item.id not in failed]

    async def _retry(self, look: _Look, settled: Settled) -> None:
        """Send inputs once more that the platform lost or could not process."""
        again = [(item, _LOST) for item in look.absent]
        for item, said in look.refused:
            # One that the app had before failed by what it held then: what is sent now may do.
            if meaning_of(said).again is RetryAdvice.NEVER and not item.there:
                settled.failed.append(_could_not(item, said))
            else:
                again.append((item, said))
        for start in range(0, len(again), RESEND_INPUTS):
            await self._resend(again[start : start + RESEND_INPUTS], settled)

    async def _resend(
        self, again: Sequence[tuple[EncodedItem, status_pb2.Status]], settled: Settled
    ) -> None:
        fresh: list[EncodedItem] = []
        gone: list[str] = []
        for item, said in again:
            made = await threads.to_thread(self.reread, item.index)
            # Another id: the source was changed meanwhile, and this is another input.
            if made is None or made.id != item.id:
                settled.failed.append(_could_not(item, said))
                continue
            fresh.append(made)
            # An input that failed keeps its id until it is deleted; one that is lost has none.
            if said is not _LOST:
                gone.append(item.id)
        try:
            if gone:
                await self.uplink.delete_failed(gone)
            if fresh:
                await self._post_again(fresh, settled)
        except ClarifaiError as error:
            settled.failed += [
                FailedItem(one.id, str(error), attempts=2, index=one.index) for one in fresh
            ]

    async def _post_again(self, items: Sequence[EncodedItem], settled: Settled) -> None:
        job_id = new_id()
        posted = await self.uplink.post(items, job_id)
        settled.failed += map(failed_item, posted.refused)
        for item in posted.taken:
            item.there = item.there and item.instead  # else it is one that was there and is gone
        look = await self._settled_by_job(job_id, posted.taken)
        await self._keep(look, settled)
        left = await self._remove([item.id for item, _ in look.refused])
        settled.failed += [_could_not(item, said, 2, left) for item, said in look.refused]
        settled.failed += [_could_not(item, _LOST, 2) for item in look.absent]

    async def _remove(self, ids: Sequence[str]) -> str:
        """Delete inputs that failed twice; return what to say of them when that fails, too."""
        try:
            if ids:
                await self.uplink.delete_failed(ids)
        except ClarifaiError as error:
            return f"; it stays in the app, as it could not be deleted: {error}"
        return ""

    async def _settled_by_job(
        self, job_id: str, items: Sequence[EncodedItem], progress: asyncio.Task[Any] | None = None
    ) -> _Look:
        """Wait for an upload job, and look at inputs where it does not say that all are well."""
        sent = [item for item in items if item.mine is None and not item.there]
        if not sent or not (await self._await(job_id, len(sent), progress)):
            return await self._look(items)
        look = await self._look([item for item in items if item.mine is not None or item.there])
        look.ready += sent
        return look

    async def _await(self, job_id: str, count: int, first: asyncio.Task[Any] | None) -> bool:
        """Wait while the platform processes inputs; return whether it says that all succeeded."""
        errors = 0

        async def check() -> bool | None:
            nonlocal errors, first
            if self.stop.is_set():
                return False
            answer, first = first or self.uplink.start_progress(job_id), None
            await over(answer)
            try:
                progress = progress_of(answer)
            except (ApiClientError, ServerError, Throttled):
                errors += 1
                return False if errors >= MAX_POLL_ERRORS else None
            except ApiError:
                return False  # no such job: the inputs themselves tell
            errors = 0
            if progress.pending_count or progress.in_progress_count:
                return None
            return _all_processed(progress, count)

        return bool(await self._wait(check))

    async def _look(self, items: Sequence[EncodedItem]) -> _Look:
        """Look at inputs until the platform is done with each of them."""
        look = _Look()
        waiting = {item.id: item for item in items}
        errors: list[str] = []

        async def check() -> bool | None:
            try:
                await self._sort(waiting, look)
            except (ApiClientError, ApiError) as error:
                errors.append(str(error))
                return True if len(errors) >= MAX_POLL_ERRORS else None
            errors.clear()
            return True if not waiting or self.stop.is_set() else None

        if waiting:
            await self._wait(check)
        reason = errors[-1] if errors else "not processed in time; the platform goes on with it"
        look.unknown += [(item, reason) for item in waiting.values()]
        return look

    async def _sort(self, waiting: dict[str, EncodedItem], look: _Look) -> None:
        for one in await self.uplink.inputs.states(list(waiting), ready_only=True):
            if item := waiting.pop(one.id, None):
                item.stored = one if item.mine is not None else None
                look.ready.append(item)
        if not waiting:
            return
        states = {one.id: one for one in await self.uplink.inputs.states(list(waiting))}
        for item in list(waiting.values()):
            one = states.get(item.id)
            if one is None:
                look.absent.append(waiting.pop(item.id))
                continue
            said = one.status
            outcome = meaning_of(said).outcome
            if outcome is Outcome.ADDED:
                item.stored = one if item.mine is not None else None
                look.ready.append(waiting.pop(item.id))
            elif outcome is not Outcome.PROCESSING:
                look.refused.append((waiting.pop(item.id), said))

    async def _wait(self, check: Callable[[], Awaitable[bool | None]]) -> bool:
        try:
            return await wait_until(
                check,
                what="processing of uploaded inputs",
                timeout_seconds=self.timeout_seconds,
                first_seconds=0.02,
            )
        except DeadlineExceeded:
            return False  # what is not processed by now is reported as unconfirmed
