"""What docs/datasets.md tells of, as its reader would use it; what it lists is what there is."""

# ruff: noqa: T201 - the guide prints

from __future__ import annotations

import inspect
import json
import re
import zipfile
from pathlib import Path

import pytest
from clarifai_grpc.grpc.api import resources_pb2

from clarifai_core.plugins import plugins
from clarifai_datasets.upload.loader import open_loader
from tests.datasets.archives import concept, region, text, write_archive
from tests.datasets.conftest import png
from tools import snippets

PAGE = (snippets.ROOT / "docs" / "datasets.md").read_text("utf-8")


@pytest.fixture
def dataset(world, tmp_path, monkeypatch):
    """Return a dataset, in a working directory with files to upload."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reviews.csv").write_text("input,labels\nI love it,good\nIt broke,bad\n")
    for label in ("cat", "dog"):
        (tmp_path / "pictures" / label).mkdir(parents=True)
        (tmp_path / "pictures" / label / "1.png").write_bytes(png(len(label)))
    return world.dataset


@pytest.fixture
def coco(tmp_path):
    """Write a folder in COCO's layout; the box of its second image is wrong."""
    images = [{"id": n, "file_name": f"{n}.png", "width": 4, "height": 4} for n in (1, 2)]
    boxes = [[0, 0, 2, 2], [1, 1, 9, 9]]
    content = {
        "images": images,
        "annotations": [
            {"id": n, "image_id": n, "category_id": 1, "bbox": box}
            for n, box in enumerate(boxes, 1)
        ],
        "categories": [{"id": 1, "name": "cat"}],
    }
    folder = tmp_path / "pets"
    (folder / "annotations").mkdir(parents=True)
    (folder / "annotations" / "instances_val.json").write_text(json.dumps(content))
    (folder / "val").mkdir()
    for one in images:
        (folder / "val" / one["file_name"]).write_bytes(png(one["id"]))


def test_three_ways_in(dataset, capsys):
    report = dataset.upload_from_csv("reviews.csv", csv_type="raw")
    report = dataset.upload_from_folder("pictures", "image", labels=True)
    print(report)  # train: 2 uploaded (2 with labels), 0 already there, 0 failed, ...
    printed = capsys.readouterr().out
    assert printed.startswith("train: 2 uploaded (2 with labels), 0 already there, 0 failed, ")


def test_a_path_is_detected(dataset, coco):
    report = dataset.upload_dataset("pets", options={"split": "val"})
    assert (report.uploaded, report.annotations, len(report.failed)) == (2, 2, 0)
    assert any("boxes cut at the border: 1" in note for note in report.notes)


def test_a_loader_by_name(dataset, coco):
    from clarifai_datasets.upload.loader import open_loader

    pets = open_loader("pets", "coco_detection", split="val")
    report = dataset.upload_dataset(pets)
    for item in report.failed:
        print(item.id, item.reason, item.code, item.attempts)
    assert (report.uploaded, report.annotations, report.failed) == (2, 2, [])
    assert "boxes cut at the border: 1" in report.notes[0]


def test_columns_of_other_names(dataset, world, tmp_path):
    shop = "row,text,category,colour\n0,a shoe,shoes,red\n1,a hat,hats,blue\n"
    (tmp_path / "shop.csv").write_text(shop)
    columns = {"text": "input", "category": "labels", "colour": "metadata", "row": None}
    report = dataset.upload_from_csv("shop.csv", csv_type="raw", columns=columns)
    assert (report.uploaded, report.notes) == (2, [])
    assert {one.data.metadata["colour"] for one in world.inputs().values()} == {"red", "blue"}


def test_rows_of_ones_own(dataset):
    from clarifai_datasets.upload.loaders.rows import RowsLoader

    report = dataset.upload_dataset([("hello", "greeting"), ("bye", ["farewell", "short"])])
    rows = ({"body": f"text {number}", "kind": "even"} for number in range(0, 1000, 2))
    report = dataset.upload_dataset(RowsLoader(rows, columns={"body": "text", "kind": "labels"}))
    assert (report.uploaded, report.notes) == (500, [])


def test_other_content_is_sent_under_another_id(dataset, coco, capsys):
    from clarifai_datasets.upload.loader import open_loader

    def pets():
        return open_loader("pets", "coco_detection", split="val")

    assert dataset.upload_dataset(pets()).uploaded == 2
    Path("pets", "val", "1.png").write_bytes(png(9))
    pets = pets()
    report = dataset.upload_dataset(pets, on_conflict="suffix")
    for item in report.conflicts:
        print(item.what, item.id, item.reason)
    assert capsys.readouterr().out.startswith("suffixed train-")


def test_files_outside_are_admitted_when_asked_for(dataset, coco):
    pets = open_loader("pets", "coco_detection", split="val", allow_outside=True)
    assert len(pets) == 2


def test_strict_lists_faults_before_anything_is_sent(dataset, coco, world, capsys):
    from clarifai_core.errors import UserError

    try:
        dataset.upload_dataset(open_loader("pets", "coco_detection", strict=True))
    except UserError as error:
        print(*error.faults, sep="\n")
    assert "(2.png), annotation 2: boxes cut at the border" in capsys.readouterr().out
    assert not world.faults.calls


def test_reports_are_kept_and_failures_retried(dataset, world):
    from clarifai_datasets.upload.features import TextFeatures
    from tests.datasets.list_loader import ListLoader

    loader = ListLoader("text_classification", [TextFeatures("fine", []), TextFeatures("", [])])
    first = dataset.upload_dataset(loader)
    assert len(first.failed) == 1
    loader[1].text = "now it is"
    report = first
    from clarifai_datasets.upload.report import UploadReport

    report.save("report.jsonl")
    report = UploadReport.load("report.jsonl")
    if report.failed:
        report = dataset.retry_failed(report, loader)
    report.raise_for_failures()
    assert (first.uploaded, report.uploaded, len(world.inputs())) == (1, 1, 2)


def test_workers_of_any_executor(dataset):
    loader = open_loader("reviews.csv")
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as executor:
        report = dataset.upload_dataset(loader, executor=executor)
    assert (report.uploaded, report.failed) == (2, [])


def test_exports(dataset, tmp_path, capsys):
    boxed = resources_pb2.Input(id="a")
    boxed.data.image.base64 = png(1)
    boxed.data.regions.append(region("cat", 0, 0, 0.5, 0.5))
    boxed.data.concepts.append(concept("indoors"))
    write_archive(tmp_path / "archive.zip", {"train": [boxed, text("b")]})
    dataset.export("all.zip", local_archive_path="archive.zip")
    report = dataset.export("as-yolo", local_archive_path="archive.zip", format="yolo")
    print(report.lost)  # {'concepts': 1}
    for one in report.failed:
        print(one)  # train/b: the format yolo holds images only, and this is text
    assert capsys.readouterr().out == (
        "{'concepts': 1}\ntrain/b: the format yolo holds images only, and this is text\n"
    )
    assert "train/inputs/a.png" in zipfile.ZipFile("all.zip").namelist()
    assert (tmp_path / "as-yolo" / "labels" / "train" / "a.txt").is_file()


def test_a_loader_of_ones_own(dataset, world):
    from clarifai_datasets.upload.base import ClarifaiDataLoader
    from clarifai_datasets.upload.features import TextFeatures

    class Greetings(ClarifaiDataLoader):
        """Two texts."""

        task = "text_classification"

        def load_data(self):
            self.texts = ["hello", "good night"]

        def __getitem__(self, index):
            return TextFeatures(self.texts[index], labels=["greeting"], id=f"greeting-{index}")

        def __len__(self):
            return len(self.texts)

    report = dataset.upload_dataset(Greetings())
    assert (report.uploaded, list(world.inputs())) == (2, ["train-greeting-1", "train-greeting-0"])


# -- its tables ------------------------------------------------------------------------------------


def rows(heading):
    """Return the cells of the table below a heading, without the table's own heading."""
    part = re.split(r"\n##+ ", PAGE.split(f"\n## {heading}\n")[1])[0]
    lines = [line for line in part.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def ours(what):
    """Return the specs of formats that need no library of that many: those have a chapter."""
    return [spec for spec in plugins().specs(what) if not spec.name.startswith("datumaro:")]


def test_every_loader_is_listed_with_its_options():
    listed = {row[0].strip("`"): set(re.findall(r"`(\w+)`", row[3])) for row in rows("Loaders")}
    found = {}
    for spec in ours("loaders"):
        names = list(inspect.signature(spec.load()).parameters)[1:]
        found[spec.name] = set(names) - {"strict", "id_seed"}
    assert listed == found


def test_every_format_is_listed():
    listed = [row[0].strip("`") for row in rows("Exports")]
    assert sorted(listed) == sorted(spec.name for spec in ours("exporters"))


def test_every_task_and_field_of_the_report_is_named():
    import attrs

    from clarifai_datasets.upload.base import TASKS
    from clarifai_datasets.upload.report import UploadReport

    fields = {field.name for field in attrs.fields(UploadReport)} - {"origin", "dataloader"}
    assert [name for name in (*fields, *TASKS) if f"`{name}`" not in PAGE] == []
