"""The main job, as any program does it: upload, train, evaluate, predict, search.

Everything goes through the documented classes; nothing here knows which platform answers.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_cli._demo.findings import Findings, Hit, Prediction, Words
from clarifai_cli._demo.progress import Narrator
from clarifai_cli._demo.samples import LabelledData
from clarifai_cli._demo.staging import stage
from clarifai_core.errors import UserError
from clarifai_inputs import texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clarifai_grpc.grpc.api import resources_pb2

    from clarifai.client.model import Model
    from clarifai_cli._demo.samples import Kind, Sample

MODEL_TYPE = "embedding-classifier"
BASE_WORKFLOWS: dict[Kind, str] = {"image": "Universal", "text": "Language-Understanding"}
TRAIN, HELD_OUT = "train", "held-out"
MODEL = "classifier"
BATCH = 128
NEAREST = 5
FEW = 3
FAULTS_SHOWN = 10


@attrs.frozen
class DemoRun:
    """One set of data on its way through one app."""

    data: LabelledData
    app: Any
    """An `App`, made for this run."""
    narrator: Narrator

    def run(self) -> Findings:
        """Do everything, and return what came of it.

        Raises:
            UserError: The platform refused some of the inputs.
            ApiError: The platform refused something else.
            ApiClientError: It could not be reached, or a training took too long.
        """
        train, held_out = self.data.split()
        with tempfile.TemporaryDirectory(prefix="clarifai-demo-") as folder:
            for name, samples in ((TRAIN, train), (HELD_OUT, held_out)):
                self._upload(name, samples, Path(folder))
        model = self._train()
        evaluated = self._evaluate(model)
        predictions = tuple(self._predict(model, held_out))
        return Findings(
            self.data,
            self.app.id,
            len(train),
            predictions,
            evaluated,
            held_out[0],
            tuple(self._search(held_out[0])),
            self.narrator.seconds,
            tuple(self._search_by_words()),
        )

    def _upload(self, name: str, samples: Sequence[Sample], folder: Path) -> None:
        dataset = self.app.create_dataset(name)
        upload = stage(samples, self.data.kind, self.data.layout, name, folder)
        text = f"uploading {len(samples):,} {self.data.kind}s to dataset {name}"
        with self.narrator.step("upload", text, bar=False):  # the dataset shows one itself
            report = getattr(dataset, upload.method)(str(upload.path), **upload.options)
        if report.failed:
            faults = [str(item) for item in report.failed[:FAULTS_SHOWN]]
            count = f"{len(report.failed)} of {len(samples)}"
            raise UserError.listing(f"The platform refused {count} inputs", faults)

    def _train(self) -> Model:
        model = self.app.create_model(MODEL, model_type_id=MODEL_TYPE)
        with self.narrator.step("train", f"training {MODEL_TYPE}"):
            model.get_params(save_to=None)
            model.update_params(dataset_id=TRAIN)
            model.train()
            trained: Model = model.wait_until_trained(progress=False)
            return trained

    def _evaluate(self, model: Any) -> float:
        with self.narrator.step("evaluate", f"evaluating on {HELD_OUT}"):
            (started,) = model.evaluate(dataset_id=HELD_OUT)
            metrics = model.wait_until_evaluated(started.id, progress=False)
            return float(metrics.summary.top1_accuracy)

    def _predict(self, model: Any, samples: Sequence[Sample]) -> Iterator[Prediction]:
        with self.narrator.step("predict", f"predicting {len(samples):,}", len(samples)) as advance:
            for start in range(0, len(samples), BATCH):
                part = samples[start : start + BATCH]
                outputs = model.predict([self._input(sample) for sample in part]).outputs
                for sample, output in zip(part, outputs, strict=True):
                    best = output.data.concepts[0]
                    yield Prediction(sample, best.name, best.value)
                advance(len(part))

    def _input(self, sample: Sample) -> resources_pb2.Input:
        content = {f"{self.data.kind}_bytes": self._content(sample)}
        made: resources_pb2.Input = self.app.inputs().get_input_from_bytes("", **content)
        return made

    def _content(self, sample: Sample) -> bytes:
        content = sample.read()
        return texts.utf8(content) if self.data.kind == "text" else content

    def _search(self, query: Sample) -> Iterator[Hit]:
        content = self._content(query)
        rank: dict[str, object] = {"image_bytes": content}
        if self.data.kind == "text":
            rank = {"text_raw": content.decode("utf-8")}
        with self.narrator.step("search", f"searching by {self.data.kind}"):
            yield from self._hits(rank, NEAREST, [{"input_dataset_ids": [TRAIN]}])

    def _search_by_words(self) -> Iterator[Words]:
        for text in self.data.words:
            with self.narrator.step("words", f"searching by the words {text!r}"):
                yield Words(text, tuple(self._hits({"text_raw": text}, FEW, [])))

    def _hits(
        self, rank: dict[str, object], top_k: int, filters: list[dict[str, object]]
    ) -> Iterator[Hit]:
        for page in self.app.search(top_k=top_k).query(ranks=[rank], filters=filters):
            for hit in page.hits:
                labels = [concept.name for concept in hit.input.data.concepts]
                yield Hit(hit.score, ", ".join(labels), hit.input.id)
