# Made of clarifai_datasets.upload._existing by a tool:
# change that, and run `python -m tools.asynchronous`.

"""Inputs that the app had before, and what this upload says of them.

The same content under the same id is the same input: its labels become those of this source. Other
content under the id is another input: nothing of it is touched, unless `on_conflict` asks for that.

Whose labels are whose:

    regions     an annotation of ours has an id that begins with what input and source give
                (`encode.owner`): it needs no journal, and survives the loss of one. Of these,
                what the source no longer has is deleted, after what is new was added. Others stay;
                one that is equal is not added again, and one in the very same place with other
                labels is a conflict.
    concepts    of the input as a whole. They came with the input if nobody changed them since: then
                they are replaced. If somebody did, missing ones are added where nothing speaks
                against it; else it is a conflict.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import attrs

from clarifai_core.errors import ClarifaiError
from clarifai_datasets.upload._existing import (
    _WITH_REGIONS,
    ASK_LABELS,
    ExistingInputs,
    RegionKey,
    Relabelled,
    _concepts_differ,
    _done,
    _fault,
    _is_as_sent,
    _labels,
    _parsed,
    _place,
    _Regions,
    _shown,
    _stored_concepts,
)
from clarifai_datasets.upload.encode import EncodedItem, ItemRules, owner
from clarifai_inputs.same_input import Unsure, difference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clarifai_aio._datasets.upload._requests import UploadRequests
    from clarifai_core.heavy import resources_pb2


async def compared(items: Sequence[EncodedItem], uplink: UploadRequests) -> ExistingInputs:
    """Compare the content of inputs with what the app has under their ids."""
    found = ExistingInputs()
    # It reads what the app has, and compares pictures: both is work for threads.
    several = [asyncio.to_thread(_difference, one, uplink) for one in items]
    answers = await asyncio.gather(*several)
    for item, (answer, why) in zip(items, answers, strict=True):
        if answer is None:
            found.unsure.append((item, why))
        elif answer:
            found.other.append((item, why))
        else:
            found.same.append(item)
    return found


def _difference(item: EncodedItem, uplink: UploadRequests) -> tuple[bool | None, str]:
    if item.mine is None or item.stored is None:
        return None, "the app does not show what it has"
    try:
        why = difference(item.mine, item.stored, uplink.read)
    except Unsure as error:
        return None, str(error)
    return bool(why), why


class LabelUpdater:
    """Makes the labels of inputs that are there those of this source."""

    def __init__(self, uplink: UploadRequests, rules: ItemRules) -> None:
        self._uplink, self._rules = uplink, rules

    async def settle(self, items: Sequence[EncodedItem]) -> Relabelled:
        """Add, replace and delete labels of inputs that hold the same as the source.

        Args:
            items: With what the app has, `stored`.
        """
        made = Relabelled()
        asked = [item for item in items if self._needs_a_look(item)]
        try:
            there = await self._uplink.annotations_of([item.id for item in asked]) if asked else {}
        except ClarifaiError as error:
            reason = f"its labels cannot be looked at: {error}"
            made.failed += [_fault(item, reason) for item in asked]
            return made
        await self._settle_regions([(item, there[item.id]) for item in asked], made)
        await self._settle_concepts(
            [(item, there[item.id]) for item in asked if _concepts_differ(item)], made
        )
        return made

    def _needs_a_look(self, item: EncodedItem) -> bool:
        has_regions = bool(item.annotations) or self._rules.task in _WITH_REGIONS
        return has_regions or _concepts_differ(item)

    # -- regions ---------------------------------------------------------------------------------

    async def _settle_regions(
        self,
        items: Sequence[tuple[EncodedItem, Sequence[resources_pb2.Annotation]]],
        made: Relabelled,
    ) -> None:
        plans = {item.id: (item, self._plan(item, there)) for item, there in items}
        # The new ones first: where one of them is refused, the input keeps those that it had.
        wanted = [entry for _, plan in plans.values() for entry in plan.add]
        made.added, failed = await self._uplink.annotate(wanted)
        made.failed += [attrs.evolve(one, index=plans[one.id][0].index) for one in failed]
        incomplete = {one.id for one in failed}
        for item, plan in plans.values():
            if plan.conflicts:
                self._note(item, "; ".join(plan.conflicts), made)
        gone = [
            pair
            for item, plan in plans.values()
            if item.id not in incomplete
            for pair in plan.delete
        ]
        if not gone:
            return
        try:
            await self._uplink.delete_annotations(gone)
        except ClarifaiError as error:
            reason = f"its earlier labels could not be deleted: {error}"
            made.failed += [_fault(plans[one][0], reason) for one in dict(gone)]
            return
        for one in dict(gone):
            count = sum(input_id == one for input_id, _ in gone)
            reason = f"{count} of its earlier regions replaced or deleted"
            made.changed.append(_done(plans[one][0], reason))

    def _plan(self, item: EncodedItem, there: Sequence[resources_pb2.Annotation]) -> _Regions:
        plan = _Regions()
        mark = owner(self._rules.source, item.id)
        wanted = {one.id: (one, entry) for one, entry in _parsed(item.annotations)}
        have = {one.id for one in there}
        others = [one for one in there if one.data.regions and not one.id.startswith(mark)]
        at: dict[RegionKey, list[resources_pb2.Annotation]] = {}
        for one in others:
            at.setdefault(_place(one), []).append(one)
        for own, (one, entry) in wanted.items():
            if own in have:
                continue
            beside = at.get(_place(one), [])
            if any(_labels(other) == _labels(one) for other in beside):
                continue  # somebody else's, or of an earlier version of this program: it is there
            if beside and self._rules.on_conflict != "replace":
                plan.conflicts.append(
                    f"in the place of {_shown(_labels(one).values())} somebody else's label is "
                    f"{_shown(_labels(beside[0]).values())}"
                )
                continue
            plan.delete += [(item.id, other.id) for other in beside]
            plan.add.append((item.id, entry))
        # And those that an earlier upload of this source brought, and that it no longer has.
        plan.delete += [
            (item.id, one.id)
            for one in there
            if one.id.startswith(mark) and one.id not in wanted and one.data.regions
        ]
        plan.delete = list(dict.fromkeys(plan.delete))
        return plan

    # -- concepts --------------------------------------------------------------------------------

    async def _settle_concepts(
        self,
        items: Sequence[tuple[EncodedItem, Sequence[resources_pb2.Annotation]]],
        made: Relabelled,
    ) -> None:
        add: dict[str, dict[str, str]] = {}
        remove: dict[str, dict[str, str]] = {}
        by_id = {item.id: item for item, _ in items}
        said: dict[str, str] = {}
        for item, there in items:
            wanted, has = item.concepts, _stored_concepts(item)
            new = {own: name for own, name in wanted.items() if own not in has}
            old = {own: name for own, name in has.items() if own not in wanted}
            change = f"labelled {_shown(has.values())}, {_shown(wanted.values())} in this source"
            if old and not (_is_as_sent(there) or self._rules.on_conflict == "replace"):
                if new:
                    self._note(item, f"{change}; they were changed since they were sent", made)
                else:
                    kept = f"it has {_shown(old.values())}, too, which stays"
                    made.changed.append(_done(item, kept))
                continue
            said[item.id] = f"{change}: changed"
            if new:
                add[item.id] = new
            if old:
                remove[item.id] = old
        # In this order no input is without labels in between; what could not be given new ones
        # keeps its own.
        for labels, action in ((add, "merge"), (remove, "remove")):
            try:
                await self._uplink.patch_labels(labels, action)
            except ClarifaiError as error:
                reason = f"its labels could not be changed: {error}"
                made.failed += [_fault(by_id[one], reason) for one in labels if one in said]
                for one in labels:
                    said.pop(one, None)
                    remove.pop(one, None)
        made.changed += [_done(by_id[one], reason) for one, reason in said.items()]

    def _note(self, item: EncodedItem, reason: str, made: Relabelled) -> None:
        """Say that labels are left as they are, as a failure unless that was asked for."""
        if self._rules.on_conflict == "skip":
            made.changed.append(_done(item, f"left as they are: {reason}"))
        else:
            made.failed.append(_fault(item, f"{reason}: {ASK_LABELS}"))
