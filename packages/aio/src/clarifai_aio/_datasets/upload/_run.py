# Made of clarifai_datasets.upload._run by a tool:
# change that, and run `python -m tools.asynchronous`.

"""One call of `upload_*`: the journal is opened, the pipeline runs, the journal is closed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_aio._core.session import Session
from clarifai_aio._datasets.upload._pipeline import upload
from clarifai_aio._datasets.upload._requests import UploadRequests
from clarifai_aio._inputs.sender import app_concepts
from clarifai_core.contracts import DataLoader
from clarifai_core.errors import ClarifaiError, Interrupted, UserError
from clarifai_core.scope import Scope
from clarifai_datasets.upload import _journal as journals
from clarifai_datasets.upload import loader as loaders
from clarifai_datasets.upload._pipeline import UploadLimits
from clarifai_datasets.upload._run import SAMPLED_INPUTS, _after, _Doubt, _notes_of_labels
from clarifai_datasets.upload._sources import AllItems, CheckedItems, SomeItems, identity
from clarifai_datasets.upload.encode import ItemRules
from clarifai_datasets.upload.report import FailedItem, Origin, UploadFailed, UploadReport
from clarifai_inputs.concepts import ConceptNames

if TYPE_CHECKING:
    from clarifai_datasets.upload._sources import ItemSource


@attrs.frozen
class UploadCall:
    """What to upload, where to, and how."""

    session: Session
    scope: Scope
    loader: DataLoader
    rules: ItemRules
    limits: UploadLimits = attrs.field(factory=UploadLimits)
    origin: Origin = attrs.field(factory=Origin)
    progress: bool | None = None
    resume: bool = True
    executor: Executor | None = None
    hear: Callable[[Any], object] | None = None
    """Gets the features of each item, once."""

    @property
    def key(self) -> journals.UploadKey:
        """Return what makes two orders the same upload."""
        return journals.UploadKey(
            self.session.settings.base_url,
            self.scope.user_id,
            self.scope.app_id,
            self.rules.dataset_id,
            identity(self.loader),
        )


async def run(order: UploadCall) -> UploadReport:
    """Upload a source, going on where an earlier run of the same upload ended.

    Raises:
        UserError: The same upload is running already, or the source returns something that is no
            item.
        ApiError: The platform refuses the upload as such, and nothing was accepted before.
        UploadStopped: The upload cannot go on; the error's `report` says what was accepted.
    """
    if order.executor is not None:
        raise UserError(
            "executor= is for blocking uploads, those of clarifai.client: an event loop "
            "sends by itself."
        )
    if not order.resume:
        journals.forget(order.key)
        return await _run(order, AllItems(order.loader), journals.NoLedger())
    journal = journals.Journal(order.key)
    finished = False
    try:
        if journal.resumed:
            await _check(order, journal)
        report = await _run(order, AllItems(order.loader), journal)
        finished = report.ok and not report.unconfirmed
    except (UploadFailed, Interrupted) as error:
        if isinstance(error.report, UploadReport):
            error.report.notes += journal.notes
        raise
    finally:
        journal.close(finished=finished)
    report.notes += journal.notes
    return report


async def retry(order: UploadCall, report: UploadReport) -> UploadReport:
    """Upload again what failed or was left unconfirmed, and nothing else.

    Inputs are looked for before they are sent again, so that none is doubled.

    Returns:
        What became of these; `attempts` of what fails again counts the earlier ones, too.

    Raises:
        UserError: The loader has no such item any more.
    """
    before = {one.index: one for one in (*report.unconfirmed, *report.failed)}
    total = _check_items(order, before)
    ids = {index: one.id if one.attempts else "" for index, one in sorted(before.items())}
    journal = journals.Journal(order.key)
    finished = False
    try:
        source = SomeItems(order.loader, order.rules, ids)
        made = await _run(order, source, _Doubt(journal))
        finished = made.ok and not made.unconfirmed and report.total >= total
    finally:
        journal.close(finished=finished)
    made.failed = [_after(before[one.index], one) for one in made.failed]
    return made


async def _run(order: UploadCall, source: ItemSource, ledger: journals.Ledger) -> UploadReport:
    loop = asyncio.get_running_loop()

    def known() -> dict[str, str]:  # called by the thread that reads
        asked = app_concepts(order.session, order.scope)
        return asyncio.run_coroutine_threadsafe(asked, loop).result()

    names = ConceptNames(known)
    how = (
        order.session,
        order.scope,
        CheckedItems(source, order.rules, names, order.hear),
        order.rules,
    )
    try:
        report = await upload(*how, limits=order.limits, progress=order.progress, ledger=ledger)
    except (UploadFailed, Interrupted) as error:
        if isinstance(error.report, UploadReport):
            _sign(error.report, order, names)
        raise
    return _sign(report, order, names)


def _sign(report: UploadReport, order: UploadCall, names: ConceptNames) -> UploadReport:
    rules = attrs.asdict(order.rules)
    report.origin = attrs.evolve(order.origin, rules=rules)
    report.dataloader = order.loader
    report.notes += loaders.notes(order.loader) + _notes_of_labels(names)
    return report


async def _check(order: UploadCall, journal: journals.Journal) -> None:
    """Look whether what a journal calls done is there: an app may have been emptied since."""
    ids = journal.sample(SAMPLED_INPUTS)
    if not ids:
        return
    uplink = UploadRequests(order.session, order.scope, order.rules.dataset_id)
    try:
        found = await uplink.states(ids, ready_only=False)
    except ClarifaiError:
        found = {}  # each is looked for later, and what is wrong is said there
    if len(found) < len(ids):
        journal.doubt()


def _check_items(order: UploadCall, items: dict[int, FailedItem]) -> int:
    """Return the number of items that the loader has, if it has these."""
    total = loaders.prepare(order.loader)
    strange = [one for index, one in items.items() if not 0 <= index < total]
    if strange:
        raise UserError(
            f"The dataloader has {total:,} items, but the report speaks of item "
            f"{strange[0].index} ({strange[0].id!r}): give the loader that the upload had."
        )
    return total
