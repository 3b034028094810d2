"""Inputs against the embedded platform, and what a refusal looks like."""

from __future__ import annotations

import logging
from contextlib import closing

import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_core.errors import AlreadyExists, ApiClientError, ApiError, NotFound, UserError
from clarifai_inputs.media_limits import MEDIA_BYTES
from clarifai_resources.inputs import Inputs
from tests.datasets.fault_site import FaultSite

RED_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)


@pytest.fixture
def inputs(app) -> Inputs:
    return app.inputs()


def texts(count, prefix="t"):
    return [Inputs.get_text_input(f"{prefix}{n}", f"words {n}") for n in range(count)]


def test_upload_of_many_under_one_job(inputs):
    job_id, response = inputs.upload_inputs(texts(300))
    assert len(job_id) == 32
    assert [one.id for one in response.inputs] == [f"t{n}" for n in range(300)]
    assert {one.id for one in inputs.list_inputs()} == {f"t{n}" for n in range(300)}


def test_each_way_to_upload_and_download(inputs, tmp_path):
    picture = tmp_path / "red.png"
    picture.write_bytes(RED_PNG)
    inputs.upload_from_bytes("bytes", image_bytes=RED_PNG)
    inputs.upload_from_file("file", image_file=picture)
    inputs.upload_text("text", "words", labels=["cat"])
    inputs.upload_from_bytes("utf8", text_bytes="Zoë".encode())
    listed = {one.id: one for one in inputs.list_inputs()}
    order = [listed[name] for name in ("text", "bytes", "utf8", "file")]
    assert inputs.download_inputs(order) == [b"words", RED_PNG, "Zoë".encode(), RED_PNG]


def test_duplicates_some_and_all(inputs, caplog):
    inputs.upload_inputs(texts(2))
    with caplog.at_level(logging.WARNING, "clarifai.resources.inputs.uploads"):
        _, response = inputs.upload_inputs(texts(3))
    assert [one.status.code for one in response.inputs][:2] == [30100, 30100]
    assert "'t0' was refused" in caplog.text
    with pytest.raises(AlreadyExists) as caught:
        inputs.upload_text("t0", "again", raise_on_failure=True)
    assert caught.value.response.inputs[0].id == "t0"


def test_unknown_app_is_an_error(user):
    with pytest.raises(NotFound):
        Inputs("ann", "nowhere", base_url=user.settings.base_url).upload_text("a", "words")


def test_nothing_is_sent_for_wrong_arguments(scripted_app, scripted):
    inputs = scripted_app.inputs()
    one = Inputs.get_text_input("a", "words")
    for call in (
        lambda: inputs.upload_inputs(one),
        lambda: inputs.upload_inputs([]),
        lambda: inputs.upload_inputs([one, "x"]),
        lambda: inputs.upload_annotations([one]),
        lambda: inputs.patch_inputs([one], action="replace"),
        lambda: inputs.patch_inputs([Inputs.get_text_input("", "words")]),
        lambda: inputs.delete_inputs("a"),
        lambda: inputs.delete_inputs([one, resources_pb2.Input()]),
        lambda: inputs.download_inputs([resources_pb2.Input(id="a")]),
        lambda: inputs.list_inputs(input_type="nonsense"),
        lambda: inputs.list_inputs(page_no=-1),
        lambda: Inputs(logger_level="LOUD"),
        lambda: Inputs(nonsense=1),
    ):
        with pytest.raises(UserError):
            call()
    inputs.delete_inputs([])
    assert scripted.asked == []


def test_upload_requests_as_recorded(scripted_app, scripted):
    success = service_pb2.MultiInputResponse(status=status_pb2.Status(code=10000))
    scripted.queue("PostInputs", success)
    job_id, _ = scripted_app.inputs().upload_text("in-1", "words")
    ((name, request),) = scripted.asked
    assert name == "PostInputs"
    assert request == service_pb2.PostInputsRequest(
        user_app_id=resources_pb2.UserAppIDSet(user_id="ann", app_id="zoo"),
        inputs=[Inputs.get_text_input("in-1", "words")],
        inputs_add_job_id=job_id,
    )


def test_listing_by_type_dataset_and_page(app, inputs):
    app.create_dataset("ds")
    inputs.upload_inputs(texts(5))
    inputs.upload_from_bytes("pic", image_bytes=RED_PNG, dataset_id="ds")
    inputs.upload_text("in-ds", "words", dataset_id="ds")
    assert [one.id for one in inputs.list_inputs(input_type="image")] == ["pic"]
    assert {one.id for one in inputs.list_inputs(dataset_id="ds")} == {"pic", "in-ds"}
    assert [one.id for one in inputs.list_inputs(dataset_id="ds", input_type="text")] == ["in-ds"]
    assert len(inputs.list_inputs(page_no=2, per_page=3).all()) == 3
    assert len(inputs.list_inputs(page_no=1).all()) == 7


def test_annotations(inputs):
    inputs.upload_from_bytes("pic", image_bytes=RED_PNG)
    box = Inputs.get_bbox_proto("pic", "dog", [0.1, 0.2, 0.5, 0.75])
    outline = [[0.0, 0.0], [0.5, 0.0], [0.5, 0.5]]
    mask = Inputs.get_mask_proto("pic", "cat", [outline, outline[::-1]])
    lost = Inputs.get_bbox_proto("nowhere", "dog", [0, 0, 1, 1])
    assert inputs.upload_annotations([box, lost, mask]) == [lost]
    assert inputs.upload_annotations([lost]) == [lost]
    found = inputs.list_annotations(inputs.list_inputs()).all()
    regions = [region for one in found for region in one.data.regions]
    assert sorted(region.data.concepts[0].name for region in regions) == ["cat", "cat", "dog"]
    assert inputs.list_annotations([]).all() == []


def test_patch(inputs):
    inputs.upload_text("a", "words", labels=["cat"], metadata={"k": 1})
    change = resources_pb2.Input(id="a")
    change.data.metadata.update({"n": 2})
    inputs.patch_inputs([change])
    assert dict(inputs.list_inputs().first().data.metadata) == {"k": 1, "n": 2}
    inputs.patch_inputs([change], action="overwrite")
    assert dict(inputs.list_inputs().first().data.metadata) == {"n": 2}
    change.id = "nowhere"
    with pytest.raises(ApiError):
        inputs.patch_inputs([change], raise_on_failure=True)


def test_delete_takes_what_list_inputs_gives(inputs):
    inputs.upload_inputs(texts(200))
    inputs.delete_inputs(["t0", "t1"])
    assert len(inputs.list_inputs().all()) == 198
    inputs.delete_inputs(inputs.list_inputs())
    assert inputs.list_inputs().all() == []


def test_failed_downloads_keep_the_others(inputs):
    inputs.upload_text("a", "words")
    good = inputs.list_inputs().first()
    bad = resources_pb2.Input(id="bad")
    bad.data.image.url = good.data.text.url + "-not-there"
    with pytest.raises(ApiClientError, match="'bad'") as caught:
        inputs.download_inputs([bad, good])
    assert caught.value.contents == [None, b"words"]
    assert list(caught.value.errors) == [0]


@pytest.mark.parametrize("kind", ["image", "text", "audio", "video"])
def test_a_download_larger_than_the_platform_takes_is_refused(inputs, kind):
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {MEDIA_BYTES[kind] + 1}\r\n\r\n".encode()
    with closing(FaultSite()) as site:
        site.pages["/large"] = [[head, "wait"]]
        large = resources_pb2.Input(id="large")
        getattr(large.data, kind).url = f"{site.url}/large"
        with pytest.raises(ApiClientError, match=f"larger than {MEDIA_BYTES[kind]} bytes"):
            inputs.download_inputs([large])
        assert site.times("/large") == 1


def test_a_listing_without_items_is_a_table_with_its_columns(app):
    inputs, apps = app.inputs().list_inputs().to_pandas(), app.list_models().to_pandas()
    assert inputs.empty
    assert {"id", "type", "concepts", "dataset_ids"} <= set(inputs.columns)
    assert {"id", "model_type_id"} <= set(apps.columns)
    assert "id" in app.inputs().list_inputs(input_type="image").to_pandas()
