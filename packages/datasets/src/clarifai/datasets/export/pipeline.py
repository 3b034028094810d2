"""The one way that data come down.

archive (a batch at a time) -> media of several inputs at once, in order -> one writer -> report

The thread that calls `export` reads the archive and writes; other threads only fetch. A bounded
number of inputs is under way, so that memory does not grow with their size. All is made in a folder
next to the target, which comes to be at the end and in one go.
"""

from __future__ import annotations

import logging
import tempfile
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
from clarifai_grpc.grpc.api import resources_pb2

from clarifai.core.errors import PluginError, UserError
from clarifai.core.plugins import plugins
from clarifai.datasets.export import source
from clarifai.datasets.export.address import shown
from clarifai.datasets.export.archive import Archive, Batch
from clarifai.datasets.export.download import Fetched, Fetcher, NotFetched, media_of
from clarifai.datasets.export.naming import is_safe
from clarifai.datasets.export.report import ExportFailed, ExportReport, FailedInput
from clarifai.datasets.export.source import Downloads
from clarifai.datasets.export.target import FolderTarget, ZipTarget

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from contextlib import AbstractContextManager

    from clarifai.core.contracts import Exporter, ExportTarget, Written
    from clarifai.datasets.export.order import Order
    from clarifai.datasets.handle import Dataset

AHEAD_PER_WORKER = 4
"""Inputs that may wait for their turn to be written, for each thread that fetches."""

_log = logging.getLogger(__name__)


def export(dataset: Dataset, order: Order, *, progress: bool | None = None) -> ExportReport:
    """Export a dataset's archive, and say what became of each input.

    Args:
        dataset: Whose settings are used, and whose version is exported when the order names no
            archive.
        order: What goes where; it has been checked.
        progress: Whether to show a bar; None: when stderr is a terminal.

    Raises:
        UserError: The archive cannot be used, lacks the split, or needs credentials.
        ClarifaiError: The archive did not come, or is damaged.
        ExportFailed: Not a single input came; `report` of the error says why.
    """
    started = time.monotonic()
    if order.local_archive_path is None and not order.archive_url:
        source.check_dataset(dataset)
    report = ExportReport(order.save_path)
    with _workplace(order.save_path) as folder, source.downloads_of(dataset) as downloads:
        draft = folder / "draft"
        scratch = folder / "scratch"
        scratch.mkdir()
        with (
            _archive(dataset, order, downloads, folder) as archive,
            (FolderTarget if order.as_folder else ZipTarget)(draft, scratch) as target,
        ):
            exporter = _exporter(order.format, target)
            batches = archive.select(order.split)
            run = _Run(archive, batches, Fetcher(downloads, folder), downloads, order.num_workers)
            _write(run, exporter, report, _bar(sum(batch.inputs for batch in batches), progress))
            exporter.finish()
        report.seconds = time.monotonic() - started
        if report.failed and not report.exported:
            raise ExportFailed(f"Nothing was exported. {report}", report)
        _arrive(draft, order)
    if report.failed or report.lost:
        _log.warning("%s", report)
    return report


def _exporter(name: str, target: ExportTarget) -> Exporter:
    spec = plugins().find("exporters", name)
    if spec is None:
        raise PluginError(f"No installed plugin has the export format {name!r}.")
    made: Exporter = spec.load()(target)
    return made


def _arrive(draft: Path, order: Order) -> None:
    """Let what was written come to be where it was wanted."""
    if order.as_folder and order.save_path.is_dir():
        order.save_path.rmdir()  # it was empty; if it no longer is, this fails, as it should
    draft.replace(order.save_path)


def _archive(
    dataset: Dataset, order: Order, downloads: Downloads, folder: Path
) -> AbstractContextManager[Archive]:
    if order.local_archive_path is not None:
        return source.local_archive(order.local_archive_path)
    if order.archive_url:
        return source.archive_at(order.archive_url, downloads, folder)
    return source.archive_of(dataset, downloads, folder)


@contextmanager
def _workplace(save_path: Path) -> Iterator[Path]:
    """Make a folder beside the target: on the same disk, so that the end is one rename."""
    try:
        made = tempfile.TemporaryDirectory(dir=save_path.parent, prefix=f".{save_path.name}-")
    except OSError as error:
        raise UserError(f"save_path {str(save_path)!r} cannot be written: {error}.") from error
    with made as folder:
        yield Path(folder)


_Done = tuple[str, resources_pb2.Input, "Fetched | FailedInput"]
"""Split, input, and its media or why there are none."""


@attrs.frozen
class _Entry:
    """An input on its way, and what came of its media so far."""

    split: str
    message: resources_pb2.Input
    media: Future[Fetched] | FailedInput


@attrs.define
class _Run:
    """Reads inputs and fetches their media; yields both in the archive's order."""

    archive: Archive
    batches: list[Batch]
    fetcher: Fetcher
    downloads: Downloads
    num_workers: int
    seen: set[tuple[str, str]] = attrs.field(factory=set)

    def entries(self) -> Generator[_Done, None, None]:
        ahead: deque[_Entry] = deque()
        pool = ThreadPoolExecutor(self.num_workers, "clarifai-export")
        try:
            for split, message in self._inputs():
                ahead.append(self._start(pool, split, message))
                if len(ahead) > AHEAD_PER_WORKER * self.num_workers:
                    yield _finished(ahead.popleft())
            while ahead:
                yield _finished(ahead.popleft())
        finally:
            pool.shutdown(cancel_futures=True)

    def _inputs(self) -> Iterator[tuple[str, resources_pb2.Input]]:
        for batch in self.batches:
            for message in self.archive.inputs(batch):
                yield batch.split, message

    def _start(self, pool: ThreadPoolExecutor, split: str, message: resources_pb2.Input) -> _Entry:
        media = media_of(message)
        fault = self._fault(split, message.id)
        if not media or not all(one.url or one.content for one in media):
            fault = fault or "it has neither an address nor content"
        if fault:
            return _Entry(split, message, FailedInput(message.id, split, fault))
        for one in media:
            self.downloads.check(one.url)
        return _Entry(split, message, pool.submit(self.fetcher.fetch, media))

    def _fault(self, split: str, input_id: str) -> str:
        if not is_safe(input_id):
            return "its id cannot be the name of a file"
        if (split, input_id) in self.seen:
            return "the split has another input with this id"
        self.seen.add((split, input_id))
        return ""


def _finished(entry: _Entry) -> _Done:
    """Wait for the media of an input."""
    if isinstance(entry.media, FailedInput):
        return entry.split, entry.message, entry.media
    try:
        return entry.split, entry.message, entry.media.result()
    except NotFetched as error:
        failed = FailedInput(entry.message.id, entry.split, str(error), shown(error.url))
        return entry.split, entry.message, failed


def _write(run: _Run, exporter: Exporter, report: ExportReport, bar: Any) -> None:
    with bar, closing(run.entries()) as entries:
        for split, message, media in entries:
            bar.update(1)
            if isinstance(media, FailedInput):
                report.failed.append(media)
                continue
            try:
                written = exporter.add(split, message, media)
            except ValueError as error:
                report.failed.append(FailedInput(message.id, split, str(error)))
                continue
            _note(written, split, report)


def _note(written: Written, split: str, report: ExportReport) -> None:
    report.bytes += written.media_bytes
    report.annotations += written.labels > 0
    report.exported += 1
    report.splits[split] = report.splits.get(split, 0) + 1
    for what, count in written.lost.items():
        report.lost[what] = report.lost.get(what, 0) + count


def _bar(total: int, progress: bool | None) -> Any:
    from tqdm import tqdm

    disable = None if progress is None else not progress
    return tqdm(total=total, desc="Exporting", unit=" inputs", disable=disable)
