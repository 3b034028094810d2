# Made of clarifai_datasets._versions by a tool:
# change that, and run `python -m tools.asynchronous`.

"""Versions of a dataset: making, listing and deleting them, and waiting for one."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, cast

from clarifai_aio._core import jobs, ops
from clarifai_datasets._kinds import DATASET_VERSION
from clarifai_datasets._versions import T, _get_version
from clarifai_datasets._versions import checked_id as checked_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from clarifai_grpc.grpc.api import resources_pb2

    from clarifai_aio._core.handles import Handle
    from clarifai_aio._core.paging import Pager


async def create(dataset: Handle, fields: Mapping[str, Any]) -> resources_pb2.DatasetVersion:
    """Take a snapshot of a dataset.

    Args:
        dataset: The dataset.
        fields: Those of the version.

    Raises:
        UserError: A field is unknown or wrong; nothing was sent.
    """
    made = await ops.create(dataset, DATASET_VERSION, fields, dataset_id=checked_id(dataset))
    return cast("resources_pb2.DatasetVersion", made)


async def get(dataset: Handle, version_id: str) -> resources_pb2.DatasetVersion:
    """Return a version as it is now."""
    response: Any = await dataset.session.call(
        "GetDatasetVersion", _get_version(dataset, version_id)
    )
    return cast("resources_pb2.DatasetVersion", response.dataset_version)


async def wait_until_ready(
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
    version: resources_pb2.DatasetVersion = await jobs.wait_for_job(
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


async def delete(dataset: Handle, version_id: str) -> None:
    """Delete a version; its inputs stay."""
    await ops.delete(dataset, DATASET_VERSION, [version_id], dataset_id=checked_id(dataset))
