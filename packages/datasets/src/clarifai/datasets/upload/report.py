"""What became of an upload: every input is counted or named here, exactly once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from clarifai.core.errors import ClarifaiError

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

MAX_SHOWN = 10
"""Failures that printing a report spells out."""


class UploadFailed(ClarifaiError):
    """Some inputs of an upload did not arrive; `report` says which."""

    def __init__(self, message: str, report: UploadReport) -> None:
        super().__init__(message)
        self.report = report


class UploadStopped(UploadFailed):
    """An upload could not go on; what was accepted before is on the platform, see `report`."""


@attrs.frozen
class FailedItem:
    """An input, or an annotation of one, that did not arrive."""

    id: str
    """Id of the input."""
    reason: str
    code: int = 0
    """The platform's status code; 0 when nothing was sent or no answer came."""
    attempts: int = 1
    """How often it was sent; 0: never."""
    what: str = "input"
    """`"input"` or `"annotation"`."""

    def __str__(self) -> str:
        code = f" [{self.code}]" if self.code else ""
        tries = f" ({self.attempts} attempts)" if self.attempts > 1 else ""
        return f"{self.what} {self.id}: {self.reason}{code}{tries}"


@attrs.define
class UploadReport:
    """What became of the items of one upload.

    Example:
        >>> report = UploadReport("train", uploaded=2)
        >>> report.failed.append(FailedItem("train-7", "a.png: no such file", attempts=0))
        >>> print(report)
        train: 2 uploaded, 0 already there, 1 failed, 0 annotations, 0.0 MB in 0.0 s
          input train-7: a.png: no such file
    """

    dataset_id: str
    uploaded: int = 0
    """Inputs that this upload added and the platform processed."""
    already_there: list[str] = attrs.field(factory=list)
    """Ids that the app had already; these inputs were left as they are."""
    failed: list[FailedItem] = attrs.field(factory=list)
    unconfirmed: list[FailedItem] = attrs.field(factory=list)
    """Accepted by the platform, but not known to be processed: look at them later."""
    annotations: int = 0
    """Boxes, polygons and masks that were added."""
    bytes: int = 0
    """Size of the inputs that were accepted."""
    seconds: float = 0.0

    @property
    def total(self) -> int:
        """Return the number of items that the report accounts for."""
        failed = sum(item.what == "input" for item in self.failed)
        return self.uploaded + len(self.already_there) + failed + len(self.unconfirmed)

    @property
    def ok(self) -> bool:
        """Return whether nothing failed."""
        return not self.failed

    def raise_for_failures(self) -> UploadReport:
        """Return the report itself when nothing failed.

        Raises:
            UploadFailed: Something did; the error holds the report.
        """
        if self.failed:
            raise UploadFailed(f"{len(self.failed):,} of {self.total:,} failed. {self}", self)
        return self

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the report as JSON Lines: the summary, then a line per named input.

        The file is complete or is not there.

        Args:
            path: The file; replaced when it exists.
        """
        target = Path(path)
        partial = target.with_name(f"{target.name}.partial")
        with partial.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(record) + "\n" for record in self.records())
        partial.replace(target)

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield the lines of the saved report."""
        yield {"kind": "summary", **self.summary()}
        for input_id in self.already_there:
            yield {"kind": "already_there", "id": input_id}
        for kind in ("failed", "unconfirmed"):
            for item in getattr(self, kind):
                yield {"kind": kind, **attrs.asdict(item)}

    def summary(self) -> dict[str, Any]:
        """Return the counts."""
        return {
            "dataset_id": self.dataset_id,
            "uploaded": self.uploaded,
            "already_there": len(self.already_there),
            "failed": len(self.failed),
            "unconfirmed": len(self.unconfirmed),
            "annotations": self.annotations,
            "bytes": self.bytes,
            "seconds": round(self.seconds, 3),
        }

    def __str__(self) -> str:
        waiting = f", {len(self.unconfirmed):,} unconfirmed" if self.unconfirmed else ""
        lines = [
            f"{self.dataset_id}: {self.uploaded:,} uploaded, "
            f"{len(self.already_there):,} already there, {len(self.failed):,} failed{waiting}, "
            f"{self.annotations:,} annotations, {self.bytes / 1e6:.1f} MB "
            f"in {self.seconds:.1f} s"
        ]
        shown = self.failed[:MAX_SHOWN]
        lines += [f"  {item}" for item in shown]
        if len(self.failed) > len(shown):
            lines.append(f"  and {len(self.failed) - len(shown):,} more")
        return "\n".join(lines)
