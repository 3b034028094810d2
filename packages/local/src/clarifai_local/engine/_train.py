"""Fitting: labelled vectors in, the weights of a classifier out. scikit-learn does the sums."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import attrs
import numpy as np
import numpy.typing as npt
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local.engine._background import background_images, background_texts
from clarifai_local.engine._layers import Link, Network
from clarifai_local.engine._settings import TrainingSettings
from clarifai_local.engine._threads import one_thread
from clarifai_local.engine.contracts import TrainingError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clarifai_local.engine.contracts import Samples, TrainingJob

Bools = npt.NDArray[np.bool_]

_SCALE = float(np.sqrt(512))
"""Unit vectors are scaled by this for the networks, so that a component is about 1."""

_MAX_ITERATIONS = 10_000


@attrs.frozen
class TrainingLabels:
    """Which inputs are positive, and which negative, for which concept."""

    THRESHOLD: ClassVar[float] = 0.5

    positive: Bools
    """(inputs, concepts)."""
    negative: Bools
    """(inputs, concepts); what is neither is unknown."""

    @classmethod
    def of(cls, labels: Sequence[Mapping[str, float]], concepts: Sequence[str]) -> TrainingLabels:
        """Build from values per input; see the rules in `classifier`."""
        column = {concept: index for index, concept in enumerate(concepts)}
        positive = np.zeros((len(labels), len(concepts)), np.bool_)
        negative = np.zeros_like(positive)
        for row, values in enumerate(labels):
            closed = any(value > cls.THRESHOLD for value in values.values())
            negative[row] = closed
            for concept, value in values.items():
                if concept in column:
                    positive[row, column[concept]] = value > cls.THRESHOLD
                    negative[row, column[concept]] = value <= cls.THRESHOLD
        return cls(positive, negative)

    @property
    def single(self) -> bool:
        """Whether every labelled input has exactly one concept, and there are at least two."""
        counts = self.positive.sum(axis=1)
        return bool(self.positive.shape[1] > 1 and (counts[self.known] == 1).all())

    @property
    def known(self) -> Bools:
        """(inputs,): those that say anything."""
        return np.asarray((self.positive | self.negative).any(axis=1))

    def repeat(self, times: int) -> TrainingLabels:
        """Return the labels of as many copies of the inputs, one copy behind the other."""
        return TrainingLabels(
            np.tile(self.positive, (times, 1)), np.tile(self.negative, (times, 1))
        )


def fit_linear(job: TrainingJob, part: Samples, labels: TrainingLabels) -> Network:
    """Fit a linear classifier to convergence.

    One model over all concepts when `output_config.concepts_mutually_exclusive` is set and every
    input has one concept (values sum to 1); else one model per concept, each for itself.

    Args:
        job: Parameters `regularization` and `enrich_dataset`; progress and cancellation.
        part: The vectors.
        labels: What they show.

    Raises:
        TrainingError: A concept has no negatives and `enrich_dataset` is "Disabled".
    """
    strength = 1.0 / float(job.params.get("regularization") or 0.02)
    if job.output_config.concepts_mutually_exclusive and labels.single:
        rows = labels.known
        weights, bias = _logistic(
            part.vectors[rows], labels.positive[rows].argmax(axis=1), strength
        )
        return Network([weights], [bias], "softmax")
    count = labels.positive.shape[1]
    columns = []
    for concept in range(count):
        job.check()
        columns.append(_one_against_rest(job, part, labels, concept, strength))
        job.report("", 0.1 + 0.8 * (concept + 1) / count)
    weights = np.concatenate([column[0] for column in columns], axis=1)
    return Network([weights], [np.concatenate([column[1] for column in columns])], "sigmoid")


def fit_epochs(
    job: TrainingJob,
    vectors: npt.NDArray[np.float32],
    labels: TrainingLabels,
    *,
    scale: float = _SCALE,
    activation: str = "relu",
) -> Network:
    """Fit a small network, epoch by epoch.

    Args:
        job: Its settings; see `_settings.TrainingSettings`.
        vectors: (inputs, dimensions), of length 1 each.
        labels: What they show; what is not positive counts as negative.
        scale: What vectors are multiplied by, so that a component is about 1.
        activation: What follows a hidden layer: "relu", or "identity" for a linear one.

    Raises:
        TrainingError: There is one concept only and nothing without it.
    """
    from sklearn.neural_network import MLPClassifier
    from sklearn.utils import shuffle

    asked = TrainingSettings.of(job.params)
    rows = labels.known
    if asked.exclusive and not labels.single:
        job.report(
            "not every input has exactly one concept: each concept is valued for itself", 0.1
        )
    link: Link = "softmax" if labels.single and asked.exclusive is not False else "sigmoid"
    inputs = vectors[rows].astype(np.float64) * scale
    targets = labels.positive[rows]
    if link == "sigmoid" and targets.all():
        raise TrainingError(
            codes.MODEL_TRAINING_ONE_VS_N_SINGLE_CLASS,
            "every input has every concept: label some inputs with 0 or with another concept",
        )
    wanted = targets.argmax(axis=1) if link == "softmax" else targets.astype(np.int64)
    classes, epochs = np.arange(targets.shape[1]), asked.epochs
    network = MLPClassifier(
        hidden_layer_sizes=asked.hidden_units,
        alpha=asked.decay,
        batch_size=min(asked.batch_size, len(inputs)),
        learning_rate_init=asked.step,
        activation=activation,
        random_state=asked.seed,
    )
    if link == "sigmoid" and targets.shape[1] == 1:
        wanted, classes = wanted.ravel(), np.arange(2)
    with one_thread():  # once: to find the libraries takes as long as a pass over little data
        for epoch in range(epochs):
            for _ in range(asked.passes):
                job.check()
                network.partial_fit(inputs, wanted, classes=classes)
                if network.shuffle:
                    # Its seed shuffles every pass but the first alike. Once is enough, and done
                    # here it takes none of the checks that are made of each batch.
                    order = shuffle(np.arange(len(inputs)), random_state=asked.seed)
                    inputs, wanted = inputs[order], wanted[order]
                    network.set_params(shuffle=False)
            job.report(
                f"epoch {epoch + 1}/{epochs}: loss {network.loss_:.5f}",
                0.1 + 0.85 * (epoch + 1) / epochs,
            )
    return _network(network, link, scale)


def _network(fitted: Any, link: Link, scale: float) -> Network:
    weights, biases = list(fitted.coefs_), list(fitted.intercepts_)
    weights[0] = weights[0] * scale
    if link == "softmax" and weights[-1].shape[1] == 1:
        # Two concepts share one output: its sigmoid is the softmax of (0, output).
        weights[-1] = np.hstack([np.zeros_like(weights[-1]), weights[-1]])
        biases[-1] = np.concatenate([np.zeros(1), biases[-1]])
    return Network(
        [weight.astype(np.float32) for weight in weights],
        [bias.astype(np.float32) for bias in biases],
        link,
    )


def _one_against_rest(
    job: TrainingJob, part: Samples, labels: TrainingLabels, concept: int, strength: float
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    positive, negative = labels.positive[:, concept], labels.negative[:, concept]
    rows = positive | negative
    vectors, targets = part.vectors[rows], positive[rows]
    if not targets.any():
        # The concept is known from the other modality only: never say yes here.
        return np.zeros((vectors.shape[1], 1), np.float32), np.full(1, -20, np.float32)
    if targets.all():
        others = _background(job, part)
        vectors = np.concatenate([vectors, others])
        targets = np.concatenate([targets, np.zeros(len(others), np.bool_)])
    weights, bias = _logistic(vectors, targets.astype(np.int64), strength)
    return weights[:, 1:] - weights[:, :1], bias[1:] - bias[:1]


def _background(job: TrainingJob, part: Samples) -> npt.NDArray[np.float32]:
    if job.params.get("enrich_dataset") == "Disabled":
        raise TrainingError(
            codes.MODEL_TRAINING_ONE_VS_N_SINGLE_CLASS,
            "a concept has no negative example: label inputs with another concept or with 0, "
            "or set enrich_dataset to Automatic",
        )
    job.report("added generated negatives (enrich_dataset: Automatic)", 0.1)
    if part.modality == "image":
        return job.embedder.embed_images(background_images())
    return job.embedder.embed_texts(background_texts())


def _logistic(
    vectors: npt.NDArray[Any], targets: npt.NDArray[np.int64], strength: float
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return weights (dimensions, classes) and biases (classes,) for the softmax over classes."""
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=strength, max_iter=_MAX_ITERATIONS).fit(vectors, targets)
    weights, bias = fitted.coef_.T, fitted.intercept_
    if weights.shape[1] == 1:
        weights = np.hstack([np.zeros_like(weights), weights])
        bias = np.concatenate([np.zeros(1), bias])
    return weights.astype(np.float32), bias.astype(np.float32)
