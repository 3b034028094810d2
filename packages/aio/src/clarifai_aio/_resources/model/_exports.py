# Made of clarifai_resources.model._exports by a tool:
# change that, and run `python -m tools.asynchronous`.

"""Versions of models as files."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from clarifai_aio._core import jobs, ops
from clarifai_core import status
from clarifai_core.errors import FileError
from clarifai_core.heavy import service_pb2
from clarifai_core.wire.ids import check_id
from clarifai_resources._kinds import MODEL_VERSION
from clarifai_resources.model._exports import FILE_NAME, MAX_BYTES, _folder, logger

if TYPE_CHECKING:
    from pathlib import Path

    from clarifai_grpc.grpc.api import resources_pb2

    from clarifai_aio._core.handles import Handle
    from clarifai_resources.inputs._builders import FilePath


async def export(
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
    found = await model.session.call("GetModelVersionExport", ask, accept=(status.DOES_NOT_EXIST,))
    if found.status.code == status.DOES_NOT_EXIST:  # nobody has asked for it yet
        await model.session.call(
            "PutModelVersionExports", service_pb2.PutModelVersionExportsRequest(**ids)
        )
        ops.done(model, "started", "export of model version", [version_id])
    if folder is None:
        if found.export.url:
            logger.info("model version %r is packed at %s", version_id, found.export.url)
        return None
    packed: resources_pb2.ModelVersionExport = await jobs.wait_for_job(
        model.session,
        jobs.MODEL_EXPORT,
        "GetModelVersionExport",
        ask,
        attrgetter("export"),
        what=f"Export of version {version_id!r} of model {model.id!r}",
        timeout_seconds=timeout_seconds,
    )
    return await _saved(model, packed, folder / FILE_NAME)


async def _saved(model: Handle, packed: Any, path: Path) -> Path:
    most = packed.size or MAX_BYTES
    try:
        await model.session.downloads.save(packed.url, str(path), max_bytes=most)
    except OSError as error:
        why = error.strerror or error
        raise FileError.of(f"{str(path)!r} cannot be written: {why}.", error) from error
    logger.info("saved model %r as %s", model.id, path)
    return path
