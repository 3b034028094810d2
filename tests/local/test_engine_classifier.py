"""Training, prediction and metrics, without a platform."""

from __future__ import annotations

import io

import numpy as np
import pytest
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from PIL import Image
from sklearn import metrics as reference

from clarifai_core.contracts import EngineSpec
from clarifai_local import Platform
from clarifai_local._models.engines import Engines
from clarifai_local.engine import CancelledError, Samples, TrainingError, TrainingJob
from clarifai_local.engine._classifier import EmbeddingClassifier, TextClassifier, VisualClassifier
from clarifai_local.engine._embed import default_embedder
from clarifai_local.engine._layers import ClassifierModel, Network, UnreadableModelError
from clarifai_local.engine._metrics import Answers, evaluate
from clarifai_local.engine._parameters import InvalidParameterError
from clarifai_local.engine.contracts import ModelInputs
from clarifai_local.engine.model_types import ROWS

RESNET = {"template": "MMClassification_ResNet_50"}
GPT_NEO = {"template": "HF_GPTNeo_125m_lora"}
CONFIG = {"template": "MMDetection_AdvancedConfig"}
RANDOM = np.random.default_rng(7)
CENTRES = RANDOM.standard_normal((4, 512))


def cloud(names, count=30, noise=0.5):
    """Vectors around one centre per concept; returns them with their labels."""
    vectors = np.concatenate(
        [CENTRES[i] + noise * RANDOM.standard_normal((count, 512)) for i in range(len(names))]
    )
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32), [{name: 1.0} for name in names for _ in range(count)]


def job(vectors, labels, params=None, row="embedding-classifier", **fields):
    fields.setdefault("output_config", resources_pb2.OutputConfig())
    part = Samples("text", [f"i{n}" for n in range(len(labels))], vectors, labels)
    params = ROWS[row].checked(params or {})
    return TrainingJob(
        **{"samples": [part], "concepts": [], "embedder": default_embedder(), **fields},
        params=params,
    )


class Fixed:
    """An embedder that gives back the vectors it was made with."""

    image_space = text_space = "fixed-v1"

    def __init__(self, vectors):
        self.vectors = vectors

    def embed_images(self, images, /):
        return self.vectors

    embed_texts = embed_images


def ask(engine, model, vectors):
    batch = ModelInputs("text", [""] * len(vectors), Fixed(vectors))
    return engine.load(model).predict(batch, {})


def test_one_model_per_concept_or_one_over_all():
    vectors, labels = cloud(["a", "b", "c"])
    engine = EmbeddingClassifier()
    apart = ask(engine, engine.train(job(vectors, labels)), vectors)
    exclusive = resources_pb2.OutputConfig(concepts_mutually_exclusive=True)
    together = ask(engine, engine.train(job(vectors, labels, output_config=exclusive)), vectors)

    for answers in (apart, together):
        assert [data.concepts[0].id for data in answers] == [next(iter(item)) for item in labels]
        values = [c.value for c in answers[0].concepts]
        assert values == sorted(values, reverse=True)
    assert sum(c.value for c in together[0].concepts) == pytest.approx(1, abs=1e-5)


def test_inputs_with_several_concepts():
    vectors, labels = cloud(["a", "b"])
    both = (vectors[:30] + vectors[30:]) / np.linalg.norm(
        vectors[:30] + vectors[30:], axis=1, keepdims=True
    )
    vectors, labels = np.concatenate([vectors, both]), [*labels, *([{"a": 1.0, "b": 1.0}] * 30)]
    for engine, row, params in (
        (EmbeddingClassifier(), "embedding-classifier", {}),
        (TextClassifier(), "text-classifier", {"template": "HF_GPTNeo_125m_lora"}),
    ):
        answer = ask(engine, engine.train(job(vectors, labels, params, row)), both[:1])[0]
        assert all(concept.value > 0.5 for concept in answer.concepts)


def test_epochs_are_reported_and_can_be_cancelled():
    vectors, labels = cloud(["a", "b"])
    lines: list[str] = []

    def check():
        if len(lines) > 3:
            raise CancelledError

    template = {"template": "HF_GPTNeo_125m_lora", "num_epochs": 1000}
    with pytest.raises(CancelledError):
        TextClassifier().train(
            job(
                vectors,
                labels,
                template,
                "text-classifier",
                report=lambda line, _: lines.append(line),
                check=check,
            )
        )
    assert any(line.startswith("epoch 2/1000: loss") for line in lines)


@pytest.mark.parametrize(
    "change",
    [
        {"num_epochs": 1},
        {"learning_rate": 0.05},
        {"batch_size": 60},
        {"seed": 5},
        {"trainer_config": {"learning_rate": 0.01}},
    ],
)
def test_each_parameter_of_the_epochs_changes_the_model(change):
    vectors, labels = cloud(["a", "b", "c"], noise=2)
    template = {"template": "HF_GPTNeo_125m_lora", "num_epochs": 5}
    usual, other = (
        TextClassifier().train(job(vectors, labels, {**template, **more}, "text-classifier"))
        for more in ({}, change)
    )
    weights = [ClassifierModel.from_bytes(m).networks["text"].weights[0] for m in (usual, other)]
    assert not np.allclose(*weights, atol=1e-4)


def picture(level: int) -> bytes:
    pixels = np.zeros((40, 40), np.uint8)
    pixels[:, : 4 + level] = 255
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    "change",
    [
        {"flip_image": False},
        {"flip_probability": 0},
        {"flip_direction": "vertical"},
        {"image_size": 6},
        {"weight_decay": 1},
        {"concepts_mutually_exclusive": True},
        {"template": "Clarifai_InceptionV2"},
    ],
)
def test_parameters_of_pictures_change_the_answers(change):
    blobs = [picture(n) for n in range(24)]
    labels = [{"narrow" if n < 12 else "wide": 1.0} for n in range(24)]
    embedder = default_embedder()
    part = Samples(
        "image",
        [str(n) for n in range(24)],
        embedder.embed_images(blobs),
        labels,
        content=blobs.__getitem__,
    )
    answers = []
    for more in ({}, change):
        params = {"template": "MMClassification_ResNet_50", "num_epochs": 8, **more}
        made = VisualClassifier().train(
            TrainingJob(
                samples=[part],
                params=ROWS["visual-classifier"].checked(params),
                output_config=resources_pb2.OutputConfig(),
                concepts=[],
                embedder=embedder,
            )
        )
        predictor = VisualClassifier().load(made)
        answers.append(predictor.probabilities(ModelInputs("image", blobs, embedder)))
    assert not np.allclose(*answers, atol=1e-3)


def test_no_data_no_positives_no_negatives():
    vectors, _ = cloud(["a"], count=2)
    cases = (
        ([{"a": 0.0}] * 2, {}, codes.MODEL_TRAINING_NO_POSITIVES),
        ([{"a": 1.0}] * 2, {"enrich_dataset": "Disabled"}, _SINGLE),
    )
    for labels, params, code in cases:
        with pytest.raises(TrainingError) as caught:
            EmbeddingClassifier().train(job(vectors, labels, params))
        assert caught.value.code == code
    with pytest.raises(TrainingError) as caught:
        EmbeddingClassifier().train(job(vectors, [{"a": 1.0}] * 2, samples=[]))
    assert caught.value.code == codes.MODEL_TRAINING_NO_DATA


_SINGLE = codes.MODEL_TRAINING_ONE_VS_N_SINGLE_CLASS


def test_models_survive_as_bytes_and_other_bytes_are_refused():
    network = Network([np.ones((3, 2), np.float32)], [np.array([0, 1], np.float32)], "softmax")
    model = ClassifierModel(("a", "b"), {"text": network}, {"image_size": 3})
    again = ClassifierModel.from_bytes(model.to_bytes())
    assert (again.concepts, again.options) == (("a", "b"), {"image_size": 3})
    asked = np.array([[1.0, 2.0, 3.0]])
    assert np.allclose(
        again.networks["text"].probabilities(asked), network.probabilities(asked), atol=1e-6
    )
    pickled = io.BytesIO()
    np.savez(pickled, header=np.array([{"format": 1}], dtype=object))
    for data in (b"", b"PK nonsense", pickled.getvalue()):
        with pytest.raises(UnreadableModelError):
            ClassifierModel.from_bytes(data)


def test_metrics_are_those_of_scikit_learn():
    truth = np.eye(3, dtype=bool)[RANDOM.integers(0, 3, 200)]
    values = np.clip(0.5 * truth + RANDOM.uniform(0, 0.7, truth.shape), 0, 1)
    concepts = [resources_pb2.Concept(id=name, name=name) for name in "abc"]

    found = evaluate(Answers(concepts, truth, values))

    labels, said = truth.argmax(axis=1), values.argmax(axis=1)
    summary = found.summary
    assert summary.top1_accuracy == pytest.approx(reference.accuracy_score(labels, said))
    assert summary.top5_accuracy == 1
    assert summary.macro_avg_roc_auc == pytest.approx(
        reference.roc_auc_score(truth, values, average="macro"), abs=1e-6
    )
    assert summary.macro_avg_f1_score == pytest.approx(
        reference.f1_score(truth, values >= 0.5, average="macro"), abs=1e-6
    )
    assert summary.macro_avg_precision == pytest.approx(
        reference.precision_score(truth, values >= 0.5, average="macro"), abs=1e-6
    )
    matrix = np.zeros((3, 3))
    for entry in found.confusion_matrix.matrix:
        matrix["abc".index(entry.actual), "abc".index(entry.predicted)] = entry.value
    assert matrix == pytest.approx(reference.confusion_matrix(labels, said, normalize="true"))
    first = found.binary_metrics[0]
    assert (first.num_pos, first.num_tot) == (truth[:, 0].sum(), 200)
    assert first.avg_precision == pytest.approx(
        reference.average_precision_score(truth[:, 0], values[:, 0]), abs=1e-6
    )
    assert first.roc_curve.tpr[-1] == 1


@pytest.mark.parametrize(
    ("row", "params", "words"),
    [
        ("text-classifier", {}, "HF_GPTNeo_125m_lora"),
        ("text-classifier", {**GPT_NEO, "num_epoch": 1}, "'num_epochs'"),
        ("text-classifier", {**GPT_NEO, "tokenizer_config": "none"}, "must be a mapping"),
        ("text-classifier", {**GPT_NEO, "trainer_config": {"num_train_epochs": 0}}, "over 0"),
        ("text-classifier", {**GPT_NEO, "trainer_config": {"seed": "x"}}, "whole number, got 'x'"),
        ("embedding-classifier", {"regularization": "much"}, "must be a number, got 'much'"),
        ("visual-classifier", {"template": "Clarifai_InceptionV2", "flip_image": 1}, "true or"),
        ("visual-classifier", {"template": "Clarifai_InceptionV2", "batch_size": 1.5}, "whole"),
        ("visual-classifier", {**RESNET, "image_size": 0}, "between 1 and 4096"),
        ("visual-classifier", {"template": "Clarifai_InceptionV2", "image_size": 9}, "between 32"),
        ("visual-classifier", {"template": "Clarifai_InceptionV2", "momentum": 1}, "unknown"),
        ("visual-classifier", {**RESNET, "per_item_lrate": -1}, "must be 0 or more"),
        ("visual-classifier", {**RESNET, "flip_direction": "up"}, "'horizontal', 'vertical'"),
        ("visual-detector", {"template": "Clarifai_InceptionV4", "image_size": 9}, "320, 512, 800"),
        ("visual-detector", {**CONFIG, "custom_config": "a = (\n"}, "custom_config, line 1: no Py"),
        (
            "visual-detector",
            {**CONFIG, "custom_config": "\nmax_epochs = 'x'"},
            "line 2: max_epochs",
        ),
        ("visual-detector", {**CONFIG, "custom_config": "r = {'max_epochs': 0}"}, "between 1 and"),
    ],
)
def test_wrong_parameters_are_named(row, params, words):
    with pytest.raises(InvalidParameterError, match=words):
        ROWS[row].checked(params)


def zeros() -> Fixed:
    """What an engine plugin names as its embedder."""
    return Fixed(np.zeros((1, 3), np.float32))


class Oracle:
    """What an engine plugin names as a model type."""

    def train(self, job, /):
        return b"42"

    def load(self, model, /):
        raise NotADirectoryError(model)


def test_plugins_bring_embedders_and_model_types():
    engines = Engines(
        [
            EngineSpec("embedder", f"{__name__}:zeros"),
            EngineSpec("oracle", f"{__name__}:Oracle", "Knows."),
            EngineSpec("text-classifier", f"{__name__}:Oracle"),
        ]
    )
    assert engines.embedder().image_space == "fixed-v1"
    assert engines.model_types()["oracle"].to_message().trainable
    assert type(engines.engine("text-classifier")).__name__ == "Oracle"
    assert type(engines.engine("visual-classifier")).__name__ == "VisualClassifier"
    assert engines.engine("image-crop") is None


def test_a_platform_takes_another_embedder(connect):
    embedder = Fixed(np.array([[0.6, 0.8]], np.float32))
    with Platform(embedder=embedder) as platform:
        api = connect(platform.channel())
        app = resources_pb2.UserAppIDSet(user_id="alice", app_id="zoo")
        api.PostApps(user_app_id=app, apps=[resources_pb2.App(id="zoo")])
        text = resources_pb2.Input(id="i", data={"text": {"raw": "t"}})
        api.PostInputs(user_app_id=app, inputs=[text])
        assert platform.wait_idle()
        asked = resources_pb2.Rank()
        asked.annotation.data.embeddings.add(vector=[0.6, 0.8])
        query = resources_pb2.Query(ranks=[asked])
        reply = api.PostInputsSearches(
            user_app_id=app, searches=[resources_pb2.Search(query=query)]
        )
        assert [(hit.input.id, hit.score) for hit in reply.hits] == [("i", pytest.approx(1))]


def test_all_curves_have_the_same_thresholds_with_half_among_them():
    """The official SDK looks up 0.5 in both curves of each concept, and takes means of arrays."""
    random = np.random.default_rng(0)
    truth = random.random((50, 4)) < 0.4
    truth[:, 2], truth[:, 3] = True, False
    values = random.random((50, 4)).round(2)
    concepts = [resources_pb2.Concept(id=name) for name in "abcd"]
    found = evaluate(Answers(concepts, truth, values)).binary_metrics
    for column, one in enumerate(found[:3]):
        both = one.precision_recall_curve, one.roc_curve
        for curve in both:
            places = [round(each, 2) for each in curve.thresholds]
            assert sorted(places) == [n / 100 for n in range(101)]
        said = values[:, column] >= 0.5
        at = {id(curve): list(np.round(curve.thresholds, 2)).index(0.5) for curve in both}
        precision_recall, roc = both
        assert precision_recall.recall[at[id(precision_recall)]] == pytest.approx(
            reference.recall_score(truth[:, column], said)
        )
        assert precision_recall.precision[at[id(precision_recall)]] == pytest.approx(
            reference.precision_score(truth[:, column], said)
        )
        false = said & ~truth[:, column]
        negatives = max(int((~truth[:, column]).sum()), 1)
        assert roc.fpr[at[id(roc)]] == pytest.approx(false.sum() / negatives)
        assert list(roc.fpr) == sorted(roc.fpr)
        assert (roc.tpr[-1], roc.tpr[0]) == (
            1,
            pytest.approx((values[truth[:, column], column] >= 1).mean()),
        )
    # What does not occur has no curve: there is nothing to find.
    assert not found[3].precision_recall_curve.ByteSize()
