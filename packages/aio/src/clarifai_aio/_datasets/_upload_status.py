# Made of clarifai_datasets._upload_status by a tool:
# change that, and run `python -m tools.asynchronous`.

"""What a dataset holds, as the platform counts it, beside what a loader has."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING, Any

from clarifai_aio._core import threads
from clarifai_aio._core.polling import wait_until
from clarifai_aio._datasets import _versions
from clarifai_core.errors import ClarifaiError, DeadlineExceeded, UserError
from clarifai_core.heavy import service_pb2
from clarifai_core.wire.ids import new_id
from clarifai_datasets._upload_status import _LEAST_FULL_PAGE, _earlier, _expected, _stats
from clarifai_datasets._upload_status import Stats as Stats
from clarifai_datasets._upload_status import Tally as Tally
from clarifai_datasets._upload_status import UploadStatus as UploadStatus

if TYPE_CHECKING:
    from clarifai_aio._core.handles import Handle
    from clarifai_core.contracts import DataLoader


async def upload_status(
    dataset: Handle,
    loader: DataLoader | None,
    *,
    delete_version: bool,
    timeout_seconds: float,
    before: Stats | UploadStatus | None,
    expected: Tally | None = None,
) -> UploadStatus:
    """Make a version of the dataset, wait for its metrics, and compare.

    Args:
        dataset: The dataset.
        loader: What it was filled from; None: nothing to compare with.
        delete_version: Whether to delete the version again.
        timeout_seconds: How long the platform may take.
        before: What this function or `measure` found before the upload.
        expected: What the loader has, if its items were read already.

    Raises:
        UserError: The platform took longer; `before` is something else.
    """
    earlier = _earlier(before)
    if expected is None:
        expected = Tally() if loader is None else await threads.to_thread(_expected, loader)
    version_id, (inputs, annotations) = await measure(
        dataset, timeout_seconds, delete_version=delete_version
    )
    return UploadStatus(dataset.id, version_id, inputs, annotations, dict(expected), earlier)


async def measure(
    dataset: Handle, timeout_seconds: float, *, delete_version: bool
) -> tuple[str, Stats]:
    """Return the id of a new version and what the platform counts in it.

    A version that cannot be measured is deleted again.
    """
    started = time.monotonic()
    version_id = new_id()
    await _versions.create(dataset, {"id": version_id, "description": "SDK Upload Status"})
    try:
        left = timeout_seconds - (time.monotonic() - started)
        stats = await _wait_for_metrics(dataset, version_id, left, timeout_seconds)
    except ClarifaiError:
        await _versions.delete(dataset, version_id)
        raise
    if delete_version:
        await _versions.delete(dataset, version_id)
    return version_id, stats


async def _wait_for_metrics(
    dataset: Handle, version_id: str, left_seconds: float, timeout_seconds: float
) -> Stats:
    request = service_pb2.ListDatasetVersionMetricsGroupsRequest(
        user_app_id=dataset.user_app_id, dataset_id=dataset.id, dataset_version_id=version_id
    )

    async def check() -> Stats | None:
        groups = await _all_groups(dataset, request)
        return _stats(groups) if groups else None

    try:
        return await wait_until(
            check, what="counting the dataset", timeout_seconds=max(0.0, left_seconds)
        )
    except DeadlineExceeded as error:
        if error.__cause__ is not None:
            raise  # more time would not have helped: nobody answered
        raise UserError(
            f"The platform did not count dataset {dataset.id!r} within timeout={timeout_seconds:g} "
            "seconds: give it more."
        ) from error


async def _all_groups(
    dataset: Handle, request: service_pb2.ListDatasetVersionMetricsGroupsRequest
) -> list[Any]:
    """Return the groups of all pages: a data set may have more concepts than a page holds."""
    found: dict[tuple[int, str], Any] = {}
    for page in itertools.count(1):
        if page > 1:
            request.page = page
        response = await dataset.session.call("ListDatasetVersionMetricsGroups", request)
        groups = response.dataset_version_metrics_groups
        new = {(one.type, str(one.value)): one for one in groups}
        is_last = len(groups) < _LEAST_FULL_PAGE or new.keys() <= found.keys()
        found.update(new)
        if is_last:
            break
    request.ClearField("page")
    return list(found.values())
