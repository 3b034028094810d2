"""Files to files of another format without a platform: each format that is read to each written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from clarifai_core.errors import Interrupted, PluginError, UserError
from clarifai_core.plugins import plugins
from clarifai_datasets import _convert
from clarifai_datasets._convert import convert
from clarifai_datasets._export.report import ExportFailed
from clarifai_datasets.upload.detection import detect
from clarifai_datasets.upload.loader import items, open_loader
from tests.datasets import sources
from tests.datasets.sources import BOX, CAPTION, coco, pictures, write

IMAGES_ONLY = ("coco", "yolo", "voc")
FORMATS = ("clarifai", "coco", "csv", "jsonl", "parquet", "voc", "yolo")
TEXTS = ("csv", "jsonl", "parquet", "huggingface")
"""Loaders whose sources of tests/datasets/sources.py are texts."""


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def target_of(folder, name):
    return folder / ("out.zip" if name == "clarifai" else "out")


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("name", sorted(sources.ITEMS))
def test_every_format_to_every_other(tmp_path, name, format_name):
    """Items in = items out + failures; what is out is detected, and read back as many."""
    made = sources.make(name, tmp_path / "data")
    target = target_of(tmp_path, format_name)
    if name in TEXTS and format_name in IMAGES_ONLY:
        with pytest.raises(ExportFailed, match="holds images only, and this is text"):
            convert(made, target, format_name)
        assert names_in(tmp_path) == ["data"]
        return
    report = convert(made, target, format_name)
    assert report.total == sources.ITEMS[name]
    assert report.failed == []
    assert report.loader == name
    splits = sources.SPLITS.get(name, ["all"])
    assert list(report.splits) == splits
    found = detect(target)
    assert sum(len(found.open(p)) for p in read_parts(found)) == report.exported
    assert names_in(tmp_path) == ["data", target.name]


def read_parts(found):
    return [None] if found.sighting.is_whole else found.sighting.parts


def labels_in(loader):
    found = Counter()
    for _, one in items(loader):
        labels = list(one.labels) + [n for r in getattr(one, "regions", ()) for n in r.labels]
        found.update(map(str, labels))
    return found


@pytest.mark.parametrize("format_name", ["coco", "jsonl", "parquet", "voc", "yolo", "clarifai"])
def test_boxes_and_their_labels_arrive(tmp_path, format_name):
    made = sources.make("voc_detection", tmp_path / "data")
    convert(made, target := target_of(tmp_path, format_name), format_name)
    found = detect(target)
    assert sum((labels_in(found.open(p)) for p in read_parts(found)), Counter()) == {"cat": 2}


@pytest.mark.parametrize(
    ("name", "format_name"),
    [
        (name, format_name)
        for name in ("csv", "folder", "voc_detection", "coco_segmentation", "jsonl")
        for format_name in FORMATS
        if not (name in TEXTS and format_name in IMAGES_ONLY)  # those hold images only
    ],
)
def test_it_is_what_an_upload_and_an_export_make(world, tmp_path, name, format_name):
    """By what is read back of it, but for the split, which the platform calls otherwise."""
    made = sources.make(name, tmp_path / "data")
    split = sources.SPLITS.get(name, [""])[0]
    found = detect(made)
    loader = found.open(found.part(split) if split else None)
    world.dataset._upload(loader, {"default_metadata": False})
    suffix = ".zip" if format_name == "clarifai" else ""
    exported = world.dataset.export(tmp_path / f"exported{suffix}", format=format_name)
    converted = convert(made, tmp_path / f"converted{suffix}", format_name, split=split)
    assert (exported.exported, exported.annotations) == (converted.exported, converted.annotations)
    assert exported.lost == converted.lost
    first, second = (read_all(tmp_path / f"{one}{suffix}") for one in ("exported", "converted"))
    assert first == second


def read_all(path):
    """Return what a target holds for its loader: id -> labels and regions."""
    found = detect(path)
    if not found.sighting.is_whole and len(found.sighting.parts) == 1:
        loader = found.open(found.sighting.parts[0])
    else:
        loader = found.open()
    seen = {}
    for _, one in items(loader):
        fields = ("labels", "bboxes", "polygons", "regions", "metadata", "geo_info", "text")
        # why: the platform lists annotations in an order of its own
        seen[str(one.id)] = {f: sorted_if_list(getattr(one, f, None)) for f in fields}
    return seen


def sorted_if_list(value):
    return sorted(value, key=repr) if isinstance(value, list) else value


def test_one_split_and_options(tmp_path):
    made = sources.make("imagenet_classification", tmp_path / "data")
    report = convert(made, tmp_path / "out", "jsonl", split="val")
    assert report.splits == {"val": 1}
    inner = f"{made}/train"
    report = convert(inner, tmp_path / "cats", "jsonl", loader="folder", options={"labels": False})
    assert report.loader == "folder"
    with pytest.raises(UserError, match="split"):
        convert(made, tmp_path / "none", "jsonl", split="nope")
    assert not (tmp_path / "none").exists()


def test_items_in_no_split_are_kept_and_told(tmp_path):
    made = sources.make("voc_detection", tmp_path / "data")
    (Path(made) / "ImageSets/Main/val.txt").unlink()
    report = convert(made, tmp_path / "out", "voc")
    assert report.splits == {"train": 1, "rest": 1}
    assert "items that are in no split go to the split 'rest'" in report.notes


def test_a_bad_row_costs_itself(tmp_path):
    lines = ['{"text": "one", "id": "a"}', '{"text": 1, "id": "b"}', '{"text": "two", "id": "c"}']
    source = write(tmp_path, {"data.jsonl": "\n".join(lines)})
    report = convert(source, tmp_path / "out", "csv")
    assert (report.exported, not report.ok) == (2, True)
    (failed,) = report.failed
    assert "data.jsonl: line 2: text must be text that is not empty, got 1" in failed.reason
    assert {str(one.id) for _, one in items(open_loader(str(tmp_path / "out")))} == {"a", "c"}


def test_what_a_format_cannot_hold_is_counted(tmp_path):
    made = sources.make("coco_segmentation", tmp_path / "data")
    report = convert(made, tmp_path / "out", "voc")
    assert report.lost.keys() == {"polygons"}
    assert "the format cannot hold: " in str(report)


def test_remarks_of_the_source_are_told(tmp_path):
    """As an upload tells them: an id that the platform refuses is changed."""
    source = write(tmp_path, {"data.jsonl": '{"text": "one", "id": "a/b"}\n'})
    report = convert(source, tmp_path / "out", "jsonl")
    assert any("1 id was changed" in note and "a/b" in note for note in report.notes)
    assert "a/b" in str(report)
    assert report.summary()["notes"] == report.notes


def test_media_at_addresses_are_not_fetched(tmp_path):
    lines = '{"url": "https://x.org/a.png?key=secret", "id": "a"}\n{"text": "b", "id": "b"}\n'
    report = convert(write(tmp_path, {"data.jsonl": lines}), tmp_path / "out", "csv")
    (failed,) = report.failed
    assert "its image is at https://x.org/a.png, and a conversion fetches nothing" in failed.reason
    assert "secret" not in str(report)


@pytest.mark.parametrize("what", ["file", "folder", "link", "zip"])
def test_what_is_there_is_left_as_it_is(tmp_path, what):
    made = sources.make("jsonl", tmp_path / "data")
    target = tmp_path / ("out.zip" if what == "zip" else "out")
    if what == "folder":
        target.mkdir()
    elif what == "link":
        target.symlink_to(tmp_path / "nowhere")
    else:
        target.write_bytes(b"mine")
    with pytest.raises(UserError, match=r"is there already|exists|is a link"):
        convert(made, target, "csv")
    assert os.path.lexists(target)
    assert what == "link" or not target.is_file() or target.read_bytes() == b"mine"


def test_a_target_that_cannot_be_written(tmp_path):
    made = sources.make("jsonl", tmp_path / "data")
    with pytest.raises(UserError, match="there is no folder"):
        convert(made, tmp_path / "no/such/out", "csv")
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(UserError, match=r"there is no folder|cannot be written"):
        convert(made, tmp_path / "file/out", "csv")
    with pytest.raises(UserError, match=r"format must be one of .*got 'nope'"):
        convert(made, tmp_path / "out", "nope")


def test_ctrl_c_leaves_nothing(tmp_path, monkeypatch):
    made = sources.make("jsonl", tmp_path / "data")

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(_convert, "_media", interrupted)
    with pytest.raises(Interrupted) as caught:
        convert(made, tmp_path / "out", "csv")
    assert caught.value.report.exported == 0
    assert names_in(tmp_path) == ["data"]


KILLED = """
import sys, time
from clarifai_datasets import _convert

def media(message, given=_convert._media):
    if message.id == "1":
        print("half", flush=True)
        sys.stdin.read()
    return given(message)

_convert._media = media
_convert.convert(sys.argv[1], sys.argv[2], "jsonl")
"""


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_a_kill_half_way_leaves_nothing_of_that_name(tmp_path, name):
    files = {"data.jsonl": "".join(f'{{"text": "t{n}", "id": "{n}"}}\n' for n in range(3))}
    source, target = write(tmp_path / "data", files), tmp_path / name
    command = [sys.executable, "-c", KILLED, source, str(target)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"half\n"
        os.kill(process.pid, signal.SIGKILL)
    assert not os.path.lexists(target)
    assert convert(source, target, "jsonl").exported == 3
    assert names_in(tmp_path) == sorted(["data", name])


def test_captions_of_one_split_only(tmp_path):
    """COCO's captions have no file for a split without any: its images are told of."""
    files = {
        "annotations/captions_train.json": coco(CAPTION),
        "annotations/instances_train.json": coco(),
        "annotations/instances_val.json": coco(),
        **pictures("images/1.png", "images/2.png"),
    }
    report = convert(write(tmp_path / "data", files), tmp_path / "out", "jsonl")
    assert report.splits == {"train": 2}
    assert report.notes == [
        "left alone, lists images without captions: annotations/instances_val.json",
        "images without annotations: 1 (2)",
    ]


def test_all_formats_are_in_these_tests():
    found = {spec.name for spec in plugins().specs("exporters") if ":" not in spec.name}
    assert found == set(FORMATS)
    found = {spec.name for spec in plugins().specs("loaders") if ":" not in spec.name}
    assert found == sources.ITEMS.keys() | {"rows"}  # which reads no files


def run(*arguments):
    command = [sys.executable, "-m", "clarifai_cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_command(tmp_path):
    made = sources.make("voc_detection", tmp_path / "data")
    done = run("dataset", "convert", made, tmp_path / "out", "--format", "yolo", "--json")
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    assert (shown["exported"], shown["splits"]) == (2, {"train": 1, "val": 1})
    again = run("dataset", "convert", made, tmp_path / "out", "--format", "yolo")
    assert again.returncode == 2
    lines = '{"text": "one"}\n{"text": ""}\n'
    source = write(tmp_path / "bad", {"data.jsonl": lines})
    done = run("dataset", "convert", source, tmp_path / "bad-out", "--format", "csv")
    assert done.returncode == 1
    assert "1 exported (1 all), 1 failed" in done.stdout
    assert "line 2" in done.stdout


def test_the_command_that_detects(tmp_path):
    made = sources.make("voc_detection", tmp_path / "data")
    done = run("dataset", "detect", made)
    assert done.returncode == 0, done.stderr
    assert "voc_detection, as Annotations/a.xml is an annotation of Pascal VOC" in done.stdout
    assert "train: 1 item, 1 with labels, 1 label of 1 kind" in done.stdout
    shown = json.loads(run("dataset", "detect", made, "--json").stdout)
    assert shown["format"] == "voc_detection"
    assert [(one["split"], one["items"]) for one in shown["splits"]] == [("train", 1), ("val", 1)]
    assert shown["splits"][0]["labels"] == {"cat": 1}
    done = run("dataset", "detect", tmp_path / "nothing")
    assert done.returncode == 2
    assert "does not exist" in done.stderr
    source = write(tmp_path / "bad", {"data.jsonl": '{"text": "one"}\n{"text": ""}\n'})
    done = run("dataset", "detect", source)
    assert done.returncode == 1
    assert "1 with faults" in done.stdout
    assert "line 2" in done.stdout


def test_both_ways_are_told_by_the_command(tmp_path):
    files = {"a_instances.json": coco(BOX), "images/1.png": b"", **pictures("images/2.png")}
    done = run("dataset", "detect", write(tmp_path / "one", files))
    assert "coco_detection" in done.stdout
    (tmp_path / "empty").mkdir()
    done = run("dataset", "detect", tmp_path / "empty")
    assert (done.returncode, "is empty" in done.stderr) == (2, True)


def test_a_format_or_loader_that_is_misspelt_is_answered_with_the_nearest(tmp_path):
    made = sources.make("folder", tmp_path / "data")
    with pytest.raises(UserError, match="got 'yollo'; did you mean 'yolo'") as caught:
        convert(made, tmp_path / "out", "yollo")
    assert "datumaro:<format>" in str(caught.value)  # one word for a family of fifty
    assert len(str(caught.value)) < 300
    with pytest.raises(PluginError, match="did you mean 'folder'"):
        convert(made, tmp_path / "out", "csv", loader="fodler")


def test_a_report_says_each_note_once(tmp_path):
    made = Path(sources.make("folder", tmp_path / "data"))
    (made / ".DS_Store").write_bytes(b"x")
    report = convert(made, tmp_path / "out", "csv")
    assert str(report).count("left alone, hidden: 1 (.DS_Store)") == 1
