"""How well pictures fit words, by the pictures' vectors alone.

The words are compared with the name of every class and kind, by the vectors of texts; a picture
fits as well as the classes that it probably shows do. So "puppy" finds pictures of breeds whose
names nobody typed, and words that no class is like find nothing, which is said.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

from clarifai_models import _image_vectors, _text_vectors
from clarifai_models._catalogue import MINILM
from clarifai_models._imagenet import kinds, plain
from clarifai_models._onnx import Floats, converted, once

if TYPE_CHECKING:
    from clarifai_local.engine.contracts import VectorScores

KNOWN = 0.5
"""Cosine from which on words are like a name: "sunset" and "sunscreen" have 0.47."""

_FLOOR = 0.3
"""Cosine of words that have nothing in common, at most."""

_POWER = 2
"""Makes what is nearly the same count, and many that are a little alike not."""


def fit_to(text: str) -> VectorScores | None:
    """Return what scores vectors of pictures by a text, 0..1; None when no name is like it.

    Args:
        text: Words, best in English.
    """
    (asked,) = _text_vectors.embed_texts([text])
    likeness = _names() @ asked
    if likeness.max(initial=0) < KNOWN:
        return None
    weights = np.clip((likeness - _FLOOR) / (1 - _FLOOR), 0, 1) ** _POWER
    of_class = np.array([weights[list(numbers)].max() for numbers in kinds().of_class], np.float32)
    return lambda vectors: _image_vectors.class_shares(vectors) @ of_class


@once
def _names() -> Floats:
    """Return the vectors of all names, from the cache after the first time on this machine."""
    sha256 = MINILM.weights[0].sha256
    with np.load(io.BytesIO(converted("names.npz", sha256, _embedded)), allow_pickle=False) as kept:
        return np.asarray(kept["names"], np.float32)


def _embedded() -> bytes:
    made = io.BytesIO()
    np.savez(made, names=_text_vectors.embed_texts([plain(name) for name in kinds().names]))
    return made.getvalue()
