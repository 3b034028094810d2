"""The stand-ins for models that write: they repeat a prompt, and say what they are."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from clarifai_grpc.grpc.api import resources_pb2

from clarifai_local._standins import drawings
from clarifai_local._standins.concepts import general

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarifai_local.engine.contracts import ModelInputs

NOTICE = "[embedded stand-in, no language model]"
"""How each answer begins."""

MAX_WORDS = 64
"""Words of an answer when `max_tokens` does not say otherwise; a word counts as a token."""

_NAMED = 3
"""Drawings that a caption names."""

_LIMITS = ("max_tokens", "max_new_tokens", "max_tokens_to_sample")
"""Parameters that limit the answer, by the habits of different models."""


class Extract:
    """Answers a text with its own central sentences, in their order."""

    modalities = frozenset({"text"})
    concepts = ()

    def predict(self, batch: ModelInputs, params: Mapping[str, Any], /) -> list[resources_pb2.Data]:
        """Return one text per text; see `contracts.Predictor`."""
        words = _limit(params)
        return [_text(f"{NOTICE} {extract(str(content), words)}".rstrip()) for content in batch]


class Caption:
    """Answers a picture with the names of the drawings that it is most like."""

    modalities: frozenset[str] = frozenset({"image"})
    concepts = ()

    def __init__(self) -> None:
        self._looks = general()

    def predict(self, batch: ModelInputs, params: Mapping[str, Any], /) -> list[resources_pb2.Data]:
        """Return one text per picture; see `contracts.Predictor`."""
        names = dict(zip(self._looks.concepts, drawings.recipes(), strict=True))
        answers = []
        for data in self._looks.predict(batch, params):
            best = sorted(data.concepts, key=lambda concept: -concept.value)[:_NAMED]
            said = ", ".join(names[concept.id] for concept in best)
            answers.append(_text(f"{NOTICE} A picture most like drawings of: {said}."))
        return answers


class Describe(Caption):
    """Answers a text as `Extract` does, and a picture as `Caption` does."""

    modalities = frozenset({"image", "text"})

    def predict(self, batch: ModelInputs, params: Mapping[str, Any], /) -> list[resources_pb2.Data]:
        """Return one text per input; see `contracts.Predictor`."""
        if batch.modality == "text":
            return Extract().predict(batch, params)
        return super().predict(batch, params)


class Unread:
    """Answers a picture with one region, all of it, whose text is the notice: it reads nothing."""

    modalities = frozenset({"image"})
    concepts = ()

    def predict(self, batch: ModelInputs, params: Mapping[str, Any], /) -> list[resources_pb2.Data]:  # noqa: ARG002
        """Return the same region for every picture; see `contracts.Predictor`."""
        data = _text("[embedded stand-in, recognizes no letters]")
        region = data.regions.add(id="region-0", value=1)
        region.region_info.bounding_box.bottom_row = region.region_info.bounding_box.right_col = 1
        region.data.text.raw = data.text.raw
        return [data for _ in batch]


def extract(text: str, max_words: int = MAX_WORDS) -> str:
    """Return the sentences of a text whose words are the most frequent, up to `max_words` words.

    Example:
        >>> extract("Dogs bark. Dogs bite. It rains.", 4)
        'Dogs bark. Dogs bite.'
    """
    sentences = [s.strip() for s in re.split(r"(?<=[.!?])\s+|\n+", text) if s.strip()]
    counts = Counter(word for sentence in sentences for word in _words(sentence))

    def weight(sentence: str) -> float:
        found = _words(sentence)
        return sum(counts[word] for word in found) / max(len(found), 1)

    ranked = sorted(range(len(sentences)), key=lambda place: (-weight(sentences[place]), place))
    chosen: list[int] = []
    left = max_words
    for place in ranked:
        length = len(sentences[place].split())
        if length <= left:
            chosen.append(place)
            left -= length
    if not chosen and ranked:
        return " ".join(sentences[ranked[0]].split()[:max_words])
    return " ".join(sentences[place] for place in sorted(chosen))


def _text(raw: str) -> resources_pb2.Data:
    return resources_pb2.Data(text=resources_pb2.Text(raw=raw))


def _words(sentence: str) -> list[str]:
    return [word for word in re.findall(r"\w+", sentence.lower()) if len(word) > 2]


def _limit(params: Mapping[str, Any]) -> int:
    for name in _LIMITS:
        value = params.get(name)
        if isinstance(value, (int, float)) and value >= 1:
            return int(value)
    return MAX_WORDS
