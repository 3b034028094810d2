"""The examples on datasets."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2

from clarifai.client.dataset import Dataset
from clarifai.client.input import Inputs
from clarifai.datasets.upload.base import ClarifaiDataLoader
from clarifai.datasets.upload.features import TextFeatures
from tests.docs.reference_examples.conftest import picture


def contents_of(app, dataset_id: str) -> dict[str, bytes]:
    """Return the text of every input of a dataset, by its first concept."""
    inputs = app.inputs()
    listed = inputs.list_inputs(dataset_id).all()
    texts = inputs.download_inputs(listed)
    return {one.data.concepts[0].name: text for one, text in zip(listed, texts, strict=True)}


@pytest.fixture
def archive(app, dataset, processed) -> None:
    """Save an export of the platform as the archive that the example reads."""
    app.inputs().upload_inputs(
        [
            Inputs.get_text_input("note", "words", "dataset_id", labels=["good"]),
            Inputs.get_input_from_bytes("photo", image_bytes=picture(), dataset_id="dataset_id"),
        ]
    )
    processed()
    version = dataset.create_version().version.id
    processed()
    wanted = service_pb2.PutDatasetVersionExportsRequest(
        user_app_id=dataset.user_app_id,
        dataset_id=dataset.id,
        dataset_version_id=version,
        exports=[resources_pb2.DatasetVersionExport(format=resources_pb2.CLARIFAI_DATA_PROTOBUF)],
    )

    dataset.session.call("PutDatasetVersionExports", wanted)
    processed()
    (export,) = dataset.session.call("PutDatasetVersionExports", wanted).exports
    dataset.session.downloads.save(export.url, "clarifai-data-protobuf.zip")


def test_export(run, archive):
    run("Dataset.export()")
    with ZipFile("output.zip") as saved:
        assert saved.read("all/inputs/note.txt") == b"words"
        assert b"good" in saved.read("all/annotations/note.json")
        inputs = [name for name in saved.namelist() if name.startswith("all/inputs/")]
    assert sorted(Path(name).stem for name in inputs) == ["note", "photo"]


@pytest.fixture
def demo_dataset(demo_app) -> Dataset:
    return demo_app.create_dataset("demo_dataset")


def test_upload_from_csv(run, demo_app, demo_dataset):
    Path("texts.csv").write_text("input,labels\nfine words,good\nharsh words,bad\n")
    run("Dataset.upload_from_csv()", {"csv_path": "texts.csv"})
    assert contents_of(demo_app, "demo_dataset") == {"good": b"fine words", "bad": b"harsh words"}


def test_upload_from_folder(run, demo_app, demo_dataset):
    Path("folder_path").mkdir()
    for name in ("first", "second"):
        Path("folder_path", f"{name}.txt").write_text(f"{name} words")
    run("Dataset.upload_from_folder()")
    listed = demo_app.inputs().list_inputs("demo_dataset")
    assert {one.id: one.data.concepts[0].name for one in listed} == {
        "first": "folder_path",
        "second": "folder_path",
    }


class Reviews(ClarifaiDataLoader):
    """A loader as a user would write it."""

    task = "text_classification"

    def __init__(self):
        self.texts = []

    def load_data(self):
        self.texts = ["fine words", "harsh words"]

    def __getitem__(self, index):
        return TextFeatures(text=self.texts[index], labels=["a"], id=str(index))

    def __len__(self):
        return len(self.texts)


def test_get_upload_status(run, dataset, capsys):
    dataset.upload_dataset(Reviews())
    status = run("Dataset.get_upload_status()", dataloader=Reviews()).last
    assert (status.inputs["total"], status.expected["total"], status.missing) == (2, 2, 0)
    assert "Upload status of dataset 'dataset_id'" in capsys.readouterr().out


def versions_of(dataset) -> dict[str, str]:
    return {one.version.id: one.version.description for one in dataset.list_versions()}


def test_list_versions(run, dataset):
    made = [dataset.create_version(description=text).version.id for text in ("first", "second")]
    listed = run("Dataset.list_versions()").all_dataset_versions
    assert {one.version.id for one in listed} == set(made)


def test_create_version(run, dataset):
    made = run("Dataset.create_version()").dataset_version
    assert versions_of(dataset) == {made.version.id: "dataset_version_description"}


def test_delete_version(run, dataset):
    dataset.create_version(id="version_id")
    kept = dataset.create_version(description="kept").version.id
    run("Dataset.delete_version()")
    assert versions_of(dataset) == {kept: "kept"}
