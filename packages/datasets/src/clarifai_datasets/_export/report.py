"""What became of an export: every input of the archive is counted or named here, exactly once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core.errors import ClarifaiError
from clarifai_core.safe_text import fit, plain, redacted
from clarifai_core.tables import Tabular
from clarifai_views import views

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clarifai_core.records import Record

MAX_SHOWN = 10
"""Failures that printing a report spells out."""

MAX_SHOWN_NOTES = 20

_MAX_REASON = 1000
"""Characters of one reason when it is printed."""


class ExportFailed(ClarifaiError):
    """Some inputs of an export, or all of them, are missing; `report` says which."""

    def __init__(self, message: str, report: ExportReport) -> None:
        super().__init__(message)
        self.report = report


@attrs.frozen
class FailedInput:
    """An input that is not in the export."""

    id: str
    split: str
    reason: str
    url: str = ""
    """Where its media should have come from, without query; empty: nothing was asked for."""
    may_heal: bool = False
    """Whether the same export may get it another time."""

    def __str__(self) -> str:
        where = f"{plain(self.split)}/{plain(self.id)}"
        return f"{where}: {redacted(self.reason, _MAX_REASON)}"


@attrs.define
class ExportReport(Tabular):
    """What became of the inputs of one export.

    Example:
        >>> report = ExportReport(Path("out.zip"), exported=2, splits={"train": 2})
        >>> report.failed.append(FailedInput("cat-7", "train", "HTTP 404"))
        >>> print(report)
        out.zip: 2 exported (2 train), 1 failed, 0 with labels, 0.0 MB in 0.0 s
          train/cat-7: HTTP 404
    """

    path: Path
    """The zip or folder that was written."""
    exported: int = 0
    """Inputs whose media are in the export."""
    failed: list[FailedInput] = attrs.field(factory=list)
    annotations: int = 0
    """Inputs of which labels are in the export."""
    splits: dict[str, int] = attrs.field(factory=dict)
    """Split -> inputs that were exported."""
    bytes: int = 0
    """Size of the media."""
    lost: dict[str, int] = attrs.field(factory=dict)
    """What the format cannot hold, of inputs that were exported: `{"masks": 2}`."""
    notes: list[str] = attrs.field(factory=list)
    """What else there is to know: what is held in another form, what stands in for what; of a
    conversion also what of the source is not used as it stands."""
    seconds: float = 0.0

    @property
    def total(self) -> int:
        """Return the number of inputs that the report accounts for."""
        return self.exported + len(self.failed)

    @property
    def ok(self) -> bool:
        """Return whether nothing failed."""
        return not self.failed

    def raise_for_failures(self) -> ExportReport:
        """Return the report itself when nothing failed.

        Raises:
            ExportFailed: Something did; the error holds the report.
        """
        if self.failed:
            raise ExportFailed(f"{len(self.failed):,} of {self.total:,} failed. {self}", self)
        return self

    def summary(self) -> dict[str, Any]:
        """Return the counts."""
        return {
            "path": str(self.path),
            "exported": self.exported,
            "failed": len(self.failed),
            "annotations": self.annotations,
            "splits": dict(self.splits),
            "bytes": self.bytes,
            "lost": dict(self.lost),
            "notes": list(self.notes),
            "seconds": round(self.seconds, 3),
        }

    def to_record(self) -> Record:
        """Return the counts as one row."""
        return self.summary()

    def _rows(self) -> Iterator[Record]:
        """Yield a row for each input that failed."""
        for one in self.failed:
            yield {"id": one.id, "split": one.split, "reason": one.reason, "url": one.url}

    def _columns(self) -> Sequence[str]:
        return ("id", "split", "reason", "url")

    def _view(self) -> views.Html:
        return views.of_report(self.summary(), self._rows(), self.notes)

    @property
    def shortfall(self) -> str:
        """Return in one line what is not in the export.

        Example:
            >>> ExportReport(Path("out.zip"), exported=29, lost={"masks": 2}).shortfall
            'out.zip lacks 2 masks: the report says why'
        """
        parts = [f"{len(self.failed):,} of {self.total:,} inputs"] if self.failed else []
        lacks = " and ".join([*parts, *([self._lost] if self.lost else [])])
        return fit(f"{self.path} lacks {lacks}: the report says why")

    @property
    def _lost(self) -> str:
        found = sorted(self.lost.items())
        return ", ".join(f"{count:,} {plain(what)}" for what, count in found)

    def __str__(self) -> str:
        splits = ", ".join(f"{count:,} {plain(name)}" for name, count in self.splits.items())
        lines = [
            f"{self.path}: {self.exported:,} exported{f' ({splits})' if splits else ''}, "
            f"{len(self.failed):,} failed, {self.annotations:,} with labels, "
            f"{self.bytes / 1e6:.1f} MB in {self.seconds:.1f} s"
        ]
        if self.lost:
            lines.append(f"  the format cannot hold: {self._lost}")
        lines += [f"  {redacted(note, _MAX_REASON)}" for note in self.notes[:MAX_SHOWN_NOTES]]
        if len(self.notes) > MAX_SHOWN_NOTES:
            lines.append(f"  and {len(self.notes) - MAX_SHOWN_NOTES:,} notes more")
        shown = self.failed[:MAX_SHOWN]
        lines += [f"  {item}" for item in shown]
        if len(self.failed) > len(shown):
            lines.append(f"  and {len(self.failed) - len(shown):,} more")
        return fit("\n".join(lines))
