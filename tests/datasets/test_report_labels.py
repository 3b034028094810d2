"""A report says how many of the inputs that it added carry labels: training can use only those."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from clarifai_grpc.grpc.api.status import status_code_pb2

from clarifai_datasets.upload.features import (
    MediaFeatures,
    RegionFeatures,
    TextFeatures,
    VisualDetectionFeatures,
    VisualSegmentationFeatures,
)
from clarifai_datasets.upload.report import UploadReport
from tests.datasets.list_loader import ListLoader

BOX = [0.1, 0.1, 0.9, 0.9]
SHAPE = [[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]]


def labelled(world, task, items, **options):
    report = world.dataset.upload_dataset(ListLoader(task, items), **options)
    assert (report.uploaded, report.failed) == (len(items), [])
    return report.labelled


def test_labels_of_the_whole_count(world):
    items = [TextFeatures("one", ["a", "b"]), TextFeatures("two", []), TextFeatures("three", ["c"])]
    assert labelled(world, "text_classification", items) == 2


@pytest.mark.parametrize(
    ("task", "bare", "marked"),
    [
        ("visual_detection", ([], []), (["x"], [BOX])),
        ("visual_segmentation", ([], []), (["x"], [SHAPE])),
    ],
)
def test_labels_of_regions_count(world, make_png, task, bare, marked):
    made = VisualDetectionFeatures if task == "visual_detection" else VisualSegmentationFeatures
    items = [
        made("a.png", *marked, image_bytes=make_png(1)),
        made("b.png", *bare, image_bytes=make_png(2)),
    ]
    assert labelled(world, task, items) == 1


def test_a_region_without_a_label_does_not(world, make_png):
    items = [
        MediaFeatures("image", content=make_png(n), regions=[RegionFeatures(names, bbox=BOX)])
        for n, names in enumerate([["x"], []])
    ]
    assert labelled(world, "media_classification", items) == 1


def test_an_input_whose_boxes_were_refused_has_no_label(world, make_png):
    def refuse():
        return status_code_pb2.ANNOTATION_INVALID_ARGUMENT

    items = [VisualDetectionFeatures("a.png", ["x"], [BOX], image_bytes=make_png(1))]
    world.faults.on_before["PostAnnotations"] = refuse
    report = world.dataset.upload_dataset(ListLoader("visual_detection", items))
    assert (report.uploaded, report.labelled, len(report.failed)) == (1, 0, 1)


def test_workers_of_an_executor_count_them_too(world):
    items = [TextFeatures(str(n), ["a"] if n % 2 else []) for n in range(10)]
    with ThreadPoolExecutor(2) as pool:
        assert labelled(world, "text_classification", items, executor=pool) == 5


def test_a_report_says_so_and_keeps_it(world, make_csv, tmp_path):
    report = world.dataset.upload_from_csv(make_csv("input,labels\nx,cat\ny,\n"), csv_type="raw")
    assert str(report).startswith("train: 2 uploaded (1 with labels), 0 already there, ")
    report.save(tmp_path / "report.jsonl")
    assert UploadReport.load(tmp_path / "report.jsonl").labelled == 1


def test_a_report_of_an_older_version_is_read(tmp_path):
    report = UploadReport("train", uploaded=1)
    report.save(path := tmp_path / "report.jsonl")
    summary = json.loads(path.read_text())
    del summary["labelled"]
    path.write_text(json.dumps(summary))
    assert UploadReport.load(path) == report


def test_nothing_is_said_of_labels_where_nothing_was_added(world):
    items = [TextFeatures("one", ["a"])]
    labelled(world, "text_classification", items)
    again = world.dataset.upload_dataset(ListLoader("text_classification", items))
    assert str(again).startswith("train: 0 uploaded, 1 already there, ")
