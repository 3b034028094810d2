"""Predictors behind a public model, with one fault each."""

from __future__ import annotations

import itertools
import threading
from typing import Any

from clarifai_grpc.grpc.api import resources_pb2

from clarifai_core.contracts import EngineFacts, EngineSpec
from clarifai_testing import PredictorContract
from tests.datasets.conftest import png
from tests.testing.cases import Cases, giving

DARK, BRIGHT = png(0, size=16), png(255, size=16)


class Contract(PredictorContract):
    name = "clarifai/main/moderation-recognition"

    def contents(self) -> Any:
        return [DARK, BRIGHT, DARK]


def spec(target: Any, name: str = Contract.name, **more: Any) -> EngineSpec:
    return EngineSpec(name, f"{__name__}:{target.__name__}", "Judges.", **more)


cases = Cases(__name__, Contract, lambda target: giving("engines", spec(target)))


@cases.good
class Judge:
    modalities: Any = frozenset({"image", "text"})
    concepts: Any = ("suspicious", "safe")

    def __init__(self, embedder: Any) -> None:
        self.embedder = embedder

    def predict(self, batch: Any, params: Any) -> Any:
        return [self.judged(content) for content in batch]

    def judged(self, content: Any) -> Any:
        dark = 1.0 if content == DARK else 0.25
        return data(suspicious=dark, safe=1 - dark)


def data(**values: float) -> Any:
    concepts = [resources_pb2.Concept(id=name, value=value) for name, value in values.items()]
    return resources_pb2.Data(concepts=sorted(concepts, key=lambda one: -one.value))


def no_facts(name: str) -> Any:
    return {"lacking": ""}


def lost_facts(name: str) -> EngineFacts:
    raise OSError("the notices are not there")


def lacking_facts(name: str) -> EngineFacts:
    return EngineFacts(lacking="its weights are not installed.")


def case(title: str, check: str, says: str, **more: Any) -> None:
    attributes = {"name": more["name"]} if "name" in more else {}
    cases.add(title, check, giving("engines", spec(Judge, **more)), attributes, says)


case("Dicts", "test_facts_are_told", "EngineFacts", facts=f"{__name__}:no_facts")
case("Lost", "test_facts_are_told", "OSError", facts=f"{__name__}:lost_facts")
case(
    "Lacking",
    "test_answers_on_a_platform",
    "does not answer 'suspicious'",
    facts=f"{__name__}:lacking_facts",
)
case("Unnamed", "test_name_is_a_models", "<user>/<app>/<model>", name="moderation/recognition")


@cases.fails("test_can_be_had", "without")
class Predictless:
    def __init__(self, embedder: Any) -> None:
        self.modalities = self.concepts = ()


@cases.fails("test_says_what_it_takes", "frozenset of")
class Smelling(Judge):
    modalities = frozenset({"smell"})


@cases.fails("test_says_what_it_takes", "change one")
class Reading(Judge):
    modalities = frozenset({"text"})


@cases.fails("test_concepts_are_ids", "has an id twice")
class Repeating(Judge):
    concepts = ("suspicious", "safe", "safe")


@cases.fails("test_answers_each_input", "2 answers for 3 inputs")
class Merging(Judge):
    def predict(self, batch: Any, params: Any) -> Any:
        return [self.judged(content) for content in {*batch}]


@cases.fails("test_answers_each_input", "not resources_pb2.Data")
class Outputs(Judge):
    def judged(self, content: Any) -> Any:
        return resources_pb2.Output(data=super().judged(content))


@cases.fails("test_values_are_shares", "the value 100.0")
class Percents(Judge):
    def judged(self, content: Any) -> Any:
        return data(suspicious=100.0 if content == DARK else 25.0)


@cases.fails("test_values_are_shares", "which concepts does not have")
class Inventing(Judge):
    concepts = ("suspicious",)


@cases.fails("test_answers_are_in_order", "in the order of the batch")
class Sorting(Judge):
    def predict(self, batch: Any, params: Any) -> Any:
        return [self.judged(content) for content in sorted(batch, key=lambda one: one == DARK)]

    def judged(self, content: Any) -> Any:
        return data(suspicious=1) if content == DARK else data(safe=1)


@cases.fails("test_answers_the_same_each_time", "draw no lots")
class Drawing(Judge):
    def __init__(self, embedder: Any) -> None:
        super().__init__(embedder)
        self.numbers = itertools.count(1)

    def judged(self, content: Any) -> Any:
        return data(suspicious=1 / next(self.numbers), safe=0)


@cases.fails("test_an_empty_batch_has_no_answers", "no inputs")
class Talkative(Judge):
    def predict(self, batch: Any, params: Any) -> Any:
        return super().predict(batch, params) or [data(safe=1)]


@cases.fails("test_threads_ask_at_once")
class Single(Judge):
    def __init__(self, embedder: Any) -> None:
        super().__init__(embedder)
        self.main = threading.get_ident()
        self.met = threading.Barrier(8)

    def predict(self, batch: Any, params: Any) -> Any:
        if threading.get_ident() != self.main:
            self.met.wait(15)
            return [data(safe=float(threading.get_ident() % 1000) / 1000) for _ in batch]
        return super().predict(batch, params)
