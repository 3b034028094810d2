"""From labelled inputs to what an engine learns from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np
from clarifai_grpc.grpc.api import resources_pb2

from clarifai_local._store.inputs import IMAGE, TEXT
from clarifai_local.engine.contracts import Content, Samples

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from clarifai_local._context import ServiceContext
    from clarifai_local._store import Example
    from clarifai_local.engine.contracts import Modality

_BATCH = 128


@attrs.frozen
class LabelledInput:
    """What is kept in memory of an example: everything but the picture."""

    input: int
    id: str
    labels: dict[str, float]
    annotations: tuple[resources_pb2.Annotation, ...]
    media: bytes | None
    text: str | None


@attrs.frozen
class Gathered:
    """The inputs of an app, dataset or dataset version."""

    images: list[LabelledInput]
    texts: list[LabelledInput]
    unusable: int
    """Further inputs that are neither picture nor text."""

    def only(self, inputs: Collection[int]) -> Gathered:
        """Return the inputs of those numbers."""
        wanted = frozenset(inputs)
        images, texts = (
            [item for item in part if item.input in wanted] for part in (self.images, self.texts)
        )
        return Gathered(images, texts, 0)

    def __len__(self) -> int:
        return len(self.images) + len(self.texts) + self.unusable


def gather(examples: Iterable[Example], *, unlabelled: bool = False) -> Gathered:
    """Sort examples by what they consist of.

    Args:
        examples: What the data holds.
        unlabelled: Whether those without any label count too; else they are left out.
    """
    images: list[LabelledInput] = []
    texts: list[LabelledInput] = []
    unusable = 0
    for example in examples:
        labels = example.concepts()
        if not (unlabelled or labels or any(a.data.regions for a in example.annotations)):
            continue
        is_image = bool(example.kinds & IMAGE and example.media)
        is_text = not is_image and bool(example.kinds & TEXT)
        item = LabelledInput(
            example.input,
            example.id,
            labels,
            example.annotations,
            example.media if is_image else None,
            example.message().data.text.raw if is_text else None,
        )
        if is_image:
            images.append(item)
        elif is_text:
            texts.append(item)
        else:
            unusable += 1
    return Gathered(images, texts, unusable)


def samples(context: ServiceContext, app: int, gathered: Gathered) -> list[Samples]:
    """Return the columns that an engine wants, one entry per modality that occurs.

    Args:
        context: Its store has the vectors, its embedder computes those that are missing.
        app: Number of the app that the inputs are in.
        gathered: The inputs.
    """
    parts: tuple[tuple[Modality, list[LabelledInput]], ...] = (
        ("image", gathered.images),
        ("text", gathered.texts),
    )
    return [_samples(context, app, modality, items) for modality, items in parts if items]


def _samples(
    context: ServiceContext, app: int, modality: Modality, items: list[LabelledInput]
) -> Samples:
    embedder = context.embedder
    space = embedder.image_space if modality == "image" else embedder.text_space

    def content(index: int) -> Content:
        item = items[index]
        if item.media is None:
            return item.text or ""
        data = context.originals.blob(item.media)
        if data is None:
            raise LookupError(f"the picture of input {item.id!r} is gone")
        return data

    vectors = context.store.vectors.features(app, space, [item.input for item in items])
    # An input of a snapshot may be gone from the app: its own copy still has the content.
    lacking = np.flatnonzero(~vectors.any(axis=1)).tolist()
    for start in range(0, len(lacking), _BATCH):
        part = lacking[start : start + _BATCH]
        contents = [content(index) for index in part]
        if modality == "image":
            vectors[part] = embedder.embed_images([c for c in contents if isinstance(c, bytes)])
        else:
            vectors[part] = embedder.embed_texts([c for c in contents if isinstance(c, str)])
    return Samples(
        modality=modality,
        ids=[item.id for item in items],
        vectors=vectors,
        labels=[item.labels for item in items],
        annotations=[item.annotations for item in items],
        content=content,
    )
