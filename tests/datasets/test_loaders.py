"""Uploads of a user's own loader: all tasks, ids, and items that are wrong."""

from __future__ import annotations

import re

import pytest

from clarifai_core.errors import UserError
from clarifai_datasets.upload.features import (
    TextFeatures,
    VisualClassificationFeatures,
    VisualDetectionFeatures,
    VisualSegmentationFeatures,
)
from tests.datasets.list_loader import ListLoader


def test_texts_with_ids_and_without(world):
    items = [
        TextFeatures("zero", ["cat", "big dog"], metadata={"n": 1}),  # its content gives the id
        TextFeatures("one", [3], id="x"),
    ]
    loader = ListLoader("text_classification", items)
    report = world.dataset.upload_dataset(loader)
    assert report.uploaded == 2
    assert loader.loads == 1
    inputs = world.inputs()
    [made] = inputs.keys() - {"train-x"}
    assert re.fullmatch("train-[0-9a-f]{32}", made)
    assert inputs[made].data.metadata["n"] == 1
    assert inputs["train-x"].data.concepts[0].id == "id-3"


def test_a_loader_that_loaded_itself_is_not_loaded_again(world):
    loader = ListLoader("text_classification", [TextFeatures("a", [])])
    loader.load_data()
    assert world.dataset.upload_dataset(loader).uploaded == 1
    assert loader.loads == 1


def test_images_get_their_file_name_as_metadata(world, tmp_path, make_png):
    (tmp_path / "a.png").write_bytes(make_png(5))
    items = [
        VisualClassificationFeatures(str(tmp_path / "a.png"), ["cat"], [1.5, 2.5], 7),
        VisualClassificationFeatures("b.png", "dog", image_bytes=make_png(6)),
    ]
    report = world.dataset.upload_dataset(ListLoader("visual_captioning", items))
    assert report.uploaded == 2
    inputs = world.inputs()
    assert inputs["train-7"].data.metadata["filename"] == "a.png"
    assert inputs["train-7"].data.geo.geo_point.longitude == 1.5
    [other] = inputs.keys() - {"train-7"}
    assert inputs[other].data.concepts[0].name == "dog"


def test_boxes_and_polygons_become_annotations_exactly_once(world, make_png):
    image = make_png(5)
    boxes = [
        VisualDetectionFeatures(
            "a.png", ["cat", "dog"], [[0.1, 0.2, 0.5, 0.6], [0, 0, 1, 1]], image_bytes=image
        )
    ] * 2
    loader = ListLoader("visual_detection", boxes)
    assert world.dataset.upload_dataset(loader).annotations == 4
    again = world.dataset.upload_dataset(loader)
    assert (again.annotations, again.failed) == (0, [])
    triangle = [[0, 0], [1, 0], [0.5, 1]]
    shapes = VisualSegmentationFeatures(
        "b.png", ["one", "two"], [triangle, [triangle, triangle]], id="s", image_bytes=image
    )
    report = world.dataset.upload_dataset(ListLoader("visual_segmentation", [shapes]))
    assert report.annotations == 3
    regions = world.regions()
    assert len(regions) == 7
    box = next(r for i, r in regions if i != "train-s" and r.data.concepts[0].name == "cat")
    corners = box.region_info.bounding_box
    assert [corners.left_col, corners.top_row] == pytest.approx([0.1, 0.2])
    assert [corners.right_col, corners.bottom_row] == pytest.approx([0.5, 0.6])
    points = next(r for i, r in regions if i == "train-s").region_info.polygon.points
    assert [(p.col, p.row) for p in points] == [(0, 0), (1, 0), (0.5, 1)]


@pytest.mark.parametrize(
    ("boxes", "labels", "words"),
    [
        ([[0.5, 0, 0.1, 1]], ["a"], "regions left out: 1 .*0..1"),
        ([[0, 0, 1, 2]], ["a"], "boxes cut at the border: 1"),
        ([[0, 0, 1]], ["a"], "regions left out: 1 .*values"),
        ([[0, 0, 1, 1]], [" "], "regions left out: 1 .*label is empty"),
    ],
)
def test_a_region_that_is_wrong_is_noted_and_its_item_sent(world, make_png, boxes, labels, words):
    bad = VisualDetectionFeatures("a.png", labels, boxes, image_bytes=make_png(1))
    report = world.dataset.upload_dataset(ListLoader("visual_detection", [bad]))
    assert (report.uploaded, report.failed) == (1, [])
    (note,) = report.notes
    assert re.search(words, note)


def test_an_item_that_is_wrong_is_reported_and_not_sent(world, make_png):
    bad = VisualDetectionFeatures("a.png", ["a", "b"], [[0, 0, 1, 1]], image_bytes=make_png(1))
    good = VisualDetectionFeatures("b.png", [], [], id="1", image_bytes=make_png(2))
    report = world.dataset.upload_dataset(ListLoader("visual_detection", [bad, good]))
    assert (report.uploaded, len(report.failed)) == (1, 1)
    assert "2 labels for 1 bboxes" in report.failed[0].reason
    assert world.inputs().keys() == {"train-1"}


def test_an_item_whose_loading_fails_is_reported(world):
    items = [KeyError("row"), TextFeatures("fine", ["a"]), TextFeatures("", ["a"])]
    report = world.dataset.upload_dataset(ListLoader("text_classification", items))
    assert report.uploaded == 1
    assert [f.id for f in report.failed] == ["train-0", "train-2"]
    assert "KeyError" in report.failed[0].reason


def test_what_is_no_item_is_the_loaders_mistake(world):
    with pytest.raises(UserError, match=r"without text, labels"):
        world.dataset.upload_dataset(ListLoader("text_classification", [object()]))
    with pytest.raises(UserError, match="'sorting'"):
        world.dataset.upload_dataset(ListLoader("sorting", [object()]))
    with pytest.raises(UserError, match="does not exist"):
        world.dataset.upload_dataset("csv")
    assert not world.faults.calls


def test_an_empty_loader_sends_nothing(world):
    report = world.dataset.upload_dataset(ListLoader("text_classification", []))
    assert report.total == 0
    assert not world.faults.calls


def test_logs_of_uploads_take_nobodys_place(world, tmp_path, monkeypatch):
    """Two in the same second, and a link of the same name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("time.strftime", lambda *_: "Dataset_Upload_now")
    (tmp_path / "Dataset_Upload_now-2.log").symlink_to(tmp_path / "nowhere")
    for number in range(2):
        loader = ListLoader("text_classification", [TextFeatures("a", ["x"], id=f"n{number}")])
        assert world.dataset.upload_dataset(loader, log_warnings=True).uploaded == 1
    assert sorted(path.name for path in tmp_path.glob("*.log*")) == [
        "Dataset_Upload_now-2.log",
        "Dataset_Upload_now-3.log",
        "Dataset_Upload_now.log",
    ]


def test_a_log_that_cannot_be_written_costs_no_report(world, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("time.strftime", lambda *_: "no/such/folder")
    loader = ListLoader("text_classification", [TextFeatures("a", ["x"])])
    report = world.dataset.upload_dataset(loader, log_warnings=True)
    assert report.uploaded == 1
    assert "no log of the upload could be written" in report.notes[-1]


def test_upload_status_and_log(world, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    loader = ListLoader("text_classification", [TextFeatures("a", ["x"]), TextFeatures("b", [])])
    world.dataset.upload_dataset(loader, get_upload_status=True, log_warnings=True)
    assert len(list(tmp_path.glob("Dataset_Upload_*.log"))) == 1
    shown = capsys.readouterr()
    assert "Upload status of dataset 'train'" in shown.out
    assert not shown.err
    assert world.dataset.get_upload_status(pre_upload=True, delete_version=True) == (
        {"text": 2, "total": 2},
        {"concepts": 1, "bboxes": 0, "polygons": 0},
    )
    status = world.dataset.get_upload_status(loader)
    assert (status.missing, status.expected) == (0, {"total": 2, "concepts": 1})


def test_progress_can_be_switched_on(world, capsys):
    loader = ListLoader("text_classification", [TextFeatures("a", ["x"])])
    world.dataset.upload_dataset(loader, progress=True)
    assert "1/1" in capsys.readouterr().err
