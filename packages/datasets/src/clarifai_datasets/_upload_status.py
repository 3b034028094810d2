"""What a dataset holds, as the platform counts it, beside what a loader has."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core.errors import ClarifaiError, DeadlineExceeded, UserError
from clarifai_core.heavy import resources_pb2, service_pb2
from clarifai_core.polling import wait_until
from clarifai_core.safe_text import shown
from clarifai_core.wire.ids import new_id
from clarifai_datasets import _versions
from clarifai_datasets.upload._broken import BrokenItem
from clarifai_datasets.upload.loader import items, prepare

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from clarifai_core.contracts import DataLoader
    from clarifai_core.handles import Handle

Stats = tuple[dict[str, int], dict[str, int]]
"""Inputs by type (`"total"` included), and concepts, boxes and polygons."""

_ANNOTATIONS = {
    "concepts": "positive_input_tags_count",
    "bboxes": "bounding_boxes_count",
    "polygons": "polygons_count",
}

_LEAST_FULL_PAGE = 20
"""A page with fewer groups is the last one: no server has smaller pages when none are asked for."""


@attrs.frozen
class UploadStatus:
    """How a dataset compares with the loader it was filled from."""

    dataset_id: str
    version_id: str
    inputs: dict[str, int]
    """In the dataset, by type."""
    annotations: dict[str, int]
    """In the dataset: concepts, bboxes, polygons."""
    expected: dict[str, int]
    """In the loader: total, concepts, bboxes, polygons; empty without a loader."""
    before: Stats | None = None
    """What the dataset held before the upload, if known."""

    @property
    def missing(self) -> int:
        """Return how many items of the loader the dataset lacks."""
        had = self.before[0].get("total", 0) if self.before else 0
        return max(0, self.expected.get("total", 0) - self.inputs.get("total", 0) + had)

    def __str__(self) -> str:
        lines = [
            f"Upload status of dataset {self.dataset_id!r}",
            f"{'':<10} {'dataset':>9} {'before':>9} {'loader':>9}",
        ]
        before = {**self.before[0], **self.before[1]} if self.before else {}
        for name, count in {**self.inputs, **self.annotations}.items():
            cells = (count, before.get(name), self.expected.get(name))
            shown = " ".join(f"{'-' if c is None else f'{c:,}':>9}" for c in cells)
            lines.append(f"{name:<10} {shown}")
        return "\n".join(lines)


def upload_status(
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
        expected = Tally() if loader is None else _expected(loader)
    version_id, (inputs, annotations) = measure(
        dataset, timeout_seconds, delete_version=delete_version
    )
    return UploadStatus(dataset.id, version_id, inputs, annotations, dict(expected), earlier)


def measure(dataset: Handle, timeout_seconds: float, *, delete_version: bool) -> tuple[str, Stats]:
    """Return the id of a new version and what the platform counts in it.

    A version that cannot be measured is deleted again.
    """
    started = time.monotonic()
    version_id = new_id()
    _versions.create(dataset, {"id": version_id, "description": "SDK Upload Status"})
    try:
        left = timeout_seconds - (time.monotonic() - started)
        stats = _wait_for_metrics(dataset, version_id, left, timeout_seconds)
    except ClarifaiError:
        _versions.delete(dataset, version_id)
        raise
    if delete_version:
        _versions.delete(dataset, version_id)
    return version_id, stats


def _wait_for_metrics(
    dataset: Handle, version_id: str, left_seconds: float, timeout_seconds: float
) -> Stats:
    request = service_pb2.ListDatasetVersionMetricsGroupsRequest(
        user_app_id=dataset.user_app_id, dataset_id=dataset.id, dataset_version_id=version_id
    )

    def check() -> Stats | None:
        groups = _all_groups(dataset, request)
        return _stats(groups) if groups else None

    try:
        return wait_until(
            check, what="counting the dataset", timeout_seconds=max(0.0, left_seconds)
        )
    except DeadlineExceeded as error:
        if error.__cause__ is not None:
            raise  # more time would not have helped: nobody answered
        raise UserError(
            f"The platform did not count dataset {dataset.id!r} within timeout={timeout_seconds:g} "
            "seconds: give it more."
        ) from error


def _all_groups(
    dataset: Handle, request: service_pb2.ListDatasetVersionMetricsGroupsRequest
) -> list[Any]:
    """Return the groups of all pages: a data set may have more concepts than a page holds."""
    found: dict[tuple[int, str], Any] = {}
    for page in itertools.count(1):
        if page > 1:
            request.page = page
        response = dataset.session.call("ListDatasetVersionMetricsGroups", request)
        groups = response.dataset_version_metrics_groups
        new = {(one.type, str(one.value)): one for one in groups}
        is_last = len(groups) < _LEAST_FULL_PAGE or new.keys() <= found.keys()
        found.update(new)
        if is_last:
            break
    request.ClearField("page")
    return list(found.values())


def _stats(groups: Iterable[Any]) -> Stats:
    """Sum up: a group whose value starts with `id-` is of a concept, any other text a type.

    Without groups of concepts, the total has the counts, or nothing was labelled.
    """
    inputs: dict[str, int] = {}
    labelled: list[Any] = []
    total: list[Any] = []
    for group in groups:
        name = group.value.string_value
        if name.startswith("id-") or group.type == resources_pb2.CONCEPT_ID:
            labelled.append(group.metrics)
        elif name and group.type in (resources_pb2.INPUT_TYPE, 0):
            if count := int(group.metrics.inputs_count.value):
                inputs[name] = count
            if name == "total":
                total.append(group.metrics)
    annotations = {
        label: sum(int(getattr(metrics, field).value) for metrics in labelled or total)
        for label, field in _ANNOTATIONS.items()
    }
    return inputs, annotations


def _earlier(before: object) -> Stats | None:
    """Return counts that were taken before, as this module or JSON has them.

    Raises:
        UserError: They are none.
    """
    if before is None:
        return None
    found: Any = before
    try:
        if isinstance(before, UploadStatus):
            found = before.inputs, before.annotations
        inputs, annotations = found
        return _counts(inputs), _counts(annotations)
    except (TypeError, ValueError, AttributeError):
        raise UserError(
            "pre_upload_stats must be what get_upload_status returned, such as "
            f"({{'image': 3, 'total': 3}}, {{'concepts': 2}}), got {shown(before)}."
        ) from None


def _counts(given: Mapping[str, int | str]) -> dict[str, int]:
    return {str(name): int(count) for name, count in given.items()}


class Tally(Counter[str]):
    """How many items a loader has, and how many concepts, boxes and polygons."""

    def hear(self, features: Any) -> None:
        """Count an item."""
        self["total"] += 1
        if not isinstance(features, BrokenItem):
            self.update(_labelled(features))


def _expected(loader: DataLoader) -> Tally:
    tally = Tally()
    prepare(loader)
    for _, features in items(loader):
        tally.hear(features)
    return tally


def _labelled(features: Any) -> dict[str, int]:
    """Return how many concepts, boxes or polygons an item has."""
    for name in ("bboxes", "polygons"):
        if hasattr(features, name):
            return {name: len(getattr(features, name))}
    labels = getattr(features, "labels", None) or ()
    return {"concepts": 1 if isinstance(labels, (str, int)) else len(labels)}
