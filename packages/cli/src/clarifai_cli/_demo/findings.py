"""What one run of the demo found out, and how it is told."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_cli._demo.samples import LabelledData, Sample

if TYPE_CHECKING:
    from collections.abc import Iterator

WORST_SHOWN = 3
PREDICTIONS_SHOWN = 4

_MAX_NAME = 60


@attrs.frozen
class Prediction:
    """What the model said about a held-out sample."""

    sample: Sample
    label: str
    value: float
    """How sure it was, 0..1."""

    @property
    def is_right(self) -> bool:
        """Return whether it said the sample's own label."""
        return self.label == self.sample.label


@attrs.frozen
class Hit:
    """A neighbour that the search found."""

    score: float
    label: str
    input_id: str


@attrs.frozen
class Words:
    """What a search by words found among pictures."""

    text: str
    hits: tuple[Hit, ...]


@attrs.frozen
class Findings:
    """The result of one run on one set of data."""

    data: LabelledData
    app_id: str
    train_count: int
    predictions: tuple[Prediction, ...]
    """One for each held-out sample."""
    evaluated_accuracy: float
    """What the platform's own evaluation says, on the same samples."""
    query: Sample
    hits: tuple[Hit, ...]
    seconds: dict[str, float]
    """Time of each step."""
    words: tuple[Words, ...] = ()

    @property
    def accuracy(self) -> float:
        """Return the share of held-out samples whose label was predicted."""
        return sum(one.is_right for one in self.predictions) / len(self.predictions)

    def worst(self) -> list[tuple[str, int, int, Counter[str]]]:
        """Return the labels with mistakes, worst first.

        Returns:
            For each: label, how many were right, how many there were, what the others were taken
            for.
        """
        found = []
        for label in self.data.labels:
            own = [one for one in self.predictions if one.sample.label == label]
            taken_for = Counter(one.label for one in own if not one.is_right)
            found.append((label, len(own) - taken_for.total(), len(own), taken_for))
        mistaken = [row for row in found if row[3]]
        return sorted(mistaken, key=lambda row: row[1] / row[2])[:WORST_SHOWN]

    def document(self) -> dict[str, Any]:
        """Return the findings for `--json`."""
        return {
            "data": self.data.title,
            "kind": self.data.kind,
            "labels": list(self.data.labels),
            "app_id": self.app_id,
            "train": self.train_count,
            "held_out": len(self.predictions),
            "accuracy": self.accuracy,
            "evaluated_accuracy": self.evaluated_accuracy,
            "worst": [
                {"label": label, "right": right, "of": total, "taken_for": dict(taken_for)}
                for label, right, total, taken_for in self.worst()
            ],
            "query": {"name": self.query.name, "label": self.query.label},
            "hits": [attrs.asdict(hit) for hit in self.hits],
            "words": [attrs.asdict(one) for one in self.words],
            "seconds": self.seconds,
        }

    def lines(self) -> Iterator[str]:
        """Yield the findings for people."""
        data, total = self.data, len(self.predictions)
        right = sum(one.is_right for one in self.predictions)
        yield f"{data.title}  (app {self.app_id})"
        yield f"  data      {len(data.samples):,} {data.kind}s, {len(data.labels)} labels: " + (
            f"{self.train_count:,} to train on, {total:,} held out"
        )
        if data.ignored:
            yield f"            {data.ignored:,} files of other kinds were left out"
        yield f"  accuracy  {self.accuracy:.3f}  ({right:,} of {total:,} held-out {data.kind}s)"
        yield f"            {self.evaluated_accuracy:.3f}  by the platform's own evaluation"
        yield from _headed("  worst     ", self._mistakes())
        yield from _headed("  predicts  ", map(_said, self._examples()))
        yield f"  search    nearest to {_short(self.query.name)} ({self.query.label}):"
        for hit in self.hits:
            yield f"            {hit.score:.3f}  {hit.label}  ({hit.input_id})"
        yield from self._found_by_words()
        times = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in self.seconds.items())
        yield f"  time      {times}"

    def _mistakes(self) -> Iterator[str]:
        for label, right, total, taken_for in self.worst():
            others = ", ".join(f"{n} taken for {other}" for other, n in taken_for.most_common())
            yield f"{label}: {right} of {total} right; {others}"

    def _found_by_words(self) -> Iterator[str]:
        for one in self.words:
            yield f"  search    by the words {one.text!r}:"
            for hit in one.hits:
                yield f"            {hit.score:.3f}  {hit.label}  ({hit.input_id})"
        if self.words and not any(one.hits for one in self.words):
            yield '            no hits: words find pictures with pip install "clarifai[models]>=13"'

    def _examples(self) -> list[Prediction]:
        step = max(1, len(self.predictions) // PREDICTIONS_SHOWN)
        return list(self.predictions[::step][:PREDICTIONS_SHOWN])


def _said(one: Prediction) -> str:
    verdict = "" if one.is_right else f"  (it is {one.sample.label})"
    return f"{_short(one.sample.name)} -> {one.label} {one.value:.2f}{verdict}"


def _headed(heading: str, lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        yield heading + line
        heading = " " * len(heading)


def _short(name: str) -> str:
    return name if len(name) <= _MAX_NAME else f"{name[: _MAX_NAME - 3]}..."
