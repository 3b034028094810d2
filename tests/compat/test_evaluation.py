"""Comparisons of evaluations. Names of columns and rules of totals are those of the official SDK.

Figures are computed by hand from the messages that the platform answers.
"""

from __future__ import annotations

import sys

import pytest

from clarifai.client import Dataset, Model
from clarifai.errors import UserError
from clarifai.utils.evaluation import EvalResultCompare, EvalType, get_eval_type
from clarifai_local import Platform
from clarifai_resources.app import App
from clarifai_resources.user import User
from tests.compat.conftest import PAT

TEXTS = {
    "food": ["soup with bread", "bread and cheese", "cheese soup", "fresh bread"],
    "sport": ["a football match", "the match was won", "football in the rain", "a won race"],
}


@pytest.fixture(scope="module")
def zoo():
    with Platform(pats=[PAT]) as platform, platform.serve() as server:
        user = User("me", base_url=f"http://{server.address}", pat=PAT)
        app = user.create_app("zoo", base_workflow="Text")
        for name in ("train", "test"):
            app.create_dataset(name)
            app.inputs().upload_inputs(
                [
                    app.inputs().get_text_input(f"{name}-{label}-{n}", text, name, labels=[label])
                    for label, texts in TEXTS.items()
                    for n, text in enumerate(texts)
                ]
            )
        yield app


def trained(app: App, model_id: str) -> Model:
    model = app.create_model(model_id, model_type_id="embedding-classifier")
    model.get_params(save_to=None)
    model.update_params(dataset_id="train", concepts=["id-food", "id-sport"])
    model.train()
    return model.wait_until_trained(timeout_seconds=60)


@pytest.fixture(scope="module")
def model(zoo) -> Model:
    return trained(zoo, "first")


@pytest.fixture(scope="module")
def compared(zoo, model) -> EvalResultCompare:
    datasets = [zoo.dataset("train"), zoo.dataset("test")]
    with pytest.raises(UserError, match="'first' is not evaluated on dataset 'train'"):
        EvalResultCompare([model], datasets)
    return EvalResultCompare([model], datasets, attempt_evaluate=True)


def test_one_model_on_two_datasets(compared):
    by_concept, in_all = compared.detailed_summary()
    assert compared.comparator == "Dataset"
    assert list(by_concept["Concept"]) == ["id-food", "id-sport"] * 2
    assert list(by_concept["Dataset"]) == ["zoo/train"] * 2 + ["zoo/test"] * 2
    assert list(by_concept.columns) == [
        "Concept",
        "Accuracy (ROC AUC)",
        "Total Labeled",
        "Total Predicted",
        "True Positives",
        "False Negatives",
        "False Positives",
        "Recall",
        "Precision",
        "F1",
        "Dataset",
    ]
    assert list(by_concept["Total Labeled"]) == [4] * 4
    assert list(in_all["Total Concept"]) == ["Dataset:zoo/train", "Dataset:zoo/test"]
    assert list(in_all["Total Labeled"]) == [8, 8]
    for _, row in by_concept.iterrows():
        assert row["True Positives"] + row["False Negatives"] == row["Total Labeled"]
        assert row["True Positives"] + row["False Positives"] == row["Total Predicted"]


def test_the_figures_are_those_at_the_threshold(compared, model):
    """Of each curve the step nearest to the threshold counts."""
    metrics = model.get_latest_eval(binary_metrics=True)
    by_concept, _ = compared.detailed_summary(confidence_threshold=0.5)
    rows = by_concept[by_concept["Dataset"] == "zoo/test"].set_index("Concept")
    for one in metrics.binary_metrics:
        curve = one.precision_recall_curve
        at = min(range(len(curve.thresholds)), key=lambda n: abs(curve.thresholds[n] - 0.5))
        row = rows.loc[one.concept.id]
        assert row["Precision"] == pytest.approx(curve.precision[at])
        assert row["Recall"] == pytest.approx(curve.recall[at])
        assert row["Accuracy (ROC AUC)"] == pytest.approx(one.roc_auc, abs=0.001)


def test_what_was_taken_for_what(compared):
    table = compared.confusion_matrix(show=False)
    assert (table.index.name, list(table.index)) == ("Actual", ["id-food", "id-sport"] * 2)
    assert table["id-food"].iloc[0] + table["id-sport"].iloc[0] == pytest.approx(1, abs=0.01)
    assert list(table["Dataset"]) == ["zoo/train"] * 2 + ["zoo/test"] * 2


def test_curves(compared):
    precision = compared.pr_plot(show=False)
    assert list(precision.columns) == ["recall", "precision", "concept", "threshold", "Dataset"]
    assert set(precision["concept"]) == {"id-food", "id-sport", "macro_avg"}
    rates = compared.roc_curve_plot(show=False)
    assert list(rates.columns) == ["tpr", "fpr", "concept", "threshold", "Dataset"]
    assert precision["precision"].between(0, 1).all()


def test_two_models_on_one_dataset_by_their_addresses(zoo, model, compared):
    second = trained(zoo, "second")
    where = f"https://clarifai.com/{zoo.user_id}/zoo"
    urls = [f"{where}/models/{one.id}/versions/{one.model_version.id}" for one in (model, second)]
    found = EvalResultCompare(
        urls,
        f"{where}/datasets/test",
        attempt_evaluate=True,
        auth_kwargs={"base_url": zoo.settings.base_url, "pat": PAT},
    )
    by_concept, in_all = found.detailed_summary()
    names = [f"{one.id}/{one.model_version.id[:5]}" for one in (model, second)]
    assert list(by_concept["Model"]) == [name for name in names for _ in range(2)]
    assert list(in_all["Total Concept"]) == [f"Model:{name}" for name in names]


def test_everything_goes_into_a_folder(compared, tmp_path):
    pytest.importorskip("matplotlib", reason="an extra: the dev group does without it")
    compared.all(tmp_path)
    found = sorted(path.name for path in (tmp_path / "conf-0.5").iterdir())
    assert found == [
        "concepts_summary.csv",
        "confusion_matrix.jpg",
        "pr.jpg",
        "roc.jpg",
        "total_summary.csv",
    ]


def test_a_folder_that_is_there_is_kept(compared, tmp_path):
    (tmp_path / "conf-0.5").mkdir()
    with pytest.raises(UserError, match="overwrite=True"):
        compared.all(tmp_path)


@pytest.mark.parametrize(
    ("models", "datasets", "fault"),
    [
        ([], ["d"], "Give a list of models"),
        ("m", ["d"], "Give a list of models"),
        (["m"], [], "at least one dataset"),
        (["m", "n"], ["d", "e"], "2 models are compared on one dataset, got 2"),
        ([3], ["d"], "A model must be a handle or a URL, got 3"),
    ],
)
def test_what_cannot_be_compared_is_refused(models, datasets, fault):
    with pytest.raises(UserError, match=fault):
        EvalResultCompare(models, datasets)


def test_models_of_two_types_are_not_compared(zoo, model):
    crop = zoo.create_model("crop", model_type_id="image-crop").create_version()
    with pytest.raises(UserError, match="embedding-classifier, image-crop"):
        EvalResultCompare([model, crop], Dataset(dataset_id="d", base_url="local:"))


def test_without_pandas_it_says_so_in_one_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"^Tables are those of pandas: pip install pandas$"):
        EvalResultCompare(["m"], ["d"])


def test_without_matplotlib_a_chart_says_so(compared, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"Charts are those of matplotlib.*show=False"):
        compared.pr_plot()


@pytest.mark.parametrize(
    ("model_type", "kind"),
    [
        ("text-classifier", EvalType.CLASSIFICATION),
        ("visual-detector", EvalType.DETECTION),
        ("visual-segmenter", EvalType.SEGMENTATION),
        ("visual-embedder", EvalType.CLUSTERING),
        ("centroid-tracker", EvalType.TRACKER),
        ("text-to-text", EvalType.UNDEFINED),
    ],
)
def test_types_of_models_have_kinds_of_evaluations(model_type, kind):
    assert get_eval_type(model_type) is kind
