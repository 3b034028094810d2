"""The text generator: word chains (n-grams) out of the training texts most like the prompt.

Honest about what it is: no language model. It retrieves and continues: the 32 training texts whose
prompts are nearest vote for the next word, by how often they go on from the last three, two, one or
no words. How much each of the four chains counts is what the training learns, epoch by epoch, from
words whose own occurrence is left out. What was never written cannot be answered.

Training data are text inputs, as for the hosted templates. A text is the pair of a prompt and its
answer when the input's metadata has one of `ANSWER_KEYS` (the text is the prompt), or when the text
has one of `ANSWER_MARKS` (what is before it is the prompt). Any other text is learned as it is, and
continued. Labels are not needed.
"""

from __future__ import annotations

import math
import zlib
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs
import numpy as np
import numpy.typing as npt
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local.engine import _archives
from clarifai_local.engine._parameters import GENERATION, InvalidParameterError
from clarifai_local.engine._settings import TrainingSettings
from clarifai_local.engine.contracts import TrainingError
from clarifai_local.media import Rejected

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from clarifai_local.engine.contracts import ModelInputs, Samples, TrainingJob

ANSWER_KEYS = ("completion", "answer", "response", "output")
"""Keys of an input's metadata whose text is the answer to the input's text."""

ANSWER_MARKS = ("[/INST]", "### Response:", "### Assistant:", "Response:", "Output:", "Answer:")
"""What separates prompt and answer within a text; the first that occurs counts."""

PROMPT_MARKS = ("<s>", "[INST]", "### Instruction:", "### Human:", "Instruction:", "Question:")
"""What may stand before a prompt and is not part of it."""

OTHER_NAMES = {"max_tokens": "max_new_tokens", "max_tokens_to_sample": "max_new_tokens"}
"""Names that other text models have for the same."""

ORDERS = 4
"""Chains look at three, two, one and no words before."""

_NEIGHBOURS = 32
_SHARPNESS = 20.0
_MAX_TEXTS = 20_000
_COUNTED_TEXTS = 2_000
"""Texts that the shares of the chains are learned from."""
_START, _END = 0, 1
_CERTAIN = 1e-9
_FIRST_LOGITS = np.arange(0, 2 * ORDERS, 2, dtype=np.float64)
"""Longer chains count more, before the training says otherwise."""

Chains: TypeAlias = "list[dict[tuple[int, ...], dict[int, float]]]"
"""Per order: from the words before to the weight of each next word."""


class TextGenerator:
    """Learns chains of words from texts; see the module for how."""

    def train(self, job: TrainingJob, /) -> bytes:
        """Fit and return the model; see `contracts.Engine`."""
        part = next((part for part in job.samples if part.modality == "text"), None)
        pairs = list(_pairs(part)) if part is not None else []
        pairs = [pair for pair in pairs if pair.answer.split()]
        if not pairs:
            raise TrainingError(codes.MODEL_TRAINING_NO_DATA, "there is no text to learn from")
        known = {"": _START, "\n": _END}
        for pair in pairs:
            for word in pair.answer.split():
                known.setdefault(word, len(known))
        texts = [[_START, *(known[w] for w in pair.answer.split()), _END] for pair in pairs]
        asked = sum(bool(pair.prompt) for pair in pairs)
        job.report(
            f"{len(texts)} texts, {asked} of them with a prompt, {len(known) - 2} different words",
            0.05,
        )
        job.check()
        keys = job.embedder.embed_texts([pair.prompt or pair.answer for pair in pairs])
        model = TextModel(
            words=list(known),
            tokens=np.concatenate([np.array(text, np.int64) for text in texts]),
            lengths=np.array([len(text) for text in texts], np.int64),
            keys=keys,
            has_prompt=np.array([bool(pair.prompt) for pair in pairs]),
            shares=_learned_shares(job, texts),
            seed=TrainingSettings.of(job.params).seed,
        )
        return model.to_bytes()

    def load(self, model: bytes, /) -> GeneratorPredictor:
        """Return the predictor of a stored model."""
        return GeneratorPredictor(TextModel.from_bytes(model))


@attrs.frozen
class TextModel:
    """What is learned: the texts, and how much each chain counts."""

    words: Sequence[str]
    tokens: npt.NDArray[np.int64]
    """All answers, one behind the other, as places in `words`."""
    lengths: npt.NDArray[np.int64]
    keys: npt.NDArray[np.float32]
    """(texts, dimensions): vectors of the prompts, or of the texts where there is none."""
    has_prompt: npt.NDArray[np.bool_]
    shares: npt.NDArray[np.float64]
    """(ORDERS,): of no, one, two and three words before; they sum to 1."""
    seed: int

    def to_bytes(self) -> bytes:
        """Return the model as data."""
        names = ("tokens", "lengths", "keys", "has_prompt", "shares")
        arrays = {name: getattr(self, name) for name in names}
        return _archives.pack({"words": list(self.words), "seed": self.seed}, arrays)

    @classmethod
    def from_bytes(cls, data: bytes) -> TextModel:
        """Read what `to_bytes` wrote."""
        header, arrays = _archives.unpack(data)
        return cls(words=header["words"], seed=header["seed"], **arrays)

    def texts(self, places: Sequence[int]) -> list[list[int]]:
        """Return the answers at some places."""
        ends = np.cumsum(self.lengths)
        return [self.tokens[ends[p] - self.lengths[p] : ends[p]].tolist() for p in places]


@attrs.frozen
class GeneratorPredictor:
    """Answers a text with a text; the same prompt and settings always get the same one."""

    model: TextModel
    modalities = frozenset({"text"})
    concepts = ()

    def predict(self, batch: ModelInputs, params: Mapping[str, Any], /) -> list[resources_pb2.Data]:
        """Return one text per prompt; see `contracts.Predictor`."""
        asked = _settings(params)
        return [
            resources_pb2.Data(text=resources_pb2.Text(raw=self._answer(str(prompt), key, asked)))
            for prompt, key in zip(batch, batch.vectors, strict=True)
        ]

    def _answer(self, prompt: str, key: npt.NDArray[np.float32], asked: Mapping[str, Any]) -> str:
        likeness = self.model.keys @ key
        places = np.argsort(-likeness, kind="stable")[:_NEIGHBOURS]
        weights = np.exp(_SHARPNESS * (likeness[places] - likeness[places[0]]))
        chains = _chains(self.model.texts(places.tolist()), weights.tolist())
        before = [_START]
        if not self.model.has_prompt[places[0]]:
            before = self._continued(prompt, chains)
        random = np.random.default_rng([self.model.seed, zlib.crc32(prompt.encode())])
        said: list[int] = []
        while len(said) < asked["max_new_tokens"]:
            word = _next(chains, self.model.shares, [*before, *said], asked, random)
            if word == _END:
                break
            said.append(word)
        return " ".join(self.model.words[word] for word in said)

    def _continued(self, prompt: str, chains: Chains) -> list[int]:
        """Return the last words of a prompt where a text goes on from them, else a start."""
        known = {word: place for place, word in enumerate(self.model.words)}
        last = [known.get(word, -1) for word in prompt.split()[-(ORDERS - 1) :]]
        return last if last and (last[-1],) in chains[1] else [_START]


@attrs.frozen
class _Pair:
    prompt: str
    answer: str


def _pairs(part: Samples) -> Iterator[_Pair]:
    assert part.content is not None  # noqa: S101 - texts have content
    for index in range(min(len(part), _MAX_TEXTS)):
        text = str(part.content(index))
        noted = map(_noted_answer, part.annotations[index] if part.annotations else ())
        answer = next(filter(None, noted), "")
        yield _Pair(_prompt(text), answer) if answer else _split(text)


def _noted_answer(annotation: resources_pb2.Annotation) -> str:
    fields = annotation.data.metadata.fields
    return next((fields[key].string_value for key in ANSWER_KEYS if key in fields), "")


def _split(text: str) -> _Pair:
    mark = next((mark for mark in ANSWER_MARKS if mark in text), None)
    if mark is None:
        return _Pair("", text)
    prompt, _, answer = text.partition(mark)
    return _Pair(_prompt(prompt), answer.replace("</s>", ""))


def _prompt(text: str) -> str:
    for mark in PROMPT_MARKS:
        text = text.replace(mark, " ")
    return text.strip()


def _settings(params: Mapping[str, Any]) -> dict[str, Any]:
    given = {OTHER_NAMES.get(name, name): value for name, value in params.items()}
    try:
        return {setting.name: setting.check(given.get(setting.name)) for setting in GENERATION}
    except InvalidParameterError as error:
        raise Rejected(codes.MODEL_INVALID_ARGUMENT, str(error)) from error


def _chains(texts: Sequence[Sequence[int]], weights: Sequence[float]) -> Chains:
    chains: Any = [defaultdict(lambda: defaultdict(float)) for _ in range(ORDERS)]
    for text, weight in zip(texts, weights, strict=True):
        for place in range(1, len(text)):
            for order in range(min(place, ORDERS - 1) + 1):
                chains[order][tuple(text[place - order : place])][text[place]] += weight
    found: Chains = chains
    return found


def _next(
    chains: Chains,
    shares: npt.NDArray[np.float64],
    before: Sequence[int],
    asked: Mapping[str, Any],
    random: np.random.Generator,
) -> int:
    """Return the next word: the most probable one, or one drawn by temperature and top_k."""
    values: defaultdict[int, float] = defaultdict(float)
    for order in range(min(ORDERS - 1, len(before)) + 1):
        follow = chains[order].get(tuple(before[len(before) - order :]))
        if follow:
            total = sum(follow.values())
            for word, weight in follow.items():
                values[word] += float(shares[order]) * weight / total
    if before[-1] == _START and len(values) > 1:
        values.pop(_END, None)
    ranked = sorted(values.items(), key=lambda item: (-item[1], item[0]))
    if not asked["temperature"]:
        return ranked[0][0]
    chosen = ranked[: asked["top_k"]]
    logs = np.array([math.log(max(value, _CERTAIN)) for _, value in chosen]) / asked["temperature"]
    chances = np.exp(logs - logs.max())
    return chosen[int(random.choice(len(chosen), p=chances / chances.sum()))][0]


def _learned_shares(job: TrainingJob, texts: Sequence[Sequence[int]]) -> npt.NDArray[np.float64]:
    """Return how much each order counts, learned in epochs by Adam on the chance of each word."""
    chances = _left_out(texts[:_COUNTED_TEXTS])
    asked = TrainingSettings.of(job.params)
    epochs = asked.epochs
    random = np.random.default_rng(asked.seed)
    logits = _FIRST_LOGITS
    mean, square, steps = np.zeros(ORDERS), np.zeros(ORDERS), 0
    for epoch in range(epochs):
        loss = 0.0
        for rows in _batches(chances, asked, random):
            job.check()
            shares = _softmax(logits)
            mixed = np.maximum(rows @ shares, _CERTAIN)
            loss -= float(np.log(mixed).sum())
            slope = -(shares * (rows / mixed[:, None] - 1)).mean(axis=0)
            steps += 1
            mean = np.asarray(0.9 * mean + 0.1 * slope, np.float64)
            square = np.asarray(0.999 * square + 0.001 * slope**2, np.float64)
            corrected = np.sqrt(square / (1 - 0.999**steps)) + 1e-8
            step = asked.step * mean / (1 - 0.9**steps) / corrected
            logits = np.asarray(logits - step)
        job.report(
            f"epoch {epoch + 1}/{epochs}: loss {loss / len(chances) / asked.passes:.5f}",
            0.1 + 0.85 * (epoch + 1) / epochs,
        )
    return _softmax(logits)


def _batches(
    chances: npt.NDArray[np.float64], asked: TrainingSettings, random: np.random.Generator
) -> Iterator[npt.NDArray[np.float64]]:
    """Yield the rows of one epoch, a step's at a time."""
    for _ in range(asked.passes):
        order = random.permutation(len(chances))
        for start in range(0, len(order), asked.batch_size):
            yield chances[order[start : start + asked.batch_size]]


def _left_out(texts: Sequence[Sequence[int]]) -> npt.NDArray[np.float64]:
    """Return (words, ORDERS): the chance that each chain gives a word, this occurrence left out."""
    chains = _chains(texts, [1.0] * len(texts))
    totals = [{key: sum(follow.values()) for key, follow in chain.items()} for chain in chains]
    rows = []
    for text in texts:
        for place in range(1, len(text)):
            row = np.zeros(ORDERS)
            for order in range(min(place, ORDERS - 1) + 1):
                key = tuple(text[place - order : place])
                others = totals[order][key] - 1
                row[order] = (chains[order][key][text[place]] - 1) / others if others else 0
            rows.append(row)
    return np.array(rows)


def _softmax(logits: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    powers = np.exp(logits - logits.max())
    return np.asarray(powers / powers.sum())
