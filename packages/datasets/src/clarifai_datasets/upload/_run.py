"""One call of `upload_*`: the journal is opened, the pipeline runs, the journal is closed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core.contracts import DataLoader
from clarifai_core.errors import ClarifaiError, Interrupted, UserError
from clarifai_core.scope import Scope
from clarifai_core.transport.session import Session
from clarifai_datasets.upload import _journal as journals
from clarifai_datasets.upload import loader as loaders
from clarifai_datasets.upload._parallel import upload_with
from clarifai_datasets.upload._pipeline import UploadLimits, upload
from clarifai_datasets.upload._requests import UploadRequests
from clarifai_datasets.upload._sources import AllItems, CheckedItems, SomeItems, identity
from clarifai_datasets.upload.encode import ItemRules
from clarifai_datasets.upload.report import FailedItem, Origin, UploadFailed, UploadReport
from clarifai_inputs.concepts import ConceptNames
from clarifai_inputs.sender import app_concepts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from clarifai_datasets.upload._sources import ItemSource

SAMPLED_INPUTS = 500
"""Inputs that are looked for before what a journal says is believed."""


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


def run(order: UploadCall) -> UploadReport:
    """Upload a source, going on where an earlier run of the same upload ended.

    Raises:
        UserError: The same upload is running already, or the source returns something that is no
            item.
        ApiError: The platform refuses the upload as such, and nothing was accepted before.
        UploadStopped: The upload cannot go on; the error's `report` says what was accepted.
        Interrupted: Ctrl-C (a KeyboardInterrupt); its `report` says what was done.
    """
    if order.executor is not None and not callable(getattr(order.executor, "submit", None)):
        raise UserError(
            f"executor must be a concurrent.futures.Executor, got {order.executor!r:.80}."
        )
    if not order.resume:
        journals.forget(order.key)
        return _run(order, AllItems(order.loader), journals.NoLedger())
    journal = journals.Journal(order.key)
    finished = False
    try:
        if journal.resumed:
            _check(order, journal)
        report = _run(order, AllItems(order.loader), journal)
        finished = report.ok and not report.unconfirmed
    except (UploadFailed, Interrupted) as error:
        if isinstance(error.report, UploadReport):
            error.report.notes += journal.notes
        raise
    finally:
        journal.close(finished=finished)
    report.notes += journal.notes
    return report


def retry(order: UploadCall, report: UploadReport) -> UploadReport:
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
        made = _run(order, source, _Doubt(journal))
        finished = made.ok and not made.unconfirmed and report.total >= total
    finally:
        journal.close(finished=finished)
    made.failed = [_after(before[one.index], one) for one in made.failed]
    return made


@attrs.frozen
class _Doubt:
    """Counts every input as one that may have been sent before."""

    journal: journals.Journal
    resumed = True

    def find(self, ids: Sequence[str]) -> dict[str, bytes | None]:
        return dict.fromkeys(ids)

    def sent(self, ids: Iterable[str]) -> None:
        self.journal.sent(ids)

    def done(self, entries: Iterable[journals.Entry]) -> None:
        self.journal.done(entries)


def _after(before: FailedItem, now: FailedItem) -> FailedItem:
    """Return a failure with the attempts of the run before, and the id it had there if any."""
    known = before.id if before.attempts else now.id
    return attrs.evolve(now, id=known, attempts=before.attempts + now.attempts)


def _run(order: UploadCall, source: ItemSource, ledger: journals.Ledger) -> UploadReport:
    names = ConceptNames(partial(app_concepts, order.session, order.scope))
    how = (
        order.session,
        order.scope,
        CheckedItems(source, order.rules, names, order.hear),
        order.rules,
    )
    try:
        if order.executor is not None:
            report = upload_with(
                order.executor,
                *how,
                limits=order.limits,
                progress=order.progress,
                ledger=ledger,
            )
        else:
            report = upload(*how, limits=order.limits, progress=order.progress, ledger=ledger)
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


def _notes_of_labels(names: ConceptNames) -> list[str]:
    alike = [f"{other!r} and {label!r}" for label, other in names.alike.items()]
    if not alike:
        return []
    more = f" and {len(alike) - loaders.MAX_NOTED:,} more" if len(alike) > loaders.MAX_NOTED else ""
    shown = ", ".join(alike[: loaders.MAX_NOTED])
    return [f"labels that differ in case only are concepts of their own: {shown}{more}"]


def _check(order: UploadCall, journal: journals.Journal) -> None:
    """Look whether what a journal calls done is there: an app may have been emptied since."""
    ids = journal.sample(SAMPLED_INPUTS)
    if not ids:
        return
    uplink = UploadRequests(order.session, order.scope, order.rules.dataset_id)
    try:
        found = uplink.states(ids, ready_only=False)
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
