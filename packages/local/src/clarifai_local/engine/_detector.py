"""The detector: windows of every place and shape, a small network that knows what is in them.

Honest about what it is: no pretrained backbone, features made by hand (`windows`), a picture seen
at 96 pixels. It finds things with a colour or outline of their own (shapes, signs, parts, packages)
after a few dozen boxes; it will not find a dog in a photograph of a park.

Training: windows over a box teach its concept, those beside it, or half over it, teach "nothing".
Then the network looks at the training pictures, what it takes for something by mistake is added to
"nothing" (hard negatives), and it learns again. Where exactly the edges are is learned apart, by a
ridge regression from a window to its box. A picture without any labelled box is left out, unless it
is labelled 0 for something: then all of it is background.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
import numpy.typing as npt
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local.engine import _archives, regions
from clarifai_local.engine._layers import Network, network_arrays, network_of
from clarifai_local.engine._settings import TrainingSettings, with_batch
from clarifai_local.engine._threads import one_thread
from clarifai_local.engine._train import TrainingLabels, fit_epochs
from clarifai_local.engine._windows import IntegralImage, sliding
from clarifai_local.engine.contracts import TrainingError
from clarifai_local.engine.pictures import Picture, look, side_pixels
from clarifai_local.engine.regions import Boxes, mirrored, overlaps
from clarifai_local.media import Rejected

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from clarifai_local.engine.contracts import Content, ModelInputs, Samples, TrainingJob

MIN_VALUE = 0.1
"""Regions that are less probable are not worth an answer."""

MAX_REGIONS = 100

_SHAPES = 9
"""Window shapes that a model looks for, at most."""

_IS_BOX = 0.6
"""A window that overlaps a box by this much shows its thing."""
_IS_NEAR = 0.4
"""A window with less is nothing; also the most that answers may overlap each other."""
_PLENTY = 500
"""Pictures from which on fewer windows of each are learned, so that memory is bounded."""
_TOUCHES = 0.1
"""A window that overlaps a box by more is beside it."""
_JITTER = 0.15
"""How far the edges of a copy are moved, in shares of its size."""
_ROUNDS = 2
_WINDOWS_PER_STEP = 8
"""Windows of one picture in a step of the training."""
_RIDGE = 10.0

_ARRAYS = ("shapes", "mean", "scale", "edges")

Floats = npt.NDArray[np.float32]


@attrs.frozen
class DetectorModel:
    """What is learned: arrays only."""

    concepts: Sequence[str]
    side: int
    shapes: npt.NDArray[np.float64]
    mean: Floats
    scale: Floats
    network: Network
    edges: Floats
    """(MEASURES + 1, 4): from a window's measures to how its box is moved and stretched."""

    def to_bytes(self) -> bytes:
        """Return the model as data."""
        header = {
            "concepts": list(self.concepts),
            "side": self.side,
            "link": self.network.link,
        }
        own = {name: getattr(self, name) for name in _ARRAYS}
        return _archives.pack(header, {**own, **network_arrays(self.network)})

    @classmethod
    def from_bytes(cls, data: bytes) -> DetectorModel:
        """Read what `to_bytes` wrote."""
        header, arrays = _archives.unpack(data)
        return cls(
            concepts=tuple(header["concepts"]),
            side=int(header["side"]),
            network=network_of(arrays, header["link"]),
            **{name: arrays[name] for name in _ARRAYS},
        )

    def values(self, measures: Floats) -> npt.NDArray[np.float64]:
        """Return (windows, concepts) in 0..1."""
        return self.network.probabilities(self.normal(measures))

    def normal(self, measures: Floats) -> Floats:
        """Return measures with a mean of 0 and a deviation of 1 over the training windows."""
        return np.asarray((measures - self.mean) / self.scale, np.float32)

    def moved(self, boxes: Boxes, measures: Floats) -> Boxes:
        """Return the boxes that windows are about."""
        normal = self.normal(measures)
        shift = np.clip(normal @ self.edges[:-1] + self.edges[-1], -1, 1)
        size = boxes[:, 2:] - boxes[:, :2]
        centre = (boxes[:, 2:] + boxes[:, :2]) / 2 + shift[:, :2] * size
        half = size * np.exp(shift[:, 2:]) / 2
        edges = np.concatenate([centre - half, centre + half], axis=1)
        return np.asarray(np.clip(edges, 0, 1), np.float64)


class VisualDetector:
    """Learns to find things from boxes; see the module for how."""

    @one_thread()
    def train(self, job: TrainingJob, /) -> bytes:
        """Fit and return the model; see `contracts.Engine`."""
        concepts, scenes = _scenes(job)
        count = sum(len(scene.boxes) for scene in scenes)
        job.report(f"{count} boxes in {len(scenes)} pictures, {len(concepts)} concepts", 0.02)
        random = np.random.default_rng(TrainingSettings.of(job.params).seed)
        shapes = _window_shapes(scenes, random)
        windows = _first_windows(job, scenes, shapes, random)
        model: DetectorModel | None = None
        for number in range(_ROUNDS):
            if model is not None:
                windows = _with_mistakes(job, model, scenes, windows, random)
            model = _fitted(_part_of(job, number), concepts, shapes, windows)
        assert model is not None  # noqa: S101 - there is at least one round
        return model.to_bytes()

    def load(self, model: bytes, /) -> DetectorPredictor:
        """Return the predictor of a stored model."""
        return DetectorPredictor(DetectorModel.from_bytes(model))


@attrs.frozen
class DetectorPredictor:
    """Answers with regions, the most probable first, each with a box and its concepts."""

    model: DetectorModel
    modalities = frozenset({"image"})

    @property
    def concepts(self) -> Sequence[str]:
        """Ids of the concepts that it knows."""
        return self.model.concepts

    @one_thread()
    def predict(self, batch: ModelInputs, params: Mapping[str, Any], /) -> list[resources_pb2.Data]:
        """Return regions per picture; see `contracts.Predictor`."""
        least = _threshold(params)
        return [self._detect(content, least) for content in batch]

    def _detect(self, content: Content, least: float) -> resources_pb2.Data:
        boxes, values = found(self.model, look(content, self.model.side).pixels)
        data = resources_pb2.Data()
        for number, (edges, row) in enumerate(zip(boxes.tolist(), values, strict=True)):
            if row.max() < least:
                break
            region = data.regions.add(id=f"region-{number}", value=float(row.max()))
            box = region.region_info.bounding_box
            box.top_row, box.left_col, box.bottom_row, box.right_col = edges
            for index in np.argsort(-row, kind="stable"):
                region.data.concepts.add(id=self.model.concepts[index], value=float(row[index]))
        return data


def _threshold(params: Mapping[str, Any]) -> float:
    """Return `detection_threshold`, the least value of a region to be told."""
    value = params.get("detection_threshold") or 0.0
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise Rejected(
            codes.MODEL_INVALID_ARGUMENT,
            f"detection_threshold must be a number between 0 and 1, got {value!r}",
        )
    return float(value)


def found(
    model: DetectorModel, pixels: npt.NDArray[np.float32]
) -> tuple[Boxes, npt.NDArray[np.float64]]:
    """Return boxes (n, 4) and values (n, concepts) of what a model sees, the surest first."""
    integral = IntegralImage.of(pixels)
    windows = sliding(*integral.size, model.shapes)
    measures = integral.measure(windows)
    values = model.values(measures)
    chosen = np.flatnonzero(values.max(axis=1) >= MIN_VALUE)
    boxes = model.moved(windows[chosen], measures[chosen])
    # Moved to its thing, a window shows it better: it is looked at once more.
    again = integral.measure(boxes)
    values = model.values(again)
    boxes = model.moved(boxes, again)
    sure = values.max(axis=1, initial=0)
    kept = [i for i in regions.suppress(boxes, sure, _IS_NEAR) if sure[i] >= MIN_VALUE]
    return boxes[kept[:MAX_REGIONS]], values[kept[:MAX_REGIONS]]


@attrs.frozen
class _Quota:
    """How many windows are learned."""

    copies: int = 12
    """Windows over a box, and moved copies of it."""
    nothings: int = 60
    """Windows of nothing, per picture."""
    mistakes: int = 40
    """Hard negatives, per picture."""

    @classmethod
    def of(cls, pictures: int) -> _Quota:
        """Return the quota for a number of pictures."""
        share = min(1.0, _PLENTY / pictures)
        full = attrs.astuple(cls())
        return cls(*(max(4, round(most * share)) for most in full))


@attrs.frozen
class _TrainingPicture:
    """One picture to learn from."""

    pixels: npt.NDArray[np.uint8]
    boxes: Boxes
    concepts: npt.NDArray[np.int64]
    """(boxes,): place in the list of concepts."""

    @classmethod
    def of(
        cls, picture: Picture, boxes: Boxes, concepts: npt.NDArray[np.int64]
    ) -> _TrainingPicture:
        """Keep a picture in a quarter of the memory."""
        return cls(np.rint(picture.pixels * 255).astype(np.uint8), boxes, concepts)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        return self.pixels.shape[0], self.pixels.shape[1]

    def integral(self) -> IntegralImage:
        """Measure the picture."""
        return IntegralImage.of(self.pixels.astype(np.float32) / np.float32(255))


@attrs.frozen
class _Windows:
    """Measured windows to learn from."""

    measures: Floats
    concepts: npt.NDArray[np.int64]
    """(n,): -1 for nothing."""
    shifts: npt.NDArray[np.float64]
    """(n, 4): where the box is from here; zeros for nothing."""

    @classmethod
    def joined(cls, parts: Sequence[_Windows]) -> _Windows:
        return cls(
            np.concatenate([part.measures for part in parts]),
            np.concatenate([part.concepts for part in parts]),
            np.concatenate([part.shifts for part in parts]),
        )

    @classmethod
    def nothing(cls, measures: Floats) -> _Windows:
        return cls(measures, np.full(len(measures), -1), np.zeros((len(measures), 4)))


def _scenes(job: TrainingJob) -> tuple[tuple[str, ...], list[_TrainingPicture]]:
    part = next((part for part in job.samples if part.modality == "image"), None)
    marked = [] if part is None else [list(regions.boxes_of(a)) for a in part.annotations]
    there = {mark.concept for marks in marked for mark in marks}
    concepts = tuple(concept for concept in job.concepts or sorted(there) if concept in there)
    if part is None or not concepts:
        wanted = f" of {', '.join(job.concepts[:5])}" if job.concepts and there else ""
        raise TrainingError(
            codes.MODEL_TRAINING_NO_POSITIVES,
            f"no picture has a region with a box and a concept{wanted}: annotate some",
        )
    return concepts, list(_looked(job, part, marked, {c: i for i, c in enumerate(concepts)}))


def _looked(
    job: TrainingJob,
    part: Samples,
    marked: Sequence[Sequence[regions.MarkedRegion]],
    column: Mapping[str, int],
) -> Iterator[_TrainingPicture]:
    assert part.content is not None  # noqa: S101 - pictures have content
    asked = TrainingSettings.of(job.params)
    side = side_pixels(asked.image_size)
    for index, marks in enumerate(marked):
        job.check()
        empty = not marks and any(value == 0 for value in part.labels[index].values())
        kept = [mark for mark in marks if mark.concept in column]
        if not (kept or empty):
            continue
        picture = look(part.content(index), side)
        boxes = np.array([mark.box for mark in kept], np.float64).reshape(-1, 4)
        places = np.array([column[mark.concept] for mark in kept], np.int64)
        yield _TrainingPicture.of(picture, boxes, places)
        if asked.flip:
            yield _TrainingPicture.of(picture.mirrored(), mirrored(boxes), places)


def _window_shapes(
    scenes: Sequence[_TrainingPicture], random: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Return (n, 2) typical heights and widths of boxes, in fractions of the longer side."""
    from sklearn.cluster import KMeans

    sizes = np.concatenate(
        [
            (scene.boxes[:, 2:] - scene.boxes[:, :2]) * np.array(scene.size) / max(scene.size)
            for scene in scenes
        ]
    )
    logs = np.log(np.maximum(sizes, 0.02))
    distinct = len(np.unique(logs.round(1), axis=0))
    state = int(random.integers(2**31))
    means = KMeans(min(_SHAPES, distinct), n_init=3, random_state=state).fit(logs)
    return np.asarray(np.exp(means.cluster_centers_))


def _first_windows(
    job: TrainingJob,
    scenes: Sequence[_TrainingPicture],
    shapes: npt.NDArray[np.float64],
    random: np.random.Generator,
) -> _Windows:
    quota = _Quota.of(len(scenes))
    parts = []
    for scene in scenes:
        job.check()
        integral, windows = scene.integral(), sliding(*scene.size, shapes)
        if len(scene.boxes):
            parts.append(_positives(scene, integral, windows, quota, random))
        chosen = _nothings(scene, windows, quota, random)
        parts.append(_Windows.nothing(integral.measure(windows[chosen])))
    return _Windows.joined(parts)


def _nothings(
    scene: _TrainingPicture, windows: Boxes, quota: _Quota, random: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Return places of windows that show nothing, half of them beside a box.

    What is beside a thing, or a part of it, is hardest to tell from it.
    """
    if not len(scene.boxes):
        return _some(np.arange(len(windows)), quota.nothings, random)
    shared = overlaps(windows, scene.boxes).max(axis=1)
    beside = np.flatnonzero((shared > _TOUCHES) & (shared < _IS_NEAR))
    far = np.flatnonzero(shared <= _TOUCHES)
    half = quota.nothings // 2
    return np.concatenate([_some(beside, half, random), _some(far, half, random)])


def _positives(
    scene: _TrainingPicture,
    integral: IntegralImage,
    windows: Boxes,
    quota: _Quota,
    random: np.random.Generator,
) -> _Windows:
    size = scene.boxes[:, 2:] - scene.boxes[:, :2]
    noise = random.uniform(-_JITTER, _JITTER, (quota.copies, *scene.boxes.shape))
    noise[0] = 0
    copies = np.clip(scene.boxes[None] + noise * np.tile(size, 2), 0, 1).reshape(-1, 4)
    shared = overlaps(windows, scene.boxes)
    over = [
        _some(np.flatnonzero(shared[:, index] >= _IS_BOX), quota.copies, random)
        for index in range(len(scene.boxes))
    ]
    shown = np.concatenate([copies, windows[np.concatenate(over)]])
    match = overlaps(shown, scene.boxes)
    good = match.max(axis=1) >= _IS_BOX
    shown, owner = shown[good], match.argmax(axis=1)[good]
    return _Windows(
        integral.measure(shown), scene.concepts[owner], _shifts(shown, scene.boxes[owner])
    )


def _shifts(windows: Boxes, boxes: Boxes) -> npt.NDArray[np.float64]:
    size = windows[:, 2:] - windows[:, :2]
    centre = ((boxes[:, 2:] + boxes[:, :2]) - (windows[:, 2:] + windows[:, :2])) / 2 / size
    return np.concatenate([centre, np.log((boxes[:, 2:] - boxes[:, :2]) / size)], axis=1)


def _with_mistakes(
    job: TrainingJob,
    model: DetectorModel,
    scenes: Sequence[_TrainingPicture],
    windows: _Windows,
    random: np.random.Generator,
) -> _Windows:
    quota = _Quota.of(len(scenes))
    parts = [windows]
    for scene in scenes:
        job.check()
        candidates = sliding(*scene.size, model.shapes)
        if len(scene.boxes):
            candidates = candidates[overlaps(candidates, scene.boxes).max(axis=1) < _IS_NEAR]
        measures = scene.integral().measure(candidates)
        values = model.values(measures).max(axis=1, initial=0)
        wrong = np.flatnonzero(values > MIN_VALUE)
        # Some of the worst, some of the rest: all at one place would teach one thing only.
        worst = wrong[np.argsort(-values[wrong], kind="stable")]
        half = quota.mistakes // 2
        chosen = np.union1d(worst[:half], _some(wrong, half, random))
        parts.append(_Windows.nothing(measures[chosen.astype(np.int64)]))
    added = sum(len(part.measures) for part in parts[1:])
    job.report(f"{added} windows were taken for something by mistake: learning them", 0.5)
    return _Windows.joined(parts)


def _fitted(
    job: TrainingJob,
    concepts: Sequence[str],
    shapes: npt.NDArray[np.float64],
    windows: _Windows,
) -> DetectorModel:
    from sklearn.linear_model import Ridge

    mean = windows.measures.mean(axis=0)
    scale = np.maximum(windows.measures.std(axis=0), 1e-3)
    normal = (windows.measures - mean) / scale
    positive = windows.concepts[:, None] == np.arange(len(concepts))
    network = fit_epochs(job, normal, TrainingLabels(positive, ~positive), scale=1.0)
    things = windows.concepts >= 0
    ridge = Ridge(_RIDGE).fit(normal[things], windows.shifts[things])
    return DetectorModel(
        concepts=concepts,
        side=side_pixels(TrainingSettings.of(job.params).image_size),
        shapes=shapes,
        mean=mean,
        scale=scale,
        network=network,
        edges=np.concatenate([ridge.coef_.T, ridge.intercept_[None]]).astype(np.float32),
    )


def _part_of(job: TrainingJob, number: int) -> TrainingJob:
    """Return the job of one round: its steps take windows, its share is one of the whole."""
    low, span = 0.1 + 0.45 * number, 0.4
    return attrs.evolve(
        job,
        params=with_batch(job.params, _WINDOWS_PER_STEP),
        report=lambda line, share: job.report(line, low + span * share),
    )


def _some(
    places: npt.NDArray[np.int64], most: int, random: np.random.Generator
) -> npt.NDArray[np.int64]:
    if len(places) <= most:
        return places
    return random.choice(places, most, replace=False)
