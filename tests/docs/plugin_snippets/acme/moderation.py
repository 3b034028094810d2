"""A model of one's own behind a public model of the embedded platform."""

# --8<-- [start:moderation]
from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from clarifai_grpc.grpc.api import resources_pb2
from PIL import Image, ImageStat

if TYPE_CHECKING:
    from clarifai_local.engine.contracts import Embedder


class Brightness:
    """What load_model() and run() would be for a real one: finds dark pictures suspicious."""

    modalities = frozenset({"image"})
    concepts = ("suspicious", "safe")

    def __init__(self, embedder: Embedder) -> None:
        self.embedder = embedder

    def predict(
        self, batch: Iterable[object], params: Mapping[str, Any]
    ) -> Sequence[resources_pb2.Data]:
        return [self._judged(content) for content in batch if isinstance(content, bytes)]

    def _judged(self, content: bytes) -> resources_pb2.Data:
        picture = Image.open(io.BytesIO(content)).convert("L")
        dark = 1 - ImageStat.Stat(picture).mean[0] / 255
        values = {"suspicious": dark, "safe": 1 - dark}
        concepts = [resources_pb2.Concept(id=name, value=value) for name, value in values.items()]
        return resources_pb2.Data(concepts=concepts)


# --8<-- [end:moderation]
