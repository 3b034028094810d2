"""Which loader reads a source that nobody named one for: each of ours, and those of others."""

from __future__ import annotations

import sys
import tempfile
import types
import zipfile

import attrs
import fsspec
import pytest

from clarifai_core.contracts import FormatMatch, LoaderSpec
from clarifai_core.errors import UserError
from clarifai_datasets.upload import detection
from clarifai_datasets.upload.detection import detect
from clarifai_datasets.upload.loader import items, notes, open_loader, prepare
from tests.datasets import sources
from tests.datasets.sources import BOX, CAPTION, COCO_PICTURES, coco, pictures, write

OURS = sorted(sources.ITEMS)
NO_ZIP = ("huggingface",)
"""Its library reads folders only."""


def found_items(found):
    """Return how many items there are, in all parts."""
    parts = found.sighting.parts if not found.sighting.is_whole else [None]
    return sum(prepare(found.open(part)) for part in parts or [None])


@pytest.mark.parametrize("name", OURS)
def test_each_format_is_known_as_a_folder(tmp_path, name):
    found = detect(sources.make(name, tmp_path / "data"))
    assert found.spec.name == name
    assert [one.split for one in found.sighting.parts] == sources.SPLITS.get(name, [])
    assert found_items(found) == sources.ITEMS[name]


@pytest.mark.parametrize("name", OURS)
def test_a_path_object_and_a_folder_in_a_folder_are_as_good(tmp_path, name):
    sources.wrapped(sources.make(name, tmp_path / "data"), tmp_path / "outer", "in/ner")
    found = detect(tmp_path / "outer")
    assert found.spec.name == name
    assert found_items(found) == sources.ITEMS[name]


@pytest.mark.parametrize("inside", ["", "top", "a/b"])
@pytest.mark.parametrize("name", [name for name in OURS if name not in NO_ZIP])
def test_each_format_is_known_in_a_zip(tmp_path, name, inside):
    made = sources.make(name, tmp_path / "data")
    found = detect(sources.zipped(made, tmp_path / "data.zip", inside))
    assert found.spec.name == name
    assert found_items(found) == sources.ITEMS[name]


@pytest.mark.parametrize("name", [name for name in OURS if name not in NO_ZIP])
def test_each_format_is_known_behind_a_url(name):
    system = fsspec.filesystem("memory")
    root = f"/detected-{name}"
    with tempfile.TemporaryDirectory() as folder:
        system.put(f"{sources.make(name, f'{folder}/data')}/", f"{root}/", recursive=True)
    try:
        found = detect(f"memory:/{root}")
        assert found.spec.name == name
        assert found_items(found) == sources.ITEMS[name]
    finally:
        system.rm(root, recursive=True)


def test_what_a_library_reads_from_folders_only_is_told_of_a_zip(tmp_path):
    made = sources.make("huggingface", tmp_path / "data")
    found = detect(sources.zipped(made, tmp_path / "data.zip"))
    with pytest.raises(UserError, match=r"huggingface.*reads folders only: unpack it first"):
        found.open()


def test_the_files_themselves_are_sources(tmp_path):
    for name, file in (
        ("csv", "texts.csv"),
        ("jsonl", "data.jsonl"),
        ("coco_detection", "annotations/instances_val.json"),
        ("coco_captions", "annotations/captions_val.json"),
        ("cifar", "data_batch_1"),
        ("parquet", "train.parquet"),
    ):
        made = sources.make(name, tmp_path / name)
        found = detect(f"{made}/{file}")
        assert found.spec.name == name
        assert prepare(found.open()) == 2


def test_the_hidden_files_of_a_mac_hide_no_format(tmp_path):
    """Such a zip is what the Finder makes: a folder, and `__MACOSX` beside it."""
    made = sources.make("folder", tmp_path / "data")
    path = sources.zipped(made, tmp_path / "pets.zip", "pets")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("__MACOSX/pets/cat/._1.png", b"\0\5\x16\7")
        archive.writestr("pets/.DS_Store", b"\0\0\0\1Bud1")
    found = detect(path)
    assert (found.spec.name, found.chosen.folder) == ("folder", "pets")
    loader = found.open()
    assert [one.labels for _, one in items(loader)] == [["cat"], ["dog"], ["dog"]]
    assert notes(loader) == ["left alone, hidden: 2 (__MACOSX/, pets/.DS_Store)"]
    assert found.notes == ()


def test_boxes_and_captions_in_one_folder_are_two_ways_to_read_it(tmp_path):
    """COCO's own annotations are so: which of them is meant, nobody can know."""
    files = {
        "annotations/instances_val.json": coco(BOX),
        "annotations/captions_val.json": coco(CAPTION),
        **COCO_PICTURES,
    }
    source = write(tmp_path, files)
    with pytest.raises(UserError) as caught:
        detect(source)
    text = str(caught.value)
    assert "can be read in 2 ways, say which" in text
    assert "loader='coco_detection' (annotations/instances_val.json holds COCO's boxes)" in text
    assert "loader='coco_captions' (annotations/captions_val.json holds COCO's captions)" in text
    assert open_loader(source, "coco_captions", split="val").task == "visual_captioning"


def test_a_format_inside_another_goes_by_what_makes_sure(tmp_path):
    """A YOLO data set holds images in folders, too, and labels that are texts."""
    found = detect(sources.make("yolo", tmp_path / "data"))
    assert [one.spec.name for one in found.others] == []
    made = sources.make("voc_detection", tmp_path / "voc")
    assert [one.spec.name for one in detect(made).others] == ["folder"]


def test_media_of_several_kinds_go_by_the_most_frequent(tmp_path):
    source = write(tmp_path, {**pictures("a.png", "b.png"), "c.txt": "x", "d.mp4": b"x"})
    found = detect(source)
    assert found.sighting.options == {"input_type": "image", "labels": False}
    assert [one.labels for _, one in items(found.open())] == [[], []]
    texts = write(tmp_path / "texts", {"good/a.txt": "hello", "bad/b.txt": "bye"})
    assert detect(texts).open().task == "text_classification"


def test_splits_of_labelled_folders_are_parts(tmp_path):
    """torchvision's ImageFolder is used so: train/<label>/x, val/<label>/x."""
    source = write(tmp_path, pictures("train/cat/1.png", "train/dog/2.png", "val/cat/3.png"))
    found = detect(source)
    assert [one.split for one in found.sighting.parts] == ["train", "val"]
    assert [one.labels for _, one in items(open_loader(source, split="val"))] == [["cat"]]
    with pytest.raises(UserError, match=r"several parts.*one at a time.*'train', 'val'"):
        open_loader(source)


def test_one_folder_of_a_label_is_not_taken_for_a_wrapping(tmp_path):
    found = detect(write(tmp_path, pictures("cat/1.png", "cat/2.png")))
    assert [one.labels for _, one in items(found.open())] == [["cat"], ["cat"]]


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("input\nhello\n", {"csv_type": "raw", "input_type": "text"}),
        ("input,labels\na.png,x\n", {"csv_type": "file_path", "input_type": "image"}),
        ("input\nhttps://x.org/a.jpg?s=1\n", {"csv_type": "url", "input_type": "image"}),
        ("input\nmissing.png\n", {"csv_type": "raw", "input_type": "text"}),
    ],
)
def test_csv_goes_by_its_first_rows(tmp_path, text, options):
    source = write(tmp_path, {"data.csv": text, **pictures("a.png")})
    assert detect(f"{source}/data.csv").sighting.options == options


def test_options_of_the_user_go_before_what_was_seen(tmp_path):
    source = write(tmp_path, {"data.csv": "input\nhttps://x.org/a.jpg\n"})
    assert detect(f"{source}/data.csv").open().task == "visual_classification"
    assert open_loader(f"{source}/data.csv", csv_type="raw").task == "text_classification"


def test_lists_of_voc_that_hold_others_are_no_splits(tmp_path):
    """VOC2012 has trainval.txt, the union of the two, and lists of each class."""
    made = sources.make("voc_detection", tmp_path / "data")
    write(made, {"ImageSets/Main/trainval.txt": "a\nb\n", "ImageSets/Main/cat_train.txt": "a -1\n"})
    assert [one.split for one in detect(made).sighting.parts] == ["train", "val"]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "is empty: there is no file in it"),
        (
            {"a.bin": b"x", "b.bin": b"y"},
            "holds nothing that a loader knows .2 files, such as a.bin",
        ),
        ({"data.json": {"a": 1}}, "holds nothing that a loader knows .data.json."),
        ({"mimetype": "application/x.clarifai-data+protobuf"}, "an archive of the platform"),
    ],
)
def test_what_no_loader_knows_is_told(tmp_path, files, said):
    source = tmp_path / "data"
    source.mkdir()
    with pytest.raises(UserError, match=said):
        detect(write(source, files))


def test_wrong_paths(tmp_path):
    with pytest.raises(UserError, match="'/no/such' does not exist"):
        detect("/no/such")
    with pytest.raises(UserError, match="must be the path"):
        detect("")
    write(tmp_path, {"a.tar.gz": b"\x1f\x8b", "a.docx": b"PK"})
    with pytest.raises(UserError, match="but packed: unpack it first"):
        detect(tmp_path / "a.tar.gz")
    with pytest.raises(UserError, match=r"is no file that a loader knows.*loader=: .*yolo"):
        detect(tmp_path / "a.docx")


@pytest.fixture
def plugin(monkeypatch):
    """Add loaders of a third party: what each says of a source, by its name."""

    def add(**said):
        module = types.ModuleType("acme_detection")
        monkeypatch.setitem(sys.modules, "acme_detection", module)
        specs = list(detection.loader_specs())
        for name, function in said.items():
            setattr(module, name, function)
            specs.append(LoaderSpec(name, "json:loads", detect=f"acme_detection:{name}"))
        monkeypatch.setattr(detection, "loader_specs", lambda: specs)

    return add


def test_a_loader_of_a_plugin_wins_where_it_says_so(tmp_path, plugin):
    made = sources.make("yolo", tmp_path / "data")

    def acme(listing):
        assert listing.head("no such file") == b""
        with listing.open("data.yaml") as file:
            return FormatMatch(1, "its own mark") if file.read(5) == b"path:" else None

    plugin(acme=acme)
    found = detect(made)
    assert (found.spec.name, found.sighting.reason) == ("acme", "its own mark")
    assert [one.spec.name for one in found.others] == ["yolo"]
    assert detect(sources.make("jsonl", tmp_path / "other")).spec.name == "jsonl"


def test_as_sure_as_ours_is_an_error_with_both_reasons(tmp_path, plugin):
    plugin(acme=lambda listing: FormatMatch(FormatMatch.SURE, "it feels like it"))
    with pytest.raises(UserError, match=r"2 ways.*'yolo' \(.*'acme' \(it feels like it\)"):
        detect(sources.make("yolo", tmp_path / "data"))


def test_a_plugin_that_fails_harms_no_other(tmp_path, plugin):
    def broken(listing):
        raise SystemExit("no licence")

    plugin(broken=broken, odd=lambda listing: 0.9)
    found = detect(sources.make("yolo", tmp_path / "data"))
    assert found.spec.name == "yolo"
    assert found.notes == (
        "the loader 'broken' was not asked: its detect fails: it ends the program "
        "(SystemExit: no licence)",
        "the loader 'odd' was not asked: its detect fails: TypeError: it must return a FormatMatch "
        "or None, not float",
    )


def test_a_spec_says_where_its_function_is():
    with pytest.raises(ValueError, match=r"detect must read 'package.module:attribute'"):
        LoaderSpec("acme", "json:loads", detect="json")
    with pytest.raises(ValueError, match="confidence"):
        FormatMatch(1.5, "more than sure")
    assert attrs.fields(LoaderSpec).detect.default == ""


def test_a_path_is_uploaded_as_what_it_is(world, tmp_path):
    report = world.dataset.upload_dataset(sources.make("voc_detection", tmp_path / "data"))
    assert (report.uploaded, report.annotations, report.failed) == (2, 2, [])
    made = sources.make("imagenet_classification", tmp_path / "imagenet")
    with pytest.raises(UserError, match="say which by split=, one of 'train', 'val'"):
        world.dataset.upload_dataset(made)
    report = world.dataset.upload_dataset(made, options={"split": "val"})
    assert report.uploaded == 1
    report = world.dataset.upload_dataset(tmp_path / "imagenet" / "train", loader="folder")
    assert report.uploaded == 2


def test_an_upload_tells_what_its_choice_passes_over(world, tmp_path):
    made = sources.make("folder", tmp_path / "data")
    path = sources.zipped(made, tmp_path / "pets.zip", "pets")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("__MACOSX/pets/cat/._1.png", b"\0\5\x16\7")
    report = world.dataset.upload_dataset(path)
    assert report.uploaded == 3
    assert "left alone, hidden: 1 (__MACOSX/)" in report.notes


def test_loader_and_options_are_for_paths(world):
    with pytest.raises(UserError, match="go with a file or folder"):
        world.dataset.upload_dataset(object(), loader="yolo")
