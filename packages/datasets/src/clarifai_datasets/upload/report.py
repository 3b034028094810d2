"""What became of an upload: every input is counted or named here, exactly once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core.contracts import DataLoader
from clarifai_core.errors import ClarifaiError, UserError
from clarifai_core.files import replacing
from clarifai_core.safe_text import fit, plain, redacted
from clarifai_core.tables import Tabular
from clarifai_datasets.upload._compact_ids import IdList
from clarifai_views import views

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence

    from clarifai_core.records import Record

MAX_REASON = 1000
"""Characters of a reason that a summary shows."""

MAX_SHOWN = 10
"""Failures that printing a report spells out."""

_MAX_EXAMPLES = 3
"""Conflicts of one kind that printing a report spells out."""

_CONFLICTS = {
    "skipped": "skipped, as the app has another input with that id",
    "replaced": "put in the place of another input with that id",
    "suffixed": "sent under another id, as the app has another input with theirs",
    "labels": "there before, with other labels",
}

_MAX_REASON = 1000
"""Characters of one reason when it is printed."""


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
    index: int = -1
    """Number of the item in the loader."""

    def __str__(self) -> str:
        code = f" [{self.code}]" if self.code else ""
        tries = f" ({self.attempts} attempts)" if self.attempts > 1 else ""
        return f"{self.what} {plain(self.id)}: {redacted(self.reason, _MAX_REASON)}{code}{tries}"


@attrs.frozen
class Origin:
    """How the source of an upload is opened again, to send what failed."""

    loader: str = ""
    """Name of the loader; `""`: it is no plugin's, `retry_failed` has to be given one."""
    options: dict[str, Any] = attrs.field(factory=dict)
    """What the loader takes."""
    rules: dict[str, Any] = attrs.field(factory=dict)
    """Fields of `ItemRules`: how the items became inputs."""


@attrs.define
class UploadReport(Tabular):
    """What became of the items of one upload.

    Example:
        >>> report = UploadReport("train", uploaded=2, labelled=1)
        >>> report.failed.append(FailedItem("train-7", "a.png: no such file", attempts=0))
        >>> print(report)
        train: 2 uploaded (1 with labels), 0 already there, 1 failed, 0 annotations, 0.0 MB in 0.0 s
          input train-7: a.png: no such file
    """

    dataset_id: str
    uploaded: int = 0
    """Inputs that this upload added and the platform processed."""
    already_there: IdList = attrs.field(
        factory=IdList, converter=IdList, on_setattr=attrs.setters.NO_OP
    )
    """Ids that the app had already; these inputs were left as they are, and are in the dataset."""
    resumed: int = 0
    """How many of those an earlier run of the same upload is known to have sent."""
    failed: list[FailedItem] = attrs.field(factory=list)
    unconfirmed: list[FailedItem] = attrs.field(factory=list)
    """Accepted by the platform, but not known to be processed: look at them later."""
    annotations: int = 0
    """Boxes, polygons and masks that were added."""
    bytes: int = 0
    """Size of the inputs that were accepted."""
    seconds: float = 0.0
    notes: list[str] = attrs.field(factory=list)
    """What else there is to know, such as that no journal could be kept."""
    conflicts: list[FailedItem] = attrs.field(factory=list)
    """Inputs that were there with other content or other labels, and what was done about it: `what`
    is `"skipped"`, `"replaced"`, `"suffixed"` or `"labels"`. What failed so is in `failed`."""
    origin: Origin = attrs.field(factory=Origin, eq=False, repr=False)
    dataloader: DataLoader | None = attrs.field(default=None, eq=False, repr=False)
    """What the items came from; a report that was loaded from a file has none."""
    labelled: int = attrs.field(default=0, kw_only=True)
    """How many of those that were uploaded have a label, of the whole or of a region."""

    @property
    def total(self) -> int:
        """Return the number of items that the report accounts for."""
        failed = sum(item.what == "input" for item in self.failed)
        skipped = sum(item.what == "skipped" for item in self.conflicts)
        there = len(self.already_there) + skipped
        return self.uploaded + there + failed + len(self.unconfirmed)

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
        with replacing(Path(path)) as file:
            file.writelines(f"{json.dumps(record)}\n".encode() for record in self.records())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> UploadReport:
        """Read a report that `save` wrote.

        Args:
            path: The file.

        Raises:
            UserError: It is no such report.
            OSError: It cannot be read.
        """
        try:
            with Path(path).open(encoding="utf-8") as file:
                return cls._of_records(json.loads(line) for line in file)
        except (ValueError, TypeError, KeyError, StopIteration) as error:
            raise UserError(f"{str(path)!r} is no saved upload report: {error!r}.") from error

    @classmethod
    def _of_records(cls, records: Iterator[dict[str, Any]]) -> UploadReport:
        summary = next(records)
        if summary.pop("kind") != "summary":
            raise ValueError("its first line is no summary")
        names = ("dataset_id", "uploaded", "resumed", "annotations", "bytes", "seconds", "notes")
        report = cls(**{name: summary[name] for name in names}, origin=Origin(**summary["origin"]))
        report.labelled = summary.get("labelled", 0)  # reports of older versions have none
        for record in records:
            kind = record.pop("kind")
            if kind == "already_there":
                report.already_there.append(record["id"])
            elif kind in ("failed", "unconfirmed", "conflicts"):
                getattr(report, kind).append(FailedItem(**record))
            else:
                raise ValueError(f"there is a line of kind {kind!r}")
        return report

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield the lines of the saved report."""
        more = {"notes": self.notes, "origin": attrs.asdict(self.origin)}
        yield {"kind": "summary", **self.summary(), **more}
        for input_id in self.already_there:
            yield {"kind": "already_there", "id": input_id}
        for kind in ("failed", "unconfirmed", "conflicts"):
            for item in getattr(self, kind):
                yield {"kind": kind, **attrs.asdict(item)}

    def summary(self) -> dict[str, Any]:
        """Return the counts."""
        return {
            "dataset_id": self.dataset_id,
            "uploaded": self.uploaded,
            "labelled": self.labelled,
            "already_there": len(self.already_there),
            "resumed": self.resumed,
            "failed": len(self.failed),
            "unconfirmed": len(self.unconfirmed),
            "conflicts": len(self.conflicts),
            "annotations": self.annotations,
            "bytes": self.bytes,
            "seconds": round(self.seconds, 3),
        }

    def to_record(self) -> Record:
        """Return the counts as one row."""
        return self.summary()

    def _rows(self) -> Iterator[Record]:
        """Yield a row for each input that is named: what failed first."""
        for outcome in ("failed", "unconfirmed", "conflicts"):
            for item in getattr(self, outcome):
                yield {"id": item.id, "outcome": outcome, "reason": item.reason, "code": item.code}
        for input_id in self.already_there:
            yield {"id": input_id, "outcome": "already_there", "reason": "", "code": 0}

    def _columns(self) -> Sequence[str]:
        return ("id", "outcome", "reason", "code")

    def _view(self) -> views.Html:
        return views.of_report(self.summary(), self._rows(), self.notes)

    def add(self, part: UploadReport) -> None:
        """Add what became of further items, without the time that it took.

        Args:
            part: Their report.
        """
        self.uploaded += part.uploaded
        self.labelled += part.labelled
        self.already_there.extend(part.already_there)
        self.resumed += part.resumed
        self.failed += part.failed
        self.unconfirmed += part.unconfirmed
        self.conflicts += part.conflicts
        self.annotations += part.annotations
        self.bytes += part.bytes
        self.notes += part.notes

    def seal(self, seconds: float) -> None:
        """End the report: failures stand in the order of their items.

        Args:
            seconds: How long the upload took.
        """
        self.failed.sort(key=lambda one: one.index)
        self.unconfirmed.sort(key=lambda one: one.index)
        self.conflicts.sort(key=lambda one: one.index)
        self.seconds = seconds

    def _lines_of_conflicts(self) -> list[str]:
        lines = []
        for what, heading in _CONFLICTS.items():
            found = [one for one in self.conflicts if one.what == what]
            shown = "; ".join(
                f"{plain(one.id)}: {redacted(one.reason, _MAX_REASON)}"
                for one in found[:_MAX_EXAMPLES]
            )
            more = (
                f"; and {len(found) - _MAX_EXAMPLES:,} more" if len(found) > _MAX_EXAMPLES else ""
            )
            if found:
                lines.append(f"  {len(found):,} {heading}: {shown}{more}")
        return lines

    @property
    def sent(self) -> str:
        """Return the words for what was uploaded, and for how much of it carries labels.

        Example:
            >>> UploadReport("train", uploaded=1_437, labelled=1_400).sent
            '1,437 uploaded (1,400 with labels)'
        """
        labelled = f" ({self.labelled:,} with labels)" if self.uploaded else ""
        return f"{self.uploaded:,} uploaded{labelled}"

    def __str__(self) -> str:
        waiting = f", {len(self.unconfirmed):,} unconfirmed" if self.unconfirmed else ""
        lines = [
            f"{plain(self.dataset_id)}: {self.sent}, "
            f"{len(self.already_there):,} already there, "
            f"{len(self.failed):,} failed{waiting}, {self.annotations:,} annotations, "
            f"{self.bytes / 1e6:.1f} MB in {self.seconds:.1f} s"
        ]
        shown = self.failed[:MAX_SHOWN]
        lines += [f"  {item}" for item in shown]
        if len(self.failed) > len(shown):
            lines.append(f"  and {len(self.failed) - len(shown):,} more")
        lines += self._lines_of_conflicts()
        if self.resumed:
            lines.append(f"  {self.resumed:,} of those there were sent by an earlier run of this")
        lines += [f"  {note}" for note in self.notes]
        return fit("\n".join(lines))
