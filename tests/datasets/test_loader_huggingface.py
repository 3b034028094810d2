"""Data sets of Hugging Face's library, made here: nothing is fetched from its hub."""

from __future__ import annotations

import importlib
import socket

import pytest

from clarifai_core.errors import UserError
from clarifai_datasets.upload.loader import BrokenItem, open_loader
from clarifai_inputs.media_limits import UPLOAD_BYTES


@pytest.fixture(scope="module")
def datasets(tmp_path_factory):
    """The library, with caches of its own, and without a network."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HOME", str(tmp_path_factory.mktemp("hf")))
        for name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY"):
            patch.setenv(name, "1")
        patch.setattr(socket.socket, "connect", _refuse)
        library = importlib.import_module("datasets")
        library.disable_progress_bars()
        yield library


def _refuse(_, address):
    raise AssertionError(f"a test of a loader connects to {address!r}")


@pytest.fixture
def texts(datasets):
    names = datasets.ClassLabel(names=["good", "bad"])
    return datasets.Dataset.from_dict(
        {"text": ["one", "two", "three"], "label": [0, 1, -1], "own": ["a", "b/c", "d"]},
        features=datasets.Features(
            text=datasets.Value("string"), label=names, own=datasets.Value("string")
        ),
    )


def test_texts_with_labels_are_uploaded(texts, world):
    loader = open_loader(texts, "huggingface", strict=True)
    assert loader.task == "text_classification"
    assert [loader[index].labels for index in range(3)] == [["good"], ["bad"], []]
    report = world.dataset.upload_dataset(loader)
    assert (report.uploaded, report.failed) == (3, [])
    found = {one.data.text.raw: one for one in world.inputs().values()}
    assert found["two"].data.concepts[0].name == "bad"


def test_ids_come_from_a_column_and_are_mapped(texts):
    loader = open_loader(texts, "huggingface", id_column="own")
    assert [loader[index].id for index in range(3)] == ["a", loader.renamed["b/c"], "d"]
    twice = texts.map(lambda row: {"own": "same"})
    with pytest.raises(UserError, match="'same' is there twice"):
        len(open_loader(twice, "huggingface", id_column="own", strict=True))


def test_images_are_sent_as_they_are(datasets, make_png, world):
    pictures = [{"bytes": make_png(1), "path": "a.png"}, {"bytes": make_png(2), "path": None}]
    rows = datasets.Dataset.from_dict(
        {"img": pictures, "labels": [["x", "y"], []]},
        features=datasets.Features(img=datasets.Image(), labels=[datasets.Value("string")]),
    )
    loader = open_loader(rows, "huggingface", strict=True)
    assert (loader.task, loader[0].labels) == ("visual_classification", ["x", "y"])
    assert world.dataset.upload_dataset(loader).uploaded == 2
    assert loader[1].image_bytes == make_png(2)


def test_faulty_rows_are_reported_or_all_raised(datasets, make_png, world):
    huge = make_png(1) + bytes(UPLOAD_BYTES["image"])
    pictures = [make_png(1), b"no image", None, huge]
    rows = datasets.Dataset.from_dict(
        {"image": [one and {"bytes": one, "path": None} for one in pictures]},
        features=datasets.Features(image=datasets.Image()),
    )
    with pytest.raises(UserError) as caught:
        len(open_loader(rows, "huggingface", strict=True))
    assert caught.value.faults == (
        "the data set: row 1: no image that the platform can read",
        "the data set: row 2: image is empty",
        "the data set: row 3: 20 MiB are over the limit of 20 MiB per image",
    )
    loader = open_loader(rows, "huggingface")
    assert isinstance(loader[1], BrokenItem)
    report = world.dataset.upload_dataset(loader)
    assert (report.uploaded, [one.index for one in report.failed]) == (1, [1, 2, 3])


def test_saved_data_sets_are_opened(datasets, texts, tmp_path):
    texts.save_to_disk(str(tmp_path / "one"))
    parts = {"train": texts, "test": texts.select([2])}
    datasets.DatasetDict(parts).save_to_disk(str(tmp_path / "parts"))
    assert len(open_loader(str(tmp_path / "one"), "huggingface")) == 3
    assert len(open_loader(str(tmp_path / "parts"), "huggingface", split="test")) == 1
    with pytest.raises(UserError, match=r"split 'val' is not in .*; there are train, test"):
        len(open_loader(str(tmp_path / "parts"), "huggingface", split="val"))


@pytest.mark.parametrize("options", [{}, {"config": "small"}])
def test_what_is_not_there_is_refused(datasets, tmp_path, options):
    with pytest.raises(UserError, match="nowhere") as caught:
        len(open_loader(str(tmp_path / "nowhere"), "huggingface", **options))
    assert not str(caught.value).endswith("..")


@pytest.mark.parametrize("option", ["input_column", "label_column", "id_column"])
def test_columns_that_are_not_there_are_named(texts, option):
    with pytest.raises(UserError, match="no column 'x'; there are text, label, own"):
        len(open_loader(texts, "huggingface", **{option: "x"}))


def test_an_unknown_input_column_is_asked_for(texts):
    renamed = texts.rename_column("text", "body")
    with pytest.raises(UserError, match="input_column"):
        len(open_loader(renamed, "huggingface"))
    assert open_loader(renamed, "huggingface", input_column="body")[0].text == "one"
