"""What the `get_...` methods of Inputs make: the recorded shapes, and one sentence per fault."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct

from clarifai_core.errors import UserError
from clarifai_resources.inputs import Inputs

LOOSE: Any = Inputs
"""As a program without types calls it."""

CAT = {"id": "id-cat", "name": "cat", "value": 1.0}
BIG_DOG = {"id": "id-bigdog", "name": "big dog", "value": 1.0}


def shown(message):
    return MessageToDict(message, preserving_proto_field_name=True)


def test_url_with_everything_as_recorded():
    metadata = Struct()
    metadata.update({"k": "v", "n": 1})
    made = Inputs.get_input_from_url(
        "in-1",
        image_url="https://example.com/x",
        dataset_id="ds",
        geo_info=[1.5, 2.5],
        labels=["cat", "big dog"],
        metadata=metadata,
    )
    assert shown(made) == {
        "id": "in-1",
        "dataset_ids": ["ds"],
        "data": {
            "image": {"url": "https://example.com/x"},
            "concepts": [CAT, BIG_DOG],
            "geo": {"geo_point": {"longitude": 1.5, "latitude": 2.5}},
            "metadata": {"k": "v", "n": 1.0},
        },
    }


@pytest.mark.parametrize("media", ["image", "video", "audio", "text"])
def test_each_media_type_by_url(media):
    made = Inputs.get_input_from_url("in-1", **{f"{media}_url": "https://example.com/x"})
    assert shown(made) == {"id": "in-1", "data": {media: {"url": "https://example.com/x"}}}


@pytest.mark.parametrize("media", ["image", "video", "audio"])
def test_bytes_and_files_carry_the_content(media, tmp_path):
    file = tmp_path / "x"
    file.write_bytes(b"abc")
    from_bytes = Inputs.get_input_from_bytes("in-1", **{f"{media}_bytes": b"abc"})
    from_file = Inputs.get_input_from_file("in-1", **{f"{media}_file": str(file)})
    assert from_bytes == from_file
    assert shown(from_bytes) == {"id": "in-1", "data": {media: {"base64": "YWJj"}}}


def test_text_of_a_file_is_raw_text(tmp_path):
    file = tmp_path / "text.txt"
    file.write_bytes("Zoë\nsaid".encode())
    made = Inputs.get_input_from_file("in-1", text_file=file)
    assert shown(made) == {"id": "in-1", "data": {"text": {"raw": "Zoë\nsaid"}}}


def test_image_and_video_together_as_the_reference_prints():
    made = Inputs.get_input_from_bytes(input_id="demo", image_bytes=b"i", video_bytes=b"v")
    assert (made.data.image.base64, made.data.video.base64) == (b"i", b"v")


def test_multimodal_as_recorded():
    made = Inputs.get_multimodal_input(
        "in-1", text_bytes=b"What?", image_bytes=b"img", dataset_id="ds", labels=["cat"]
    )
    assert shown(made) == {
        "id": "in-1",
        "dataset_ids": ["ds"],
        "data": {"text": {"raw": "What?"}, "image": {"base64": "aW1n"}, "concepts": [CAT]},
    }


def test_metadata_may_be_a_dict():
    made = Inputs.get_text_input("a", "words", metadata={"owner": {"name": "O'Neil"}})
    assert shown(made)["data"]["metadata"] == {"owner": {"name": "O'Neil"}}


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: LOOSE.get_input_from_bytes("a"), "image_bytes, video_bytes, audio_bytes"),
        (lambda: LOOSE.get_input_from_file("a"), "image_file, video_file, audio_file"),
        (lambda: LOOSE.get_input_from_url("a"), "image_url, video_url, audio_url"),
        (lambda: LOOSE.get_input_from_bytes("a", image_bytes="text"), "image_bytes must be"),
        (lambda: LOOSE.get_input_from_bytes("a", text_bytes=b"\xff\xfe"), "must be UTF-8"),
        (lambda: LOOSE.get_input_from_file("a", image_file="nowhere.png"), "'nowhere.png'"),
        (lambda: LOOSE.get_text_input("a", ""), "raw_text must be a text"),
        (lambda: LOOSE.get_text_input(5, "words"), "input_id must be text, got 5"),
        (lambda: LOOSE.get_text_input("a", "w", labels="cat"), "labels must be a list"),
        (lambda: LOOSE.get_text_input("a", "w", labels=[""]), "label must be a text"),
        (lambda: LOOSE.get_text_input("a", "w", label=["cat"]), "did you mean 'labels'"),
        (lambda: LOOSE.get_text_input("a", "w", geo_info=[1]), "longitude, latitude"),
        (lambda: LOOSE.get_text_input("a", "w", geo_info=[5, 95]), "within 180 and 90"),
        (lambda: LOOSE.get_text_input("a", "w", metadata="x"), "metadata must be a dict"),
        (lambda: LOOSE.get_multimodal_input("a", raw_text="w"), "image_url and image_bytes"),
        (
            lambda: LOOSE.get_multimodal_input("a", "w", text_bytes=b"w", image_url="https://x"),
            "raw_text and text_bytes",
        ),
    ],
)
def test_faults_name_the_argument(make, said):
    with pytest.raises(UserError) as caught:
        make()
    assert said in str(caught.value)


def test_bbox_is_rows_and_columns():
    made = Inputs.get_bbox_proto("in-1", "big dog", [0.1, 0.2, 0.5, 1.0000001])
    (region,) = made.data.regions
    box = region.region_info.bounding_box
    assert (made.input_id, shown(region.data)["concepts"]) == ("in-1", [BIG_DOG])
    found = (box.left_col, box.top_row, box.right_col, box.bottom_row)
    assert found == pytest.approx((0.1, 0.2, 0.5, 1.0))


@pytest.mark.parametrize("nested", [False, True])
def test_mask_of_one_polygon(nested):
    outline = [[0.0, 0.1], [0.5, 0.1], [0.5, 0.75]]
    made = Inputs.get_mask_proto("in-1", "cat", [outline] if nested else outline)
    (region,) = made.data.regions
    points = [part for p in region.region_info.polygon.points for part in (p.col, p.row)]
    assert points == pytest.approx([0.0, 0.1, 0.5, 0.1, 0.5, 0.75])
    assert shown(region.data)["concepts"] == [CAT]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: LOOSE.get_bbox_proto("a", "dog", (0.1, 0.2, 0.3, 0.4)), "must be a list"),
        (lambda: LOOSE.get_bbox_proto("a", "dog", [0.1, 0.2, 0.3]), "must be a list"),
        (lambda: LOOSE.get_bbox_proto("a", "dog", [10, 20, 30, 40]), "fractions"),
        (lambda: LOOSE.get_bbox_proto("a", "dog", [0.5, 0.2, 0.3, 0.4]), "smaller first"),
        (lambda: LOOSE.get_bbox_proto("a", "dog", [0, 0, float("nan"), 1]), "fractions"),
        (lambda: LOOSE.get_bbox_proto("", "dog", [0, 0, 1, 1]), "input_id"),
        (lambda: LOOSE.get_bbox_proto("a", " ", [0, 0, 1, 1]), "label"),
        (lambda: LOOSE.get_mask_proto("a", "dog", []), "polygons must be"),
        (lambda: LOOSE.get_mask_proto("a", "dog", [[0, 0], [1, 1]]), "at least 3 points"),
        (lambda: LOOSE.get_mask_proto("a", "dog", [[[0, 0], [1, 5], [1, 1]]]), "fractions"),
    ],
)
def test_shape_faults(make, said):
    with pytest.raises(UserError) as caught:
        make()
    assert said in str(caught.value)
