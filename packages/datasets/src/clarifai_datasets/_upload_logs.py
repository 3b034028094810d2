"""Logs of uploads: what they say failed, to upload that again.

There are two kinds: `Dataset_Upload_<time>.log` of ours is a saved `UploadReport`. That of the
official SDK has tables of the inputs that failed, of which the first cells are the number of the
item in the loader, the id of the input and the reason.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from clarifai_core.errors import UserError
from clarifai_datasets.upload.report import FailedItem, Origin, UploadReport

if TYPE_CHECKING:
    import os

_ROW = re.compile(r"^\|\s*(?P<index>\d+)\s*\|\s*(?P<id>\S+)\s*\|\s*(?P<reason>[^|]*?)\s*\|", re.M)

_RULED = re.compile(r"^\+-+\+-+\+", re.M)
"""The line above and below each row of a table."""

_DUPLICATE_TEXT = "duplicate id"


def read(path: str | os.PathLike[str], dataset_id: str, *, duplicates: bool) -> UploadReport:
    """Return what a log says failed, as the report that `Dataset.retry_failed` takes.

    Args:
        path: The file.
        dataset_id: The dataset that was uploaded to.
        duplicates: Whether those are sent, too, under ids of their own, for which the app had
            another input: else the official SDK's are left out, and ours fail again.

    Raises:
        UserError: It cannot be read, or is no such log.
    """
    try:
        text = Path(path).read_text("utf-8", "replace")
    except (OSError, ValueError, TypeError) as error:
        raise UserError(f"log_file_path {str(path)!r} cannot be read: {error}.") from error
    is_ours = text.lstrip().startswith("{")
    report = UploadReport.load(path) if is_ours else _of_tables(text, path, dataset_id)
    if duplicates:
        rules = {**report.origin.rules, "on_conflict": "suffix"}
        skipped = [attrs.evolve(one, what="input") for one in report.conflicts if _skipped(one)]
        report.failed += skipped
        report.origin = attrs.evolve(report.origin, rules=rules)
    elif not is_ours:
        report.failed = [one for one in report.failed if not _is_duplicate(one)]
    return report


def _of_tables(text: str, path: str | os.PathLike[str], dataset_id: str) -> UploadReport:
    if not _RULED.search(text):
        raise UserError(
            f"log_file_path {str(path)!r} is no log of an upload: neither a saved report, nor with "
            "tables of inputs that failed."
        )
    rows = {int(row["index"]): row for row in _ROW.finditer(text)}  # the last word on each
    failed = [FailedItem(row["id"], row["reason"], index=index) for index, row in rows.items()]
    origin = Origin(rules={"id_prefix": f"{dataset_id}-"})
    return UploadReport(dataset_id, failed=failed, origin=origin)


def _is_duplicate(one: FailedItem) -> bool:
    return _DUPLICATE_TEXT in one.reason.lower()


def _skipped(one: FailedItem) -> bool:
    return one.what == "skipped"
