"""The examples on inputs and annotations."""

from __future__ import annotations

from pathlib import Path

import pytest

from clarifai.client.input import Inputs
from tests.docs.reference_examples.conftest import picture

METRO_NORTH = "samples.clarifai.com/metro-north.jpg"
MP3 = b"ID3\x04\x00\x00\x00\x00\x00\x00" + bytes(100)


def ids(listed) -> list[str]:
    return sorted(one.id for one in listed)


def folder_of(ending: str, *contents: bytes) -> None:
    folder = Path("demo_folder")
    folder.mkdir()
    for number, content in enumerate(contents):
        (folder / f"{number}.{ending}").write_bytes(content)


def test_delete_inputs(run, inputs):
    inputs.upload_inputs([Inputs.get_text_input(f"t{n}", "words") for n in range(20)])
    run("Inputs.delete_inputs()")
    assert inputs.list_inputs().all() == []


def test_get_image_inputs_from_folder(run):
    folder_of("jpg", picture("red"), picture("blue"))
    made = run("Inputs.get_image_inputs_from_folder()").input_protos
    assert [(one.id, one.data.image.base64) for one in made] == [
        ("0", picture("red")),
        ("1", picture("blue")),
    ]


def test_get_input_from_bytes(run):
    Path("demo.jpg").write_bytes(picture())
    Path("demo.mp4").write_bytes(b"a video")
    made = run("Inputs.get_input_from_bytes()").input_proto
    assert (made.id, made.data.image.base64, made.data.video.base64) == (
        "demo",
        picture(),
        b"a video",
    )


def test_get_input_from_file(run):
    Path("file_path").write_bytes(b"a video")
    made = run("Inputs.get_input_from_file()").input_proto
    assert (made.id, made.data.video.base64) == ("demo", b"a video")


def test_get_input_from_url(run):
    made = run("Inputs.get_input_from_url()").input_proto
    assert made.data.image.url == f"https://{METRO_NORTH}"


def test_get_inputs_from_csv(run):
    Path("texts.csv").write_text("input\nfirst\nsecond\n")
    made = run("Inputs.get_inputs_from_csv()", {"filepath": "texts.csv"}).input_protos
    assert [one.data.text.raw for one in made] == ["first", "second"]


def test_get_mask_proto(run):
    regions = run("Inputs.get_mask_proto()", x=0.25, y=0.5).last.data.regions
    first, second = (
        [(point.col, point.row) for point in region.region_info.polygon.points]
        for region in regions
    )
    assert first == [(0.25, 0.5), (0.25, 1), (1, 0.5)]
    assert second == [(0, 0), (0, 0.5), (0.25, 0)]


def test_get_text_input(run):
    made = run("Inputs.get_text_input()").input_protos
    assert (made.id, made.data.text.raw) == ("demo", "This is a test")


def test_get_text_inputs_from_folder(run):
    folder_of("txt", b"first", b"second")
    made = run("Inputs.get_text_inputs_from_folder()").input_protos
    assert [(one.id, one.data.text.raw) for one in made] == [("0", "first"), ("1", "second")]


def test_list_inputs(run, inputs):
    inputs.upload_inputs([Inputs.get_text_input(f"t{n}", "words") for n in range(20)])
    assert len(list(run("Inputs.list_inputs()").last)) == 20


@pytest.fixture
def demo_inputs(demo_app):
    return demo_app.inputs()


def test_upload_from_bytes(run, demo_inputs, processed):
    Path("demo.jpg").write_bytes(picture())
    run("Inputs.upload_from_bytes()")
    processed()
    assert demo_inputs.download_inputs(demo_inputs.list_inputs()) == [picture()]


def test_upload_from_file(run, demo_inputs, processed):
    Path("demo.mp3").write_bytes(MP3)
    run("Inputs.upload_from_file()")
    processed()
    (made,) = demo_inputs.list_inputs(input_type="audio")
    assert (made.id, made.status.code) == ("demo", 30000)


def test_upload_from_url(run, demo_inputs, internet, processed):
    internet(METRO_NORTH, picture())
    run("Inputs.upload_from_url()")
    processed()
    (made,) = demo_inputs.list_inputs(input_type="image")
    assert (made.data.image.url, made.status.code) == (f"https://{METRO_NORTH}", 30000)


def test_upload_text(run, demo_inputs):
    run("Inputs.upload_text()")
    assert demo_inputs.download_inputs(demo_inputs.list_inputs()) == [b"This is a test"]


def test_get_multimodal_input(run):
    made = run("Input.get_multimodal_input()").input_protos
    assert (made.data.text.raw, made.data.image.url) == (
        "What time of day is it?",
        f"https://{METRO_NORTH}",
    )


def test_get_bbox_proto(run):
    corners = {"x_min": 0.25, "y_min": 0.5, "x_max": 0.75, "y_max": 1.0}
    (region,) = run("Input.get_bbox_proto()", **corners).last.data.regions
    box = region.region_info.bounding_box
    assert (box.left_col, box.top_row, box.right_col, box.bottom_row) == (0.25, 0.5, 0.75, 1)


@pytest.fixture
def boxed(inputs, processed):
    inputs.upload_from_bytes("a", image_bytes=picture())
    inputs.upload_text("b", "words", labels=["not listed"])
    inputs.upload_annotations([Inputs.get_bbox_proto("a", "boxed", [0, 0, 0.5, 0.5])])
    processed()
    return inputs


def test_list_annotations(run, boxed):
    found = run("Input.list_annotations()")
    assert ids(found.all_inputs) == ["a"]
    (region,) = [region for one in found.all_annotations for region in one.data.regions]
    assert region.data.concepts[0].name == "boxed"


def test_download_inputs(run, boxed):
    assert run("Input.download_inputs()").last == [b"words", picture()]
