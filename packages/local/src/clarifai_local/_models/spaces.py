"""Whose vectors a trained model takes, and what makes them.

Vectors of two spaces say nothing about each other. A trained version remembers the spaces that it
learned from, and is asked with vectors of these alone: by the platform's embedder where its space
has that name, else by the built-in one, which is always there. Where neither makes them, a model
that asks for vectors is refused; one that looks at the pictures themselves answers as ever.
"""

from __future__ import annotations

import json
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local.engine._archives import UnreadableModelError
from clarifai_local.engine._embed import FeatureEmbedder, default_embedder
from clarifai_local.engine.contracts import is_operator
from clarifai_local.statuses import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    import numpy.typing as npt

    from clarifai_local._models.first_answers import FirstAnswers
    from clarifai_local._store import Store
    from clarifai_local.engine.contracts import (
        Embedder,
        ModelInputs,
        Operator,
        Predictor,
        VectorScores,
    )

    Floats = npt.NDArray[np.float32]


class SpaceError(Refused):
    """Vectors of a space are asked for that nothing here makes as they should be."""

    def __init__(self, why: str) -> None:
        super().__init__(codes.MODEL_PREDICTION_FAILED, why)

    def __str__(self) -> str:
        return self.status.details


@attrs.frozen
class SpaceNames:
    """The spaces of one embedder."""

    image: str
    text: str

    @classmethod
    def of(cls, embedder: Embedder) -> SpaceNames:
        """Return those that an embedder makes vectors of."""
        return cls(embedder.image_space, embedder.text_space)

    @classmethod
    def from_bytes(cls, data: bytes | None) -> SpaceNames:
        """Read what `to_bytes` wrote.

        Versions were kept without it until another embedder than the built-in one came to be
        published: what has none is of the built-in spaces.

        Raises:
            UnreadableModelError: It is something else.
        """
        if data is None:
            return cls.of(default_embedder())
        try:
            named = json.loads(data)
            image, text = named["image"], named["text"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise UnreadableModelError("its spaces are not understood") from error
        if not (isinstance(image, str) and isinstance(text, str)):
            raise UnreadableModelError("its spaces have no names")
        return cls(image, text)

    def to_bytes(self) -> bytes:
        """Return them as data."""
        return json.dumps(attrs.asdict(self)).encode()

    def all(self) -> tuple[str, ...]:
        """Return each name once, that of pictures first."""
        return tuple(dict.fromkeys((self.image, self.text)))


class EmbeddingSpaces:
    """What makes vectors on one platform.

    Args:
        store: Knows how many numbers stored vectors have.
        embedder: The platform's.
        first_answers: Times its first vectors.
    """

    def __init__(self, store: Store, embedder: Embedder, first_answers: FirstAnswers) -> None:
        with store.read() as db:
            known: dict[str, int] = dict(db.execute("SELECT name, dim FROM spaces"))
        timed = None if isinstance(embedder, FeatureEmbedder) else first_answers
        self.current = CheckedEmbedder(embedder, known, timed)
        """The platform's embedder: everything new is in its spaces."""
        self.names = SpaceNames.of(embedder)
        self._known = (self.current, CheckedEmbedder(default_embedder(), known))

    def asked_in(
        self, model: Predictor | Operator, learned_from: SpaceNames, who: str
    ) -> Predictor | Operator:
        """Return a trained model that is asked with vectors of the spaces it learned from.

        Args:
            model: As its engine loaded it.
            learned_from: The spaces.
            who: Names the version in refusals.
        """
        if learned_from == self.names:
            return model
        embedder = _Recalled(learned_from, self._known, who)
        return _Operator(model, embedder) if is_operator(model) else _Predictor(model, embedder)


class CheckedEmbedder:
    """An embedder whose vectors are looked at before they meet others.

    Args:
        embedder: Makes them; `fit_to` is there when it has it.
        known: Numbers in a vector, by space; what is missing is what comes first.
        first_answers: Times the first vectors, unless None.
    """

    fit_to: Callable[[str], VectorScores | None]

    def __init__(
        self,
        embedder: Embedder,
        known: dict[str, int],
        first_answers: FirstAnswers | None = None,
    ) -> None:
        self.image_space, self.text_space = embedder.image_space, embedder.text_space
        self._embedder = embedder
        self._known = known
        self._first_answers = first_answers
        fit_to = getattr(embedder, "fit_to", None)
        if fit_to is not None:
            self.fit_to = fit_to

    def embed_images(self, images: Sequence[bytes], /) -> Floats:
        """Return one row per encoded picture.

        Raises:
            SpaceError: The embedder gave something else, or other vectors than those of the space.
        """
        with self._timed(self.image_space):
            rows = self._embedder.embed_images(images)
        return self._checked(self.image_space, rows, len(images))

    def embed_texts(self, texts: Sequence[str], /) -> Floats:
        """Return one row per text.

        Raises:
            SpaceError: As in `embed_images`.
        """
        with self._timed(self.text_space):
            rows = self._embedder.embed_texts(texts)
        return self._checked(self.text_space, rows, len(texts))

    def _timed(self, space: str) -> AbstractContextManager[None]:
        return self._first_answers.timed(space) if self._first_answers else nullcontext()

    def _checked(self, space: str, rows: Floats, count: int) -> Floats:
        shape = np.shape(rows)
        if len(shape) != 2 or shape[0] != count:
            raise SpaceError(
                f"the embedder gave an array of shape {shape} for {count} inputs in the space "
                f"{space!r}: it must give one row per input"
            )
        if not count:
            return rows
        dim = self._known.setdefault(space, shape[1])
        if shape[1] != dim:
            raise SpaceError(
                f"the embedder gives {shape[1]} numbers per input in the space {space!r}, whose "
                f"vectors have {dim} here: an embedder that makes others must name its space "
                "differently"
            )
        return rows


class _Recalled:
    """The embedder of a version that learned from other spaces than the platform's."""

    def __init__(self, names: SpaceNames, known: Sequence[Embedder], who: str) -> None:
        self.image_space, self.text_space = names.image, names.text
        self._known = known
        self._who = who

    def embed_images(self, images: Sequence[bytes], /) -> Floats:
        for embedder in self._known:
            if embedder.image_space == self.image_space:
                return embedder.embed_images(images)
        raise self.gone(self.image_space, self._known[0].image_space)

    def embed_texts(self, texts: Sequence[str], /) -> Floats:
        for embedder in self._known:
            if embedder.text_space == self.text_space:
                return embedder.embed_texts(texts)
        raise self.gone(self.text_space, self._known[0].text_space)

    def gone(self, space: str, current: str) -> SpaceError:
        return SpaceError(
            f"{self._who} was trained with vectors of the space {space!r}, and this platform makes "
            f"those of {current!r}: install what brings {space!r}, or train the model anew"
        )

    def not_theirs(self) -> SpaceError:
        return SpaceError(
            f"{self._who} was trained with vectors of {self.image_space!r} and "
            f"{self.text_space!r}, and those of regions are of the platform's space "
            f"{self._known[0].image_space!r}: train the model anew"
        )


class _Predictor:
    """A predictor, asked with vectors of its own spaces.

    It knows nothing of stored vectors, which are of the platform's: so it has no `scores_of`.
    """

    def __init__(self, model: Predictor, embedder: _Recalled) -> None:
        self.modalities, self.concepts = model.modalities, model.concepts
        self._model, self._embedder = model, embedder

    def predict(
        self, batch: ModelInputs, params: Mapping[str, Any], /
    ) -> Sequence[resources_pb2.Data]:
        return self._model.predict(attrs.evolve(batch, embedder=self._embedder, kept=None), params)


class _Operator:
    """An operator on vectors of its own spaces: made anew from what the input shows.

    A node before it has made those that come with the input, by the platform's embedder. Vectors
    that come alone are the caller's to choose.
    """

    def __init__(self, model: Operator, embedder: _Recalled) -> None:
        self.per_region = model.per_region
        self._model, self._embedder = model, embedder

    def apply(self, data: resources_pb2.Data, params: Mapping[str, Any], /) -> resources_pb2.Data:
        if any(region.data.embeddings for region in data.regions):
            raise self._embedder.not_theirs()
        if data.embeddings and (data.image.base64 or data.text.raw):
            given, data = data, resources_pb2.Data()
            data.CopyFrom(given)
            del data.embeddings[:]
            vector = self._vector(data)
            data.embeddings.add(vector=vector.tolist(), num_dimensions=len(vector))
        return self._model.apply(data, params)

    def _vector(self, data: resources_pb2.Data) -> Floats:
        if data.image.base64:
            rows = self._embedder.embed_images([data.image.base64])
        else:
            rows = self._embedder.embed_texts([data.text.raw])
        vector: Floats = rows[0]
        return vector
