"""The one way that data come down.

archive (a batch at a time) -> media of several inputs at once, in order -> one writer -> report

The thread that calls `export` reads the archive and writes; other threads only fetch. A bounded
number of inputs is under way, so that memory does not grow with their size. All is made in a draft
next to the target, which comes to be at the end and in one go. What a killed export left of its
draft is written again first, by the same exporter and from what is there; only then is anything
fetched.
"""

from __future__ import annotations

import time
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core.errors import Interrupted, PluginError
from clarifai_core.heavy import resources_pb2
from clarifai_core.loggers import logger_for
from clarifai_core.plugins import plugins
from clarifai_core.progress import bar as progress_bar
from clarifai_datasets._export import source
from clarifai_datasets._export.address import shown
from clarifai_datasets._export.archive import EVERY_SPLIT, InputArchive, Member
from clarifai_datasets._export.download import Fetched, Fetcher, NotFetched
from clarifai_datasets._export.index import Index, Record
from clarifai_datasets._export.ordered_pool import in_order
from clarifai_datasets._export.partial import open_draft
from clarifai_datasets._export.report import ExportFailed, ExportReport, FailedInput
from clarifai_datasets._export.source import Downloads
from clarifai_inputs.file_names import is_well_formed
from clarifai_inputs.originals import Original, originals_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from contextlib import AbstractContextManager

    from clarifai_core.contracts import Exporter, ExportTarget, WriteResult
    from clarifai_core.handles import Handle
    from clarifai_core.progress import Bar
    from clarifai_datasets._export.options import ExportOptions
    from clarifai_datasets._export.partial import ExportDraft

_log = logger_for(__name__)


def export(
    dataset: Handle,
    order: ExportOptions,
    *,
    progress: bool | None = None,
    shows_report: bool = False,
) -> ExportReport:
    """Export a dataset's archive, and say what became of each input.

    Called again after it was stopped, it goes on from there. Inputs whose media did not come for a
    reason that may pass (no answer, a failing server) are all that a second call asks for, as long
    as the first one's zip is as it was left.

    Args:
        dataset: Whose settings are used, and whose version is exported when the order names no
            archive.
        order: What goes where; it has been checked.
        progress: Whether to show a bar; None: when stderr is a terminal.
        shows_report: Whether the caller shows the report, which says what is lacking.

    Raises:
        UserError: The archive cannot be used, lacks the split, or needs credentials; or the target
            cannot be written, or another export to it is under way.
        ClarifaiError: The archive did not come, or is damaged.
        ExportFailed: Not a single input came; `report` of the error says why.
        Interrupted: Ctrl-C (a KeyboardInterrupt); its `report` says what was done.
    """
    started = time.monotonic()
    if order.local_archive_path is None and not order.archive_url:
        source.check_dataset(dataset)
    report = ExportReport(order.save_path)
    so_far = _Progress()
    try:
        _export(dataset, order, report, so_far, started, progress)
    except KeyboardInterrupt:
        report.seconds = time.monotonic() - started
        raise Interrupted(so_far.done(report), report) from None
    if (report.failed or report.lost) and not shows_report:
        # One line for programs that do not look: the summary is for those that print the report.
        _log.warning("%s", report.shortfall)
    return report


_NOTHING = (
    "there was no input in it: a version of a dataset has those that the platform has processed by "
    "then (upload_dataset waits for that, single uploads do not)"
)


@attrs.define
class _Progress:
    """How many inputs there are, once that is known."""

    total: int | None = None

    def done(self, report: ExportReport) -> str:
        return f"{report.exported:,} of {self.total:,} exported" if self.total else "none exported"


def _export(
    dataset: Handle,
    order: ExportOptions,
    report: ExportReport,
    so_far: _Progress,
    started: float,
    progress: bool | None,
) -> None:
    with open_draft(order) as draft, source.downloads_of(dataset) as downloads:
        key, is_moment = source.key_of(dataset, order)
        draft.claim(key, is_moment=is_moment)
        with _archive(dataset, order, downloads, draft) as archive:
            _fill(draft, order, archive, downloads, report, so_far, progress)
        report.seconds = time.monotonic() - started
        nothing = bool(report.failed) and not report.exported
        if nothing and (order.save_path.exists() or not _has_labels_to_keep(report)):
            raise ExportFailed(f"Nothing was exported. {report}", report)
        draft.arrive()
        # A folder that is there is never written into, so nothing can go on with it.
        draft.is_wanted = any(one.may_heal for one in report.failed) and not order.as_folder
    if nothing:
        raise ExportFailed(f"No input came, only labels. {report}", report)


def _has_labels_to_keep(report: ExportReport) -> bool:
    """Return whether labels of inputs are all that there will ever be."""
    return report.annotations > 0 and not any(one.may_heal for one in report.failed)


def _fill(
    draft: ExportDraft,
    order: ExportOptions,
    archive: InputArchive,
    downloads: Downloads,
    report: ExportReport,
    so_far: _Progress,
    progress: bool | None,
) -> None:
    batches = archive.select(order.split)
    so_far.total = sum(batch.inputs for batch in batches)
    split = "" if order.split in EVERY_SPLIT else order.split
    contents = [archive.fingerprint, split, *filter(None, [order.image_format])]
    with draft.open(contents) as target, Index(draft, target) as kept:
        exporter = _exporter(order.format, target)
        fetcher = Fetcher(downloads, draft.scratch, as_png=bool(order.image_format))
        run = _Run(archive, batches, fetcher, downloads, order.num_workers, kept)
        _write(run, exporter, report, _bar(so_far.total, progress))
        _write_labels(run.without_media, exporter, report)
        exporter.finish()
        report.notes += getattr(exporter, "notes", ())
        if not so_far.total:
            report.notes.append(_NOTHING)


def _exporter(name: str, target: ExportTarget) -> Exporter:
    spec = plugins().find("exporters", name)
    if spec is None:
        raise PluginError(f"No installed plugin has the export format {name!r}.")
    made: Exporter = spec.make(target, having=("add", "finish"))
    return made


def _archive(
    dataset: Handle, order: ExportOptions, downloads: Downloads, draft: ExportDraft
) -> AbstractContextManager[InputArchive]:
    if order.local_archive_path is not None:
        return source.local_archive(order.local_archive_path)
    if order.archive_url:
        return source.archive_at(order.archive_url, downloads, draft)
    return source.archive_of(dataset, downloads, draft)


@attrs.define
class _Entry:
    """An input on its way."""

    split: str
    message: resources_pb2.Input
    originals: list[Original] = attrs.field(factory=list)
    failed: FailedInput | None = None
    has_name: bool = True
    """Whether files can be called by its id, as no other is."""
    record: Record | None = None
    """Of an input that an earlier export wrote."""


@attrs.define
class _Run:
    """Reads inputs and fetches their media; yields both in the archive's order."""

    archive: InputArchive
    batches: list[Member]
    fetcher: Fetcher
    downloads: Downloads
    num_workers: int
    kept: Index
    seen: set[tuple[str, str]] = attrs.field(factory=set)
    written: set[tuple[str, str]] = attrs.field(factory=set)
    """Inputs that an earlier export wrote, until they were met in the archive."""
    without_media: list[tuple[str, bytes]] = attrs.field(factory=list)
    """Splits and messages of inputs whose media did not come."""

    def entries(self) -> Generator[tuple[_Entry, Fetched | FailedInput], None, None]:
        """Yield what an earlier export wrote, then the rest."""
        yield from self._again()
        self.kept.go_on()
        with closing(in_order(self._fetched, self._started(), self.num_workers)) as fetched:
            yield from fetched

    def _again(self) -> Generator[tuple[_Entry, Fetched | FailedInput], None, None]:
        """Yield inputs of the draft in its order.

        That is the archive's, but for those that failed at first and came in a later export, which
        are behind: so the archive is gone through as often as it takes.
        """
        record = self.kept.next()
        while record is not None:
            before = len(self.written)
            for split, message in self._inputs():
                if (split, message.id) != record.key:
                    continue
                media = self.kept.read(record)
                if media is None:
                    break
                self.written.add(record.key)
                yield _Entry(split, message, record=record), media
                record = self.kept.next()
                if record is None:
                    return
            if len(self.written) == before:
                self.kept.cut(record.start)
                return

    def _inputs(self) -> Iterator[tuple[str, resources_pb2.Input]]:
        for batch in self.batches:
            for message in self.archive.inputs(batch):
                yield batch.split, message

    def _started(self) -> Iterator[_Entry]:
        for split, message in self._inputs():
            key = (split, message.id)
            if key in self.written:
                self.written.remove(key)
                self.seen.add(key)
            else:
                yield self._entry(split, message)

    def _entry(self, split: str, message: resources_pb2.Input) -> _Entry:
        originals = originals_of(message)
        fault, has_name = self._fault(split, message.id), True
        if fault:
            has_name = False
        elif not originals:
            fault = "it has neither an address nor content"
        if fault:
            failed = FailedInput(message.id, split, fault)
            return _Entry(split, message, failed=failed, has_name=has_name)
        for one in originals:
            if isinstance(first := one.sources[0], str):
                self.downloads.check(first)
        return _Entry(split, message, originals)

    def _fault(self, split: str, input_id: str) -> str:
        if not is_well_formed(input_id):
            return "its id cannot be the name of a file"
        if (split, input_id) in self.seen:
            return "the split has another input with this id"
        self.seen.add((split, input_id))
        return ""

    def _fetched(self, entry: _Entry) -> Fetched | FailedInput:
        if entry.failed is not None:
            return entry.failed
        try:
            return self.fetcher.fetch(entry.originals)
        except NotFetched as error:
            where = shown(error.url)
            return FailedInput(entry.message.id, entry.split, str(error), where, error.may_heal)


def _write(run: _Run, exporter: Exporter, report: ExportReport, bar: Any) -> None:
    kept = run.kept
    with bar, closing(run.entries()) as entries:
        for entry, media in entries:
            bar.update(1)
            if isinstance(media, FailedInput):
                report.failed.append(media)
                if entry.has_name:
                    run.without_media.append((entry.split, entry.message.SerializeToString()))
                continue
            split, message = entry.split, entry.message
            try:
                written = exporter.add(split, message, media)
            except ValueError as error:
                kept.undo()
                report.failed.append(FailedInput(message.id, split, str(error)))
                continue
            if entry.record is None:
                kept.keep(split, message.id, media)
            else:
                kept.keep_again(entry.record, media)
            _note(written, split, report)


def _write_labels(
    inputs: list[tuple[str, bytes]], exporter: Exporter, report: ExportReport
) -> None:
    """Write what is known about inputs whose media did not come, where the format can.

    It comes last, behind all that a second export goes on from: there the media may come.
    """
    add_labels = getattr(exporter, "add_labels", None)
    if add_labels is None:
        return
    kept = 0
    for split, content in inputs:
        with suppress(ValueError):  # why: that the input failed is in the report already
            kept += add_labels(split, resources_pb2.Input.FromString(content)).labels > 0
    report.annotations += kept
    if kept:
        report.notes.append(
            f"{kept:,} of the failed inputs are there by their labels alone: their files did not "
            "come"
        )


def _note(written: WriteResult, split: str, report: ExportReport) -> None:
    report.bytes += written.media_bytes
    report.annotations += written.labels > 0
    report.exported += 1
    report.splits[split] = report.splits.get(split, 0) + 1
    for what, count in written.lost.items():
        if count:
            report.lost[what] = report.lost.get(what, 0) + count


def _bar(total: int, progress: bool | None) -> Bar:
    return progress_bar(total, "Exporting", "inputs", progress)
