"""What a picture shows: the classes of ImageNet, and the kinds of things that they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from clarifai_grpc.grpc.api import resources_pb2

from clarifai_local.engine.concepts import concept_id
from clarifai_models import _image_vectors
from clarifai_models._imagenet import food_names, kinds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clarifai_local.engine.contracts import Embedder, ModelInputs, VectorScores
    from clarifai_models._onnx import Floats


class Recognizer:
    """Tells the classes and kinds that a picture shows; a kind is as sure as its classes together.

    Args:
        names: Those that it tells, out of `kinds.concept_names`; all by default.
    """

    modalities = frozenset({"image"})

    def __init__(self, names: Sequence[str] | None = None) -> None:
        found = kinds()
        self._numbers = [found.numbers[name] for name in names or found.names]
        self.concepts = tuple(concept_id(found.names[number]) for number in self._numbers)

    def predict(self, batch: ModelInputs, params: Mapping[str, Any], /) -> list[resources_pb2.Data]:  # noqa: ARG002
        """Return concepts per picture; see `contracts.Predictor`."""
        values = self._values(_vectors(batch))
        return [
            resources_pb2.Data(
                concepts=[
                    resources_pb2.Concept(id=name, value=value)
                    for name, value in zip(self.concepts, row, strict=True)
                ]
            )
            for row in values.tolist()
        ]

    def scores_of(self, concept_id: str, embedder: Embedder, /) -> VectorScores | None:
        """Return what scores vectors by one concept; see `contracts.VectorClassifier`."""
        if concept_id not in self.concepts or embedder.image_space != _image_vectors.SPACE:
            return None
        member = kinds().membership[:, self._numbers[self.concepts.index(concept_id)]]
        return lambda vectors: np.asarray(_image_vectors.class_shares(vectors) @ member)

    def _values(self, vectors: Floats) -> Floats:
        shares = _image_vectors.class_shares(vectors) @ kinds().membership[:, self._numbers]
        return np.asarray(np.minimum(shares, np.float32(1)))


def _vectors(batch: ModelInputs) -> Floats:
    if batch.embedder.image_space == _image_vectors.SPACE:
        return batch.vectors
    return _image_vectors.embed_images(list(batch))


def general(_: Embedder) -> Recognizer:
    """Return what answers for general-image-recognition."""
    return Recognizer()


def foods(_: Embedder) -> Recognizer:
    """Return what answers for food-item-recognition."""
    return Recognizer(food_names())
