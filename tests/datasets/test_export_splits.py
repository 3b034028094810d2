"""Exports of several splits as the programs that the formats are for read them.

YOLO: what Ultralytics documents of data.yaml and of rows (docs.ultralytics.com/datasets/detect and
/segment), and what is reported of exports that it does not train on: ultralytics#22101, #14862,
#18323, ultralytics/yolov5#9718. COCO: cocodataset.org/#format-data, and v7labs/darwin-py#471.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from clarifai_grpc.grpc.api import resources_pb2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarifai_datasets.handle import Dataset
from clarifai_datasets.upload.loader import open_loader
from tests.datasets.archives import concept, region, write_archive
from tests.datasets.conftest import png

BOX = (0.1, 0.2, 0.5, 0.75)
CORNERS = "0.1 0.2 0.5 0.2 0.5 0.75 0.1 0.75"


def picture(input_id, *regions, number=0, concepts=()):
    data = resources_pb2.Data(regions=regions, concepts=map(concept, concepts))
    data.image.base64 = png(number, 40)
    return resources_pb2.Input(id=input_id, data=data)


def triangle(name):
    one = resources_pb2.Region(data=resources_pb2.Data(concepts=[concept(name)]))
    for x, y in ((0, 0), (1, 0), (0.5, 1)):
        one.region_info.polygon.points.add(col=x, row=y)
    return one


def exported(folder, splits, format_name):
    folder.mkdir(exist_ok=True)
    archive = write_archive(folder / "in.zip", splits)
    target = folder / format_name
    report = Dataset(base_url="http://127.0.0.1:9", pat="x").export(
        target, local_archive_path=archive, format=format_name, progress=False
    )
    return target, report.raise_for_failures()


def yolo(folder, splits):
    target, report = exported(folder, splits, "yolo")
    return target, yaml.safe_load((target / "data.yaml").read_text("utf-8")), report


CAT, DOG = region("cat", *BOX), region("dog", *BOX)

SPLITS = [
    (("train", "val", "test"), {"train": "train", "val": "val", "test": "test"}, 0),
    (("train",), {"train": "train", "val": "train"}, 1),
    (("train", "test"), {"train": "train", "val": "test", "test": "test"}, 1),
    (("valid",), {"train": "valid", "val": "valid"}, 1),
    (("test",), {"train": "test", "val": "test", "test": "test"}, 2),
    (("all",), {"train": "all", "val": "all", "all": "all"}, 2),
    (("a", "b", "val"), {"train": ["a", "b"], "val": "val", "a": "a", "b": "b"}, 1),
    (("training", "validation"), {"train": "training", "val": "validation"}, 0),
    (("names", "path"), {"train": ["names", "path"], "val": ["names", "path"]}, 2),
]


@pytest.mark.parametrize(("splits", "expected", "notes"), SPLITS)
def test_data_yaml_of_yolo_has_what_trainers_look_for(tmp_path, splits, expected, notes):
    inputs = {split: [picture(f"p-{split}", CAT)] for split in splits}
    target, found, report = yolo(tmp_path, inputs)
    assert (found.pop("nc"), found.pop("names")) == (1, {0: "cat"})
    for key, folders in expected.items():
        wanted = folders if isinstance(folders, list) else [folders]
        paths = found[key] if isinstance(folders, list) else [found[key]]
        assert paths == [f"images/{one}" for one in wanted]
        for one in paths:
            (image,) = (target / one).iterdir()
            label = Path(str(image).replace("/images/", "/labels/")).with_suffix(".txt")
            assert label.read_text() == "0 0.3 0.475 0.4 0.55\n"
    assert found.keys() == expected.keys()
    # Without `path` it is the folder of the file that counts, wherever the trainer was started.
    assert "path" not in found
    assert len(report.notes) == notes
    assert all(note in str(report) for note in report.notes)


def test_a_split_called_images_has_its_labels_where_trainers_look(tmp_path):
    target, *_ = yolo(tmp_path, {"images": [picture("a", CAT)]})
    assert (target / "images/images/a.png").is_file()
    assert (target / "images/labels/a.txt").is_file()


def test_yolo_has_rows_of_one_kind_in_all_files_of_all_splits(tmp_path):
    splits = {
        "train": [picture("a", CAT), picture("b", CAT, triangle("cat")), picture("c")],
        "val": [picture("d", DOG)],
    }
    target, found, report = yolo(tmp_path, splits)
    labels = {path.stem: path.read_text() for path in target.rglob("labels/*/*.txt")}
    assert labels == {
        "a": f"0 {CORNERS}\n",
        "b": f"0 {CORNERS}\n0 0 0 1 0 0.5 1\n",
        "c": "",
        "d": f"1 {CORNERS}\n",
    }
    assert found["names"] == {0: "cat", 1: "dog"}
    assert report.lost == {}
    (note,) = report.notes
    assert note.startswith("3 boxes are written as polygons of their corners")
    loader = open_loader(str(target), "yolo", kind="detection", split="val", strict=True)
    assert [box for item in loader.stream() for box in item.bboxes] == [pytest.approx(list(BOX))]


NAMES = st.text(min_size=1, max_size=12).filter(str.strip)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.lists(NAMES, max_size=4), min_size=1, max_size=4))
def test_classes_have_the_same_number_everywhere(tmp_path_factory, names):
    """Names of any letters; numbers go by the names, not by the order of the inputs."""
    folder = tmp_path_factory.mktemp("classes")
    splits = {
        f"s{number}": [picture(f"p{number}", *(region(one, *BOX) for one in labels))]
        for number, labels in enumerate(names)
    }
    given_names = sorted({one for labels in names for one in labels})
    target, found, _ = yolo(folder, splits)
    assert found["names"] == dict(enumerate(given_names))
    for number, labels in enumerate(names):
        rows = (target / f"labels/s{number}/p{number}.txt").read_text().splitlines()
        assert [found["names"][int(row.split()[0])] for row in rows] == labels
    coco, _ = exported(folder, splits, "coco")
    for number, labels in enumerate(names):
        listed = json.loads((coco / f"annotations/instances_s{number}.json").read_text("utf-8"))
        categories = {one["id"]: one["name"] for one in listed["categories"]}
        assert categories == dict(enumerate(given_names, 1))
        assert [categories[one["category_id"]] for one in listed["annotations"]] == labels


def test_coco_has_one_table_of_categories_and_numbers_that_do_not_meet(tmp_path):
    splits = {
        "train": [picture("a", CAT, DOG, concepts=["pet"]), picture("b", triangle("eye"))],
        "val": [picture("c", DOG, number=1, concepts=["pet"]), picture("d", CAT)],
    }
    target, _ = exported(tmp_path, splits, "coco")
    files = {
        path.stem: json.loads(path.read_text("utf-8"))
        for path in (target / "annotations").iterdir()
    }
    train, val = files["instances_train"], files["instances_val"]
    assert train["categories"] == val["categories"]
    assert [(one["id"], one["name"]) for one in val["categories"]] == [
        (1, "cat"),
        (2, "dog"),
        (3, "eye"),
    ]
    images = [one["id"] for one in (*train["images"], *val["images"])]
    assert len(set(images)) == 4
    annotations = [one for found in files.values() for one in found["annotations"]]
    assert len({one["id"] for one in annotations}) == len(annotations) == 7
    instances = [*train["annotations"], *val["annotations"]]
    assert [one["category_id"] for one in instances] == [1, 2, 3, 2, 1]
    assert {one["iscrowd"] for one in instances} == {0}
    # 40 x 40 pixels: a box of 16 x 22, a triangle over half of the picture.
    assert [one["area"] for one in instances] == pytest.approx([352, 352, 800, 352, 352])
    captions = files["captions_val"]
    assert [one["image_id"] for one in captions["annotations"]] == [val["images"][0]["id"]]


def test_voc_lists_a_picture_of_two_splits_in_both(tmp_path):
    target, report = exported(
        tmp_path, {"train": [picture("a", CAT)], "trainval": [picture("a", CAT)]}, "voc"
    )
    assert report.exported == 2
    assert [path.name for path in (target / "JPEGImages").iterdir()] == ["a.png"]
    for split in ("train", "trainval"):
        assert (target / f"ImageSets/Main/{split}.txt").read_text() == "a\n"
        assert len(open_loader(str(target), "voc_detection", split=split)) == 1
    archive = write_archive(
        tmp_path / "other.zip", {"train": [picture("a", CAT)], "val": [picture("a", DOG)]}
    )
    report = Dataset(base_url="http://127.0.0.1:9", pat="x").export(
        tmp_path / "other", local_archive_path=archive, format="voc"
    )
    assert [str(one) for one in report.failed] == [
        "val/a: another split has another input with this id, and voc has one folder"
    ]


@pytest.mark.parametrize("format_name", ["csv", "jsonl", "parquet"])
def test_tables_have_the_same_columns_in_every_split(tmp_path, format_name):
    """Also where a split has nothing in some of them: readers put the files together."""
    pandas = pytest.importorskip("pandas")
    full = picture("a", CAT, concepts=["x", "y"])
    full.data.metadata.update({"k": 1})
    full.data.geo.geo_point.longitude = 1.5
    target, _ = exported(tmp_path, {"train": [full], "val": [picture("b")]}, format_name)
    read = {
        "csv": lambda: [pandas.read_csv(one) for one in sorted(target.glob("*.csv"))],
        "jsonl": lambda: [pandas.read_json(target / "data.jsonl", lines=True)],
        "parquet": lambda: [pandas.read_parquet(one) for one in sorted(target.glob("*.parquet"))],
    }
    tables = read[format_name]()
    assert len({tuple(one.columns) for one in tables}) == 1
    assert sum(map(len, tables)) == 2
