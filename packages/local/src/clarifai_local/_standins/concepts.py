"""Stand-ins that answer with concepts: by likeness to drawings, or undecided."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np
from clarifai_grpc.grpc.api import resources_pb2

from clarifai_local._public_models import concepts_of
from clarifai_local._standins import drawings
from clarifai_local.engine.concepts import concept_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from clarifai_local.engine.contracts import Embedder, ModelInputs, VectorScores

UNDECIDED_MODALITIES = frozenset({"image", "text"})

_HALF = 0.65
"""Likeness (cosine) at which a concept gets the value 0.5."""

_STEEPNESS = 14.0


def value_of(likeness: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Return the value of a concept by the cosine to the nearest of its drawings."""
    values: npt.NDArray[np.float64] = 1 / (1 + np.exp(-_STEEPNESS * (likeness - _HALF)))
    return values


class LikenessClassifier:
    """Compares pictures with drawings of each concept, in the embedder's space.

    The value of a concept is a logistic curve of the cosine between the picture and the nearest of
    its drawings. The drawings are made and embedded when the first picture comes.

    Args:
        recipes: Drawings by the name of the concept; see `drawings`.
    """

    modalities = frozenset({"image"})

    def __init__(self, recipes: Mapping[str, Sequence[str]]) -> None:
        self._recipes = recipes
        self.concepts: Sequence[str] = tuple(concept_id(name) for name in recipes)
        self._prototypes: dict[str, npt.NDArray[np.float32]] = {}
        self._lock = threading.Lock()

    def predict(self, batch: ModelInputs, params: Mapping[str, Any], /) -> list[resources_pb2.Data]:  # noqa: ARG002
        """Return concepts per picture; see `contracts.Predictor`."""
        owners, vectors = self._drawn(batch.embedder)
        likeness = batch.vectors @ vectors.T
        best = np.full((len(batch), len(self.concepts)), -1.0)
        for column, owner in enumerate(owners):
            best[:, owner] = np.maximum(best[:, owner], likeness[:, column])
        return [_data(self.concepts, row) for row in value_of(best).tolist()]

    def scores_of(self, concept_id: str, embedder: Embedder, /) -> VectorScores | None:
        """Return what scores the vectors of pictures; see `contracts.VectorClassifier`."""
        if concept_id not in self.concepts:
            return None
        owners, vectors = self._drawn(embedder)
        drawn = vectors[[self.concepts[owner] == concept_id for owner in owners]]
        return lambda pictures: value_of((pictures @ drawn.T).max(axis=1)).astype(np.float32)

    def _drawn(self, embedder: Embedder) -> tuple[list[int], npt.NDArray[np.float32]]:
        owners = [place for place, made in enumerate(self._recipes.values()) for _ in made]
        space = embedder.image_space
        with self._lock:
            if space not in self._prototypes:
                pictures = [drawings.draw(r) for made in self._recipes.values() for r in made]
                self._prototypes[space] = embedder.embed_images(pictures)
            return owners, self._prototypes[space]


class Undecided:
    """Gives each concept the same value: it cannot know, and says so.

    Args:
        names: Names of the concepts.
        modalities: What it takes.
    """

    def __init__(
        self, names: Sequence[str], modalities: frozenset[str] = UNDECIDED_MODALITIES
    ) -> None:
        self.concepts: Sequence[str] = tuple(concept_id(name) for name in names)
        self.modalities = modalities

    def predict(self, batch: ModelInputs, params: Mapping[str, Any], /) -> list[resources_pb2.Data]:  # noqa: ARG002
        """Return the same concepts for every input; see `contracts.Predictor`."""
        share = 1 / len(self.concepts)
        return [_data(self.concepts, [share] * len(self.concepts)) for _ in batch]


def general() -> LikenessClassifier:
    """Return what answers for general-image-recognition."""
    return LikenessClassifier(drawings.recipes())


def foods() -> LikenessClassifier:
    """Return what answers for food-item-recognition."""
    return _drawn_only("food-item-recognition")


def travels() -> LikenessClassifier:
    """Return what answers for the model of travels."""
    return _drawn_only("eee28c313d69466f836ab83287a54ed9")


def feelings() -> LikenessClassifier:
    """Return what answers for face-sentiment-recognition."""
    return LikenessClassifier({name: (recipe,) for name, recipe in drawings.FEELINGS.items()})


def _drawn_only(model_id: str) -> LikenessClassifier:
    known = drawings.recipes()
    return LikenessClassifier({name: known[name] for name in concepts_of(model_id)})


def _data(concepts: Sequence[str], values: Sequence[float]) -> resources_pb2.Data:
    return resources_pb2.Data(
        concepts=[
            resources_pb2.Concept(id=name, value=value)
            for name, value in zip(concepts, values, strict=True)
        ]
    )
