"""Where the archive comes from: a file, an address, or an export of the dataset itself."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from clarifai_core import jobs, ops
from clarifai_core.errors import BadReply, ClarifaiError, NotFound, PermissionDenied, UserError
from clarifai_core.files import PRIVATE
from clarifai_core.heavy import resources_pb2, service_pb2
from clarifai_core.loggers import logger_for
from clarifai_core.status import error_within
from clarifai_core.transport.address import Address
from clarifai_core.transport.channel import open_connection
from clarifai_core.transport.download import Downloader, origins
from clarifai_core.wire.ids import new_id
from clarifai_datasets import _versions
from clarifai_datasets._export.address import host_of, shown
from clarifai_datasets._export.archive import open_archive
from clarifai_datasets._kinds import DATASET, DATASET_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from clarifai_core.handles import Handle
    from clarifai_datasets._export.archive import InputArchive
    from clarifai_datasets._export.options import ExportOptions
    from clarifai_datasets._export.partial import ExportDraft

EXPORT_TIMEOUT_SECONDS = 3600.0
"""How long the platform may take for a version, and for its archive."""

MAX_ARCHIVE_BYTES = 64_000_000_000
"""Of an archive whose size nobody says: one at an address, or of a platform that names none."""

_log = logger_for(__name__)


@attrs.frozen
class Downloads:
    """What fetches archive and media for one export."""

    downloader: Downloader
    locked: frozenset[tuple[str, str, int]] = frozenset()
    """Origins that want credentials, where there are none."""

    def check(self, url: str) -> None:
        """Refuse an address that will not answer without credentials.

        Raises:
            UserError: It is one of the platform's, and there are no credentials.
        """
        address = Address.parse(url) if self.locked else None
        if address is not None and address.parts.origin in self.locked:
            raise UserError(
                f"{host_of(url)} wants credentials for its media, and there are none. "
                "Give pat= (or CLARIFAI_PAT)."
            )


@contextmanager
def downloads_of(dataset: Handle) -> Iterator[Downloads]:
    """Open what fetches media; without credentials too: an archive may need none."""
    try:
        session = dataset.session
    except UserError:
        if dataset.settings.credentials is not None:
            raise
    else:
        yield Downloads(session.downloads)
        return
    connection = open_connection(dataset.settings)
    downloader = Downloader(dataset.settings, connection, None)
    try:
        yield Downloads(downloader, origins(connection.media_origins))
    finally:
        downloader.close()
        connection.close()


def key_of(dataset: Handle, order: ExportOptions) -> tuple[list[Any], bool]:
    """Return what tells the source of an export from others, and whether it is of this moment."""
    if order.local_archive_path is not None:
        path = order.local_archive_path.absolute()
        found = path.stat()
        return ["file", str(path), found.st_size, found.st_mtime_ns], False
    if order.archive_url:
        return ["url", order.archive_url], False
    scope, version_id = ops.scope_of(dataset, DATASET, "get"), str(dataset.message.version.id)
    where = [dataset.settings.base_url, scope.user_id, scope.app_id]
    return ["dataset", *where, dataset.id, version_id], not version_id


def inputs_of(dataset: Handle, version_id: str) -> Iterator[resources_pb2.Input]:
    """Yield the inputs of a version, as its archive has them, with their annotations."""
    export = archive_of_version(dataset, version_id)
    with tempfile.TemporaryDirectory() as folder, downloads_of(dataset) as downloads:
        path = Path(folder) / "archive.zip"
        downloads.check(export.url)
        most = int(export.size) or MAX_ARCHIVE_BYTES
        downloads.downloader.save(export.url, path, max_bytes=most, mode=PRIVATE)
        what = f"The archive of dataset {dataset.id!r}"
        with open_archive(path, what, BadReply) as archive:
            for batch in archive.batches:
                yield from archive.inputs(batch)


@contextmanager
def local_archive(path: Path) -> Iterator[InputArchive]:
    """Open the archive in the file `path`."""
    with open_archive(path, f"local_archive_path {str(path)!r}") as archive:
        yield archive


@contextmanager
def archive_at(url: str, downloads: Downloads, draft: ExportDraft) -> Iterator[InputArchive]:
    """Open the archive at an address; it lies in the draft, where a second export finds it."""
    if not draft.archive.exists():
        downloads.check(url)
        downloads.downloader.save(url, draft.archive, max_bytes=MAX_ARCHIVE_BYTES, mode=PRIVATE)
    with _opened(draft, f"The archive at {shown(url)!r}") as archive:
        yield archive


@contextmanager
def archive_of(dataset: Handle, downloads: Downloads, draft: ExportDraft) -> Iterator[InputArchive]:
    """Have the platform export a dataset's version, and open that archive.

    A handle that has a version means that one. Otherwise a version is made of what the dataset
    holds now, and deleted again: an older one might lack inputs. Where an earlier export of it was
    stopped, its archive is gone on with, or else its version.
    """
    is_interrupted = False
    try:
        if draft.old_version:
            _delete(dataset, draft.old_version)
        if not draft.archive.exists():
            version_id = str(dataset.message.version.id) or _made(dataset, draft)
            export = archive_of_version(dataset, version_id)
            downloads.check(export.url)
            # What the platform says of its own archive; a platform that says nothing gets the cap.
            most = int(export.size) or MAX_ARCHIVE_BYTES
            downloads.downloader.save(export.url, draft.archive, max_bytes=most, mode=PRIVATE)
    except KeyboardInterrupt:
        is_interrupted = True  # why: nobody waits for a deletion then; the next export has its id
        raise
    finally:
        if draft.version and not is_interrupted and _delete(dataset, draft.version):
            draft.version = ""
    with _opened(draft, f"The archive of dataset {dataset.id!r}") as archive:
        yield archive


@contextmanager
def _opened(draft: ExportDraft, what: str) -> Iterator[InputArchive]:
    try:
        with open_archive(draft.archive, what, BadReply) as archive:
            yield archive
    except BadReply:
        draft.archive.unlink(missing_ok=True)  # why: the next export gets it anew; raised again
        raise


def _made(dataset: Handle, draft: ExportDraft) -> str:
    """Return the id of a version of what the dataset holds now."""
    if draft.version and _exists(dataset, draft.version):
        return draft.version
    draft.version = new_id()  # noted before it is made, so that it is never left behind
    try:
        _versions.create(dataset, {"id": draft.version, "description": "SDK Export"})
    except (UserError, NotFound, PermissionDenied):
        draft.version = ""  # why: there is none to delete; raised again
        raise
    return draft.version


def _exists(dataset: Handle, version_id: str) -> bool:
    try:
        _versions.get(dataset, version_id)
    except NotFound:
        return False
    return True


def check_dataset(dataset: Handle) -> None:
    """Refuse a handle that does not say which dataset it is.

    Raises:
        UserError: Its id, app or user is missing.
    """
    if not dataset.id:
        raise UserError("export needs archive_url=, local_archive_path=, or a dataset with an id.")
    ops.scope_of(dataset, DATASET, "get")


def archive_of_version(
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
        return _export_now(dataset, request)
    _versions.wait_until_ready(dataset, version_id, EXPORT_TIMEOUT_SECONDS)
    export: resources_pb2.DatasetVersionExport = jobs.wait_for_job(
        dataset.session,
        jobs.DATASET_EXPORT,
        "PutDatasetVersionExports",
        request,
        _export_in,
        what=f"The export of version {version_id!r} of dataset {dataset.id!r}",
        timeout_seconds=EXPORT_TIMEOUT_SECONDS,
    )
    return export


def _export_now(
    dataset: Handle, request: service_pb2.PutDatasetVersionExportsRequest
) -> resources_pb2.DatasetVersionExport:
    call = dataset.session.prepare("PutDatasetVersionExports", request)
    response: Any = dataset.session.run(call)
    export = _export_in(response)
    if jobs.DATASET_EXPORT.state_of(export.status.code) is not jobs.JobState.DONE:
        raise error_within(response, export.status, call)
    return export


def _export_in(
    response: service_pb2.MultiDatasetVersionExportResponse,
) -> resources_pb2.DatasetVersionExport:
    if not response.exports:
        raise BadReply("PutDatasetVersionExports: the answer holds no export.")
    export: resources_pb2.DatasetVersionExport = response.exports[0]
    return export


def _delete(dataset: Handle, version_id: str) -> bool:
    try:
        _versions.delete(dataset, version_id)
    except NotFound:
        pass
    except ClarifaiError as error:
        _log.warning("version %s of %s is left behind: %s", version_id, dataset.id, error)
        return False
    return True
