"""Versions of a dataset: making, listing and deleting them, and waiting for one."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, cast

from clarifai_core import jobs, ops
from clarifai_core.errors import UserError
from clarifai_core.heavy import service_pb2
from clarifai_core.wire.ids import check_id
from clarifai_datasets._kinds import DATASET_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from clarifai_grpc.grpc.api import resources_pb2

    from clarifai_core.handles import Handle
    from clarifai_core.paging import Pager

T = TypeVar("T")


def create(dataset: Handle, fields: Mapping[str, Any]) -> resources_pb2.DatasetVersion:
    """Take a snapshot of a dataset.

    Args:
        dataset: The dataset.
        fields: Those of the version.

    Raises:
        UserError: A field is unknown or wrong; nothing was sent.
    """
    made = ops.create(dataset, DATASET_VERSION, fields, dataset_id=checked_id(dataset))
    return cast("resources_pb2.DatasetVersion", made)


def get(dataset: Handle, version_id: str) -> resources_pb2.DatasetVersion:
    """Return a version as it is now."""
    response: Any = dataset.session.call("GetDatasetVersion", _get_version(dataset, version_id))
    return cast("resources_pb2.DatasetVersion", response.dataset_version)


def wait_until_ready(
    dataset: Handle, version_id: str, timeout_seconds: float
) -> resources_pb2.DatasetVersion:
    """Wait until the platform has made a version, and return it as it is then.

    Args:
        dataset: The dataset.
        version_id: Of the version.
        timeout_seconds: When to give up.

    Raises:
        ApiError: It failed.
        DeadlineExceeded: It was not made in time; it goes on without us.
    """
    version: resources_pb2.DatasetVersion = jobs.wait_for_job(
        dataset.session,
        jobs.DATASET_VERSION,
        "GetDatasetVersion",
        _get_version(dataset, version_id),
        attrgetter("dataset_version"),
        what=f"Version {version_id!r} of dataset {dataset.id!r}",
        timeout_seconds=timeout_seconds,
    )
    return version


def listed(
    dataset: Handle,
    item: Callable[[resources_pb2.DatasetVersion], T],
    page_no: int | None,
    per_page: int | None,
) -> Pager[T]:
    """Return the versions of a dataset, lazily, each as `item` makes it."""
    return ops.pager(
        dataset,
        DATASET_VERSION,
        item,
        page_no=page_no,
        per_page=per_page,
        dataset_id=checked_id(dataset),
    )


def delete(dataset: Handle, version_id: str) -> None:
    """Delete a version; its inputs stay."""
    ops.delete(dataset, DATASET_VERSION, [version_id], dataset_id=checked_id(dataset))


def checked_id(dataset: Handle) -> str:
    """Return the id of a dataset, which must be known.

    Raises:
        UserError: It is not: a handle without one can do nothing but export an archive.
    """
    if not dataset.id:
        raise UserError(
            "You must specify one of url or dataset_id: Dataset() alone only exports archives."
        )
    return check_id("dataset_id", dataset.id)


def _get_version(dataset: Handle, version_id: str) -> service_pb2.GetDatasetVersionRequest:
    return service_pb2.GetDatasetVersionRequest(
        user_app_id=ops.scope_of(dataset, DATASET_VERSION, "get").message(),
        dataset_id=check_id("dataset_id", dataset.id),
        dataset_version_id=version_id,
    )
