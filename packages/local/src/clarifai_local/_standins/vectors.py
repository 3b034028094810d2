"""Stand-ins that answer with vectors, and with the groups that vectors fall into."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local.media import Rejected

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from clarifai_local.engine.contracts import ModelInputs

CLUSTERS = 64
"""Groups that a clusterer knows."""

MAX_DIMENSIONS = 4096

_SEED = 20230101


class EmbedderModel:
    """The platform's embedder as a model.

    Args:
        modalities: What it takes.
    """

    def __init__(self, *modalities: str) -> None:
        self.modalities = frozenset(modalities)
        self.concepts = ()

    def predict(self, batch: ModelInputs, params: Mapping[str, Any], /) -> list[resources_pb2.Data]:  # noqa: ARG002
        """Return one embedding per input; see `contracts.Predictor`."""
        return [
            resources_pb2.Data(
                embeddings=[resources_pb2.Embedding(vector=row, num_dimensions=len(row))]
            )
            for row in batch.vectors.tolist()
        ]


class FixedClusterer:
    """Tells which of a fixed set of directions a vector is nearest to.

    The directions are the same in every installation, and near vectors mostly share one. The two
    numbers of `projection` place the vector on a map.
    """

    per_region = False

    def apply(self, data: resources_pb2.Data, params: Mapping[str, Any], /) -> resources_pb2.Data:  # noqa: ARG002
        """Return a cluster per embedding, those of regions in regions; see `contracts.Operator`."""
        answer = resources_pb2.Data(clusters=map(self._cluster, data.embeddings))
        for region in data.regions:
            if region.data.embeddings:
                found = resources_pb2.Data(clusters=map(self._cluster, region.data.embeddings))
                answer.regions.add(id=region.id, region_info=region.region_info, data=found)
        if not (data.embeddings or data.regions):
            raise Rejected(
                codes.INPUT_INVALID_ARGUMENT,
                "the input has no embeddings: a clusterer comes after an embedder",
            )
        return answer

    def _cluster(self, embedding: resources_pb2.Embedding) -> resources_pb2.Cluster:
        vector = np.asarray(embedding.vector, np.float64)
        if len(vector) > MAX_DIMENSIONS:
            raise Rejected(
                codes.INPUT_INVALID_ARGUMENT,
                f"a clusterer takes up to {MAX_DIMENSIONS} dimensions, got {len(vector)}",
            )
        directions = self._directions[:, : len(vector)]
        scores = directions @ (vector / max(float(np.linalg.norm(vector)), 1e-12))
        number = int(scores[:CLUSTERS].argmax())
        return resources_pb2.Cluster(
            id=f"{number // 8}_{number % 8}",
            count=1,
            score=float(scores[number]),
            projection=scores[CLUSTERS:].tolist(),
        )

    @cached_property
    def _directions(self) -> npt.NDArray[np.float64]:
        # The legacy generator's stream is frozen: the same numbers in every release of numpy.
        drawn = np.random.RandomState(_SEED).standard_normal((CLUSTERS + 2, MAX_DIMENSIONS))
        return np.asarray(drawn / np.sqrt(512), np.float64)


def image_vectors() -> EmbedderModel:
    """Return what answers for an embedder of pictures."""
    return EmbedderModel("image")


def text_vectors() -> EmbedderModel:
    """Return what answers for an embedder of texts."""
    return EmbedderModel("text")


def any_vectors() -> EmbedderModel:
    """Return what answers for an embedder of both."""
    return EmbedderModel("image", "text")
