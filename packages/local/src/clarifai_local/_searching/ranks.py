"""Ranks of a query, as scores of inputs.

A picture is compared with pictures, a text with texts: the two spaces of the built-in embedder
have nothing in common (a plugin's embedder may have one space for both, or know how well pictures
fit words: see `contracts.WordedEmbedder`). A concept is compared by
what users said, and for inputs of which nothing was said by the mean vector of its positives.
Scores lie in 0..1: 1 is the same, 0.5 unrelated. Several ranks give the mean of their scores.
"""

from __future__ import annotations

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
from clarifai_local._scope import AppScope
from clarifai_local._searching.expressions import TRUSTED
from clarifai_local._searching.filters import POSITIVE, concept_numbers
from clarifai_local._searching.scores import Scores, scores
from clarifai_local._store.inputs import IMAGE, IN_PROGRESS, PENDING, TEXT
from clarifai_local.engine.concepts import concept_id
from clarifai_local.media import Rejected
from clarifai_local.statuses import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence


Numbers = npt.NDArray[np.int64]

PREDICTING = ("General", "Universal")
"""Base workflows whose inputs can be ranked by the public concepts that general recognition says of
them; the embedder's vectors are all that it looks at."""

_NO_WORDS = (
    "pictures are not found by words: that takes an embedder that knows both, such as that of "
    "clarifai-models"
)
_UNKNOWN_WORDS = "pictures are not found by these words: no name of what they can show is like them"

_EMPTY_NUMBERS = np.zeros(0, np.int64)
_EMPTY_SCORES = np.zeros(0, np.float64)
_PROTOTYPE_INPUTS = 5000
"""Positives that the mean vector of a concept is made of: the newest ones."""


@attrs.frozen
class Ranking:
    """Scores by input number, ascending by number."""

    seqs: Numbers
    scores: Scores
    says: str = ""
    """What could not be ranked, and why."""

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
    scope: AppScope,
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
    says = "; ".join(dict.fromkeys(ranker.says))
    if len(found) == 1:
        return attrs.evolve(found[0], says=says)
    # Several ranks count alike, so an input that one of them does not know has no score.
    common = found[0].seqs
    for ranking in found[1:]:
        common = np.intersect1d(common, ranking.seqs, assume_unique=True)
    return Ranking(common, np.mean([ranking.scores_of(common) for ranking in found], axis=0), says)


@attrs.frozen
class _Ranker:
    context: ServiceContext
    db: sqlite3.Connection
    scope: AppScope
    metric: str
    language: str
    says: list[str] = attrs.field(factory=list)
    """What could not be ranked, and why."""

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
        texts = self._nearest(embedder.text_space, embedder.embed_texts([loaded.content])[0])
        pictures, why = self._fitting(loaded.content)
        if why and not len(texts.seqs):
            self.says.append(why)
        return _merged([texts, pictures])

    def _fitting(self, words: str) -> tuple[Ranking, str]:
        """Rank pictures by how well they fit words, or say why not.

        The score 0.5 is not at all, as for what is unrelated.
        """
        embedder = self.context.embedder
        none = Ranking(_EMPTY_NUMBERS, _EMPTY_SCORES)
        if embedder.image_space == embedder.text_space or not self._has_pictures():
            return none, ""
        fit_to = getattr(embedder, "fit_to", None)
        if fit_to is None:
            return none, _NO_WORDS
        scores_of = fit_to(words)
        if scores_of is None:
            return none, _UNKNOWN_WORDS
        vectors = self.context.store.vectors
        seqs, fits = vectors.scores(self.scope.app, embedder.image_space, scores_of)
        return Ranking(seqs, 0.5 + np.clip(fits, 0, 1).astype(np.float64) / 2), ""

    def _has_pictures(self) -> bool:
        query = "SELECT 1 FROM spaces WHERE app = ? AND name = ?"
        space = (self.scope.app, self.context.embedder.image_space)
        return self.db.execute(query, space).fetchone() is not None

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
        details = self.context.reindexing.details(self.scope.app)
        for space in self._spaces():
            vector = vectors.vectors_of(self.scope.app, space, [row.seq]).get(row.seq)
            if vector is not None:
                return self._nearest(space, vector)
        if details and row.kinds & (IMAGE | TEXT):
            raise Refused(
                codes.SEARCH_BY_NOT_FULLY_INDEXED_INPUT,
                f"input {input_id!r} of the rank is not indexed again yet ({details})",
            )
        return Ranking(_EMPTY_NUMBERS, _EMPTY_SCORES)

    def _like_vector(self, embedding: resources_pb2.Embedding) -> Ranking:
        vector = np.array(embedding.vector, np.float32)
        if not (len(vector) and np.isfinite(vector).all()):
            raise Refused(codes.SEARCH_INVALID_REQUEST, "the embedding of the rank has no numbers")
        stored = self.db.execute("SELECT name, dim FROM spaces WHERE app = ?", (self.scope.app,))
        held = {name: dim for name, dim in stored if name in self._spaces()}
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
        # What users said of an input counts; likeness is for those of which nobody said anything.
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
        model = self.context.predictors.general
        scores_of = model.scores_of(wanted, embedder) if hasattr(model, "scores_of") else None
        if scores_of is None:
            return Ranking(_EMPTY_NUMBERS, _EMPTY_SCORES)
        vectors = self.context.store.vectors
        seqs, found = vectors.scores(self.scope.app, embedder.image_space, scores_of)
        return Ranking(seqs, found.astype(np.float64))

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


def _merged(rankings: Sequence[Ranking]) -> Ranking:
    """Return rankings of different spaces as one; an input in several keeps its best score."""
    if not rankings:
        return Ranking(_EMPTY_NUMBERS, _EMPTY_SCORES)
    if len(rankings) == 1:
        return rankings[0]
    seqs = np.concatenate([ranking.seqs for ranking in rankings])
    values = np.concatenate([ranking.scores for ranking in rankings])
    # By input, and the best score of each first, which is the one to keep.
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
