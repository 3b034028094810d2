"""Engines with one fault each."""

from __future__ import annotations

import itertools
import json
import pickle
from collections import Counter
from typing import Any

from clarifai_grpc.grpc.api import resources_pb2

from clarifai_core.contracts import EngineSpec
from clarifai_testing import EngineContract
from tests.testing.cases import Cases, giving


class Contract(EngineContract):
    name = "majority"


def spec(target: Any, name: str = "majority") -> EngineSpec:
    return EngineSpec(name, f"{__name__}:{target.__name__}", "Answers the mode.")


cases = Cases(__name__, Contract, lambda target: giving("engines", spec(target)))


class Predictor:
    modalities = frozenset({"image", "text"})

    def __init__(self, concept: str) -> None:
        self.concepts = [concept]

    def predict(self, batch: Any, params: Any) -> Any:
        concept = resources_pb2.Concept(id=self.concepts[0], value=1)
        return [resources_pb2.Data(concepts=[concept]) for _ in batch]


@cases.good
class Majority:
    def train(self, job: Any) -> Any:
        job.check()
        rows = (row for samples in job.samples for row in samples.labels)
        counts = Counter(concept for row in rows for concept, value in row.items() if value == 1)
        job.report("counted", 1.0)
        return json.dumps(counts.most_common(1)[0][0]).encode()

    def load(self, model: bytes) -> Any:
        return Predictor(json.loads(model))


cases.add(
    "Pathed",
    "test_name_is_a_model_type",
    giving("engines", spec(Majority, "a/b/c")),
    {"name": "a/b/c"},
    "PredictorContract",
)


@cases.fails("test_makes_an_engine", "without load()")
class Loadless:
    def train(self, job: Any) -> bytes:
        return b"{}"


@cases.fails("test_can_be_had", "without concepts")
class Conceptless(Majority):
    def load(self, model: bytes) -> Any:
        made = super().load(model)
        del made.concepts
        return made


@cases.fails("test_training_gives_bytes", "train() returns dict")
class Dicts(Majority):
    def train(self, job: Any) -> Any:
        return {"mode": super().train(job).decode()}

    def load(self, model: Any) -> Any:
        return Predictor(json.loads(model["mode"] if isinstance(model, dict) else model))


@cases.fails("test_the_bytes_are_data", "unpickles")
class Pickling(Majority):
    def train(self, job: Any) -> Any:
        return pickle.dumps(super().train(job))

    def load(self, model: bytes) -> Any:
        return super().load(pickle.loads(model))


@cases.fails("test_a_loaded_model_needs_no_engine", "loads to something else")
class Remembering(Majority):
    numbers = itertools.count()

    def load(self, model: bytes) -> Any:
        super().load(model)
        return Predictor(f"loaded-{next(self.numbers)}")


@cases.fails("test_damaged_bytes_are_refused", "raise ValueError")
class Trusting(Majority):
    def load(self, model: bytes) -> Any:
        return Predictor(model.decode("utf-8", "replace").strip('"'))


@cases.fails("test_damaged_bytes_are_refused", "ends the program")
class Exiting(Majority):
    def load(self, model: bytes) -> Any:
        try:
            return super().load(model)
        except ValueError:
            raise SystemExit("damaged") from None


@cases.fails("test_training_can_be_cancelled", "goes on")
class Stubborn(Majority):
    def train(self, job: Any) -> Any:
        try:
            job.check()
        except Exception:  # noqa: BLE001
            return b'"good"'
        return super().train(job)


@cases.fails("test_training_can_be_cancelled", "let it go")
class Turning(Majority):
    def train(self, job: Any) -> Any:
        try:
            return super().train(job)
        except Exception as error:
            raise RuntimeError("the training failed") from error


@cases.fails("test_training_reports_shares", "a share of 0..1")
class Percents(Majority):
    def train(self, job: Any) -> Any:
        trained = super().train(job)
        if "noted" not in job.report.__name__:
            job.report("all of it", 100.0)
        return trained


@cases.fails("test_training_leaves_the_job_alone", "copy them first")
class Consuming(Majority):
    def train(self, job: Any) -> Any:
        trained = super().train(job)
        for samples in job.samples:
            samples.vectors[:] = 0
        return trained


@cases.fails("test_answers_the_same_each_time", "draw no lots")
class Drawing(Majority):
    def load(self, model: bytes) -> Any:
        return Drawn(json.loads(model))


class Drawn(Predictor):
    def __init__(self, concept: str) -> None:
        super().__init__(concept)
        self.numbers = itertools.count(1)

    def predict(self, batch: Any, params: Any) -> Any:
        concept = resources_pb2.Concept(id=self.concepts[0], value=1 / next(self.numbers))
        return [resources_pb2.Data(concepts=[concept]) for _ in batch]


@cases.fails("test_trains_on_a_platform", "answers with nothing")
class Mute(Majority):
    def load(self, model: bytes) -> Any:
        return Silent(json.loads(model))


class Silent(Predictor):
    def predict(self, batch: Any, params: Any) -> Any:
        return [resources_pb2.Data() for _ in batch]
