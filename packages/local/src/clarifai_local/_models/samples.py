"""From labelled inputs to what an engine learns from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np
from clarifai_grpc.grpc.api import resources_pb2

from clarifai_local._store.inputs import IMAGE, TEXT
from clarifai_local.engine.contracts import Content, Samples

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    import numpy.typing as npt

    from clarifai_local._context import ServiceContext
    from clarifai_local._store import AnnotatedInput
    from clarifai_local.engine.contracts import Modality

_BATCH = 128


@attrs.frozen
class LabelledInput:
    """What is kept in memory of an example: everything but the picture."""

    app: int
    """Number of the app that it is in."""
    input: int
    id: str
    labels: dict[str, float]
    annotations: tuple[resources_pb2.Annotation, ...]
    media: bytes | None
    text: str | None


@attrs.frozen
class LabelledInputs:
    """The inputs of an app, dataset or dataset version."""

    images: list[LabelledInput]
    texts: list[LabelledInput]
    unusable: int
    """Further inputs that are neither picture nor text."""

    def only(self, inputs: Collection[int]) -> LabelledInputs:
        """Return the inputs of those numbers."""
        wanted = frozenset(inputs)
        images, texts = (
            [item for item in part if item.input in wanted] for part in (self.images, self.texts)
        )
        return LabelledInputs(images, texts, 0)

    def __len__(self) -> int:
        return len(self.images) + len(self.texts) + self.unusable


def gather(
    app: int, examples: Iterable[AnnotatedInput], *, unlabelled: bool = False
) -> LabelledInputs:
    """Sort examples by what they consist of.

    Args:
        app: Number of the app that the data is in.
        examples: What it holds.
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
            app,
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
    return LabelledInputs(images, texts, unusable)


def samples(context: ServiceContext, gathered: LabelledInputs) -> list[Samples]:
    """Return the columns that an engine wants, one entry per modality that occurs.

    Args:
        context: Its store has the vectors, its embedder computes those that are missing.
        gathered: The inputs.
    """
    parts: tuple[tuple[Modality, list[LabelledInput]], ...] = (
        ("image", gathered.images),
        ("text", gathered.texts),
    )
    return [_samples(context, modality, items) for modality, items in parts if items]


def vectors(
    context: ServiceContext, modality: Modality, items: Sequence[LabelledInput]
) -> npt.NDArray[np.float32]:
    """Return the platform's vectors of inputs: those that are kept, else they are computed.

    Args:
        context: Its store has the vectors, its embedder computes those that are missing.
        modality: What all of them are.
        items: The inputs, of one app.

    Returns:
        One row per input.

    Raises:
        LookupError: A picture is gone.
    """
    embedder = context.embedder
    space = embedder.image_space if modality == "image" else embedder.text_space
    found = context.store.vectors.features(items[0].app, space, [item.input for item in items])
    # An input of a snapshot may be gone from the app: its own copy still has the content.
    lacking = np.flatnonzero(~found.any(axis=1)).tolist()
    for start in range(0, len(lacking), _BATCH):
        part = lacking[start : start + _BATCH]
        contents = [content_of(context, items[index]) for index in part]
        if modality == "image":
            found[part] = embedder.embed_images([c for c in contents if isinstance(c, bytes)])
        else:
            found[part] = embedder.embed_texts([c for c in contents if isinstance(c, str)])
    return found


def content_of(context: ServiceContext, item: LabelledInput) -> Content:
    """Return the picture or the text of an input.

    Raises:
        LookupError: The picture is gone.
    """
    if item.media is None:
        return item.text or ""
    data = context.originals.blob(item.media)
    if data is None:
        raise LookupError(f"the picture of input {item.id!r} is gone")
    return data


def _samples(context: ServiceContext, modality: Modality, items: list[LabelledInput]) -> Samples:
    return Samples(
        modality=modality,
        ids=[item.id for item in items],
        vectors=vectors(context, modality, items),
        labels=[item.labels for item in items],
        annotations=[item.annotations for item in items],
        content=lambda index: content_of(context, items[index]),
    )
