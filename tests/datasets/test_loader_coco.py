"""COCO's JSON: what is read, what is wrong with it, and that large files are read in pieces."""

from __future__ import annotations

import io
import json
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarifai_core.errors import UserError
from clarifai_datasets.upload.loader import open_loader
from clarifai_datasets.upload.loaders import _json_stream
from clarifai_datasets.upload.loaders._json_stream import elements
from clarifai_datasets.upload.loaders.coco_captions import COCOCaptionsDataLoader
from clarifai_datasets.upload.loaders.coco_detection import COCODetectionDataLoader
from clarifai_datasets.upload.loaders.coco_segmentation import COCOSegmentationDataLoader

TRIANGLE = [0, 0, 8, 0, 4, 8]
CONTENT = {
    "info": {"year": 2026},
    "annotations": [
        {"id": 1, "image_id": 7, "category_id": 1, "bbox": [0, 0, 4, 8], "caption": "a cat"},
        {"id": 2, "image_id": 7, "category_id": 2, "bbox": [2, 2, 2, 2], "caption": "two"}
        | {"segmentation": [TRIANGLE, TRIANGLE]},
    ],
    "images": [
        {"id": 7, "file_name": "a.png", "width": 8, "height": 8},
        {"id": 8, "file_name": "b.png"},
    ],
    "categories": [{"id": 1, "name": "k\u00e4tzchen"}, {"id": 2, "name": "dog"}],
}


@pytest.fixture
def make_coco(tmp_path, make_png):
    """Write two images and an annotation file, with changes."""

    def make(encoding="utf-8", **changes):
        folder = tmp_path / "val"
        folder.mkdir(exist_ok=True)
        for name in ("a.png", "b.png"):
            (folder / name).write_bytes(make_png(5, 8))
        text = json.dumps({**CONTENT, **changes}, ensure_ascii=False)
        path = tmp_path / "annotations" / "instances_val.json"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode(encoding))
        return str(folder), str(path)

    return make


def test_boxes_as_programs_for_the_official_sdk_read_them(make_coco):
    loader = COCODetectionDataLoader(*make_coco())
    assert (len(loader), loader.task) == (2, "visual_detection")
    first = loader[0]
    assert first.image_path.endswith("val/a.png")
    assert (first.id, first.labels) == ("7", ["k\u00e4tzchen", "dog"])
    assert first.bboxes == [[0, 0, 0.5, 1], [0.25, 0.25, 0.5, 0.5]]
    assert (loader[1].id, loader[1].labels) == ("8", [])


def test_polygons_boxes_and_captions(make_coco):
    arguments = make_coco()
    shapes = COCOSegmentationDataLoader(*arguments)[0].polygons
    assert shapes[0] == [[[0, 0], [0.5, 0], [0.5, 1], [0, 1]]]
    assert shapes[1] == [[[0, 0], [1, 0], [0.5, 1]]] * 2
    captions = COCOCaptionsDataLoader(images_dir=arguments[0], label_filepath=arguments[1])
    assert (captions[0].labels, captions.task) == (["a cat", "two"], "visual_captioning")


def test_it_uploads_boxes_and_several_polygons_per_object(make_coco, world):
    report = world.dataset.upload_dataset(COCOSegmentationDataLoader(*make_coco()))
    assert (report.uploaded, report.annotations, report.failed) == (2, 3, [])


def test_a_byte_order_mark_is_no_fault_and_other_encodings_are(make_coco):
    assert COCODetectionDataLoader(*make_coco("utf-8-sig"))[0].labels[0] == "k\u00e4tzchen"
    with pytest.raises(UserError, match="UTF-8"):
        len(COCODetectionDataLoader(*make_coco("utf-16")))
    with pytest.raises(UserError, match="UTF-8"):
        len(COCODetectionDataLoader(*make_coco("latin-1")))


BAD = {
    "annotations": [
        {"id": 1, "image_id": 7, "category_id": 9, "bbox": [0, 0, 4, 8]},
        {"id": 2, "image_id": 7, "category_id": 1, "bbox": [4, 0, -2, 8]},
        {"id": 3, "image_id": 7, "category_id": 1, "bbox": [0, 0, 80, 8]},
        {"id": 4, "image_id": 99, "category_id": 1, "bbox": [0, 0, 4, 8]},
        {"id": 5, "image_id": 8, "category_id": 1, "bbox": [0, 0, 4]},
    ],
    "images": [
        *CONTENT["images"],
        {"id": 7, "file_name": "a.png"},
        {"id": 10, "file_name": "none.png"},
    ],
}


def test_strict_lists_every_fault_at_once(make_coco):
    with pytest.raises(UserError) as caught:
        len(COCODetectionDataLoader(*make_coco(**BAD), strict=True))
    faults = caught.value.faults
    for number, words in enumerate(
        (
            "annotation 1: there is no category 9",
            "annotation 2: bbox [4, 0, -2, 8] is reversed",
            "annotation 3: boxes cut at the border",
            "annotations 4: there is no image 99",
            "annotation 5: bbox [0, 0, 4] is not",
            "id '7' is there twice",
            "none.png: no such file",
        )
    ):
        assert sum(words in fault for fault in faults) == 1, (number, words, faults)
    assert all("instances_val.json" in fault or "none.png" in fault for fault in faults)
    assert len(faults) == 7


def test_strict_refuses_what_is_cut(make_coco):
    only = {"annotations": [BAD["annotations"][2]]}
    said = r"instances_val.json: image 7 .*annotation 3: boxes cut at the border"
    with pytest.raises(UserError, match=said):
        len(COCODetectionDataLoader(*make_coco(**only), strict=True))


def test_without_strict_faults_are_in_the_report_and_the_rest_is_uploaded(make_coco, world):
    report = world.dataset.upload_dataset(COCODetectionDataLoader(*make_coco(**BAD)))
    assert (report.uploaded, len(report.failed), report.annotations) == (2, 3, 1)
    assert world.inputs().keys() == {"train-7", "train-8"}
    notes = " ".join(report.notes)
    assert "2 items go without some labels" in notes
    assert "boxes cut at the border: 1 (" in notes


def test_a_folder_or_zip_is_opened_by_name(make_coco, tmp_path):
    make_coco()
    loader = open_loader(str(tmp_path), "coco_detection", split="val")
    assert [item.id for item in loader.stream()] == ["7", "8"]
    with pytest.raises(UserError, match="Say which annotation file"):
        open_loader(str(tmp_path), "coco_detection", split="train")


def test_a_loader_can_be_sent_to_another_process(make_coco):
    loader = COCODetectionDataLoader(*make_coco())
    assert len(loader) == 2
    assert pickle.loads(pickle.dumps(loader))[0] == loader[0]


def test_masks_in_run_lengths_become_polygons(make_coco):
    ring = {"size": [8, 8], "counts": [9, 3, 5, 1, 1, 1, 5, 3, 36]}  # 3 by 3 around a hole
    one = {"id": 1, "image_id": 7, "category_id": 1, "segmentation": ring, "iscrowd": 1}
    loader = COCOSegmentationDataLoader(*make_coco(annotations=[one]))
    (polygon,) = loader[0].polygons[0]
    assert {tuple(point) for point in polygon} >= {(0.125, 0.125), (0.5, 0.5), (0.25, 0.25)}
    wrong = {**one, "segmentation": {"size": [8, 8], "counts": [9, 3]}}
    loader = COCOSegmentationDataLoader(*make_coco(annotations=[wrong]))
    assert loader[0].polygons == []
    assert "do not add up" in loader.left_out[0]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda v: st.lists(v) | st.dictionaries(st.text(), v),
    max_leaves=20,
)


@settings(deadline=None)
@given(
    st.dictionaries(st.text(), st.lists(VALUES, max_size=4) | VALUES),
    st.integers(1, 30),
    st.booleans(),
)
def test_elements_are_those_of_the_file_and_where_it_says(content, chunk, ascii_only):
    data = json.dumps(content, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    before, _json_stream.CHUNK_BYTES = _json_stream.CHUNK_BYTES, chunk
    try:
        found = list(elements(io.BytesIO(data)))
    finally:
        _json_stream.CHUNK_BYTES = before
    wanted = [(k, v) for k, values in content.items() if isinstance(values, list) for v in values]
    assert [(one.key, one.value) for one in found] == wanted
    assert [json.loads(data[one.start : one.end]) for one in found] == [v for _, v in wanted]


@pytest.mark.parametrize(
    "text", ["", "[]", '{"a": [1', '{"a": [1,]}', '{"a": [1 2]}', '{"a" [1]}', '{"a": [nul]}']
)
def test_what_is_no_json_says_where(text):
    with pytest.raises(ValueError, match="byte"):
        list(elements(io.BytesIO(text.encode())))
