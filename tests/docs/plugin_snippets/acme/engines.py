"""A model type of the embedded platform."""

# --8<-- [start:engine]
from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from clarifai_grpc.grpc.api import resources_pb2

if TYPE_CHECKING:
    from clarifai_local.engine.contracts import TrainingJob


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
        self.concepts = [concept]

    def predict(
        self, batch: Iterable[object], params: Mapping[str, Any]
    ) -> Sequence[resources_pb2.Data]:
        answer = resources_pb2.Concept(id=self.concepts[0], value=1)
        return [resources_pb2.Data(concepts=[answer]) for _ in batch]


# --8<-- [end:engine]
