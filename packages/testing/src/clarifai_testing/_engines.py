"""What the embedded platform asks of an engine: what trains models of a type."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import pytest

from clarifai_core.heavy import resources_pb2
from clarifai_core.safe_text import failure
from clarifai_resources.user import User
from clarifai_testing._checks import EVERY, check, place, wrong
from clarifai_testing._predictors import PREDICTS, _PredictorChecks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clarifai_local import Platform
    from clarifai_local.engine import TrainingJob
    from clarifai_local.engine.contracts import Engine, Operator, Predictor

TRAINS = ["test_makes_an_engine", "test_training_gives_bytes"]


class EngineContract(_PredictorChecks):
    """A model type: trained to bytes that are data, and loaded to a predictor.

    Say `plugin` and `name`; `samples` when it does not learn labels of texts.
    """

    def samples(self) -> Sequence[tuple[str, str]]:
        """Return texts with a label each, to learn from; two labels at least."""
        return [
            ("a sunny day", "good"),
            ("sun and warm wind", "good"),
            ("rain and wind", "bad"),
            ("a cold and rainy day", "bad"),
        ]

    def params(self) -> Mapping[str, Any]:
        """Return the parameters of the training."""
        return {}

    def predictor(self, platform: Platform) -> Predictor | Operator:
        """Return what the trained model loads to."""
        engine = self._made()
        try:
            trained = engine.train(self._job(platform))
        except Exception:  # noqa: BLE001  why: test_training_gives_bytes tells it
            pytest.skip("test_training_gives_bytes says what to mend first")
        return engine.load(trained)

    def _engine(self) -> Engine:
        target = self.target
        is_engine = hasattr(target, "load") and not isinstance(target, type)
        found: Engine = target if is_engine else target()
        return found

    def _made(self) -> Engine:
        try:
            made = self._engine()
            _ = made.train, made.load
        except Exception:  # noqa: BLE001  why: test_makes_an_engine tells it
            pytest.skip("test_makes_an_engine says what to mend first")
        return made

    def _job(self, platform: Platform, **more: Any) -> TrainingJob:
        from clarifai_local.engine import Samples, TrainingJob

        texts = [text for text, _ in self.samples()]
        labels = [{label: 1.0} for _, label in self.samples()]
        embedder = platform.engines.embedder()
        samples = Samples(
            "text",
            [f"text-{number}" for number in range(len(texts))],
            embedder.embed_texts(texts),
            labels,
            content=texts.__getitem__,
        )
        concepts = list(dict.fromkeys(label for _, label in self.samples()))
        config = resources_pb2.OutputConfig()
        return TrainingJob([samples], self.params(), config, concepts, embedder, **more)

    @check()
    def test_makes_an_engine(self) -> None:
        """Its target is an engine, or makes one: it has train and load."""
        made = self._engine()
        for name in ("train", "load"):
            if not callable(getattr(made, name, None)):
                wrong(f"{self.title} is a {type(made).__name__} without {name}().")

    @check()
    def test_name_is_a_model_type(self) -> None:
        """A model type's name has no slashes, which public models have."""
        if "/" in self.spec.name or self.spec.name == "embedder":
            wrong(f"{self.title} is no model type: PredictorContract is for public models.")

    @check(after=["test_makes_an_engine"])
    def test_training_gives_bytes(self, clarifai_platform: Platform) -> None:
        """`train` returns bytes."""
        found = self._made().train(self._job(clarifai_platform))
        if not isinstance(found, bytes) or not found:
            wrong(f"{self.title}: train() returns {type(found).__name__}: bytes, and not none.")

    @check(after=TRAINS)
    def test_the_bytes_are_data(
        self, clarifai_platform: Platform, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """`load` runs nothing of what it reads: state directories come from elsewhere."""
        engine = self._made()
        trained = engine.train(self._job(clarifai_platform))
        used: list[str] = []
        for name in ("load", "loads", "Unpickler"):
            real = getattr(pickle, name)

            def noted(*arguments: Any, _real: Any = real, _name: str = name, **more: Any) -> object:
                used.append(_name)
                return _real(*arguments, **more)

            monkeypatch.setattr(pickle, name, noted)
        engine.load(trained)
        if used:
            wrong(
                f"{self.title}: load() unpickles (pickle.{used[0]}), which runs what is in the "
                "bytes: write JSON, or numpy arrays with allow_pickle=False."
            )

    @check(after=[*TRAINS, *PREDICTS])
    def test_a_loaded_model_needs_no_engine(self, clarifai_platform: Platform) -> None:
        """Another engine loads what one has trained: a platform is opened again."""
        trained = self._made().train(self._job(clarifai_platform))
        first, second = self._made().load(trained), self._made().load(trained)
        found = [
            self._predicted(clarifai_platform, one, self.contents()) for one in (first, second)
        ]
        if found[0] != found[1]:
            wrong(f"{self.title}: what one engine trained, another loads to something else.")

    @check(after=TRAINS)
    def test_damaged_bytes_are_refused(self, clarifai_platform: Platform) -> None:
        """Bytes that are no model are an error, and end nothing."""
        try:
            self._made().load(b"\x00no model")
        except Exception:  # noqa: BLE001  why: of a plugin; the platform says what it was
            return
        except BaseException as error:  # noqa: BLE001  why: as above
            wrong(f"{self.title}: load() of damaged bytes ends the program: {failure(error)}.")
        wrong(f"{self.title}: load() takes bytes that are no model: raise ValueError.")

    @check(after=TRAINS)
    def test_training_can_be_cancelled(self, clarifai_platform: Platform) -> None:
        """What `job.check()` raises ends the training."""
        from clarifai_local.engine import CancelledError

        asked: list[int] = []

        def cancel() -> None:
            asked.append(1)
            raise CancelledError

        try:
            self._made().train(self._job(clarifai_platform, check=cancel))
        except CancelledError:
            return
        except Exception as error:  # noqa: BLE001  why: of a plugin
            wrong(
                f"{self.title} turns CancelledError of job.check() into {failure(error)}"
                f"{place(error)}: let it go."
            )
        if asked:
            wrong(f"{self.title} goes on when job.check() raises CancelledError: let it go.")

    @check(after=TRAINS)
    def test_training_reports_shares(self, clarifai_platform: Platform) -> None:
        """What is reported is a line and a share, 0..1."""
        told: list[tuple[Any, Any]] = []
        report = lambda line, share: told.append((line, share))  # noqa: E731  why: one line
        self._made().train(self._job(clarifai_platform, report=report))
        for line, share in told:
            if not isinstance(line, str) or not 0 <= share <= 1:
                wrong(f"{self.title} reports ({line!r}, {share!r}): a line, and a share of 0..1.")

    @check(after=TRAINS)
    def test_training_leaves_the_job_alone(self, clarifai_platform: Platform) -> None:
        """Neither labels nor vectors change: other trainings use them."""
        job = self._job(clarifai_platform)
        before = [[dict(row) for row in part.labels] for part in job.samples]
        vectors = [part.vectors.copy() for part in job.samples]
        self._made().train(job)
        same = all((a.vectors == b).all() for a, b in zip(job.samples, vectors, strict=True))
        if not same or before != [[dict(row) for row in part.labels] for part in job.samples]:
            wrong(f"{self.title} changes the samples that it is given: copy them first.")

    @check(after=EVERY)
    def test_trains_on_a_platform(self, clarifai_app: str) -> None:
        """A model of the type is made, trained, and answers."""
        app = User().app(clarifai_app)
        rows = [
            {"id": f"text-{number}", "text": text, "label": label}
            for number, (text, label) in enumerate(self.samples())
        ]
        app.create_dataset("conformance").upload_dataset(rows, progress=False)  # waits for them
        model = app.create_model("conformance", model_type_id=self.name)
        model.get_params(save_to=None)
        model.train()
        trained = model.wait_until_trained(timeout_seconds=60)
        content = self.contents()[0]
        raw = content if isinstance(content, bytes) else content.encode()
        (output,) = trained.predict_by_bytes(
            raw, "image" if isinstance(content, bytes) else "text"
        ).outputs
        if not output.data.ByteSize():
            wrong(f"{self.title}: the trained model answers with nothing.")
