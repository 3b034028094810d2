# Made of clarifai_datasets._export.source by a tool:
# change that, and run `python -m tools.asynchronous`.

"""Where the archive comes from: a file, an address, or an export of the dataset itself."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from clarifai_aio._core import jobs, ops
from clarifai_aio._core.session import in_thread
from clarifai_aio._datasets import _versions
from clarifai_core.errors import BadReply, ClarifaiError, NotFound, PermissionDenied, UserError
from clarifai_core.files import PRIVATE
from clarifai_core.heavy import resources_pb2, service_pb2
from clarifai_core.status import error_within
from clarifai_core.transport.channel import open_connection
from clarifai_core.transport.download import Downloader, origins
from clarifai_core.wire.ids import new_id
from clarifai_datasets._export.address import shown
from clarifai_datasets._export.archive import open_archive
from clarifai_datasets._export.source import (
    EXPORT_TIMEOUT_SECONDS,
    MAX_ARCHIVE_BYTES,
    Downloads,
    _export_in,
    _log,
    _opened,
)
from clarifai_datasets._export.source import check_dataset as check_dataset
from clarifai_datasets._export.source import key_of as key_of
from clarifai_datasets._export.source import local_archive as local_archive
from clarifai_datasets._kinds import DATASET_VERSION

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from typing import Any

    from clarifai_aio._core.handles import Handle
    from clarifai_datasets._export.archive import InputArchive
    from clarifai_datasets._export.partial import ExportDraft


@contextmanager
def downloads_of(dataset: Handle) -> Iterator[Downloads]:
    """Open what fetches media; without credentials too: an archive may need none."""
    try:
        session = dataset.session
    except UserError:
        if dataset.settings.credentials is not None:
            raise
    else:
        yield Downloads(session.downloads.blocking)
        return
    connection = open_connection(dataset.settings)
    downloader = Downloader(dataset.settings, connection, None)
    try:
        yield Downloads(downloader, origins(connection.media_origins))
    finally:
        downloader.close()
        connection.close()


async def inputs_of(dataset: Handle, version_id: str) -> AsyncIterator[resources_pb2.Input]:
    """Yield the inputs of a version, as its archive has them, with their annotations."""
    export = await archive_of_version(dataset, version_id)
    with tempfile.TemporaryDirectory() as folder, downloads_of(dataset) as downloads:
        path = Path(folder) / "archive.zip"
        downloads.check(export.url)
        most = int(export.size) or MAX_ARCHIVE_BYTES
        await in_thread(
            None, downloads.downloader.save, export.url, path, max_bytes=most, mode=PRIVATE
        )
        what = f"The archive of dataset {dataset.id!r}"
        with open_archive(path, what, BadReply) as archive:
            for batch in archive.batches:
                for one in await asyncio.to_thread(list, archive.inputs(batch)):
                    yield one


@asynccontextmanager
async def archive_at(
    url: str, downloads: Downloads, draft: ExportDraft
) -> AsyncIterator[InputArchive]:
    """Open the archive at an address; it lies in the draft, where a second export finds it."""
    if not draft.archive.exists():
        downloads.check(url)
        await in_thread(
            None,
            downloads.downloader.save,
            url,
            draft.archive,
            max_bytes=MAX_ARCHIVE_BYTES,
            mode=PRIVATE,
        )
    with _opened(draft, f"The archive at {shown(url)!r}") as archive:
        yield archive


@asynccontextmanager
async def archive_of(
    dataset: Handle, downloads: Downloads, draft: ExportDraft
) -> AsyncIterator[InputArchive]:
    """Have the platform export a dataset's version, and open that archive.

    A handle that has a version means that one. Otherwise a version is made of what the dataset
    holds now, and deleted again: an older one might lack inputs. Where an earlier export of it was
    stopped, its archive is gone on with, or else its version.
    """
    is_interrupted = False
    try:
        if draft.old_version:
            await _delete(dataset, draft.old_version)
        if not draft.archive.exists():
            version_id = str(dataset.message.version.id) or await _made(dataset, draft)
            export = await archive_of_version(dataset, version_id)
            downloads.check(export.url)
            # What the platform says of its own archive; a platform that says nothing gets the cap.
            most = int(export.size) or MAX_ARCHIVE_BYTES
            await in_thread(
                None,
                downloads.downloader.save,
                export.url,
                draft.archive,
                max_bytes=most,
                mode=PRIVATE,
            )
    except (KeyboardInterrupt, asyncio.CancelledError):
        is_interrupted = True  # why: nobody waits for a deletion then; the next export has its id
        raise
    finally:
        if draft.version and not is_interrupted and await _delete(dataset, draft.version):
            draft.version = ""
    with _opened(draft, f"The archive of dataset {dataset.id!r}") as archive:
        yield archive


async def _made(dataset: Handle, draft: ExportDraft) -> str:
    """Return the id of a version of what the dataset holds now."""
    if draft.version and await _exists(dataset, draft.version):
        return draft.version
    draft.version = new_id()  # noted before it is made, so that it is never left behind
    try:
        await _versions.create(dataset, {"id": draft.version, "description": "SDK Export"})
    except (UserError, NotFound, PermissionDenied):
        draft.version = ""  # why: there is none to delete; raised again
        raise
    return draft.version


async def _exists(dataset: Handle, version_id: str) -> bool:
    try:
        await _versions.get(dataset, version_id)
    except NotFound:
        return False
    return True


async def archive_of_version(
    dataset: Handle, version_id: str, *, wait: bool = True
) -> resources_pb2.DatasetVersionExport:
    """Return address and size of a version's archive, which the platform makes.

    Args:
        dataset: The dataset.
        version_id: Id of its version.
        wait: Whether to wait until the version and it are there.

    Raises:
        ApiError: It failed, or is not there yet.
    """
    request = service_pb2.PutDatasetVersionExportsRequest(
        user_app_id=ops.scope_of(dataset, DATASET_VERSION, "get").message(),
        dataset_id=dataset.id,
        dataset_version_id=version_id,
        exports=[resources_pb2.DatasetVersionExport(format=resources_pb2.CLARIFAI_DATA_PROTOBUF)],
    )
    if not wait:
        return await _export_now(dataset, request)
    await _versions.wait_until_ready(dataset, version_id, EXPORT_TIMEOUT_SECONDS)
    export: resources_pb2.DatasetVersionExport = await jobs.wait_for_job(
        dataset.session,
        jobs.DATASET_EXPORT,
        "PutDatasetVersionExports",
        request,
        _export_in,
        what=f"The export of version {version_id!r} of dataset {dataset.id!r}",
        timeout_seconds=EXPORT_TIMEOUT_SECONDS,
    )
    return export


async def _export_now(
    dataset: Handle, request: service_pb2.PutDatasetVersionExportsRequest
) -> resources_pb2.DatasetVersionExport:
    call = dataset.session.prepare("PutDatasetVersionExports", request)
    response: Any = await dataset.session.run(call)
    export = _export_in(response)
    if jobs.DATASET_EXPORT.state_of(export.status.code) is not jobs.JobState.DONE:
        raise error_within(response, export.status, call)
    return export


async def _delete(dataset: Handle, version_id: str) -> bool:
    try:
        await _versions.delete(dataset, version_id)
    except NotFound:
        pass
    except ClarifaiError as error:
        _log.warning("version %s of %s is left behind: %s", version_id, dataset.id, error)
        return False
    return True
