"""The one way that data come down, on an event loop.

The platform is asked, and waited for, by the loop. What then is the matter of files and media - the
archive, the pictures of its inputs, the zip that is written - is the work of threads, in the same
code as that of blocking exports. Cancelling the task ends that before the next input, and leaves
the draft, from which the next export goes on.
"""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING, Any, TypeVar

from clarifai_aio._datasets import archive_source
from clarifai_core.loggers import logger_for
from clarifai_datasets._export import source
from clarifai_datasets._export.partial import open_draft
from clarifai_datasets._export.pipeline import _fill, _has_labels_to_keep, _Progress
from clarifai_datasets._export.report import ExportFailed, ExportReport
from clarifai_datasets._export.source import Downloads

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager, AbstractContextManager

    from clarifai_aio._core.handles import Handle
    from clarifai_datasets._export.archive import InputArchive
    from clarifai_datasets._export.options import ExportOptions
    from clarifai_datasets._export.partial import ExportDraft

T = TypeVar("T")

_log = logger_for(__name__)


class _Stopped(Exception):
    """The task that wanted an export was cancelled."""


async def export(
    dataset: Handle, order: ExportOptions, *, progress: bool | None = None
) -> ExportReport:
    """Export a dataset's archive, and say what became of each input.

    Called again after it was cancelled, it goes on from there.

    Args:
        dataset: Whose settings are used, and whose version is exported when the order names no
            archive.
        order: What goes where; it has been checked.
        progress: Whether to show a bar; None: when stderr is a terminal.

    Raises:
        UserError: The archive cannot be used, lacks the split, or needs credentials; or the target
            cannot be written, or another export to it is under way.
        ClarifaiError: The archive did not come, or is damaged.
        ExportFailed: Not a single input came; `report` of the error says why.
    """
    started = time.monotonic()
    if order.local_archive_path is None and not order.archive_url:
        source.check_dataset(dataset)
    report = ExportReport(order.save_path)
    stop = threading.Event()
    await _export(dataset, order, report, started, progress, stop)
    if report.failed or report.lost:
        # One line for programs that do not look: the summary is for those that print the report.
        _log.warning("%s", report.shortfall)
    return report


async def _export(
    dataset: Handle,
    order: ExportOptions,
    report: ExportReport,
    started: float,
    progress: bool | None,
    stop: threading.Event,
) -> None:
    with open_draft(order) as draft, archive_source.downloads_of(dataset) as found:
        downloads = _Stoppable(found.downloader, found.locked, stop)
        key, is_moment = source.key_of(dataset, order)
        draft.claim(key, is_moment=is_moment)
        async with _archive(dataset, order, downloads, draft) as archive:
            fill = (draft, order, archive, downloads, report, _Progress(), progress)
            await _to_the_end(stop, _fill, *fill)
        report.seconds = time.monotonic() - started
        nothing = bool(report.failed) and not report.exported
        if nothing and (order.save_path.exists() or not _has_labels_to_keep(report)):
            raise ExportFailed(f"Nothing was exported. {report}", report)
        draft.arrive()
        # A folder that is there is never written into, so nothing can go on with it.
        draft.is_wanted = any(one.may_heal for one in report.failed) and not order.as_folder
    if nothing:
        raise ExportFailed(f"No input came, only labels. {report}", report)


class _Stoppable(Downloads):
    """Downloads that refuse the next address once they are to stop."""

    def __init__(self, downloader: Any, locked: Any, stop: threading.Event) -> None:
        super().__init__(downloader, locked)
        object.__setattr__(self, "_stop", stop)

    _stop: threading.Event

    def check(self, url: str) -> None:
        if self._stop.is_set():
            raise _Stopped
        super().check(url)


def _archive(
    dataset: Handle, order: ExportOptions, downloads: Downloads, draft: ExportDraft
) -> AbstractAsyncContextManager[InputArchive]:
    if order.local_archive_path is not None:
        return _Plain(source.local_archive(order.local_archive_path))
    if order.archive_url:
        return archive_source.archive_at(order.archive_url, downloads, draft)
    return archive_source.archive_of(dataset, downloads, draft)


class _Plain:
    """A context manager, for `async with`."""

    def __init__(self, inner: AbstractContextManager[InputArchive]) -> None:
        self._inner = inner

    async def __aenter__(self) -> InputArchive:
        return self._inner.__enter__()

    async def __aexit__(self, *args: Any) -> bool | None:
        return self._inner.__exit__(*args)


async def _to_the_end(stop: threading.Event, work: Callable[..., T], *arguments: Any) -> T:
    """Have a thread do something; when the task is cancelled, wait until the thread has stopped."""
    working = asyncio.ensure_future(asyncio.to_thread(work, *arguments))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        stop.set()
        await asyncio.wait([working])
        if not working.cancelled():
            working.exception()
        raise
