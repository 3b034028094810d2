"""A classifier as plain arrays: layers of weights, and how to keep them without pickle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import attrs
import numpy as np
import numpy.typing as npt

from clarifai_local.engine import _archives
from clarifai_local.engine._archives import UnreadableModelError

__all__ = ["ClassifierModel", "Link", "Network", "UnreadableModelError"]

Link = Literal["sigmoid", "softmax"]


@attrs.frozen
class Network:
    """Layers of a feed-forward classifier; without hidden layers it is a linear one.

    Between layers negative values become 0; after the last one `link` makes probabilities.
    """

    weights: Sequence[npt.NDArray[np.float32]]
    """Matrices (inputs, outputs); the last has one output per concept."""
    biases: Sequence[npt.NDArray[np.float32]]
    link: Link
    """`softmax`: the concepts exclude each other and sum to 1; `sigmoid`: each for itself."""

    def probabilities(self, vectors: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """Return (n, concepts) values in 0..1 for (n, dimensions) vectors."""
        values = np.asarray(vectors, np.float64)
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            values = np.maximum(values @ weight + bias, 0)
        scores = values @ self.weights[-1] + self.biases[-1]
        return _softmax(scores) if self.link == "softmax" else _sigmoid(scores)


@attrs.frozen
class ClassifierModel:
    """Networks by modality, over the same concepts."""

    concepts: Sequence[str]
    networks: Mapping[str, Network]
    options: Mapping[str, Any] = attrs.field(factory=dict)
    """What prediction must do as training did; JSON values."""

    def to_bytes(self) -> bytes:
        """Return the model as an `.npz` archive of arrays and one JSON text."""
        arrays: dict[str, Any] = {}
        for modality, network in self.networks.items():
            arrays.update(network_arrays(network, f"{modality}."))
        header = {
            "concepts": list(self.concepts),
            "links": {modality: network.link for modality, network in self.networks.items()},
            "options": dict(self.options),
        }
        return _archives.pack(header, arrays)

    @classmethod
    def from_bytes(cls, data: bytes) -> ClassifierModel:
        """Read what `to_bytes` wrote; nothing in it is ever run.

        Raises:
            UnreadableModelError: It is something else, or of a newer format.
        """
        header, arrays = _archives.unpack(data)
        networks = {
            modality: network_of(arrays, link, f"{modality}.")
            for modality, link in header["links"].items()
        }
        return cls(tuple(header["concepts"]), networks, header["options"])


def network_arrays(network: Network, prefix: str = "") -> dict[str, npt.NDArray[np.float32]]:
    """Return a network's arrays by name, to be kept."""
    named = (("weights", network.weights), ("biases", network.biases))
    return {
        f"{prefix}{name}.{index}": np.asarray(array, np.float32)
        for name, arrays in named
        for index, array in enumerate(arrays)
    }


def network_of(arrays: _archives.Arrays, link: Link, prefix: str = "") -> Network:
    """Return the network that `network_arrays` took apart."""
    count = sum(name.startswith(f"{prefix}weights.") for name in arrays)
    return Network(
        weights=[arrays[f"{prefix}weights.{index}"] for index in range(count)],
        biases=[arrays[f"{prefix}biases.{index}"] for index in range(count)],
        link=link,
    )


def _softmax(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _sigmoid(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-np.clip(scores, -60, 60))))
