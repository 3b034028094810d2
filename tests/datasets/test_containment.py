"""A data set names files; those that lie outside of it are refused, unless the user admits them."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clarifai_core.errors import UserError
from clarifai_datasets.upload.loader import BrokenItem, open_loader
from clarifai_datasets.upload.loaders._paths import OutsideSource, inside
from tests.datasets.conftest import png

SECRET = png(99)


@pytest.fixture
def private(tmp_path):
    """A file beside the data set, which no loader is to read."""
    path = tmp_path / "private.png"
    path.write_bytes(SECRET)
    return path


def write(folder, **files):
    for name, content in files.pop("files", files).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def coco(folder, name):
    content = {"images": [{"id": 1, "file_name": name}], "annotations": [], "categories": []}
    write(
        folder, files={"images/a.png": png(1), "annotations/instances_x.json": json.dumps(content)}
    )
    return str(folder), "coco_detection"


def voc(folder, name):
    xml = f"<annotation><filename>{name}</filename></annotation>"
    write(folder, files={"JPEGImages/z.png": png(1), "Annotations/a.xml": xml})
    return str(folder), "voc_detection"


def jsonl(folder, name):
    write(folder, files={"x.jsonl": json.dumps({"file": name, "input_type": "image"})})
    return str(folder / "x.jsonl"), "jsonl"


def parquet(folder, name):
    folder.mkdir(exist_ok=True)
    table = pa.table({"file": [name], "input_type": ["image"], "id": ["a"]})
    pq.write_table(table, folder / "x.parquet")
    return str(folder), "parquet"


MAKERS = {"coco": coco, "voc": voc, "jsonl": jsonl, "parquet": parquet}
NAMES = (
    "../../private.png",
    "images/../../../private.png",
    "{private}",
    "/etc/passwd",
    "file://{private}",
    "FILE:{private}",
    "https://example.com/x.png",
    "C:\\x.png",
    "C:/x.png",
    "\\\\host\\share\\x.png",
    "..\\..\\private.png",
    "images\\..\\..\\..\\private.png",
)


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("name", NAMES)
def test_names_that_lead_out_are_refused(kind, name, tmp_path, private):
    name = name.format(private=private)
    source, loader = MAKERS[kind](tmp_path / "set", name)
    (item,) = open_loader(source, loader).stream()
    assert isinstance(item, BrokenItem)
    assert "is refused: it leads out of" in item.reason
    assert "allow_outside=True" in item.reason
    with pytest.raises(UserError, match="is refused"):
        len(open_loader(source, loader, strict=True))


@pytest.mark.parametrize("kind", MAKERS)
def test_a_switch_admits_them(kind, tmp_path, private):
    source, loader = MAKERS[kind](tmp_path / "set", str(private))
    (item,) = open_loader(source, loader, allow_outside=True).stream()
    content = getattr(item, "content", None) or getattr(item, "image_bytes", None)
    path = getattr(item, "image_path", "") or item.path
    assert (content or Path(path).read_bytes()) == SECRET


def test_names_that_stay_within_may_take_detours(tmp_path):
    folder = write(tmp_path / "set", files={"labels/x.jsonl": '{"file": "../images/./a.png"}'})
    write(folder, files={"images/a.png": png(1)})
    (item,) = open_loader(str(folder), "jsonl").stream()
    assert Path(item.path).read_bytes() == png(1)


@pytest.mark.parametrize("name", ["a\0.png", "\ud800.png"])
def test_names_that_no_file_can_have(name, tmp_path):
    source, loader = coco(tmp_path / "set", name)
    (item,) = open_loader(source, loader).stream()
    assert "no file can have such a name" in item.reason


def test_links_that_lead_out_cost_their_item(tmp_path, private, world):
    folder = write(tmp_path / "set", files={"cat/a.png": png(1)})
    (folder / "cat" / "link.png").symlink_to(private)
    (folder / "cat" / "within.png").symlink_to("a.png")
    outside = write(tmp_path / "far", files={"b.png": png(2), "c.png": png(3)})
    (folder / "dog").symlink_to(outside)
    report = world.dataset.upload_from_folder(str(folder), "image", labels=True)
    assert report.uploaded == 2
    assert sorted("refused" in one.reason for one in report.failed) == [True, True]
    admitted = world.dataset.upload_from_folder(
        str(folder), "image", labels=True, allow_outside=True
    )
    assert (admitted.uploaded, admitted.failed) == (3, [])


LISTED = {
    "yolo": {"images/a.png": png(1), "classes.txt": "cat"},
    "voc_detection": {"JPEGImages/a.png": png(1), "Annotations/a.xml": "<annotation/>"},
    "clarifai": {"train/inputs/a.png": png(1)},
    "imagenet_classification": {
        "LOC_synset_mapping.txt": "n1 cat\n",
        "train/n1/a.JPEG": png(1),
    },
    "folder": {"a.png": png(1)},
}


@pytest.mark.parametrize("name", LISTED)
def test_linked_folders_that_lead_out_are_no_items_but_one_failure(name, tmp_path):
    folder = write(tmp_path / "set", files=LISTED[name])
    write(tmp_path / "far", files={"b.png": SECRET})
    (folder / "more").symlink_to(tmp_path / "far")
    items = list(open_loader(str(folder), name).stream())
    assert len(items) == 2
    assert "'more' is refused: it leads out of" in items[-1].reason


def test_yolo_looks_at_no_path_of_its_yaml(tmp_path, private):
    yaml = f"path: {tmp_path}\ntrain: ../\nval: /etc\nnames: [cat]\n"
    folder = write(tmp_path / "set", files={"images/a.png": png(1), "data.yaml": yaml})
    (item,) = open_loader(str(folder), "yolo").stream()
    assert item.id == "a"


def test_members_of_zips_that_lead_out_are_refused(tmp_path, private):
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.png", png(1))
        archive.writestr("../private.png", png(2))
    items = list(open_loader(str(path), "folder").stream())
    assert sorted(isinstance(one, BrokenItem) for one in items) == [False, True]


@pytest.mark.parametrize("start", ["file://", "local://"])
def test_local_urls_are_held_to_their_folder(start, tmp_path, private):
    source, loader = jsonl(tmp_path / "set", "../private.png")
    (item,) = open_loader(f"{start}{source}", loader).stream()
    assert "is refused" in item.reason


def test_urls_are_held_to_their_folder():
    memory = fsspec.filesystem("memory")
    memory.pipe("/fenced/set/x.jsonl", b'{"file": "../private.png"}')
    memory.pipe("/fenced/private.png", SECRET)
    (item,) = open_loader("memory://fenced/set/x.jsonl", "jsonl").stream()
    assert "is refused" in item.reason


def test_a_csv_that_is_loaded_by_name_stays_where_it_is_or_is_run(tmp_path, private, monkeypatch):
    folder = write(tmp_path / "set", files={"a.png": png(1)})
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    rows = f"input,labels\na.png,x\n{folder}/a.png,x\n{private},x\n../private.png,x\n"
    write(folder, files={"x.csv": rows})
    options = {"input_type": "image", "csv_type": "file_path", "strict": False}
    items = list(open_loader(str(folder / "x.csv"), "csv", **options).stream())
    refused = [isinstance(one, BrokenItem) and "refused" in one.reason for one in items]
    assert refused == [False, False, True, True]


def test_a_csv_that_the_user_wrote_names_any_file(tmp_path, private, world):
    write(tmp_path / "set", files={"x.csv": f"input,labels\n{private},x\n"})
    report = world.dataset.upload_from_csv(str(tmp_path / "set" / "x.csv"), "image", "file_path")
    assert (report.uploaded, report.failed) == (1, [])


def test_the_switch_from_the_command_line(tmp_path, private):
    from clarifai_datasets._commands import opened, parsed

    source, loader = jsonl(tmp_path / "set", str(private))
    made, _ = opened(source, loader, parsed(["allow-outside=true"]), strict=False)
    (item,) = made.stream()
    assert item.path == str(private)


@pytest.mark.parametrize("name", ["..", ".", "a/../..", "/", "//x", "a/../../b"])
def test_the_edges_of_a_folder(name):
    if name == ".":
        assert inside(name, "set") == "."
    else:
        with pytest.raises(OutsideSource):
            inside(name, "set")


def test_pipes_and_devices_are_not_waited_for(tmp_path, world):
    folder = write(tmp_path / "set", files={"a.png": png(1)})
    os.mkfifo(folder / "pipe.png")
    report = world.dataset.upload_from_folder(str(folder), "image")
    assert (report.uploaded, [one.id for one in report.failed]) == (1, ["pipe"])
    assert "no plain file" in report.failed[0].reason
    os.mkfifo(folder / "pipe.parquet")
    with pytest.raises(UserError, match="no such file"):
        len(open_loader(str(folder), "parquet"))
