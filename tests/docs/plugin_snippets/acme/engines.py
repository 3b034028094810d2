"""A model type of the embedded platform."""

from __future__ import annotations

# --8<-- [start:engine]
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from clarifai_grpc.grpc.api import resources_pb2

if TYPE_CHECKING:
    from clarifai_local.engine.contracts import ModelInputs, TrainingJob


class MajorityEngine:
    """Learns which concept is the most frequent one: a floor for every other model."""

    def train(self, job: TrainingJob) -> bytes:
        rows = (row for samples in job.samples for row in samples.labels)
        counts = Counter(concept for row in rows for concept, value in row.items() if value == 1)
        return json.dumps(counts.most_common(1)[0][0]).encode()

    def load(self, model: bytes) -> MajorityPredictor:
        return MajorityPredictor(json.loads(model))


class MajorityPredictor:
    modalities = frozenset({"image", "text"})

    def __init__(self, concept: str) -> None:
        self.concept = concept

    def predict(
        self, batch: ModelInputs, params: Mapping[str, Any]
    ) -> Sequence[resources_pb2.Data]:
        answer = resources_pb2.Concept(id=self.concept, value=1)
        return [resources_pb2.Data(concepts=[answer]) for _ in batch]


# --8<-- [end:engine]
