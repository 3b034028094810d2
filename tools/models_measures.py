"""How well pretrained models and stand-ins answer, for `docs/models.md`."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt
from clarifai_grpc.grpc.api import resources_pb2

from clarifai_core.lazy import load_target
from clarifai_local._models.engines import Engines
from clarifai_local._public_models import public_model
from clarifai_local._standins.concepts import Undecided
from clarifai_local.engine.concepts import concept_id
from clarifai_local.engine.contracts import Embedder, ModelInputs, Predictor
from clarifai_models._imagenet import food_names, kinds, plain
from clarifai_models.plugin import clarifai_register_engines
from tools.models_data import (
    FACES,
    PHOTOGRAPHS,
    crops,
    harmless,
    labelled,
    pages,
    paraphrases,
    parts,
    photographs,
    without_faces,
)

OVERLAP = 0.3
"""Intersection over union from which on a box is that of a face."""

_TAUGHT, _ASKED = (0, 2, 4, 6, 8), (1, 3, 5, 7)
"""Of the nine parts of a photograph: the corners and the middle teach, the others are asked."""

MOST_RELEVANT = 15
"""Photographs that a name may fit, out of 20: one that fits all is no search."""

_FIVE = 5

Floats = npt.NDArray[np.float32]


# -- who answers -----------------------------------------------------------------------------------


@attrs.frozen
class Side:
    """One of the two that are compared.

    Args:
        is_pretrained: The engines of clarifai-models, or else the platform's stand-ins.
    """

    is_pretrained: bool

    @functools.cached_property
    def _engines(self) -> Engines:
        engines = Engines(clarifai_register_engines() if self.is_pretrained else ())
        if engines.lacking():
            raise LookupError(f"nothing to measure: {dict(engines.lacking())}")
        return engines

    @functools.cached_property
    def embedder(self) -> Embedder:
        """What makes vectors."""
        return self._engines.embedder()

    @functools.cache  # noqa: B019  why: there are two sides a process, as long as it lives
    def predictor(self, name: str) -> Predictor:
        """Return what answers for a public model, `user/app/model`."""
        found = self._engines.public_predictor((name,), self.embedder)
        if found is not None:
            return found
        known = public_model(*name.split("/"))
        if known is None or self.is_pretrained:
            raise LookupError(f"nothing to measure: no engine for {name}")
        target: Any = load_target(known.predictor) if known.predictor else None
        stand_in: Predictor = target() if target else Undecided(known.concepts)
        return stand_in

    def ask(self, name: str, *pictures: bytes) -> Sequence[resources_pb2.Data]:
        """Return what a public model answers for pictures."""
        return self.predictor(name).predict(ModelInputs("image", pictures, self.embedder), {})


# -- how well --------------------------------------------------------------------------------------

MAIN = "clarifai/main"
RECOGNITION, FOODS = f"{MAIN}/general-image-recognition", f"{MAIN}/food-item-recognition"
FACE_DETECTION, READING = f"{MAIN}/face-detection", f"{MAIN}/ocr-scene-english-paddleocr"
MODERATION, NSFW = f"{MAIN}/moderation-recognition", f"{MAIN}/nsfw-recognition"

Figures = dict[str, str]
"""What was measured, by the words for it."""

NEAREST = "a part's nearest other part is of the same photograph"
FIVE_SHOT = "five-shot: the nearest mean of five parts is that of the same photograph"


def of(right: int, asked: int) -> str:
    """Return a figure with what it is out of.

    Example:
        >>> of(17, 20)
        '17 of 20'
    """
    return f"{right} of {asked}"


def image_vectors(side: Side) -> Figures:
    """Tell parts of photographs by their vectors."""
    cut = [part for content in photographs().values() for part in parts(content)]
    vectors = side.embedder.embed_images(cut).reshape(len(PHOTOGRAPHS), 9, -1)
    return {NEAREST: _nearest(vectors), FIVE_SHOT: _five_shot(vectors)}


def _nearest(vectors: Floats) -> str:
    classes, each, _ = vectors.shape
    rows = vectors.reshape(classes * each, -1)
    likeness = rows @ rows.T
    np.fill_diagonal(likeness, -np.inf)
    right = likeness.argmax(axis=1) // each == np.arange(len(rows)) // each
    return of(int(right.sum()), len(rows))


def _five_shot(vectors: Floats) -> str:
    means = vectors[:, _TAUGHT].mean(axis=1)
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    found = (vectors[:, _ASKED] @ means.T).argmax(axis=2)
    right = found == np.arange(len(vectors))[:, None]
    return of(int(right.sum()), right.size)


def text_vectors(side: Side) -> Figures:
    """Find the partner of each first sentence among all others."""
    pairs = paraphrases()
    vectors = side.embedder.embed_texts([text for pair in pairs for text in pair])
    likeness = vectors @ vectors.T
    np.fill_diagonal(likeness, -np.inf)
    asked = np.arange(0, len(vectors), 2)
    right = int((likeness[asked].argmax(axis=1) == asked + 1).sum())
    return {f"a sentence's nearest of {len(vectors) - 1} is its paraphrase": of(right, len(pairs))}


def pictures_by_words(side: Side) -> Figures:
    """Search the labelled photographs by the names of what they show."""
    contents, classes = zip(*labelled(), strict=True)
    vectors = side.embedder.embed_images(contents)
    precisions: list[float] = []
    known = 0
    for name, relevant in _queries(classes):
        fit_to = getattr(side.embedder, "fit_to", None)
        scores = fit_to(name) if fit_to is not None else None
        known += scores is not None
        precisions.append(0 if scores is None else average_precision(scores(vectors), relevant))
    return {
        "names that find any picture": of(known, len(precisions)),
        f"mean average precision over {len(precisions)} names": _share(precisions),
    }


def _queries(classes: Sequence[int]) -> Iterator[tuple[str, npt.NDArray[np.bool_]]]:
    found = kinds()
    for number in sorted({number for one in classes for number in found.of_class[one]}):
        relevant = np.array([number in found.of_class[one] for one in classes])
        if relevant.sum() <= MOST_RELEVANT:
            yield plain(found.names[number]), relevant


def average_precision(scores: Floats, relevant: npt.NDArray[np.bool_]) -> float:
    """Return the mean, over what is relevant, of the precision down to its place.

    Example:
        >>> average_precision(np.array([0.9, 0.8, 0.1]), np.array([True, False, True]))
        0.8333333333333333
    """
    ranked = relevant[np.argsort(-scores, kind="stable")]
    places = np.flatnonzero(ranked) + 1
    return float((np.arange(1, len(places) + 1) / places).mean())


def _share(values: Sequence[float]) -> str:
    return f"{np.mean(values):.2f}" if any(values) else "0"


def recognition(side: Side) -> Figures:
    """Recognize the labelled photographs."""
    contents, classes = zip(*labelled(), strict=True)
    ranked = [ranked_ids(data) for data in side.ask(RECOGNITION, *contents)]
    figures = {}
    if side.is_pretrained:
        places = [_place_of_class(ids, one) for ids, one in zip(ranked, classes, strict=True)]
        figures = {
            "the class is the first of the 1000": of(places.count(0), len(places)),
            "the class is among the first five of the 1000": of(
                sum(place < _FIVE for place in places), len(places)
            ),
        }
    fits = [
        bool(set(ids[:_FIVE]) & _fitting(number))
        for ids, number in zip(ranked, classes, strict=True)
    ]
    key = "one of the first five concepts is the class or a kind of it"
    return {**figures, key: of(sum(fits), len(fits))}


def ranked_ids(data: resources_pb2.Data) -> list[str]:
    """Return the ids of concepts, the surest first."""
    return [one.id for one in sorted(data.concepts, key=lambda one: -one.value)]


def _place_of_class(ids: Sequence[str], number: int) -> int:
    classes = {concept_id(name) for name in kinds().names[:1000]}
    return [one for one in ids if one in classes].index(concept_id(kinds().names[number]))


def _fitting(number: int) -> set[str]:
    names = [kinds().names[one] for one in kinds().of_class[number]]
    return {concept_id(name) for name in (*names, *map(plain, names))}


def foods(side: Side) -> Figures:
    """Recognize the foods among the photographs."""
    found = kinds()
    known = set(food_names())
    shown = [(content, one) for content, one in labelled() if found.names[one] in known]
    shown.append((photographs()["coffee.png"], found.names.index("espresso")))
    right = 0
    for content, number in shown:
        (data,) = side.ask(FOODS, content)
        right += ranked_ids(data)[0] in _fitting(number) | _COFFEE.get(found.names[number], set())
    names = ", ".join(found.names[number] for _, number in shown)
    return {f"the first concept is the food ({names})": of(right, len(shown))}


_COFFEE = {"espresso": {concept_id("coffee")}}
"""What stand-ins call a class of ImageNet that has no such kind."""


def faces(side: Side) -> Figures:
    """Find the faces, and nothing else."""
    found = 0
    for name, marked in FACES.items():
        (data,) = side.ask(FACE_DETECTION, photographs()[name])
        found += any(_overlap(_box(region), marked) >= OVERLAP for region in data.regions)
    others = without_faces()
    false = sum(len(data.regions) for data in side.ask(FACE_DETECTION, *others))
    small = [bool(data.regions) for data in side.ask(FACE_DETECTION, *crops())]
    half = len(small) // 2
    return {
        "faces found in photographs": of(found, len(FACES)),
        f"false boxes on {len(others)} photographs without faces": str(false),
        "faces found in crops of 25 pixels": of(sum(small[:half]), half),
        "crops of 25 pixels without a face that get a box": of(sum(small[half:]), half),
    }


_Box = tuple[float, float, float, float]


def _box(region: resources_pb2.Region) -> _Box:
    box = region.region_info.bounding_box
    return box.left_col, box.top_row, box.right_col, box.bottom_row


def _overlap(one: _Box, other: _Box) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(width, 0) * max(height, 0)
    return shared / (_area(one) + _area(other) - shared)


def _area(box: _Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def reading(side: Side) -> Figures:
    """Read rendered lines."""
    wrong: list[int] = []
    for page, lines in pages():
        (data,) = side.ask(READING, page)
        read = [region.data.text.raw for region in data.regions]
        wrong += [min((edits(line, one) for one in read), default=len(line)) for line in lines]
    return {
        "lines read exactly": of(wrong.count(0), len(wrong)),
        "lines with at most one wrong character": of(sum(n <= 1 for n in wrong), len(wrong)),
    }


def edits(one: str, other: str) -> int:
    """Return how many characters to insert, leave out or replace make one text the other.

    Example:
        >>> edits("kitten", "sitting")
        3
    """
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        above, row[0] = row[0], place
        for column, wanted in enumerate(other, 1):
            kept = above + (letter != wanted)
            above = row[column]
            row[column] = min(kept, above + 1, row[column - 1] + 1)
    return row[-1]


def moderation(side: Side) -> Figures:
    """Moderate harmless photographs."""
    return _over_half(side, MODERATION, "explicit")


def nsfw(side: Side) -> Figures:
    """Moderate harmless photographs, by the other model."""
    return _over_half(side, NSFW, "nsfw")


def _over_half(side: Side, model: str, name: str) -> Figures:
    answers = side.ask(model, *harmless())
    wanted = concept_id(name)
    over = sum(one.id == wanted and one.value > 0.5 for data in answers for one in data.concepts)
    return {f"harmless photographs over 0.5 `{name}`": of(over, len(answers))}


# -- all of it -------------------------------------------------------------------------------------


@attrs.frozen
class Measure:
    """What one row of the page is about."""

    engine: str
    """Name of the engine, as `plugin` registers it."""
    item: str
    """What one answer is for."""
    accuracy: Callable[[Side], Figures]
    answer: Callable[[Side, int], object]
    """Answers for one item; the number says which."""


def _asking(name: str, items: Callable[[], Sequence[bytes]]) -> Callable[[Side, int], object]:
    return lambda side, number: side.ask(name, items()[number % len(items())])


def _embed_image(side: Side, number: int) -> object:
    return side.embedder.embed_images([harmless()[number % len(harmless())]])


def _embed_text(side: Side, number: int) -> object:
    return side.embedder.embed_texts([paraphrases()[number % len(paraphrases())][0]])


def _search(side: Side, number: int) -> object:
    fit_to = getattr(side.embedder, "fit_to", None)
    vectors = np.zeros((1, 512), np.float32)
    scores = fit_to(("dog", "vehicle", "bird", "fruit")[number % 4]) if fit_to else None
    return scores and scores(vectors)


def _pages_alone() -> Sequence[bytes]:
    return [page for page, _ in pages()]


MEASURES: Mapping[str, Measure] = {
    "images": Measure("embedder", "picture", image_vectors, _embed_image),
    "texts": Measure("embedder", "sentence", text_vectors, _embed_text),
    "words": Measure("embedder", "search", pictures_by_words, _search),
    "recognition": Measure(RECOGNITION, "picture", recognition, _asking(RECOGNITION, harmless)),
    "foods": Measure(FOODS, "picture", foods, _asking(FOODS, harmless)),
    "faces": Measure(FACE_DETECTION, "picture", faces, _asking(FACE_DETECTION, harmless)),
    "reading": Measure(READING, "page of 10 lines", reading, _asking(READING, _pages_alone)),
    "moderation": Measure(MODERATION, "picture", moderation, _asking(MODERATION, harmless)),
    "nsfw": Measure(NSFW, "picture", nsfw, _asking(NSFW, harmless)),
}
"""By the word that the tool is called with."""
