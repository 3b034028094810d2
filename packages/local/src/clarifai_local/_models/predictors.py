"""What answers for a model version: loaded once, the last used ones kept in memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_core.lazy import load_target
from clarifai_local._models.engine_answers import lacking
from clarifai_local._models.first_answers import TimedPredictor
from clarifai_local._models.prompters import PROMPTERS, Prompter
from clarifai_local._models.rows import SPACES, WEIGHTS, FoundModel
from clarifai_local._models.spaces import SpaceNames
from clarifai_local._public_models import GENERAL, OPERATORS, public_model
from clarifai_local._standins import concepts
from clarifai_local.engine._archives import UnreadableModelError, understood
from clarifai_local.statuses import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from clarifai_local._models.engines import Engines
    from clarifai_local._models.first_answers import FirstAnswers
    from clarifai_local._models.remote import RunnerModel, RunnerModels
    from clarifai_local._models.retrieval import TextSearch
    from clarifai_local._models.spaces import EmbeddingSpaces
    from clarifai_local._store import ResourceRow, Store
    from clarifai_local.engine.contracts import Engine, Operator, Predictor

MAX_LOADED = 32
"""Models in memory at a time."""


class Predictors:
    """The predictors of one platform.

    Args:
        store: Where trained models are.
        engines: What loads them.
        spaces: What makes the vectors that they are asked with.
        first_answers: Times those of plugins.
        runners: What finds the runner of a version.
        search: What finds the texts of an app.
    """

    def __init__(
        self,
        store: Store,
        engines: Engines,
        spaces: EmbeddingSpaces,
        first_answers: FirstAnswers,
        runners: RunnerModels,
        search: TextSearch,
    ) -> None:
        self._store = store
        self._engines = engines
        self._spaces = spaces
        self._first_answers = first_answers
        self._runners = runners
        self._search = search
        self._loaded: OrderedDict[int, Predictor | Operator] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, found: FoundModel) -> Predictor | Operator | RunnerModel:
        """Return the predictor of a model version; of one that is bound to a runner, the way there.

        Raises:
            Refused: 21102 when the version is not trained, 21313 when nothing can answer for it.
        """
        version = found.version
        if version is None or version.status != codes.MODEL_TRAINED:
            raise Refused(
                codes.MODEL_UNTRAINED,
                f"model {found.model.id!r} has no trained version"
                if version is None
                else f"version {version.id!r} of model {found.model.id!r} is not trained",
            )
        bound = self._runners.bound(found.model, version)
        if bound is not None:
            return bound
        try:
            return self._own(found.model, version)
        except Refused:
            served = self._runners.served(found.model, version)
            if served is None:
                raise
            return served

    @cached_property
    def general(self) -> Predictor:
        """What answers for the model that recognizes public concepts."""
        plugged = self._engines.public_predictor((GENERAL,), self._spaces.current)
        return self._timed(plugged, GENERAL) if plugged else concepts.general()

    def _timed(self, model: Predictor, name: str) -> TimedPredictor:
        return TimedPredictor(model, name, self._first_answers)

    def _own(self, model: ResourceRow, version: ResourceRow) -> Predictor | Operator:
        with self._lock:
            predictor = self._loaded.get(version.seq)
            if predictor is None:
                predictor = self._loaded[version.seq] = self._load(model, version)
            self._loaded.move_to_end(version.seq)
            while len(self._loaded) > MAX_LOADED:
                self._loaded.popitem(last=False)
        return predictor

    def _load(self, model: ResourceRow, version: ResourceRow) -> Predictor | Operator:
        name = f"{model.user_id}/{model.app_id}/{model.id}"
        known = public_model(model.user_id, model.app_id, model.id)
        names = (name, known.like) if known is not None and known.like else (name,)
        plugged = self._engines.public_predictor(names, self._spaces.current)
        if plugged is not None:
            return self._timed(plugged, name)
        model_type = model.message(resources_pb2.Model).model_type_id
        if known is not None and known.predictor:
            return _made(known.predictor)
        if known is not None and known.concepts:
            return concepts.Undecided(known.concepts, _modalities(model_type))
        with self._store.read() as db:
            weights = self._store.resources.whole_attachment(db, version, WEIGHTS)
            spaces = self._store.resources.whole_attachment(db, version, SPACES)
        engine = self._engines.engine(model_type)
        if weights is not None and engine is not None:
            who = f"version {version.id!r} of model {model.id!r}"
            stored, learned_from = _stored(engine, weights, spaces, who)
            return self._spaces.asked_in(stored, learned_from, who)
        if engine is None and model_type in PROMPTERS:
            return Prompter(model_type, (model.user_id, model.app_id), self._search)
        if model_type in OPERATORS:
            return _made(OPERATORS[model_type])
        if engine is not None:
            raise Refused(
                codes.MODEL_UNTRAINED,
                f"version {version.id!r} of model {model.id!r} was made without training: "
                "send train_info with PostModelVersions",
            )
        raise Refused(
            codes.MODEL_PREDICTION_FAILED,
            f"the embedded platform has nothing that answers for {name} ({model_type}): "
            "an engine plugin can, or a runner",
        )


def _stored(
    engine: Engine, weights: bytes, spaces: bytes | None, name: str
) -> tuple[Predictor | Operator, SpaceNames]:
    try:
        with understood():
            model, learned_from = engine.load(weights), SpaceNames.from_bytes(spaces)
    except UnreadableModelError as error:
        raise Refused(
            codes.MODEL_PREDICTION_FAILED, f"{name} cannot be read: {error}: train it anew"
        ) from error
    if wrong := lacking(model):
        raise Refused(codes.MODEL_PREDICTION_FAILED, f"{name} cannot be asked: {wrong}")
    return model, learned_from


def _modalities(model_type: str) -> frozenset[str]:
    return frozenset({"text"} if model_type.startswith("text") else {"image"})


def _made(target: str) -> Predictor | Operator:
    make: Callable[[], Predictor | Operator] = cast("Any", load_target(target))
    return make()
