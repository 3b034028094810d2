"""The three classifiers: linear models on embeddings, and small networks for images and texts.

Which inputs teach what: a concept's positives are the inputs that carry it with a value over 0.5.
An input with any positive is a negative of every other concept (a closed world); an explicit 0 is a
negative of that concept. A concept without positives is left out of the model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
import numpy.typing as npt
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local.engine import _augment
from clarifai_local.engine._images import SIDE_PIXELS
from clarifai_local.engine._layers import ClassifierModel, Network
from clarifai_local.engine._settings import TrainingSettings
from clarifai_local.engine._train import TrainingLabels, fit_epochs, fit_linear
from clarifai_local.engine.contracts import Samples, TrainingError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clarifai_local.engine.contracts import ModelInputs, TrainingJob


class EmbeddingClassifier:
    """Logistic regression on the app's embeddings: one model for images, one for texts."""

    modalities: tuple[str, ...] = ("image", "text")

    def train(self, job: TrainingJob, /) -> bytes:
        """Fit and return the model; see `contracts.Engine`."""
        parts = [part for part in job.samples if part.modality in self.modalities and len(part)]
        concepts = learnable(job, parts)
        networks: dict[str, Network] = {}
        for part in parts:
            job.check()
            labels = TrainingLabels.of(part.labels, concepts)
            count = len(part)
            job.report(f"{count} {part.modality} inputs, {len(concepts)} concepts", 0.1)
            networks[part.modality] = self._fit(job, part, labels)
            share = _agreement(networks[part.modality], part, labels)
            job.report(f"fitted {part.modality}: accuracy on the training inputs {share:.4f}", 0.95)
        return ClassifierModel(concepts=concepts, networks=networks).to_bytes()

    def load(self, model: bytes, /) -> ClassifierPredictor:
        """Return the predictor of a stored model."""
        return ClassifierPredictor(ClassifierModel.from_bytes(model))

    def _fit(self, job: TrainingJob, part: Samples, labels: TrainingLabels) -> Network:
        return fit_linear(job, part, labels)


class VisualClassifier(EmbeddingClassifier):
    """A small network on image features, trained in epochs, on mirrored copies too if asked for."""

    modalities = ("image",)

    def load(self, model: bytes, /) -> ClassifierPredictor:
        """Return the predictor of a stored model."""
        stored = ClassifierModel.from_bytes(model)
        return ClassifierPredictor(stored, side_pixels=int(stored.options.get("image_size", 0)))

    def train(self, job: TrainingJob, /) -> bytes:
        """Fit and return the model; see `contracts.Engine`."""
        model = ClassifierModel.from_bytes(super().train(job))
        side = _augment.side_pixels(TrainingSettings.of(job.params).image_size)
        return attrs.evolve(model, options={"image_size": side}).to_bytes()

    def _fit(self, job: TrainingJob, part: Samples, labels: TrainingLabels) -> Network:
        vectors, repeated = _augment.vectors(job, part)
        if vectors is part.vectors:
            return fit_epochs(job, vectors, labels)
        return fit_epochs(job, vectors, labels.repeat(repeated))


class TextClassifier(EmbeddingClassifier):
    """A small network on text features, trained in epochs."""

    modalities = ("text",)

    def _fit(self, job: TrainingJob, part: Samples, labels: TrainingLabels) -> Network:
        return fit_epochs(job, part.vectors, labels)


@attrs.frozen
class ClassifierPredictor:
    """Answers with concepts, sorted, the most probable one first."""

    model: ClassifierModel
    side_pixels: int = 0
    """Pictures are shrunk to this first, as in the training; 0: as they are."""

    @property
    def modalities(self) -> frozenset[str]:
        """What the training saw."""
        return frozenset(self.model.networks)

    @property
    def concepts(self) -> Sequence[str]:
        """Ids of the concepts that it knows."""
        return self.model.concepts

    def predict(self, batch: ModelInputs, params: Mapping[str, Any], /) -> list[resources_pb2.Data]:
        """Return concepts per input; see `contracts.Predictor`."""
        del params
        values = self.probabilities(batch)
        return [_data(self.model.concepts, row) for row in values]

    def probabilities(self, batch: ModelInputs) -> npt.NDArray[np.float64]:
        """Return (inputs, concepts) values in 0..1, in the order of `model.concepts`."""
        network = self.model.networks[batch.modality]
        small = 0 < self.side_pixels < SIDE_PIXELS and batch.modality == "image"
        seen = _augment.shrunk(batch, self.side_pixels) if small else batch
        return network.probabilities(seen.vectors)


def _data(concepts: Sequence[str], values: npt.NDArray[np.float64]) -> resources_pb2.Data:
    order = np.argsort(-values, kind="stable")
    return resources_pb2.Data(
        concepts=[
            resources_pb2.Concept(id=concepts[index], value=float(values[index])) for index in order
        ]
    )


def learnable(job: TrainingJob, parts: Sequence[Samples]) -> tuple[str, ...]:
    """Return the ids of the concepts that samples have positives of, in the order asked for.

    Raises:
        TrainingError: There is none.
    """
    if not parts:
        raise TrainingError(codes.MODEL_TRAINING_NO_DATA, "no labelled input can be used")
    positives = {
        concept
        for part in parts
        for labels in part.labels
        for concept, value in labels.items()
        if value > TrainingLabels.THRESHOLD
    }
    wanted = list(job.concepts) or sorted(positives)
    found = tuple(concept for concept in wanted if concept in positives)
    missing = [concept for concept in wanted if concept not in positives]
    if not found or (missing and job.output_config.fail_on_missing_positive_examples):
        names = ", ".join(missing[:5]) or "any concept"
        raise TrainingError(
            codes.MODEL_TRAINING_NO_POSITIVES, f"no input is labelled positively with {names}"
        )
    for concept in missing:
        job.report(f"left out {concept}: no positive example", 0.0)
    return found


def _agreement(network: Network, part: Samples, labels: TrainingLabels) -> float:
    chosen = network.probabilities(part.vectors).argmax(axis=1)
    labelled = labels.positive.any(axis=1)
    hits = labels.positive[np.arange(len(part)), chosen][labelled]
    return float(hits.mean()) if len(hits) else 0.0
