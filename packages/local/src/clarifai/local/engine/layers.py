"""A classifier as plain arrays: layers of weights, and how to keep them without pickle."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import attrs
import numpy as np
import numpy.typing as npt

FORMAT = 1

Link = Literal["sigmoid", "softmax"]


class UnreadableModelError(ValueError):
    """The bytes are not a model that this version can read."""


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
        links = {}
        for modality, network in self.networks.items():
            links[modality] = network.link
            for index, (weight, bias) in enumerate(
                zip(network.weights, network.biases, strict=True)
            ):
                arrays[f"{modality}.weights.{index}"] = np.asarray(weight, np.float32)
                arrays[f"{modality}.biases.{index}"] = np.asarray(bias, np.float32)
        header = {
            "format": FORMAT,
            "concepts": list(self.concepts),
            "links": links,
            "options": dict(self.options),
        }
        arrays["header"] = np.frombuffer(json.dumps(header).encode(), np.uint8)
        stream = io.BytesIO()
        np.savez_compressed(stream, **arrays)
        return stream.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> ClassifierModel:
        """Read what `to_bytes` wrote; nothing in it is ever run.

        Raises:
            UnreadableModelError: It is something else, or of a newer format.
        """
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as archive:
                header = json.loads(archive["header"].tobytes())
                if header["format"] != FORMAT:
                    raise UnreadableModelError(f"model format {header['format']} is not {FORMAT}")
                networks = {
                    modality: _network(archive, modality, link)
                    for modality, link in header["links"].items()
                }
                return cls(tuple(header["concepts"]), networks, header["options"])
        except (EOFError, KeyError, OSError, ValueError, zipfile.BadZipFile) as error:
            raise UnreadableModelError(f"not a stored classifier: {error}") from error


def _network(archive: Any, modality: str, link: Link) -> Network:
    count = sum(name.startswith(f"{modality}.weights.") for name in archive.files)
    return Network(
        weights=[archive[f"{modality}.weights.{index}"] for index in range(count)],
        biases=[archive[f"{modality}.biases.{index}"] for index in range(count)],
        link=link,
    )


def _softmax(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _sigmoid(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-np.clip(scores, -60, 60))))
