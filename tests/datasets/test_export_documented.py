"""What programs for the official SDK rely on: names of splits, labels without media, PNG.

The reference document: "split (str) - Export dataset inputs in the directory format
{split}/{input_type}. Default is all." What the official SDK was seen to write: images as PNG, in
`<split>/inputs/<id>.png`, and `<split>/annotations/<id>.json` of every input.
"""

from __future__ import annotations

import io
import json
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
import yaml
from clarifai_grpc.grpc.api import resources_pb2
from click.testing import CliRunner
from PIL import Image

from clarifai_cli._frame import program
from clarifai_core.errors import PluginError, UserError
from clarifai_core.transport import download
from clarifai_datasets._export.report import ExportFailed
from clarifai_datasets.upload.loader import open_loader
from tests.datasets.archives import concept, hosted, members, region, text, write_archive
from tests.datasets.conftest import png
from tests.datasets.fault_site import FaultSite, whole

BOX = (0.1, 0.2, 0.5, 0.75)
BUSY = whole(b"", status="503 Service Unavailable")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    """A busy server is asked once: to ask again is tested elsewhere."""
    monkeypatch.setattr(download, "MAX_ATTEMPTS", 1)


@pytest.fixture
def site():
    with closing(FaultSite()) as made:
        yield made


# -- split -----------------------------------------------------------------------------------------


def test_split_names_the_folder_of_a_data_set_without_splits(dataset):
    archive = write_archive("in.zip", {"all": [text("a"), text("b"), text("c")]})
    report = dataset.export("out.zip", local_archive_path=archive, split="train")
    assert report.splits == {"train": 3}
    assert list(members("out.zip")) == [f"train/inputs/{one}.txt" for one in "abc"]
    dataset.export("out", local_archive_path=archive, split="train", format="jsonl")
    assert {one["split"] for one in lines("out")} == {"train"}


def test_split_chooses_where_there_are_splits(dataset):
    archive = write_archive("in.zip", {"all": [text("a")], "train": [text("b")]})
    dataset.export("out.zip", local_archive_path=archive, split="train")
    assert list(members("out.zip")) == ["train/inputs/b.txt"]
    dataset.export("both.zip", local_archive_path=archive, split="all")
    assert list(members("both.zip")) == ["all/inputs/a.txt", "train/inputs/b.txt"]
    with pytest.raises(UserError, match=r"split 'trian' is not in .* did you mean 'train'"):
        dataset.export("none.zip", local_archive_path=archive, split="trian")
    only = write_archive("only.zip", {"train": [text("b")]})
    with pytest.raises(UserError, match="split 'test' is not in"):
        dataset.export("none.zip", local_archive_path=only, split="test")


@pytest.mark.parametrize("split", ["a/b", "..", "x.", "a\\b", "a:b"])
def test_a_split_that_no_folder_can_be_called(dataset, split):
    archive = write_archive("in.zip", {"all": [text("a")]})
    with pytest.raises(UserError, match="cannot be the name of a folder"):
        dataset.export("out.zip", local_archive_path=archive, split=split)


def test_the_same_path_in_another_split_is_another_export(dataset):
    archive = write_archive("in.zip", {"all": [text("a")]})
    for split in ("train", "test", ""):
        dataset.export("out.zip", local_archive_path=archive, split=split)
        assert list(members("out.zip")) == [f"{split or 'all'}/inputs/a.txt"]


# -- labels of inputs whose media do not come ------------------------------------------------------


def lines(folder):
    return [json.loads(line) for line in Path(folder, "data.jsonl").read_text("utf-8").splitlines()]


def given(site):
    labels = {"concepts": [concept("x")], "regions": [region("y", *BOX)]}
    site.pages |= {"/orig/here": [whole(png(1, 40))], "/orig/busy": [BUSY]}
    nowhere = resources_pb2.Input(id="nowhere", data=resources_pb2.Data(**labels))
    nowhere.data.image.SetInParent()
    inputs = [hosted(one, site.url, **labels) for one in ("gone", "here", "busy")]
    return write_archive("in.zip", {"s": [*inputs, nowhere, hosted("bare", site.url)]})


FAILED = ["gone", "busy", "nowhere", "bare"]


def test_labels_of_media_that_do_not_come_are_written(site, dataset):
    report = dataset.export("out.zip", local_archive_path=given(site))
    assert [one.id for one in report.failed] == FAILED
    assert (report.exported, report.annotations) == (1, 4)
    assert report.notes[0].startswith("3 of the failed inputs are there by their labels alone")
    found = members("out.zip")
    assert list(found) == [
        "s/inputs/here.png",
        *(f"s/annotations/{one}.json" for one in ("here", "gone", "busy", "nowhere")),
    ]
    assert found["s/annotations/gone.json"] == found["s/annotations/here.json"]


def test_media_that_come_another_time_take_their_labels_with_them(site, dataset):
    """The zip of before is gone on with: nothing is in it twice."""
    archive = given(site)
    dataset.export("out.zip", local_archive_path=archive)
    site.pages["/orig/busy"] = [whole(png(2, 40))]
    site.asked.clear()
    report = dataset.export("out.zip", local_archive_path=archive)
    assert (report.exported, "/orig/here" in [path for path, _ in site.asked]) == (2, False)
    assert sorted(members("out.zip")) == [
        *(f"s/annotations/{one}.json" for one in ("busy", "gone", "here", "nowhere")),
        "s/inputs/busy.png",
        "s/inputs/here.png",
    ]


def test_other_formats_keep_labels_where_they_can(site, dataset):
    archive = given(site)
    dataset.export("yolo", local_archive_path=archive, format="yolo")
    labels = [Path(f"yolo/labels/s/{one}.txt").read_text() for one in ("here", "gone", "nowhere")]
    assert labels == ["0 0.3 0.475 0.4 0.55\n"] * 3
    for name in ("jsonl", "parquet"):
        dataset.export(name, local_archive_path=archive, format=name)
        loader = open_loader(name, name)
        assert len(loader) == 4
    records = {one["id"]: one for one in lines("jsonl")}
    assert records["gone"]["regions"] == records["here"]["regions"] != []
    assert ("file" in records["here"], "file" in records["gone"]) == (True, False)
    assert records["gone"]["input_type"] == "image"
    for name in ("coco", "voc", "csv"):  # sizes, or contents, are part of what they hold
        report = dataset.export(name, local_archive_path=archive, format=name)
        assert [one.id for one in report.failed] == FAILED


def test_inputs_without_a_name_have_no_labels_either(dataset):
    twice = [text("a"), text("a", raw="other", concepts=[concept("x")])]
    slash = resources_pb2.Input(id="a/b", data=resources_pb2.Data(concepts=[concept("x")]))
    archive = write_archive("in.zip", {"s": [*twice, slash]})
    report = dataset.export("out.zip", local_archive_path=archive)
    assert (len(report.failed), report.annotations) == (2, 0)
    assert list(members("out.zip")) == ["s/inputs/a.txt"]


def test_labels_alone_are_an_error_that_leaves_them(site, dataset):
    labels = {"concepts": [concept("x")]}
    archive = write_archive("in.zip", {"s": [hosted("gone", site.url, **labels)]})
    with pytest.raises(ExportFailed, match="No input came, only labels") as error:
        dataset.export("out.zip", local_archive_path=archive)
    assert list(members("out.zip")) == ["s/annotations/gone.json"]
    assert [one.id for one in error.value.report.failed] == ["gone"]
    # What may come later is asked for again by the same call: until then there is nothing.
    site.pages["/orig/gone"] = [BUSY]
    with pytest.raises(ExportFailed, match="Nothing was exported"):
        dataset.export("folder", local_archive_path=archive, format="jsonl")


# -- image_format ----------------------------------------------------------------------------------


def drawn(name, mode="RGB", size=(40, 30), orientation=1, **options):
    """Return an image whose top left corner is light and whose rest is dark."""
    image = Image.new("L", size, 20)
    image.paste(235, (0, 0, size[0] // 2, size[1] // 2))
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    image.convert(mode).save(file, name, exif=exif, **options)
    return file.getvalue()


def export_as_png(site, dataset, pages, **options):
    site.pages = {f"/orig/{name}": [whole(content)] for name, content in pages.items()}
    archive = write_archive("in.zip", {"all": [hosted(name, site.url) for name in pages]})
    return dataset.export(
        "out.zip", local_archive_path=archive, split="train", image_format="png", **options
    )


def test_png_is_what_readers_of_the_official_layout_find(site, dataset):
    """Upright: 6 is a camera on its side, and what is stored top left is shown top right."""
    pages = {
        "jpeg": drawn("JPEG"),
        "side": drawn("JPEG", orientation=6),
        "cmyk": drawn("JPEG", "CMYK"),
        "webp": drawn("WEBP", "RGBA", lossless=True),
        "grey": drawn("TIFF", "L"),
        "png": png(3, 40),
    }
    report = export_as_png(site, dataset, pages)
    assert (report.exported, report.failed) == (6, [])
    found = members("out.zip")
    assert list(found) == [f"train/inputs/{name}.png" for name in pages]
    assert found.pop("train/inputs/png.png") == pages["png"]
    for name, content in found.items():
        with Image.open(io.BytesIO(content)) as image:
            assert image.format == "PNG"
            on_its_side = "side" in name
            assert image.size == ((30, 40) if on_its_side else (40, 30))
            grey = image.convert("L")
            assert grey.getpixel((25 if on_its_side else 5, 5)) > 200
            assert grey.getpixel((5 if on_its_side else 35, 28)) < 60


def test_what_no_png_can_be_made_of_is_that_inputs_failure(site, dataset):
    whole_one = drawn("JPEG")
    huge = whole_one.replace(b"\x00\x1e\x00\x28", b"\xff\xff\xff\xff")  # SOF: height, width
    pages = {"a": whole_one, "cut": whole_one[:-60], "head": whole_one[:30], "huge": huge}
    report = export_as_png(site, dataset, pages)
    assert [one.id for one in report.failed] == ["cut", "head", "huge"]
    for one, reason in zip(report.failed, ("truncated", "unknown size", "65,535"), strict=True):
        assert "no PNG" in one.reason
        assert reason in one.reason
    assert list(members("out.zip")) == ["train/inputs/a.png"]


def test_png_in_other_formats_too_and_not_mixed_with_originals(site, dataset):
    export_as_png(site, dataset, {"a": drawn("JPEG")}, format="yolo")
    with zipfile.ZipFile("out.zip") as archive:
        assert "images/train/a.png" in archive.namelist()
        assert yaml.safe_load(archive.read("data.yaml"))["train"] == "images/train"
    dataset.export("out.zip", local_archive_path="in.zip")
    assert list(members("out.zip")) == ["all/inputs/a.jpg"]


def test_image_format_is_checked_first(dataset, monkeypatch):
    archive = write_archive("in.zip", {"all": [text("a")]})
    with pytest.raises(UserError, match="image_format must be 'png' or nothing, got 'gif'"):
        dataset.export("out.zip", local_archive_path=archive, image_format="gif")
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    with pytest.raises(PluginError, match=r"clarifai-datasets\[images\]"):
        dataset.export("out.zip", local_archive_path=archive, image_format="png")


def test_the_command_takes_it_too(site, monkeypatch, tmp_path):
    monkeypatch.setenv("CLARIFAI_API_BASE", site.url)
    monkeypatch.setenv("CLARIFAI_PAT", "x")
    site.pages = {"/orig/a": [whole(drawn("JPEG"))]}
    archive = write_archive(tmp_path / "in.zip", {"all": [hosted("a", site.url)]})
    options = [
        "--dataset-id",
        "d",
        "--archive",
        archive,
        "--split",
        "train",
        "--image-format",
        "png",
    ]
    done = CliRunner().invoke(program, ["dataset", "export", str(tmp_path / "out.zip"), *options])
    assert done.exit_code == 0, done.output
    assert (done.exit_code, list(members(tmp_path / "out.zip"))) == (0, ["train/inputs/a.png"])
