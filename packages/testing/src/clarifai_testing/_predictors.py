"""What the embedded platform asks of a predictor, trained or behind a public model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from clarifai_core.contracts import EngineFacts
from clarifai_core.errors import PluginError
from clarifai_core.heavy import resources_pb2
from clarifai_core.lazy import load_target
from clarifai_core.safe_text import failure
from clarifai_testing._checks import EVERY, at_once, check, place, wrong
from clarifai_testing._contract import SpecContract

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clarifai_local import Platform
    from clarifai_local.engine import ModelInputs
    from clarifai_local.engine.contracts import Operator, Predictor

MODALITIES = ("image", "text")
PREDICTS = ["test_can_be_had", "test_says_what_it_takes", "test_answers_each_input"]


class _PredictorChecks(SpecContract):
    """The checks that trained predictors and those behind public models share."""

    hook = "clarifai_register_engines"

    def contents(self) -> Sequence[bytes | str]:
        """Return what is predicted on: texts, or pictures as bytes; two at least."""
        return ["a sunny day", "rain and wind", "a sunny day"]

    def predictor(self, platform: Platform) -> Predictor | Operator:
        """Return the predictor."""
        raise NotImplementedError

    def _had(self, platform: Platform) -> Any:
        try:
            return self.predictor(platform)
        except Exception:  # noqa: BLE001  why: test_can_be_had tells it
            pytest.skip("test_can_be_had says what to mend first")

    def _batch(self, platform: Platform, contents: Sequence[bytes | str]) -> ModelInputs:
        from clarifai_local.engine import ModelInputs

        modality = "image" if contents and isinstance(contents[0], bytes) else "text"
        embedder = platform.engines.embedder()
        return ModelInputs(modality, contents, embedder)  # type: ignore[arg-type]

    def _predicted(self, platform: Platform, predictor: Any, contents: Any) -> list[Any]:
        return list(predictor.predict(self._batch(platform, contents), {}))

    @check()
    def test_facts_are_told(self) -> None:
        """`facts` of the spec, where it has some, tell of the engine without loading it."""
        where = self.spec.facts
        if not where:
            pytest.skip("the spec names no facts: there is nothing to tell before it is loaded")
        try:
            found = load_target(where)(self.name)  # type: ignore[operator]
        except Exception as error:  # noqa: BLE001  why: of a plugin
            wrong(f"{self.title}: its facts {where} fail: {failure(error)}{place(error)}.")
        if not isinstance(found, EngineFacts):
            wrong(
                f"{self.title}: {where} returns a {type(found).__name__}: it must be "
                "clarifai_core.contracts.EngineFacts."
            )

    @check()
    def test_can_be_had(self, clarifai_platform: Platform) -> None:
        """A predictor comes to be, and has predict, modalities and concepts."""
        _ = self.target
        made = self.predictor(clarifai_platform)
        for name in ("predict", "modalities", "concepts"):
            if not hasattr(made, name):
                wrong(f"{self.title} makes a {type(made).__name__} without {name}.")

    @check(after=["test_can_be_had"])
    def test_says_what_it_takes(self, clarifai_platform: Platform) -> None:
        """`modalities` is a set of "image" and "text", and has what is predicted on."""
        found = self._had(clarifai_platform).modalities
        if isinstance(found, str) or not {*found} or not {*found} <= {*MODALITIES}:
            wrong(f"{self.title}: modalities is {found!r}: frozenset of 'image', 'text' or both.")
        asked = self._batch(clarifai_platform, self.contents()).modality
        if asked not in found:
            wrong(f"{self.title} takes {sorted(found)}, and contents() has {asked}s: change one.")

    @check(after=["test_can_be_had"])
    def test_concepts_are_ids(self, clarifai_platform: Platform) -> None:
        """`concepts` are texts, each once."""
        found = self._had(clarifai_platform).concepts
        if isinstance(found, str) or not all(isinstance(one, str) and one for one in found):
            wrong(f"{self.title}: concepts is {found!r}: a list of ids, which are texts.")
        if len({*found}) != len(found):
            wrong(f"{self.title}: concepts has an id twice: {sorted(found)}.")

    @check(after=PREDICTS[:2])
    def test_answers_each_input(self, clarifai_platform: Platform) -> None:
        """There is one Data for each input."""
        contents = self.contents()
        found = self._predicted(clarifai_platform, self._had(clarifai_platform), contents)
        if len(found) != len(contents):
            wrong(f"{self.title} gives {len(found)} answers for {len(contents)} inputs.")
        for one in found:
            if not isinstance(one, resources_pb2.Data):
                wrong(f"{self.title} answers with a {type(one).__name__}, not resources_pb2.Data.")

    @check(after=PREDICTS)
    def test_values_are_shares(self, clarifai_platform: Platform) -> None:
        """Values of concepts are 0..1, and concepts are those that it says it knows."""
        predictor = self._had(clarifai_platform)
        known = {*predictor.concepts}
        for one in self._predicted(clarifai_platform, predictor, self.contents()):
            for concept in one.concepts:
                if not 0 <= concept.value <= 1:
                    wrong(f"{self.title} gives {concept.id!r} the value {concept.value}: 0..1.")
                if known and concept.id not in known:
                    wrong(f"{self.title} answers {concept.id!r}, which concepts does not have.")

    @check(after=PREDICTS)
    def test_answers_are_in_order(self, clarifai_platform: Platform) -> None:
        """An answer is that of its input, alone or in a batch."""
        predictor, contents = self._had(clarifai_platform), self.contents()
        together = self._predicted(clarifai_platform, predictor, contents)
        for index, content in enumerate(contents):
            (alone,) = self._predicted(clarifai_platform, predictor, [content])
            if [one.id for one in alone.concepts] != [one.id for one in together[index].concepts]:
                wrong(
                    f"{self.title} answers otherwise about input {index} alone than in a batch: "
                    "answers are in the order of the batch."
                )

    @check(after=PREDICTS)
    def test_answers_the_same_each_time(self, clarifai_platform: Platform) -> None:
        """The same input has the same answer."""
        predictor, contents = self._had(clarifai_platform), self.contents()
        first = self._predicted(clarifai_platform, predictor, contents)
        if first != self._predicted(clarifai_platform, predictor, contents):
            wrong(f"{self.title} answers differently the second time: draw no lots, keep no state.")

    @check(after=PREDICTS)
    def test_an_empty_batch_has_no_answers(self, clarifai_platform: Platform) -> None:
        """Without inputs there are no answers."""
        found = self._predicted(clarifai_platform, self._had(clarifai_platform), [])
        if found:
            wrong(f"{self.title} gives {len(found)} answers for no inputs.")

    @check(after=[*PREDICTS, "test_answers_the_same_each_time"])
    def test_threads_ask_at_once(self, clarifai_platform: Platform) -> None:
        """The platform answers several calls at a time."""
        predictor, contents = self._had(clarifai_platform), self.contents()
        found = at_once(lambda: self._predicted(clarifai_platform, predictor, contents))
        if any(one != found[0] for one in found):
            wrong(f"{self.title} answers threads that ask at once differently: lock what it keeps.")


class PredictorContract(_PredictorChecks):
    """What a plugin puts behind a public model, `<user>/<app>/<model>`.

    Say `plugin`, `name`, and the `contents` that the model is asked about.
    """

    def predictor(self, platform: Platform) -> Predictor:
        """Return what the spec makes of the platform's embedder."""
        made: Predictor = self.spec.make(platform.engines.embedder(), having=("predict",))
        return made

    @check()
    def test_name_is_a_models(self) -> None:
        """It is named as the public model is."""
        if not re.fullmatch(r"[^/\s]+/[^/\s]+/[^/\s]+", self.spec.name):
            wrong(f"{self.title} is no public model: name it '<user>/<app>/<model>'.")

    @check(after=EVERY)
    def test_answers_on_a_platform(self, clarifai_platform: Platform) -> None:
        """The public model answers with the plugin's predictor."""
        from clarifai_resources.model import Model

        user_id, app_id, model_id = self.name.split("/")
        model = Model(model_id=model_id, user_id=user_id, app_id=app_id)
        content = self.contents()[0]
        kind = "image" if isinstance(content, bytes) else "text"
        raw = content if isinstance(content, bytes) else content.encode()
        wanted = self._predicted(clarifai_platform, self._had(clarifai_platform), [content])[0]
        try:
            (output,) = model.predict_by_bytes(raw, kind).outputs  # type: ignore[arg-type]
        except PluginError as error:
            wrong(f"{self.title}: {error}")
        best = max(wanted.concepts, key=lambda one: one.value, default=None)
        if best is not None and best.id not in {one.id for one in output.data.concepts}:
            wrong(f"{self.title}: the public model does not answer {best.id!r}, as it should.")
