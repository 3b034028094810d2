"""Labelled data before anything is uploaded: what it must be like, and how it is split."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import attrs

from clarifai_core.errors import UserError

if TYPE_CHECKING:
    from collections import Counter

MIN_PER_LABEL = 4
"""Below this, a split would leave too little to learn from."""

HELD_OUT_SHARE = 0.25
"""Share of each label that no training sees."""

Kind = Literal["image", "text"]
Layout = Literal["folder", "raw", "file_path"]


@attrs.frozen
class Sample:
    """One input and its label."""

    label: str
    content: Path | str
    """A file, or the text itself."""

    def read(self) -> bytes:
        """Return the input's bytes."""
        if isinstance(self.content, str):
            return self.content.encode("utf-8")
        return self.content.read_bytes()

    @property
    def name(self) -> str:
        """Return what to call it in a report."""
        return self.content if isinstance(self.content, str) else self.content.name


@attrs.frozen
class LabelledData:
    """Samples of one kind, all of them checked."""

    title: str
    kind: Kind
    samples: tuple[Sample, ...]
    layout: Layout
    """How it is uploaded: from folders, or from a CSV file with texts or with paths."""
    ignored: int = 0
    """Files that are neither images nor texts."""
    words: tuple[str, ...] = ()
    """What the inputs are searched by besides, by what they show."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the labels, sorted."""
        return tuple(sorted({sample.label for sample in self.samples}))

    def split(self, seed: int = 0) -> tuple[tuple[Sample, ...], tuple[Sample, ...]]:
        """Return what to train on and what to hold out: the same share of every label.

        Example:
            >>> from collections import Counter
            >>> samples = tuple(Sample(label, text) for label in "ab" for text in "12345678")
            >>> train, held_out = LabelledData("letters", "text", samples, "raw").split()
            >>> len(train), len(held_out), Counter(sample.label for sample in held_out)
            (12, 4, Counter({'a': 2, 'b': 2}))
        """
        train: list[Sample] = []
        held_out: list[Sample] = []
        shuffle = random.Random(seed).shuffle
        for label in self.labels:
            own = [sample for sample in self.samples if sample.label == label]
            shuffle(own)
            cut = max(1, round(len(own) * HELD_OUT_SHARE))
            held_out += own[:cut]
            train += own[cut:]
        return tuple(train), tuple(held_out)


def check_counts(origin: str, counts: Counter[str]) -> None:
    """Refuse data that nothing can be learned from.

    Args:
        origin: Where the data is from, for the message.
        counts: Samples of each label.

    Raises:
        UserError: There is only one label, or too few samples of one.
    """
    if len(counts) < 2:
        raise UserError(
            f"--data {origin!r} has only the label {next(iter(counts))!r}: give at least two."
        )
    few = [f"{label!r} ({n})" for label, n in sorted(counts.items()) if n < MIN_PER_LABEL]
    if few:
        raise UserError(
            f"--data {origin!r} has too few samples of {', '.join(few)}: "
            f"give at least {MIN_PER_LABEL} of each label."
        )
