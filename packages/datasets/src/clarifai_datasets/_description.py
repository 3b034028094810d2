"""What a source holds, in figures: what `clarifai dataset detect` shows."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core.errors import UserError
from clarifai_core.safe_text import fit, plain
from clarifai_datasets.upload import detection
from clarifai_datasets.upload import loader as loaders
from clarifai_datasets.upload._broken import BrokenItem

if TYPE_CHECKING:
    import os

    from clarifai_core.contracts import DataLoader

MAX_LABELS = 20
"""Labels that a text spells out, the most frequent ones."""

MAX_FAULTS = 5
"""Items with faults that are spelled out."""


@attrs.define
class SplitCount:
    """What one split holds."""

    split: str
    """Empty: the source has no splits."""
    items: int = 0
    labelled: int = 0
    """Items with a label of any kind."""
    labels: Counter[str] = attrs.field(factory=Counter)
    """Label -> how often it stands there, of whole items and of regions."""
    failed: int = 0
    """Items with faults."""


@attrs.define
class Description:
    """What a source holds. Get one from `describe`."""

    source: str
    format: str
    """Name of the loader."""
    task: str
    reason: str
    confidence: float
    splits: list[SplitCount] = attrs.field(factory=list)
    faults: list[str] = attrs.field(factory=list)
    """The first items with faults, and why."""
    others: list[str] = attrs.field(factory=list)
    """Loaders that would read it, too, and were less sure."""
    remarks: list[str] = attrs.field(factory=list)

    @property
    def ok(self) -> bool:
        """Return whether nothing is wrong with any item."""
        return not any(one.failed for one in self.splits)

    def summary(self) -> dict[str, Any]:
        """Return all of it as plain values."""
        return {
            **{name: getattr(self, name) for name in ("source", "format", "task", "reason")},
            "confidence": self.confidence,
            "splits": [
                {**attrs.asdict(one), "labels": dict(one.labels.most_common())}
                for one in self.splits
            ],
            **{name: getattr(self, name) for name in ("faults", "others", "remarks")},
        }

    def __str__(self) -> str:
        lines = [f"{self.source}: {self.format}, as {plain(self.reason)}"]
        for one in self.splits:
            name = f"  {plain(one.split)}: " if one.split else "  "
            failed = f", {one.failed:,} with faults" if one.failed else ""
            lines.append(
                f"{name}{_amount(one.items, 'item')}, {one.labelled:,} with labels{failed}, "
                f"{_amount(one.labels.total(), 'label')} of {_amount(len(one.labels), 'kind')}"
            )
            shown = [f"{plain(k, 60)} {n:,}" for k, n in one.labels.most_common(MAX_LABELS)]
            if shown:
                more = ", ..." if len(one.labels) > MAX_LABELS else ""
                lines.append(f"    {', '.join(shown)}{more}")
        lines += [f"  fault: {fault}" for fault in self.faults]
        lines += [f"  remark: {remark}" for remark in self.remarks]
        if self.others:
            lines.append(f"  also read by: {', '.join(self.others)}")
        return fit("\n".join(lines))


def describe(source: str | os.PathLike[str], loader: str = "") -> Description:
    """Return the format of a source, and what the loader of it finds there; nothing is sent.

    Args:
        source: A file, folder, zip or URL.
        loader: Name of the loader; empty: the one that is detected.

    Raises:
        UserError: No loader knows it, several do alike, or it cannot be read.
    """
    found = detection.detect(source, loader)
    sighting = found.sighting
    made = Description(found.source, found.spec.name, "", sighting.reason, sighting.confidence)
    made.others = [one.spec.name for one in found.others]
    made.remarks += found.notes
    parts = found.parts()
    for part in parts or (None,):
        split = part.split if part else ""
        try:
            opened = found.open(part)
            loaders.prepare(opened)
        except UserError as error:
            if len(parts) < 2:
                raise
            made.remarks.append(f"split {split!r}: {error}")
            continue
        made.task = opened.task
        made.splits.append(_counted(split, opened, made.faults))
        made.remarks += loaders.notes(opened)
    made.remarks = list(dict.fromkeys(made.remarks))
    return made


def _counted(split: str, opened: DataLoader, faults: list[str]) -> SplitCount:
    found = SplitCount(split)
    for _, features in loaders.items(opened):
        found.items += 1
        if isinstance(features, BrokenItem):
            found.failed += 1
            if len(faults) < MAX_FAULTS:
                faults.append(features.reason)
            continue
        labels = _labels(features)
        found.labelled += bool(labels)
        found.labels.update(labels)
    return found


def _labels(features: Any) -> list[str]:
    """Return the labels of an item, and of its regions."""
    own = getattr(features, "labels", None) or ()
    found = [own] if isinstance(own, (str, int)) else list(own)
    for region in getattr(features, "regions", None) or ():
        found += region.labels
    return [str(label) for label in found]


def _amount(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
