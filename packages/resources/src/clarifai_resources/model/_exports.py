"""Versions of models as files."""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clarifai_core import jobs, ops, status
from clarifai_core.errors import FileError
from clarifai_core.heavy import service_pb2
from clarifai_core.loggers import logger_for
from clarifai_core.wire.ids import check_id
from clarifai_resources._kinds import MODEL_VERSION

if TYPE_CHECKING:
    from clarifai_grpc.grpc.api import resources_pb2

    from clarifai_core.handles import Handle
    from clarifai_resources.inputs._builders import FilePath

FILE_NAME = "model.tar"
MAX_BYTES = 1 << 40
"""Of a packed version, where the platform does not tell how many it has."""

logger = logger_for(__name__)


def export(
    model: Handle, version_id: str, export_dir: FilePath | None, timeout_seconds: float
) -> Path | None:
    """Save a version as a file; see `Model.export`."""
    folder = None if export_dir is None else _folder(export_dir)
    ids: dict[str, Any] = {
        "user_app_id": ops.scope_of(model, MODEL_VERSION, "get").message(),
        "model_id": check_id("model_id", model.id),
        "version_id": version_id,
    }
    ask = service_pb2.GetModelVersionExportRequest(**ids)
    found = model.session.call("GetModelVersionExport", ask, accept=(status.DOES_NOT_EXIST,))
    if found.status.code == status.DOES_NOT_EXIST:  # nobody has asked for it yet
        model.session.call(
            "PutModelVersionExports", service_pb2.PutModelVersionExportsRequest(**ids)
        )
        ops.done(model, "started", "export of model version", [version_id])
    if folder is None:
        if found.export.url:
            logger.info("model version %r is packed at %s", version_id, found.export.url)
        return None
    packed: resources_pb2.ModelVersionExport = jobs.wait_for_job(
        model.session,
        jobs.MODEL_EXPORT,
        "GetModelVersionExport",
        ask,
        attrgetter("export"),
        what=f"Export of version {version_id!r} of model {model.id!r}",
        timeout_seconds=timeout_seconds,
    )
    return _saved(model, packed, folder / FILE_NAME)


def _folder(export_dir: FilePath) -> Path:
    folder = Path(export_dir)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = error.strerror or error
        raise FileError.of(f"export_dir {str(folder)!r} cannot be made: {why}.", error) from error
    return folder


def _saved(model: Handle, packed: Any, path: Path) -> Path:
    most = packed.size or MAX_BYTES
    try:
        model.session.downloads.save(packed.url, str(path), max_bytes=most)
    except OSError as error:
        why = error.strerror or error
        raise FileError.of(f"{str(path)!r} cannot be written: {why}.", error) from error
    logger.info("saved model %r as %s", model.id, path)
    return path
