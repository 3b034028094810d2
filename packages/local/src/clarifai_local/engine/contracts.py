"""What the platform asks of an embedder and of a model type's engine, ours or a plugin's.

A model type is trained by an `Engine`. The platform gathers the labelled inputs, the engine turns
them into bytes, and `load` turns the bytes into a `Predictor` again. Bytes are data: an engine must
never unpickle or run them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

import attrs
import numpy as np
import numpy.typing as npt
from clarifai_grpc.grpc.api import resources_pb2

if TYPE_CHECKING:
    from typing_extensions import TypeIs

Modality: TypeAlias = Literal["image", "text"]
Content: TypeAlias = "bytes | str"


class Embedder(Protocol):
    """Turns pictures and texts into vectors of length 1."""

    image_space: str
    """Name and version of the picture vectors; another name makes the platform compute anew.

    Vectors of other dimensions, or that mean something else, need another name.
    """
    text_space: str
    """The same for texts; equal to `image_space` when both share one space."""

    def embed_images(self, images: Sequence[bytes], /) -> npt.NDArray[np.float32]:
        """Return one row per encoded picture."""

    def embed_texts(self, texts: Sequence[str], /) -> npt.NDArray[np.float32]:
        """Return one row per text."""


VectorScores: TypeAlias = "Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]]"
"""Scores pictures by their vectors: (n, dimensions) in, (n,) out, each 0..1."""


class WordedEmbedder(Embedder, Protocol):
    """An embedder that also knows how well pictures fit words, by the pictures' vectors alone.

    A search by text finds pictures with it, where texts have a space of their own.
    """

    def fit_to(self, text: str, /) -> VectorScores | None:
        """Return what scores vectors of `image_space`; None when no word of the text is known."""


class VectorClassifier(Protocol):
    """A predictor that can tell a concept from the vector of a picture, without the picture."""

    def scores_of(self, concept_id: str, embedder: Embedder, /) -> VectorScores | None:
        """Return what scores vectors of `image_space`; None for a concept that it does not know."""


class TrainingError(Exception):
    """A training cannot succeed; the model version keeps `code` and the sentence."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class CancelledError(Exception):
    """Somebody deleted the version, or the platform closes."""


@attrs.frozen
class Samples:
    """Labelled inputs of one modality, column by column."""

    modality: Modality
    ids: Sequence[str]
    vectors: npt.NDArray[np.float32]
    """One row per input, from the platform's embedder."""
    labels: Sequence[Mapping[str, float]]
    """Per input: concept id -> value, 1 for "is there", 0 for "is not there"."""
    annotations: Sequence[Sequence[resources_pb2.Annotation]] = ()
    """Per input: what users marked on it, regions included."""
    content: Callable[[int], Content] | None = None
    """Reads the picture or text of the input in row `index`."""

    def __len__(self) -> int:
        return len(self.ids)


@attrs.frozen
class TrainingJob:
    """One training: data, settings and the way to tell how far it is."""

    samples: Sequence[Samples]
    """At most one entry per modality."""
    params: Mapping[str, Any]
    """`train_info.params`, with the model type's defaults filled in."""
    output_config: resources_pb2.OutputConfig
    concepts: Sequence[str]
    """Ids of the concepts to learn, in the order of the answer."""
    embedder: Embedder
    report: Callable[[str, float], None] = lambda _line, _share: None
    """Adds a line to the training log; the second argument is the share done, 0..1."""
    check: Callable[[], None] = lambda: None
    """Raises CancelledError when the training should stop; engines call it between steps."""


@attrs.define(slots=False)
class ModelInputs:
    """Inputs of one modality, to predict on."""

    modality: Modality
    contents: Sequence[Content]
    embedder: Embedder
    kept: Callable[[], npt.NDArray[np.float32]] | None = None
    """Gives the embedder's vectors of inputs that have some already."""

    @cached_property
    def vectors(self) -> npt.NDArray[np.float32]:
        """One row per input; computed when first asked for."""
        if self.kept is not None:
            return self.kept()
        if self.modality == "image":
            return self.embedder.embed_images([bytes(_as_bytes(c)) for c in self.contents])
        return self.embedder.embed_texts([str(content) for content in self.contents])

    def __len__(self) -> int:
        return len(self.contents)

    def __iter__(self) -> Iterator[Content]:
        return iter(self.contents)


class Predictor(Protocol):
    """A trained model, ready to answer."""

    modalities: frozenset[str]
    """What it can be asked about."""
    concepts: Sequence[str]
    """Ids of the concepts that it knows; empty when it answers with something else."""

    def predict(
        self, batch: ModelInputs, params: Mapping[str, Any], /
    ) -> Sequence[resources_pb2.Data]:
        """Return one answer per input of the batch, in its order.

        Args:
            batch: Inputs of one modality out of `modalities`.
            params: `output_info.params` of the request.

        Returns:
            Messages with concepts, regions, embeddings, clusters or text. Concepts need no more
            than their id and value: the platform adds names, sorts and cuts.
        """


class Operator(Protocol):
    """A model that works on the answers of others: crops regions, groups vectors."""

    per_region: bool
    """Whether models after it, in a workflow, answer for each of its regions."""

    def apply(self, data: resources_pb2.Data, params: Mapping[str, Any], /) -> resources_pb2.Data:
        """Return the answer about one input.

        Args:
            data: The input, joined with the answers of the models before; its media are there as
                bytes or text.
            params: `output_info.params` of the model version, the node and the request.

        Raises:
            Rejected: The input has not what the operator needs.
        """


def is_operator(model: Predictor | Operator) -> TypeIs[Operator]:
    """Return whether a model is an operator, not a predictor."""
    return hasattr(model, "apply")


class Engine(Protocol):
    """Learns models of one type."""

    def train(self, job: TrainingJob, /) -> bytes:
        """Return the trained model as data.

        Raises:
            TrainingError: The data or the parameters do not allow it.
            CancelledError: `job.check()` said so.
        """

    def load(self, model: bytes, /) -> Predictor | Operator:
        """Return what answers for the model; the inverse of `train`."""


def _as_bytes(content: Content) -> bytes:
    if isinstance(content, str):
        raise TypeError("a picture must be bytes")
    return content
