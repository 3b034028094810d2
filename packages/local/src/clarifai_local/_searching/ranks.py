"""Ranks of a query, as scores of inputs.

A picture is compared with pictures, a text with texts: the two spaces of the built-in embedder
have nothing in common (a plugin's embedder may have one space for both). A concept is compared by
what users said, and for inputs of which nothing was said by the mean vector of its positives.
Scores lie in 0..1: 1 is the same, 0.5 unrelated. Several ranks give the mean of their scores.
"""

from __future__ import annotations

import functools
import json
import sqlite3
from typing import TYPE_CHECKING

import attrs
import numpy as np
import numpy.typing as npt
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local._concept_names import check_language, in_english
from clarifai_local._context import ServiceContext
from clarifai_local._public_content import concept_id
from clarifai_local._scope import Scope
from clarifai_local._searching.expressions import TRUSTED
from clarifai_local._searching.filters import POSITIVE, concept_numbers
from clarifai_local._searching.scores import Scores, scores
from clarifai_local._standins.concepts import LikenessClassifier, general, value_of
from clarifai_local._store.inputs import IN_PROGRESS, PENDING
from clarifai_local.media import Rejected
from clarifai_local.statuses import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence


Numbers = npt.NDArray[np.int64]

PREDICTING = ("General", "Universal")
"""Base workflows whose inputs can be ranked by the public concepts that general recognition says of
them; the embedder's vectors are all that it looks at."""

_EMPTY_NUMBERS = np.zeros(0, np.int64)
_EMPTY_SCORES = np.zeros(0, np.float64)
_PROTOTYPE_INPUTS = 5000
"""Positives that the mean vector of a concept is made of: the newest ones."""


@attrs.frozen
class Ranking:
    """Scores by input number, ascending by number."""

    seqs: Numbers
    scores: Scores

    @classmethod
    def of(cls, seqs: Numbers, scores: Scores) -> Ranking:
        """Return the ranking of inputs in any order."""
        order = np.argsort(seqs)
        return cls(seqs[order], scores[order])

    def scores_of(self, seqs: Numbers) -> Scores:
        """Return the scores of inputs; NaN for those that are not ranked."""
        if not len(self.seqs):
            return np.full(len(seqs), np.nan)
        places = np.minimum(np.searchsorted(self.seqs, seqs), len(self.seqs) - 1)
        return np.where(self.seqs[places] == seqs, self.scores[places], np.nan)


def compile_ranks(
    context: ServiceContext,
    db: sqlite3.Connection,
    scope: Scope,
    search: resources_pb2.Search,
) -> Ranking | None:
    """Return the scores that the ranks of a search give, None when there is no rank.

    Args:
        context: Its embedder makes vectors of the query.
        db: The connection of a read block.
        scope: The app that is searched.
        search: The search; filters are not looked at.

    Raises:
        Refused: 40002 for what cannot be ranked by, 43004 for an input that is not indexed yet.
    """
    asked = [rank for rank in search.query.ranks if _asks(rank)]
    if not asked:
        return None
    if not scope.searchable:
        return Ranking(_EMPTY_NUMBERS, _EMPTY_SCORES)
    metric = "cosine" if search.metric == resources_pb2.Search.COSINE_DISTANCE else "euclidean"
    language = check_language(search.query.language, "query.language")
    ranker = _Ranker(context, db, scope, metric, language)
    found = [ranker.one(rank) for rank in asked]
    if len(found) == 1:
        return found[0]
    common = found[0].seqs
    for ranking in found[1:]:
        common = np.intersect1d(common, ranking.seqs, assume_unique=True)
    return Ranking(common, np.mean([ranking.scores_of(common) for ranking in found], axis=0))


@attrs.frozen
class _Ranker:
    context: ServiceContext
    db: sqlite3.Connection
    scope: Scope
    metric: str
    language: str

    def one(self, rank: resources_pb2.Rank) -> Ranking:
        asked = rank.annotation
        if asked.data.concepts:
            found = [self._concept(concept) for concept in asked.data.concepts]
            ranking = found[0]
            for other in found[1:]:
                seqs = np.intersect1d(ranking.seqs, other.seqs, assume_unique=True)
                both = ranking.scores_of(seqs) + other.scores_of(seqs)
                ranking = Ranking(seqs, both / 2)
        elif asked.input_id:
            ranking = self._like_input(asked.input_id)
        elif asked.data.embeddings:
            ranking = self._like_vector(asked.data.embeddings[0])
        else:
            ranking = self._like_content(asked.data)
        return Ranking(ranking.seqs, 1 - ranking.scores) if rank.negate else ranking

    def _like_content(self, data: resources_pb2.Data) -> Ranking:
        try:
            loaded = self.context.content.load(data)
        except Rejected as error:
            raise Refused(error.code, error.reason) from error
        embedder = self.context.embedder
        if isinstance(loaded.content, bytes):
            return self._nearest(embedder.image_space, embedder.embed_images([loaded.content])[0])
        return self._nearest(embedder.text_space, embedder.embed_texts([loaded.content])[0])

    def _like_input(self, input_id: str) -> Ranking:
        row = self.context.store.inputs.get(self.db, self.scope.app, input_id)
        if row is None:
            raise Refused(
                codes.SEARCH_INVALID_REQUEST, f"input {input_id!r} of the rank does not exist"
            )
        if row.status in {PENDING, IN_PROGRESS}:
            raise Refused(
                codes.SEARCH_BY_NOT_FULLY_INDEXED_INPUT,
                f"input {input_id!r} of the rank is not processed yet",
            )
        vectors = self.context.store.vectors
        for space in self._spaces():
            vector = vectors.vectors_of(self.scope.app, space, [row.seq]).get(row.seq)
            if vector is not None:
                return self._nearest(space, vector)
        return Ranking(_EMPTY_NUMBERS, _EMPTY_SCORES)

    def _like_vector(self, embedding: resources_pb2.Embedding) -> Ranking:
        vector = np.array(embedding.vector, np.float32)
        if not (len(vector) and np.isfinite(vector).all()):
            raise Refused(codes.SEARCH_INVALID_REQUEST, "the embedding of the rank has no numbers")
        held = dict(
            self.db.execute("SELECT name, dim FROM spaces WHERE app = ?", (self.scope.app,))
        )
        fitting = [space for space in self._spaces() if held.get(space, 0) == len(vector)]
        if held and not fitting:
            raise Refused(
                codes.SEARCH_INVALID_REQUEST,
                f"the embedding of the rank has {len(vector)} dimensions, "
                f"the app's have {', '.join(str(dim) for dim in sorted(set(held.values())))}",
            )
        return _merged([self._nearest(space, vector) for space in fitting])

    def _concept(self, asked: resources_pb2.Concept) -> Ranking:
        """Rank by what users said of a concept, then by likeness to what has it.

        One that the app does not have may be among those that its base workflow answers with.
        """
        numbers = concept_numbers(self.db, self.scope.app, asked, self.language)
        if not numbers:
            return _negated(self._predicted(asked), asked)
        said = np.array(
            self.db.execute(
                "SELECT c.input, MAX(c.value) FROM annotation_concepts c"  # noqa: S608 - a constant
                f" JOIN annotations a ON a.seq = c.annotation WHERE {TRUSTED}"
                " AND c.concept IN (SELECT value FROM json_each(?)) GROUP BY c.input",
                [json.dumps(numbers)],
            ).fetchall(),
            np.float64,
        ).reshape(-1, 2)
        seqs, values = said[:, 0].astype(np.int64), np.clip(said[:, 1], 0, 1)
        known = Ranking.of(seqs, values)
        positives = np.sort(seqs[values > POSITIVE])[-_PROTOTYPE_INPUTS:].tolist()
        alike = _merged([r for s in self._spaces() if (r := self._prototype(s, positives))])
        fresh = ~np.isin(alike.seqs, seqs)
        ranking = Ranking.of(
            np.concatenate([known.seqs, alike.seqs[fresh]]),
            np.concatenate([known.scores, alike.scores[fresh]]),
        )
        return _negated(ranking, asked)

    def _predicted(self, asked: resources_pb2.Concept) -> Ranking:
        """Rank pictures by what the base workflow's model says of a public concept."""
        if self.scope.base_workflow_id not in PREDICTING:
            return Ranking(_EMPTY_NUMBERS, _EMPTY_SCORES)
        wanted = asked.id or concept_id(in_english(asked.name, self.language))
        embedder = self.context.embedder
        prototypes = _general().prototypes(wanted, embedder)
        if not len(prototypes):
            return Ranking(_EMPTY_NUMBERS, _EMPTY_SCORES)
        vectors, space = self.context.store.vectors, embedder.image_space
        found = [vectors.distances(self.scope.app, space, one, "cosine") for one in prototypes]
        return _merged([Ranking(seqs, value_of(1 - distances)) for seqs, distances in found])

    def _prototype(self, space: str, positives: Sequence[int]) -> Ranking | None:
        found = self.context.store.vectors.vectors_of(self.scope.app, space, positives)
        if not found:
            return None
        return self._nearest(space, np.mean(list(found.values()), axis=0), "cosine")

    def _nearest(self, space: str, vector: npt.NDArray[np.float32], metric: str = "") -> Ranking:
        metric = metric or self.metric
        vectors = self.context.store.vectors
        seqs, distances = vectors.distances(self.scope.app, space, vector, metric)
        return Ranking(seqs, scores(distances, metric))

    def _spaces(self) -> list[str]:
        embedder = self.context.embedder
        return list(dict.fromkeys([embedder.image_space, embedder.text_space]))


def _negated(ranking: Ranking, asked: resources_pb2.Concept) -> Ranking:
    """Return the ranking by not having a concept, where the query gives it the value 0 or so."""
    if asked.value > POSITIVE or not asked.value:
        return ranking
    return Ranking(ranking.seqs, 1 - ranking.scores)


@functools.cache
def _general() -> LikenessClassifier:
    return general()


def _merged(rankings: Sequence[Ranking]) -> Ranking:
    """Return rankings of different spaces as one; an input in several keeps its best score."""
    if not rankings:
        return Ranking(_EMPTY_NUMBERS, _EMPTY_SCORES)
    if len(rankings) == 1:
        return rankings[0]
    seqs = np.concatenate([ranking.seqs for ranking in rankings])
    values = np.concatenate([ranking.scores for ranking in rankings])
    order = np.lexsort((-values, seqs))
    seqs, values = seqs[order], values[order]
    first = np.concatenate([[True], seqs[1:] != seqs[:-1]]) if len(seqs) else np.zeros(0, bool)
    return Ranking(seqs[first], values[first])


def _asks(rank: resources_pb2.Rank) -> bool:
    asked = rank.annotation
    known = ("concepts", "embeddings", "image", "text")
    for field, value in asked.data.ListFields():
        empty = hasattr(value, "ByteSize") and not value.ByteSize()
        if field.name not in known and not empty:
            raise Refused(
                codes.SEARCH_INVALID_REQUEST,
                "a rank takes image, text, embeddings, concepts or input_id, "
                f"not {field.name}; use a filter for it",
            )
    content = any(getattr(asked.data, name).ByteSize() for name in ("image", "text"))
    return bool(asked.input_id or asked.data.concepts or asked.data.embeddings or content)
