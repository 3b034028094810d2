"""An evaluation as frames and pictures; pandas and Pillow read what comes out."""

from __future__ import annotations

import io
import sys

import pytest
from clarifai_grpc.grpc.api import resources_pb2
from PIL import Image

import clarifai
from clarifai_core.errors import PluginError, UserError
from clarifai_core.records import record
from clarifai_resources.model.evaluation_tables import Evaluation

NAMES = ("cat", "dog", "<script>")


@pytest.fixture
def evaluation() -> Evaluation:
    made = resources_pb2.EvalMetrics(id="first")
    made.summary.top1_accuracy = 0.9
    for actual in NAMES:
        for predicted in NAMES:
            entry = made.confusion_matrix.matrix.add(value=0.8 if actual == predicted else 0.1)
            for concept, name in (
                (entry.actual_concept, actual),
                (entry.predicted_concept, predicted),
            ):
                concept.id, concept.name = f"id-{name}", name
        one = made.binary_metrics.add(num_pos=10, num_neg=20, roc_auc=0.7, f1=0.6)
        one.concept.id, one.concept.name = f"id-{actual}", actual
        one.roc_curve.fpr.extend([0, 0.5, 1])
        one.roc_curve.tpr.extend([0, 0.9, 1])
        one.roc_curve.thresholds.extend([1, 0.5, 0])
        one.precision_recall_curve.recall.extend([0, 1])
        one.precision_recall_curve.precision.extend([1, 0.4])
        one.precision_recall_curve.thresholds.extend([1, 0])
    return Evaluation(made)


def test_the_confusion_matrix_is_a_frame(evaluation):
    frame = evaluation.confusion_matrix()
    assert frame.loc["cat", "cat"] == 0.8
    assert frame.loc["dog", "cat"] == 0.1
    assert (frame.index.name, frame.columns.name) == ("actual", "predicted")
    assert frame.sum(axis=1).round(6).tolist() == [1.0, 1.0, 1.0]


def test_the_curves_are_frames(evaluation):
    roc = evaluation.curve("roc").set_index("concept").loc["cat"]
    assert roc.fpr.tolist() == [0, 0.5, 1]
    assert roc.tpr.tolist() == [0, 0.9, 1]
    assert evaluation.curve().columns.tolist() == ["concept", "recall", "precision", "threshold"]


def test_each_class_is_a_row(evaluation):
    frame = evaluation.to_pandas()
    assert frame.concept.tolist() == list(NAMES)
    assert set(frame.f1) == {0.6}
    assert record(evaluation)["accuracy"] == 0.9
    assert repr(evaluation) == "<Evaluation 'first': top1_accuracy=0.9>"


def test_pictures_are_pictures(evaluation, tmp_path):
    for plot in (evaluation.plot_confusion_matrix(), evaluation.plot_curve("roc")):
        picture = Image.open(io.BytesIO(plot._repr_png_()))
        picture.load()
        assert min(picture.size) > 300
    plot.save(tmp_path / "curve.png")
    with Image.open(tmp_path / "curve.png") as saved:
        assert saved.size == picture.size
    assert [line.get_label() for line in plot.figure.axes[0].lines] == list(NAMES)


def test_a_notebook_shows_all_of_it_and_nothing_runs(evaluation):
    page = evaluation._repr_html_()
    assert "<script" not in page
    assert page.count("<polyline") == 6
    assert page.count('<table class="matrix">') == 1
    assert "rgba(59,130,246,0.60)" in page  # 0.8 of three quarters


def test_many_classes_are_said_and_not_drawn():
    made = resources_pb2.EvalMetrics()
    for n in range(40):
        one = made.confusion_matrix.matrix.add(value=1)
        one.actual_concept.id = one.predicted_concept.id = f"c{n}"
    page = Evaluation(made)._repr_html_()
    assert "40 classes: too many" in page
    assert len(page) < 10_000


def test_an_evaluation_of_nothing_is_empty_tables():
    empty = clarifai.Evaluation(resources_pb2.EvalMetrics())
    assert empty.confusion_matrix().shape == (0, 0)
    assert empty.curve("roc").columns.tolist() == ["concept", "fpr", "tpr", "threshold"]
    assert "concept" in empty.to_pandas().columns
    assert "clarifai" in empty._repr_html_()
    assert repr(empty) == "<Evaluation '': no figures>"


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        (
            lambda: Evaluation("x"),  # type: ignore[arg-type]
            "Give an EvalMetrics message, not 'x'",
        ),
        (
            lambda: Evaluation(None),  # type: ignore[arg-type]
            "Give an EvalMetrics message, not None",
        ),
        (
            lambda: Evaluation(resources_pb2.EvalMetrics()).curve("prc"),  # type: ignore[arg-type]
            "no curve 'prc': give one",
        ),
        (
            lambda: Evaluation(resources_pb2.EvalMetrics()).plot_confusion_matrix(),
            "has no confusion matrix: ask for it",
        ),
        (lambda: Evaluation(resources_pb2.EvalMetrics()).plot_curve(), "binary_metrics=True"),
    ],
)
def test_mistakes_are_named(mistake, said):
    with pytest.raises(UserError, match=said):
        mistake()


@pytest.mark.parametrize(
    ("module", "extra", "work"),
    [
        ("pandas", "pandas", lambda one: one.confusion_matrix()),
        ("pandas", "pandas", lambda one: one.curve("roc")),
        ("pandas", "pandas", lambda one: one.to_pandas()),
        ("matplotlib.figure", "plots", lambda one: one.plot_confusion_matrix()),
        ("matplotlib.figure", "plots", lambda one: one.plot_curve("roc")),
    ],
)
def test_what_is_missing_is_named_with_its_line(evaluation, monkeypatch, module, extra, work):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(PluginError, match=rf'pip install "clarifai\[{extra}\]>=13"'):
        work(evaluation)


def test_a_model_that_was_not_evaluated_says_how_to(app):
    model = app.create_model("crop", model_type_id="image-crop").create_version()
    with pytest.raises(UserError, match=r"model.evaluate\(dataset\) starts one"):
        model.evaluation()
