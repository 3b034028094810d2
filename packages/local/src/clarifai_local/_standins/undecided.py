"""The models that cannot be stood in for by measuring: what people are, what may not be shown.

A guess from colours would be worse than none, so each concept gets the same value.
"""

from __future__ import annotations

from clarifai_local._public_models import concepts_of
from clarifai_local._standins.concepts import Undecided

_IMAGE = frozenset({"image"})
_TEXT = frozenset({"text"})


def moderation() -> Undecided:
    """Return what answers for moderation-recognition."""
    return Undecided(concepts_of("moderation-recognition"), _IMAGE)


def ages() -> Undecided:
    """Return what answers for age-demographics-recognition."""
    return Undecided(concepts_of("age-demographics-recognition"), _IMAGE)


def genders() -> Undecided:
    """Return what answers for gender-demographics-recognition."""
    return Undecided(concepts_of("gender-demographics-recognition"), _IMAGE)


def ethnicities() -> Undecided:
    """Return what answers for ethnicity-demographics-recognition."""
    return Undecided(concepts_of("ethnicity-demographics-recognition"), _IMAGE)


def text_moderation() -> Undecided:
    """Return what answers for moderation-multilingual-text-classification."""
    return Undecided(concepts_of("moderation-multilingual-text-classification"), _TEXT)
