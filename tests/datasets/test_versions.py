"""Versions of a dataset, and what opening the room costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from clarifai_core.errors import NotFound, UserError
from clarifai_core.handles import open_class
from clarifai_core.kinds import resource_spec
from clarifai_datasets.handle import Dataset


def test_versions_are_made_listed_and_deleted(world):
    made = world.dataset.create_version(description="first", metadata={"k": "v"})
    assert (made.id, made.version.description) == ("train", "first")
    assert made.version.metadata["k"] == "v"
    world.dataset.create_version(id="second")
    listed = list(world.dataset.list_versions())
    assert {one.version.id for one in listed} == {made.version.id, "second"}
    assert all(isinstance(one, Dataset) and one.id == "train" for one in listed)
    assert len(world.dataset.list_versions(page_no=1, per_page=1).all()) == 1
    world.dataset.delete_version(version_id="second")
    assert [one.version.id for one in world.dataset.list_versions()] == [made.version.id]
    with pytest.raises(UserError, match="descriptoin"):
        world.dataset.create_version(descriptoin="x")
    with pytest.raises(UserError, match="dataset_version"):
        world.dataset.delete_version("")


def test_versions_of_a_missing_dataset(world):
    other = Dataset(
        dataset_id="none",
        user_id="me",
        app_id="demo",
        base_url=world.dataset.settings.base_url,
    )
    with pytest.raises(NotFound):
        other.create_version()


def test_fields_are_attributes():
    dataset = Dataset(
        dataset_id="ds", user_id="me", app_id="app", base_url="local:", description="D"
    )
    assert (dataset.id, dataset.user_id, dataset.app_id) == ("ds", "me", "app")
    assert dataset.description == "D"


def test_uploads_need_a_dataset_and_an_app(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("input,label\nx,y\n")
    with pytest.raises(UserError, match="dataset_id"):
        Dataset(user_id="me", app_id="demo", base_url="local:").upload_from_csv(
            str(path), csv_type="raw"
        )
    with pytest.raises(UserError, match="app_id"):
        Dataset(dataset_id="d", user_id="me", base_url="local:").upload_from_csv(
            str(path), csv_type="raw"
        )


def test_the_plugin_brings_datasets():
    assert open_class("dataset") is Dataset
    assert resource_spec("dataset_version").load() is Dataset


def test_opening_the_room_loads_nothing_heavy():
    code = (
        "import sys, clarifai_datasets.handle\n"
        "heavy = {'attrs', 'grpc', 'google.protobuf', 'numpy', 'tqdm', 'yaml'} & {*sys.modules}\n"
        "print(sorted(heavy))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    bare = subprocess.run(
        [sys.executable, "-c", code.replace(", clarifai_datasets.handle", "")],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert loaded == bare
