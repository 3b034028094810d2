"""Vectors of pictures by EfficientNet-Lite0, and what a vector tells of the classes of ImageNet.

A picture's 1280 features are projected onto the 512 directions in which the classifier's own
weights differ most (their singular vectors), and scaled to length 1. So a vector takes 2 KB, near
vectors are alike to the classifier, and the classifier can be asked of a vector that was kept: the
length that was lost is taken to be the usual one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from clarifai_local.engine.pictures import as_seen
from clarifai_models._catalogue import EFFICIENTNET
from clarifai_models._onnx import Floats, Graph, converted, once

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from clarifai_local.engine.contracts import Content
    from clarifai_models._unpickling import Array

SPACE = "efficientnet-lite0-v1"
"""Name of the vectors."""

DIMENSIONS = 512
SIDE = 224

USUAL_LENGTH = 10.2
"""Length of a projection before it is scaled: the mean over the photographs of docs/models.md."""

_BATCH = 4
"""Pictures at once: of more, each costs more, as their memory is got anew."""
_MIDDLE, _SPREAD = 127.0, 128.0
"""How the network was trained to see the levels 0 to 255."""


def embed_images(images: Sequence[Content]) -> Floats:
    """Return one unit vector per picture.

    Args:
        images: Encoded pictures.

    Returns:
        Array (len(images), 512), float32.

    Raises:
        UndecodableImageError: One of them is no picture; the message has its position.
        UnusableWeightsError: The weights are not there, or not those that were measured.
    """
    network = _network()
    vectors = np.empty((len(images), DIMENSIONS), np.float32)
    for start in range(0, len(images), _BATCH):
        batch = images[start : start + _BATCH]
        pixels = np.stack([as_seen(one, SIDE, SIDE, start + i) for i, one in enumerate(batch)])
        scaled = (pixels.astype(np.float32) - _MIDDLE) / _SPREAD
        projected = network("projected", x=np.ascontiguousarray(scaled.transpose(0, 3, 1, 2)))
        lengths = np.linalg.norm(projected, axis=1, keepdims=True)
        vectors[start : start + len(batch)] = projected / np.maximum(lengths, 1e-12)
    return vectors


def class_shares(vectors: Floats) -> Floats:
    """Return the probability of each of the 1000 classes of ImageNet.

    Args:
        vectors: (n, 512), of `embed_images`.

    Returns:
        Array (n, 1000), float32; each row sums to 1.
    """
    shares: Floats = _classifier()("shares", x=np.ascontiguousarray(vectors, np.float32))
    return shares


@once
def _network() -> Graph:
    return Graph(_converted("efficientnet-lite0.onnx", _features))


@once
def _classifier() -> Graph:
    return Graph(_converted("efficientnet-lite0-classes.onnx", _classes))


def _converted(name: str, make: Callable[[], bytes]) -> bytes:
    (weights,) = EFFICIENTNET.weights
    weights.checked_path()
    return converted(name, weights.sha256, make)


def _features() -> bytes:
    from clarifai_models._onnx_graphs import efficientnet_lite0

    tensors = _tensors()
    return efficientnet_lite0(tensors, _projection(tensors))


def _classes() -> bytes:
    from clarifai_models._onnx_graphs import linear_classifier

    tensors = _tensors()
    classes = _projection(tensors).T @ tensors["_fc.weight"].T
    return linear_classifier(classes * np.float32(USUAL_LENGTH), tensors["_fc.bias"])


def _projection(tensors: Mapping[str, Array]) -> Floats:
    rows = tensors["_fc.weight"]
    # What all classes have in common decides between none of them.
    centred = (rows - rows.mean(axis=0)).astype(np.float64)
    # The singular vectors are the eigenvectors of the square, which come ascending by size.
    _, directions = np.linalg.eigh(centred.T @ centred)
    return np.ascontiguousarray(directions[:, : -DIMENSIONS - 1 : -1], np.float32)


def _tensors() -> Mapping[str, Array]:
    from clarifai_models._unpickling import read_tensors

    return read_tensors(EFFICIENTNET.weights[0].read())
