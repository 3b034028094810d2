"""Exports of dataset versions."""

from __future__ import annotations

import io
import threading
import zipfile

import httpx
import pytest
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from google.protobuf import json_format
from PIL import Image

from clarifai_local import _jobs


@pytest.fixture
def version(api, app, platform):
    """What names the ready version `v1` of a dataset with a labelled picture and a text."""
    out = io.BytesIO()
    Image.new("RGB", (4, 4), "blue").save(out, "PNG")
    cat = resources_pb2.Concept(id="id-cat", value=1)
    api.PostDatasets(user_app_id=app, datasets=[resources_pb2.Dataset(id="pets")])
    image = resources_pb2.Data(image=resources_pb2.Image(base64=out.getvalue()), concepts=[cat])
    text = resources_pb2.Data(text=resources_pb2.Text(raw="hello"))
    api.PostInputs(
        user_app_id=app,
        inputs=[
            resources_pb2.Input(id="image", data=image, dataset_ids=["pets"]),
            resources_pb2.Input(id="text", data=text, dataset_ids=["pets"]),
        ],
    )
    box = resources_pb2.Region(data=resources_pb2.Data(concepts=[cat]))
    box.region_info.bounding_box.right_col = 0.5
    api.PostAnnotations(
        user_app_id=app,
        annotations=[
            resources_pb2.Annotation(input_id="image", data=resources_pb2.Data(regions=[box]))
        ],
    )
    assert platform.wait_idle()
    api.PostDatasetVersions(
        user_app_id=app,
        dataset_id="pets",
        dataset_versions=[resources_pb2.DatasetVersion(id="v1")],
    )
    assert platform.wait_idle()
    return {"user_app_id": app, "dataset_id": "pets", "dataset_version_id": "v1"}


def put(api, version, export_format):
    export = resources_pb2.DatasetVersionExport(format=export_format)
    return api.PutDatasetVersionExports(exports=[export], **version)


def archive(api, version, platform, export_format):
    first = put(api, version, export_format).exports[0]
    assert first.status.code == codes.DATASET_VERSION_EXPORT_PENDING
    assert platform.wait_idle()
    done = put(api, version, export_format).exports[0]
    assert done.status.code == codes.DATASET_VERSION_EXPORT_SUCCESS
    with httpx.Client(transport=platform.http_transport()) as client:
        got = client.get(done.url)
    assert (got.status_code, got.headers["content-type"]) == (200, "application/zip")
    assert done.size == len(got.content)
    return zipfile.ZipFile(io.BytesIO(got.content))


def test_the_archive_is_what_clients_read(api, version, platform):
    with archive(api, version, platform, resources_pb2.CLARIFAI_DATA_PROTOBUF) as made:
        assert made.namelist() == ["mimetype", "all/batch0_n2"]
        assert made.read("mimetype") == b"application/x.clarifai-data+protobuf"
        batch = resources_pb2.InputBatch.FromString(made.read("all/batch0_n2"))
    image, text = batch.inputs
    assert [c.id for c in image.data.concepts] == ["id-cat"]
    assert image.data.regions[0].region_info.bounding_box.right_col == 0.5
    with httpx.Client(transport=platform.http_transport()) as client:
        for hosted in (image.data.image.hosted, text.data.text.hosted):
            assert "orig" in hosted.sizes
            got = client.get(f"{hosted.prefix}/orig/{hosted.suffix}")
            assert got.status_code == 200
    assert got.text == "hello"


def test_the_json_archive_holds_the_same(api, version, platform):
    with archive(api, version, platform, resources_pb2.CLARIFAI_DATA_JSON) as made:
        assert made.read("mimetype") == b"application/x.clarifai-data+json"
        batch = json_format.Parse(made.read("all/batch0_n2"), resources_pb2.InputBatch())
    assert [i.id for i in batch.inputs] == ["image", "text"]


def test_media_of_deleted_inputs_stay_with_the_version(api, app, version, platform):
    with archive(api, version, platform, resources_pb2.CLARIFAI_DATA_PROTOBUF) as made:
        batch = resources_pb2.InputBatch.FromString(made.read("all/batch0_n2"))
    api.DeleteInputs(user_app_id=app, ids=["image", "text"])
    with platform.store.write() as db:
        platform.store.blobs.sweep(db)
    image, text = batch.inputs
    with httpx.Client(transport=platform.http_transport()) as client:
        assert client.get(image.data.image.url).status_code == 200
        assert client.get(text.data.text.url).text == "hello"


def test_the_export_of_a_version_that_is_not_ready_is_pending(api, app, platform):
    api.PostDatasets(user_app_id=app, datasets=[resources_pb2.Dataset(id="pets")])
    version = {"user_app_id": app, "dataset_id": "pets", "dataset_version_id": "v1"}
    goes_on = threading.Event()
    for number in range(_jobs.THREADS):
        platform.jobs.submit(("busy", number), lambda _: goes_on.wait(60))
    api.PostDatasetVersions(
        user_app_id=app,
        dataset_id="pets",
        dataset_versions=[resources_pb2.DatasetVersion(id="v1")],
    )
    asked = []
    for step in (goes_on.set, lambda: None, lambda: None):
        answer = put(api, version, resources_pb2.CLARIFAI_DATA_PROTOBUF)
        asked.append(answer.exports[0].status.code)
        step()
        assert platform.wait_idle()
    pending = codes.DATASET_VERSION_EXPORT_PENDING
    assert asked == [pending, pending, codes.DATASET_VERSION_EXPORT_SUCCESS]


def test_a_format_that_is_not_made_is_refused(api, version):
    status = put(api, version, resources_pb2.COCO).status
    assert status.code == codes.CONN_INVALID_REQUEST
    assert "CLARIFAI_DATA_PROTOBUF" in status.details


def test_a_deleted_version_takes_its_exports_along(api, app, version, platform):
    archive(api, version, platform, resources_pb2.CLARIFAI_DATA_PROTOBUF).close()
    url = put(api, version, resources_pb2.CLARIFAI_DATA_PROTOBUF).exports[0].url
    api.DeleteDatasetVersions(user_app_id=app, dataset_id="pets", dataset_version_ids=["v1"])
    with httpx.Client(transport=platform.http_transport()) as client:
        assert client.get(url).status_code == 404


def test_a_version_tells_what_became_of_its_exports(api, version, platform):
    """`export_info`, as the gRPC client's own test of exports waits for it."""
    assert not api.GetDatasetVersion(**version).dataset_version.HasField("export_info")
    for export_format in (resources_pb2.CLARIFAI_DATA_PROTOBUF, resources_pb2.CLARIFAI_DATA_JSON):
        put(api, version, export_format)
    assert platform.wait_idle()
    info = api.GetDatasetVersion(**version).dataset_version.export_info
    for export in (info.clarifai_data_protobuf, info.clarifai_data_json):
        assert export.status.code == codes.DATASET_VERSION_EXPORT_SUCCESS
        assert export.size > 0
        assert export == put(api, version, export.format).exports[0]
    assert not info.HasField("coco")
    # Clients of 10.1 cannot turn the size of an export into JSON: listings go without.
    dataset = {name: version[name] for name in ("user_app_id", "dataset_id")}
    listed = api.ListDatasetVersions(**dataset).dataset_versions[0]
    assert not listed.HasField("export_info")


def test_an_archive_is_fetched_without_a_key_by_its_whole_address_only(api, version, platform):
    """The gRPC client's own test sends no key; the address cannot be guessed."""
    archive(api, version, platform, resources_pb2.CLARIFAI_DATA_PROTOBUF).close()
    url = put(api, version, resources_pb2.CLARIFAI_DATA_PROTOBUF).exports[0].url
    with platform.serve() as server:
        path = url.partition("clarifai.local")[2]
        assert httpx.get(server.http_url + path).status_code == 200
        assert httpx.get(server.http_url + path[:-1]).status_code == 404
        bare = server.http_url + path.rpartition("/")[0]
        assert httpx.get(bare, headers={"authorization": f"Key {server.pat}"}).status_code == 404


def test_an_archive_holds_embeddings_when_they_are_asked_for(api, version, platform):
    export = resources_pb2.DatasetVersionExport(
        format=resources_pb2.CLARIFAI_DATA_PROTOBUF, include_embeddings=True
    )
    archive(api, version, platform, export.format).close()
    for _ in range(2):
        answer = api.PutDatasetVersionExports(exports=[export], **version).exports[0]
        assert answer.include_embeddings
        assert platform.wait_idle()
    with httpx.Client(transport=platform.http_transport()) as client:
        made = zipfile.ZipFile(io.BytesIO(client.get(answer.url).content))
    batch = resources_pb2.InputBatch.FromString(made.read("all/batch0_n2"))
    for item in batch.inputs:
        (embedding,) = item.data.embeddings
        assert embedding.num_dimensions == len(embedding.vector) > 0
