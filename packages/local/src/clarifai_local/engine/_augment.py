"""Pictures made smaller or mirrored before their features are taken."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from clarifai_local import _upright
from clarifai_local.engine._images import SIDE_PIXELS
from clarifai_local.engine._settings import Flip, TrainingSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from clarifai_local.engine.contracts import ModelInputs, Samples, TrainingJob

_BATCH_IMAGES = 64

_FLIPPED: Mapping[Flip, Callable[[Image.Image], Image.Image]] = {
    "": lambda picture: picture,
    "horizontal": ImageOps.mirror,
    "vertical": ImageOps.flip,
}


def vectors(job: TrainingJob, part: Samples) -> tuple[npt.NDArray[np.float32], int]:
    """Return the features to train on and how many copies of the inputs they are.

    The stored features are used as they are unless `image_size` is below what they see or the
    settings ask for mirrored copies, which come behind the originals.
    """
    asked = TrainingSettings.of(job.params)
    side, flip = side_pixels(asked.image_size), asked.flip
    if part.content is None:
        return part.vectors, 1
    originals = part.vectors
    if side < SIDE_PIXELS:
        originals = np.concatenate(list(_changed(job, part, side, "")))
    if not flip:
        return originals, 1
    return np.concatenate([originals, *_changed(job, part, side, flip)]), 2


def side_pixels(image_size: Any) -> int:
    """Return the smallest side that `image_size` (320, [320] or [width, height]) allows."""
    sizes = image_size if isinstance(image_size, (list, tuple)) else [image_size]
    return int(min((size for size in sizes if size), default=SIDE_PIXELS))


def shrunk(batch: ModelInputs, side: int) -> ModelInputs:
    """Return the batch with every picture at most `side` x `side` pixels."""
    return attrs.evolve(batch, contents=[_png(blob, side, "") for blob in batch])


def _changed(
    job: TrainingJob, part: Samples, side: int, flip: Flip
) -> Iterator[npt.NDArray[np.float32]]:
    assert part.content is not None  # noqa: S101 - `vectors` looked
    for start in range(0, len(part), _BATCH_IMAGES):
        job.check()
        indexes = range(start, min(start + _BATCH_IMAGES, len(part)))
        pictures = [_png(part.content(index), side, flip) for index in indexes]
        yield job.embedder.embed_images(pictures)


def _png(content: bytes | str, side: int, flip: Flip) -> bytes:
    if isinstance(content, str):
        raise TypeError("a picture must be bytes")
    with Image.open(io.BytesIO(content)) as image:
        size = (side, side) if side < SIDE_PIXELS else None
        small = _upright.as_seen(image, size, resample=Image.Resampling.BOX)
        stream = io.BytesIO()
        _FLIPPED[flip](small).save(stream, "PNG")
    return stream.getvalue()
