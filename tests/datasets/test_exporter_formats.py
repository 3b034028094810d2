"""Exports in other formats than Clarifai's: what is written, what is lost, and where it lands."""

from __future__ import annotations

import json
import sys
import xml.etree.ElementTree as ET
import zipfile

import pytest
import yaml
from click.testing import CliRunner, Result

from clarifai_cli._frame import program
from clarifai_core.contracts import ExporterSpec, WriteResult
from clarifai_core.errors import PluginError, UserError
from clarifai_core.plugins import plugins
from clarifai_datasets.upload.features import MediaFeatures, RegionFeatures
from clarifai_datasets.upload.loader import open_loader
from tests.datasets.archives import concept, region, text, write_archive
from tests.datasets.list_loader import ListLoader

IMAGE_FORMATS = ("coco", "yolo", "voc")


@pytest.fixture
def filled(world, make_png):
    """The world with an image that has everything, a plain one, and a text."""
    regions = [
        RegionFeatures(["dog"], bbox=[0.1, 0.2, 0.5, 0.75]),
        RegionFeatures(["cat"], polygon=[[0, 0], [1, 0], [0.5, 1]]),
        RegionFeatures(["eye"], point=[0.5, 0.25]),
    ]
    items = [
        MediaFeatures(
            "image",
            ["pet"],
            content=make_png(3, 40),
            id="a",
            regions=regions,
            metadata={"k": 1},
            geo_info=[1.5, 2.5],
        ),
        MediaFeatures("image", content=make_png(4, 30), id="b"),
        MediaFeatures("text", ["t"], content=b"hello", id="c"),
    ]
    world.dataset.upload_dataset(ListLoader("media_classification", items)).raise_for_failures()
    return world


LOST = {
    "clarifai": {"metadata": 1, "geo points": 1},
    "jsonl": {},
    "csv": {"boxes": 1, "polygons": 1, "points": 1},
    "coco": {"points": 1},
    "yolo": {"concepts": 1, "points": 1, "metadata": 1, "geo points": 1},
    "voc": {"concepts": 1, "polygons": 1, "points": 1, "metadata": 1, "geo points": 1},
}


@pytest.mark.parametrize("name", LOST)
def test_what_a_format_cannot_hold_is_in_the_report(filled, tmp_path, name):
    report = filled.dataset.export(tmp_path / "out.zip", format=name)
    assert report.lost == LOST[name]
    assert ("cannot hold" in str(report)) == bool(LOST[name])
    refused = [one.id for one in report.failed]
    assert refused == (["train-c"] if name in IMAGE_FORMATS else [])
    assert report.total == 3
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.testzip() is None


def test_a_folder_comes_to_be_in_one_go(filled, tmp_path):
    target = tmp_path / "out"
    report = filled.dataset.export(target, format="jsonl")
    assert report.ok
    lines = [json.loads(line) for line in (target / "data.jsonl").read_text("utf-8").splitlines()]
    assert {line["id"] for line in lines} == {"train-a", "train-b", "train-c"}
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith(".")) == []
    with pytest.raises(UserError, match="exists"):
        filled.dataset.export(target, format="coco")
    empty = tmp_path / "empty"
    empty.mkdir()
    assert filled.dataset.export(empty, format="csv").ok


def test_an_export_that_fails_leaves_nothing(filled, tmp_path):
    with pytest.raises(UserError, match="there is no folder"):
        filled.dataset.export(tmp_path / "no" / "out", format="csv")
    with pytest.raises(UserError, match="format must be one of clarifai, coco, csv"):
        filled.dataset.export(tmp_path / "out", format="tape")
    with pytest.raises(UserError, match="split"):
        filled.dataset.export(tmp_path / "out", split="no/ne", format="csv")
    assert not (tmp_path / "out").exists()


def test_original_bytes_and_endings(filled, tmp_path, make_png):
    for name, path in (
        ("coco", "images/all/train-a.png"),
        ("yolo", "images/all/train-a.png"),
        ("voc", "JPEGImages/train-a.png"),
        ("csv", "inputs/all/train-a.png"),
    ):
        filled.dataset.export(tmp_path / name, format=name)
        assert (tmp_path / name / path).read_bytes() == make_png(3, 40)


def test_coco_as_its_tools_expect_it(filled, tmp_path):
    filled.dataset.export(tmp_path / "out", format="coco")
    content = json.loads((tmp_path / "out/annotations/instances_all.json").read_text("utf-8"))
    image = next(i for i in content["images"] if i["file_name"] == "train-a.png")
    assert (image["width"], image["height"], type(image["id"])) == (40, 40, int)
    box, polygon = content["annotations"]
    names = {c["id"]: c["name"] for c in content["categories"]}
    assert (names[box["category_id"]], names[polygon["category_id"]]) == ("dog", "cat")
    assert box["bbox"] == pytest.approx([4, 8, 16, 22])
    assert polygon["segmentation"] == [[0, 0, 40, 0, 20, 40]]
    assert (polygon["area"], polygon["bbox"], box["iscrowd"]) == (800, [0, 0, 40, 40], 0)
    captions = json.loads((tmp_path / "out/annotations/captions_all.json").read_text("utf-8"))
    assert [c["caption"] for c in captions["annotations"]] == ["pet"]


def test_yolo_and_voc_as_their_tools_expect_them(filled, tmp_path):
    filled.dataset.export(tmp_path / "yolo", format="yolo")
    settings = yaml.safe_load((tmp_path / "yolo/data.yaml").read_text("utf-8"))
    assert settings == {
        "train": "images/all",
        "val": "images/all",
        "all": "images/all",
        "nc": 2,
        "names": {0: "cat", 1: "dog"},
    }
    lines = (tmp_path / "yolo/labels/all/train-a.txt").read_text().splitlines()
    assert lines == ["1 0.1 0.2 0.5 0.2 0.5 0.75 0.1 0.75", "0 0 0 1 0 0.5 1"]
    assert (tmp_path / "yolo/labels/all/train-b.txt").read_bytes() == b""
    filled.dataset.export(tmp_path / "voc", format="voc")
    root = ET.parse(tmp_path / "voc/Annotations/train-a.xml").getroot()
    assert [one.text for one in root.find("object/bndbox")] == ["5", "9", "20", "30"]
    assert (root.findtext("filename"), root.findtext("size/width")) == ("train-a.png", "40")
    assert "train-a\n" in (tmp_path / "voc/ImageSets/Main/all.txt").read_text()


def test_negative_concepts_and_masks_are_no_labels(world, tmp_path):
    no = concept("cat")
    no.value = 0
    masked = region("dog", 0, 0, 1, 1)
    masked.region_info.ClearField("bounding_box")
    masked.region_info.mask.image.base64 = b"x"
    archive = write_archive(
        tmp_path / "in.zip", {"train": [text("a", concepts=[no, concept("dog")], regions=[masked])]}
    )
    report = world.dataset.export(
        tmp_path / "out", local_archive_path=archive, format="jsonl", progress=False
    )
    assert report.lost == {"negative concepts": 1, "masks": 1}
    loader = open_loader(str(tmp_path / "out"), "jsonl")
    assert loader[0].labels == ["dog"]


def test_splits_stay_apart(world, tmp_path):
    splits = {"train": [text("a")], "test": [text("b"), text("c")]}
    archive = write_archive(tmp_path / "in.zip", splits)
    world.dataset.export(tmp_path / "out", local_archive_path=archive, format="csv")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "test-text.csv",
        "train-text.csv",
    ]
    world.dataset.export(tmp_path / "lines", local_archive_path=archive, format="jsonl")
    assert len(open_loader(str(tmp_path / "lines"), "jsonl", split="test")) == 2


def test_the_extra_of_parquet_is_named(filled, tmp_path, monkeypatch):
    for module in ("pyarrow", "pyarrow.parquet"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(PluginError, match=r"clarifai-datasets\[arrow\]"):
        filled.dataset.export(tmp_path / "out", format="parquet")
    assert not (tmp_path / "out").exists()


class Names:
    """An exporter as a plugin would have it: a list of ids, images refused."""

    def __init__(self, target):
        self.target, self.ids = target, []

    def add(self, split, message, media):
        if media[0][0] != "text":
            raise ValueError("texts only")
        self.ids.append(f"{split}/{message.id}")
        return WriteResult(lost={"texts": 1, "regions": 0})

    def finish(self):
        self.target.add("names/all.txt", "\n".join(self.ids).encode())


def test_an_exporter_of_a_plugin(filled, tmp_path, monkeypatch):
    spec = ExporterSpec("names", f"{__name__}:Names")
    monkeypatch.setattr(ExporterSpec, "load", lambda _: Names)
    table = {**plugins()._table("exporters"), "names": (plugins().list()[0], spec)}
    monkeypatch.setitem(plugins()._specs, "exporters", table)
    report = filled.dataset.export(tmp_path / "out", format="names")
    assert (tmp_path / "out/names/all.txt").read_text() == "all/train-c"
    assert (report.exported, report.lost) == (1, {"texts": 1})
    assert {one.reason for one in report.failed} == {"texts only"}


# -- the command line ------------------------------------------------------------------------------


@pytest.fixture
def run(world, monkeypatch, tmp_path):
    monkeypatch.setenv("CLARIFAI_API_BASE", world.dataset.settings.base_url)
    monkeypatch.setenv("CLARIFAI_STATE_DIR", str(tmp_path / "state"))
    common = ["--dataset-id", "train", "--app-id", "demo", "--user-id", "me"]

    def invoke(command, *arguments) -> Result:
        return CliRunner().invoke(program, ["dataset", command, *arguments, *common])

    return invoke


def test_commands_upload_and_export(run, make_csv, tmp_path):
    path = make_csv("inputid,input\na,one\nb,two\n")
    done = run("upload", path, "--option", "labels=false", "--report", str(tmp_path / "r.jsonl"))
    assert (done.exit_code, done.output[:17]) == (0, "train: 2 uploaded")
    assert (tmp_path / "r.jsonl").is_file()
    done = run("export", str(tmp_path / "out"), "--format", "jsonl")
    assert (done.exit_code, "2 exported" in done.output) == (0, True)
    done = run("export", str(tmp_path / "out2"), "--format", "voc")
    assert "holds images only" in done.stderr


def test_a_report_that_cannot_be_written_is_refused_before_anything_is_sent(
    run, world, make_csv, tmp_path
):
    path = make_csv("inputid,input\na,one\n")
    (tmp_path / "file").touch()
    for place in (tmp_path / "nowhere" / "r.jsonl", tmp_path / "file" / "r.jsonl", tmp_path):
        done = run("upload", path, "--option", "labels=false", "--report", str(place))
        assert done.exit_code == 2
        assert f"--report {str(place)!r} cannot be written" in done.stderr
    assert not world.faults.calls


def test_the_command_says_what_to_do_about_other_content(run, world, make_csv):
    path = make_csv("inputid,input\na,one\n")
    assert run("upload", path, "--option", "labels=false").exit_code == 0
    path = make_csv("inputid,input\na,two\n")
    assert run("upload", path, "--option", "labels=false").exit_code == 1
    more = ("--option", "labels=false", "--on-conflict", "replace", "--batch-size", "1000")
    assert run("upload", path, *more).exit_code == 0
    assert [one.data.text.raw for one in world.inputs().values()] == ["two"]


def test_commands_end_with_one_when_something_failed(run, make_csv):
    path = make_csv("inputid,input\na,one\na,two\n")
    done = run("upload", path, "--loader", "csv", "--option", "labels=false")
    assert done.exit_code == 1
    assert "inputid 'a' is there twice" in done.output
    done = run("upload", path, "--strict", "--option", "labels=false")
    assert done.exit_code == 2


def test_options_of_loaders_are_checked(run, make_csv):
    path = make_csv("input\none\n")
    done = run("upload", path, "--option", "label=false")
    assert "no option 'label'; there are: input_type, csv_type, labels" in done.stderr
    done = run("upload", path, "--option", "label")
    assert "KEY=VALUE" in done.stderr
    done = run("upload", path, "--loader", "tape")
    assert "'tape'" in done.stderr


def test_formats_are_listed():
    shown = CliRunner().invoke(program, ["dataset", "formats"]).output
    assert "loader    coco_detection" in shown
    assert "exporter  yolo" in shown
