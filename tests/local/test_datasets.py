"""Datasets, their inputs, versions and metrics."""

from __future__ import annotations

import threading

import pytest
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local._jobs import THREADS


def text_input(input_id, *labels, dataset=None):
    return resources_pb2.Input(
        id=input_id,
        dataset_ids=[dataset] if dataset else [],
        data=resources_pb2.Data(
            text=resources_pb2.Text(raw=input_id),
            concepts=[resources_pb2.Concept(id=label, value=1) for label in labels],
        ),
    )


@pytest.fixture
def pets(api, app, platform):
    """The dataset `pets` with three labelled inputs, and one input outside of it."""
    api.PostDatasets(user_app_id=app, datasets=[resources_pb2.Dataset(id="pets")])
    api.PostInputs(
        user_app_id=app,
        inputs=[
            text_input("a", "id-cat", dataset="pets"),
            text_input("b", "id-cat", "id-dog", dataset="pets"),
            text_input("c", dataset="pets"),
            text_input("other", "id-cat"),
        ],
    )
    assert platform.wait_idle()


def members(api, app):
    response = api.ListDatasetInputs(user_app_id=app, dataset_id="pets")
    return [item.input.id for item in response.dataset_inputs]


def new_version(api, app, platform, version_id="v1"):
    version = resources_pb2.DatasetVersion(id=version_id, description="first")
    made = api.PostDatasetVersions(
        user_app_id=app, dataset_id="pets", dataset_versions=[version]
    ).dataset_versions[0]
    assert (made.id, made.status.code) == (version_id, codes.DATASET_VERSION_PENDING)
    assert platform.wait_idle()


def test_datasets_are_made_all_or_none(api, app):
    made = api.PostDatasets(
        user_app_id=app, datasets=[resources_pb2.Dataset(id="d", description="x")]
    ).datasets[0]
    assert (made.id, made.user_id, made.app_id) == ("d", "alice", "zoo")
    again = api.PostDatasets(
        user_app_id=app, datasets=[resources_pb2.Dataset(id="e"), resources_pb2.Dataset(id="d")]
    )
    assert "already exists" in again.status.details
    assert [d.id for d in api.ListDatasets(user_app_id=app).datasets] == ["d"]


def test_a_dataset_is_patched_and_deleted(api, app, pets):
    api.PatchDatasets(
        user_app_id=app,
        datasets=[resources_pb2.Dataset(id="pets", description="new")],
        action="merge",
    )
    got = api.GetDataset(user_app_id=app, dataset_id="pets").dataset
    assert got.description == "new"
    assert api.DeleteDatasets(user_app_id=app).status.code == codes.CONN_INVALID_REQUEST
    assert api.DeleteDatasets(user_app_id=app, dataset_ids=["pets"]).status.code == codes.SUCCESS
    gone = api.GetDataset(user_app_id=app, dataset_id="pets").status
    assert gone.code == codes.CONN_DOES_NOT_EXIST
    assert len(api.ListInputs(user_app_id=app).inputs) == 4


def test_inputs_are_added_once_and_taken_out(api, app, pets):
    items = [
        resources_pb2.DatasetInput(input=resources_pb2.Input(id=i)) for i in ("other", "a", "zzz")
    ]
    response = api.PostDatasetInputs(user_app_id=app, dataset_id="pets", dataset_inputs=items)
    assert response.status.code == codes.MIXED_STATUS
    assert [i.input.status.code for i in response.dataset_inputs] == [
        codes.DATASET_INPUT_SUCCESS,
        codes.DATASET_INPUT_DUPLICATE,
        codes.CONN_DOES_NOT_EXIST,
    ]
    assert members(api, app) == ["other", "c", "b", "a"]
    api.DeleteDatasetInputs(user_app_id=app, dataset_id="pets", input_ids=["b", "other"])
    assert members(api, app) == ["c", "a"]


def test_dataset_inputs_come_with_time_and_whole_input(api, app, pets):
    item = api.ListDatasetInputs(user_app_id=app, dataset_id="pets", per_page=1).dataset_inputs[0]
    assert item.created_at.seconds
    assert item.input.data.text.raw == "c"
    assert not item.input.dataset_ids
    one = api.GetDatasetInput(user_app_id=app, dataset_id="pets", input_id="b").dataset_input
    assert one.input.id == "b"


def test_a_version_is_a_snapshot_with_metrics(api, app, pets, platform):
    new_version(api, app, platform)
    api.DeleteInputs(user_app_id=app, ids=["b"])
    version = api.GetDatasetVersion(
        user_app_id=app, dataset_id="pets", dataset_version_id="v1"
    ).dataset_version
    assert version.status.code == codes.DATASET_VERSION_READY
    assert "ready to be used" in version.status.description
    assert version.description == "first"
    totals = version.metrics["/"]
    assert (totals.inputs_count.value, totals.unlabeled_inputs_count.value) == (3, 1)
    with platform.store.read() as db:
        row = platform.store.resources.get(db, "dataset_version", ("alice", "zoo"), "v1", "pets")
        scope = platform.scopes.find(db, "alice", "zoo")
        kept = list(platform.store.examples(db, scope.app, version=row.seq))
        current = list(platform.store.examples(db, scope.app))
    assert [(e.id, e.concepts()) for e in kept] == [
        ("a", {"id-cat": 1}),
        ("b", {"id-cat": 1, "id-dog": 1}),
        ("c", {}),
    ]
    assert [e.id for e in current] == ["a", "c", "other"]


def test_metrics_groups_are_what_upload_status_reads(api, app, pets, platform):
    new_version(api, app, platform)
    groups = api.ListDatasetVersionMetricsGroups(
        user_app_id=app, dataset_id="pets", dataset_version_id="v1"
    ).dataset_version_metrics_groups
    by_value = {g.value.string_value: g for g in groups}
    assert set(by_value) == {"total", "text", "id-cat", "id-dog"}
    assert by_value["total"].type == resources_pb2.INPUT_TYPE
    assert by_value["text"].metrics.inputs_count.value == 3
    cat = by_value["id-cat"]
    assert cat.type == resources_pb2.CONCEPT_ID
    assert cat.metrics.positive_input_tags_count.value == 2
    for name in ("bounding_boxes_count", "polygons_count", "inputs_count"):
        assert cat.metrics.HasField(name)


def test_metrics_groups_of_a_version_in_the_making_are_empty(api, app, pets, platform):
    go_on = threading.Event()
    for number in range(THREADS):
        platform.jobs.submit(("blocked", number), lambda job: go_on.wait(60))
    version = resources_pb2.DatasetVersion(id="v1")
    api.PostDatasetVersions(user_app_id=app, dataset_id="pets", dataset_versions=[version])
    asked = {"user_app_id": app, "dataset_id": "pets", "dataset_version_id": "v1"}
    early = api.ListDatasetVersionMetricsGroups(**asked)
    go_on.set()
    assert [field.name for field, _ in early.ListFields()] == ["status"]
    assert early.status.code == codes.SUCCESS
    assert platform.wait_idle()
    assert api.ListDatasetVersionMetricsGroups(**asked).dataset_version_metrics_groups


def test_a_version_whose_deletion_is_refused_is_made_all_the_same(api, app, pets, platform):
    go_on = threading.Event()
    for number in range(THREADS):
        platform.jobs.submit(("blocked", number), lambda job: go_on.wait(60))
    version = resources_pb2.DatasetVersion(id="v1")
    api.PostDatasetVersions(user_app_id=app, dataset_id="pets", dataset_versions=[version])
    refused = api.DeleteDatasetVersions(
        user_app_id=app, dataset_id="pets", dataset_version_ids=["v1", "other"]
    )
    go_on.set()
    assert refused.status.details == "dataset version 'other' does not exist"
    assert platform.wait_idle()
    asked = {"user_app_id": app, "dataset_id": "pets", "dataset_version_id": "v1"}
    made = api.GetDatasetVersion(**asked).dataset_version
    assert made.status.code == codes.DATASET_VERSION_READY


def test_a_version_holds_what_was_posted_before_it_and_nothing_of_later(api, app, pets, platform):
    """Inputs that are still processed belong to it, those that follow do not."""
    platform.faults.slow_indexing(60)
    api.PostInputs(user_app_id=app, inputs=[text_input("slow", "id-cat", dataset="pets")])
    version = resources_pb2.DatasetVersion(id="v1")
    api.PostDatasetVersions(user_app_id=app, dataset_id="pets", dataset_versions=[version])
    platform.clock.advance(30)
    api.PostInputs(user_app_id=app, inputs=[text_input("later", "id-cat", dataset="pets")])
    asked = {"user_app_id": app, "dataset_id": "pets", "dataset_version_id": "v1"}
    assert api.GetDatasetVersion(**asked).dataset_version.status.code in (
        codes.DATASET_VERSION_PENDING,
        codes.DATASET_VERSION_IN_PROGRESS,
    )
    platform.clock.advance(60)
    assert platform.wait_idle()
    made = api.GetDatasetVersion(**asked).dataset_version
    assert made.status.code == codes.DATASET_VERSION_READY
    assert made.metrics["/"].inputs_count.value == 4
    with platform.store.read() as db:
        row = platform.store.resources.get(db, "dataset_version", ("alice", "zoo"), "v1", "pets")
        assert [kept.id for kept in platform.store.examples(db, 0, version=row.seq)] == [
            "a", "b", "c", "slow",
        ]  # fmt: skip


def test_versions_are_listed_newest_first_and_deleted(api, app, pets, platform):
    new_version(api, app, platform, "v1")
    new_version(api, app, platform, "v2")
    listed = api.ListDatasetVersions(user_app_id=app, dataset_id="pets").dataset_versions
    assert [v.id for v in listed] == ["v2", "v1"]
    assert not api.ListDatasets(user_app_id=app).datasets[0].HasField("version")
    api.DeleteDatasetVersions(user_app_id=app, dataset_id="pets", dataset_version_ids=["v1"])
    listed = api.ListDatasetVersions(user_app_id=app, dataset_id="pets").dataset_versions
    assert [v.id for v in listed] == ["v2"]
    with platform.store.read() as db:
        count = db.execute("SELECT COUNT(*) FROM dataset_version_items").fetchone()[0]
    assert count == 3
