"""The segmenter: a small network that says of each pixel what it belongs to.

Honest about what it is: no pretrained backbone. A pixel is known by its colour and by the colours
and edges around it, at three distances, in a picture seen at 96 pixels. It separates what differs
in colour or texture (sky and grass, stains, coloured parts), not things of one look from one
another.

Training: pixels within a polygon or mask teach its concept, all others of the same picture teach
"nothing"; so label all of a picture or leave it out. Boxes alone do not say where a thing ends and
are not used. The answer has one region per concept that is there, with a mask (PNG, white inside)
as large as the picture, at most 1024 pixels.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
import numpy.typing as npt
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from PIL import Image

from clarifai_local.engine import _archives
from clarifai_local.engine._layers import Network, network_arrays, network_of
from clarifai_local.engine._settings import TrainingSettings, with_batch
from clarifai_local.engine._threads import one_thread
from clarifai_local.engine._train import TrainingLabels, fit_epochs
from clarifai_local.engine._windows import LAYOUT, IntegralImage
from clarifai_local.engine.contracts import TrainingError
from clarifai_local.engine.pictures import Picture, look, side_pixels
from clarifai_local.engine.regions import areas_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from clarifai_local.engine.contracts import Content, ModelInputs, Samples, TrainingJob

MAX_MASK_PIXELS = 1024
"""Longer side of a mask."""

MIN_SHARE = 0.002
"""Share of the picture that a concept must cover to be in the answer."""

_RADII = (1, 4, 12)
"""Pixels around a pixel that are looked at."""

_PIXELS = 200
"""Pixels of a concept, or of nothing, that are learned per picture."""
_PLENTY = 500
"""Pictures from which on fewer pixels of each are learned, so that memory is bounded."""
_PIXELS_PER_STEP = 32
"""Pixels of one picture in a step of the training."""

Floats = npt.NDArray[np.float32]


@attrs.frozen
class SegmenterModel:
    """What is learned: arrays only."""

    concepts: Sequence[str]
    side: int
    mean: Floats
    scale: Floats
    network: Network
    """One output per concept, and a last one for nothing."""

    def to_bytes(self) -> bytes:
        """Return the model as data."""
        header = {
            "concepts": list(self.concepts),
            "side": self.side,
            "link": self.network.link,
        }
        own = {"mean": self.mean, "scale": self.scale}
        return _archives.pack(header, {**own, **network_arrays(self.network)})

    @classmethod
    def from_bytes(cls, data: bytes) -> SegmenterModel:
        """Read what `to_bytes` wrote."""
        header, arrays = _archives.unpack(data)
        return cls(
            concepts=tuple(header["concepts"]),
            side=int(header["side"]),
            mean=arrays["mean"],
            scale=arrays["scale"],
            network=network_of(arrays, header["link"]),
        )

    def values(self, picture: Picture) -> npt.NDArray[np.float64]:
        """Return (height, width, concepts + 1) probabilities; the last one is of nothing."""
        seen = measures(picture)
        normal = (seen.reshape(-1, seen.shape[-1]) - self.mean) / self.scale
        return self.network.probabilities(normal).reshape(*seen.shape[:2], -1)


class VisualSegmenter:
    """Learns to mark areas from polygons and masks; see the module for how."""

    @one_thread()
    def train(self, job: TrainingJob, /) -> bytes:
        """Fit and return the model; see `contracts.Engine`."""
        concepts, part = _marked(job)
        asked = TrainingSettings.of(job.params)
        random, side = np.random.default_rng(asked.seed), side_pixels(asked.image_size)
        parts = list(_pixels(job, part, concepts, side, random))
        seen = np.concatenate([pixels for pixels, _ in parts])
        named = np.concatenate([names for _, names in parts])
        job.report(f"{len(seen)} pixels of {len(parts)} pictures, {len(concepts)} concepts", 0.1)
        mean, scale = seen.mean(axis=0), np.maximum(seen.std(axis=0), 1e-3)
        positive = named[:, None] == np.arange(len(concepts) + 1)
        stepping = attrs.evolve(job, params=with_batch(job.params, _PIXELS_PER_STEP))
        labels = TrainingLabels(positive, ~positive)
        network = fit_epochs(stepping, (seen - mean) / scale, labels, scale=1.0)
        return SegmenterModel(concepts, side, mean, scale, network).to_bytes()

    def load(self, model: bytes, /) -> SegmenterPredictor:
        """Return the predictor of a stored model."""
        return SegmenterPredictor(SegmenterModel.from_bytes(model))


@attrs.frozen
class SegmenterPredictor:
    """Answers with one region per concept that a picture shows, the most probable first."""

    model: SegmenterModel
    modalities = frozenset({"image"})

    @property
    def concepts(self) -> Sequence[str]:
        """Ids of the concepts that it knows."""
        return self.model.concepts

    @one_thread()
    def predict(self, batch: ModelInputs, params: Mapping[str, Any], /) -> list[resources_pb2.Data]:
        """Return regions per picture; see `contracts.Predictor`."""
        del params
        return [self._segment(content) for content in batch]

    def _segment(self, content: Content) -> resources_pb2.Data:
        picture = look(content, self.model.side)
        values = self.model.values(picture)
        owner = _enlarged(values, picture).argmax(axis=2)
        shown: list[tuple[float, str, npt.NDArray[np.bool_]]] = []
        for index, concept in enumerate(self.model.concepts):
            inside = owner == index
            own = values.argmax(axis=2) == index
            if own.any() and inside.mean() >= MIN_SHARE:
                shown.append((float(values[..., index][own].mean()), concept, inside))
        data = resources_pb2.Data()
        for value, concept, inside in sorted(shown, key=lambda item: -item[0]):
            region = data.regions.add(id=f"region-{len(data.regions)}", value=value)
            region.region_info.mask.image.base64 = _png(inside)
            region.data.concepts.add(id=concept, value=value)
        return data


def measures(picture: Picture) -> Floats:
    """Return (height, width, n): what each pixel looks like, and what is around it."""
    integral = IntegralImage.of(picture.pixels)
    around = [integral.means(radius) for radius in _RADII]
    colours = np.sqrt(np.maximum(around[1][..., LAYOUT:], 0))
    near = [means[..., :LAYOUT] for means in around]
    return np.concatenate([picture.pixels, *near, colours], axis=2)


def _marked(job: TrainingJob) -> tuple[tuple[str, ...], Samples]:
    part = next((part for part in job.samples if part.modality == "image"), None)
    there = {
        mark.concept
        for annotated in (part.annotations if part else ())
        for mark in areas_of(annotated, 64, 64)
    }
    concepts = tuple(concept for concept in job.concepts or sorted(there) if concept in there)
    if part is None or not concepts:
        wanted = f" of {', '.join(job.concepts[:5])}" if job.concepts and there else ""
        raise TrainingError(
            codes.MODEL_TRAINING_NO_POSITIVES,
            f"no picture has a region with a polygon or mask and a concept{wanted}: annotate some",
        )
    return concepts, part


def _pixels(
    job: TrainingJob,
    part: Samples,
    concepts: Sequence[str],
    side: int,
    random: np.random.Generator,
) -> Iterator[tuple[Floats, npt.NDArray[np.int64]]]:
    """Yield measures and concepts of some pixels of each picture; the last number is nothing."""
    assert part.content is not None  # noqa: S101 - pictures have content
    column = {concept: index for index, concept in enumerate(concepts)}
    most = max(4, round(_PIXELS * min(1.0, _PLENTY / len(part))))
    flip = TrainingSettings.of(job.params).flip
    for index, annotated in enumerate(part.annotations):
        job.check()
        if not any(True for _ in areas_of(annotated, 64, 64)):
            continue
        picture = look(part.content(index), side)
        height, width = picture.pixels.shape[:2]
        named = np.full((height, width), len(concepts), np.int64)
        for mark in areas_of(annotated, height, width):
            if mark.concept in column:
                named[mark.area] = column[mark.concept]
        yield _some(picture, named, most, random)
        if flip:
            yield _some(picture.mirrored(), named[:, ::-1], most, random)


def _some(
    picture: Picture, named: npt.NDArray[np.int64], most: int, random: np.random.Generator
) -> tuple[Floats, npt.NDArray[np.int64]]:
    flat = named.ravel()
    places = [np.flatnonzero(flat == name) for name in np.unique(flat)]
    chosen = np.concatenate(
        [random.choice(place, min(len(place), most), replace=False) for place in places]
    )
    seen = measures(picture)
    return seen.reshape(-1, seen.shape[-1])[chosen], flat[chosen]


def _enlarged(values: npt.NDArray[np.float64], picture: Picture) -> npt.NDArray[np.float32]:
    """Return the probabilities at the size of the mask."""
    scale = min(1.0, MAX_MASK_PIXELS / max(picture.height, picture.width))
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    layers = (Image.fromarray(layer) for layer in values.astype(np.float32).transpose(2, 0, 1))
    resized = [np.asarray(layer.resize(size, Image.Resampling.BILINEAR)) for layer in layers]
    return np.stack(resized, axis=2)


def _png(inside: npt.NDArray[np.bool_]) -> bytes:
    out = io.BytesIO()
    Image.fromarray(inside.astype(np.uint8) * np.uint8(255)).save(out, "PNG")
    return out.getvalue()
