"""The visual embedder: a learned linear view of the platform's image features.

Honest about what it is: no network that looks at pixels, but a projection of the 512 features of
`images` to 128 numbers, learned as the inner layer of a linear classifier. Directions that tell the
labelled concepts apart are stretched, others shrink, so that neighbours share a concept more often.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
import numpy.typing as npt
from clarifai_grpc.grpc.api import resources_pb2

from clarifai_local.engine import _archives, _augment
from clarifai_local.engine._classifier import learnable
from clarifai_local.engine._images import unit_rows
from clarifai_local.engine._settings import SETTINGS, TrainingSettings
from clarifai_local.engine._train import TrainingLabels, fit_epochs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarifai_local.engine.contracts import ModelInputs, TrainingJob

DIMENSIONS = 128
"""Numbers of an embedding, unless the template says how many."""

_COMPARED = 1000
"""Inputs that the log's figures are taken from."""

Floats = npt.NDArray[np.float32]


class VisualEmbedder:
    """Learns a projection from labelled pictures; see the module for how."""

    def train(self, job: TrainingJob, /) -> bytes:
        """Fit and return the model; see `contracts.Engine`."""
        parts = [part for part in job.samples if part.modality == "image" and len(part)]
        concepts = learnable(job, parts)
        (part,) = parts
        labels = TrainingLabels.of(part.labels, concepts)
        job.report(f"{len(part)} pictures, {len(concepts)} concepts", 0.05)
        vectors, repeated = _augment.vectors(job, part)
        asked = TrainingSettings.of(job.params)
        inner = attrs.evolve(asked, hidden_units=(asked.embedding_size or DIMENSIONS,))
        network = fit_epochs(
            attrs.evolve(job, params={**job.params, SETTINGS: inner}),
            vectors,
            labels.repeat(repeated),
            activation="identity",
        )
        projection = network.weights[0]
        centre = (part.vectors @ projection).mean(axis=0)
        model = EmbedderPredictor(projection, centre)
        before, after = (
            _agreement(rows, labels) for rows in (part.vectors, model.project(part.vectors))
        )
        job.report(f"nearest input has a concept in common: {before:.4f}, now {after:.4f}", 0.98)
        return _archives.pack({}, {"projection": projection, "centre": centre})

    def load(self, model: bytes, /) -> EmbedderPredictor:
        """Return the predictor of a stored model."""
        _, arrays = _archives.unpack(model)
        return EmbedderPredictor(arrays["projection"], arrays["centre"])


@attrs.frozen
class EmbedderPredictor:
    """Answers with one vector of length 1 per picture."""

    projection: Floats
    centre: Floats
    modalities = frozenset({"image"})
    concepts = ()

    def project(self, vectors: Floats) -> Floats:
        """Return (n, dimensions) for vectors of the platform's embedder."""
        return unit_rows(vectors @ self.projection - self.centre)

    def predict(self, batch: ModelInputs, params: Mapping[str, Any], /) -> list[resources_pb2.Data]:
        """Return one embedding per picture; see `contracts.Predictor`."""
        del params
        return [
            resources_pb2.Data(
                embeddings=[resources_pb2.Embedding(vector=row, num_dimensions=len(row))]
            )
            for row in self.project(batch.vectors).tolist()
        ]


def _agreement(vectors: Floats, labels: TrainingLabels) -> float:
    likeness = vectors[:_COMPARED] @ vectors[:_COMPARED].T
    np.fill_diagonal(likeness, -2)
    nearest = likeness.argmax(axis=1)
    mine = labels.positive[:_COMPARED]
    return float((mine & mine[nearest]).any(axis=1).mean())
