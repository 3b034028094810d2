"""The loaders of folders of files: YOLO, VOC, ImageNet, xView, CIFAR; zips and URLs."""

from __future__ import annotations

import json
import os
import pickle
import sys
import zipfile
from pathlib import Path

import fsspec
import pytest

from clarifai_core.errors import PluginError, UserError
from clarifai_datasets.upload.loader import BrokenItem, open_loader
from clarifai_datasets.upload.loaders.imagenet_classification import ImageNetDataLoader
from clarifai_datasets.upload.loaders.xview_detection import xviewDetectionDataLoader
from clarifai_inputs.image_size import size_of
from clarifai_inputs.media import is_image


@pytest.fixture
def fill(tmp_path):
    """Write files by name, and return their folder."""

    def write(**files):
        for name, content in files.pop("files", files).items():
            path = tmp_path / "data" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(tmp_path / "data")

    return write


def faults_of(name, source, **options):
    with pytest.raises(UserError) as caught:
        len(open_loader(source, name, strict=True, **options))
    return list(caught.value.faults)


def zipped(folder, path):
    with zipfile.ZipFile(path, "w") as archive:
        for found in sorted(Path(folder).rglob("*")):
            if found.is_file():
                archive.write(found, found.relative_to(folder))
    return str(path)


# -- YOLO ------------------------------------------------------------------------------------------


@pytest.fixture
def yolo(fill, make_png):
    return fill(
        files={
            "data.yaml": "names: {0: cat, 1: b\u00e4r}\ntrain: images/train\n",
            "images/train/a.png": make_png(1),
            "images/val/b.png": make_png(2),
            "labels/val/b.txt": "",
            "labels/train/a.txt": "\ufeff1 0.5 0.5 0.5 1\r\n0 0.25 0.5 0.5 0.5\r\n",
        }
    )


def test_yolo_boxes(yolo, tmp_path):
    for source in (yolo, zipped(yolo, tmp_path / "data.zip")):
        loader = open_loader(source, "yolo")
        assert (len(loader), loader.task) == (2, "visual_detection")
        assert (loader[0].id, loader[0].labels) == ("a", ["b\u00e4r", "cat"])
        assert loader[0].bboxes == [[0.25, 0, 0.75, 1], [0, 0.25, 0.5, 0.75]]
        assert loader[1].labels == []
        assert len(open_loader(source, "yolo", split="val")) == 1


def test_yolo_reads_a_zip_into_a_dataset(yolo, tmp_path, world):
    loader = open_loader(zipped(yolo, tmp_path / "data.zip"), "yolo", strict=True)
    report = world.dataset.upload_dataset(loader)
    assert (report.uploaded, report.annotations, report.failed) == (2, 2, [])


def test_yolo_lists_every_fault(fill, make_png):
    source = fill(
        files={
            "classes.txt": "cat\n",
            "images/a.png": make_png(1),
            "images/b.png": b"no image",
            "labels/a.txt": "0 0.5 0.5 2 1\n5 0.5 0.5 1 1\n0 0.5 0.5\n0 x 0 1 1\n0 .5 .5 -1 1\n",
            "labels/b.txt": "",
            "labels/lost.txt": "0 0.5 0.5 1 1\n",
        }
    )
    faults = faults_of("yolo", source)
    for words in (
        "line 1: boxes cut at the border",
        "line 2: class '5'",
        "line 3: 2 numbers",
        "line 4: could not convert",
        "line 5: width and height",
        "b.png: no image",
        "lost.txt: there is no image",
    ):
        assert sum(words in fault for fault in faults) == 1, (words, faults)
    assert len(faults) == 7


def test_yolo_without_names_of_classes(fill, make_png):
    with pytest.raises(UserError, match=r"classes\.txt"):
        len(open_loader(fill(files={"images/a.png": make_png(1)}), "yolo"))
    with pytest.raises(UserError, match="kind must be one of"):
        open_loader("x", "yolo", kind="pose")


# -- VOC -------------------------------------------------------------------------------------------

VOC = (
    "<annotation><filename>a.png</filename><size><width>8</width><height>8</height></size>"
    "<object><name>cat</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>4</xmax><ymax>8</ymax>"
    "</bndbox></object></annotation>"
)


def test_voc_boxes_in_pixels_from_one(fill, make_png):
    source = fill(
        files={
            "VOC2012/Annotations/a.xml": VOC,
            "VOC2012/JPEGImages/a.png": make_png(1, 8),
            "VOC2012/ImageSets/Main/train.txt": "a\n",
            "VOC2012/ImageSets/Main/val.txt": "gone\n",
        }
    )
    loader = open_loader(source, "voc_detection", split="train")
    assert (len(loader), loader[0].id, loader[0].labels) == (1, "a", ["cat"])
    assert loader[0].bboxes == [[0, 0, 0.5, 1]]
    assert "gone.xml" in open_loader(source, "voc_detection", split="val")[0].reason


@pytest.mark.parametrize(
    ("xml", "words", "costs"),
    [
        (VOC.replace("<xmax>4", "<xmax>0"), "object 1: bndbox 1, 1, 0, 8 is reversed", "region"),
        (VOC.replace("<xmax>4", "<xmax>40"), "object 1: boxes cut at the border", "nothing"),
        (VOC.replace("<xmax>4</xmax>", ""), "incomplete", "region"),
        (VOC.replace("cat", " "), "no name", "region"),
        (VOC[:-5], "no XML", "item"),
        ('<!DOCTYPE x [<!ENTITY a "b">]>' + VOC, "DTD", "item"),
    ],
)
def test_voc_faults(fill, make_png, xml, words, costs):
    source = fill(files={"Annotations/a.xml": xml, "JPEGImages/a.png": make_png(1, 8)})
    (fault,) = faults_of("voc_detection", source)
    assert words in fault
    loader = open_loader(source, "voc_detection")
    item = loader[0]
    assert isinstance(item, BrokenItem) == (costs == "item")
    assert (0 in loader.left_out) == (costs == "region")
    assert loader.remarks.counts() == ({"boxes cut at the border": 1} if costs == "nothing" else {})


def test_a_voc_file_whose_picture_is_nowhere(fill, make_png):
    xml = VOC.replace("a.png", "b.png")
    source = fill(files={"Annotations/c.xml": xml, "JPEGImages/a.png": make_png(1, 8)})
    loader = open_loader(source, "voc_detection")
    assert "b.png: no such file" in loader[0].reason


# -- ImageNet, xView -------------------------------------------------------------------------------


def test_imagenet_labels_are_the_names_of_the_synset(fill, make_png):
    source = fill(
        files={
            "LOC_synset_mapping.txt": "n01 tench, Tinca tinca\nn02 great white shark\n",
            "train/n01/n01_1.JPEG": make_png(1),
            "train/n09/n09_1.JPEG": make_png(1),
        }
    )
    loader = ImageNetDataLoader(data_dir=source)
    assert (len(loader), loader.task) == (2, "visual_classification")
    assert (loader[0].id, loader[0].labels) == ("n01_1", ["tench", "Tinca tinca"])
    assert "no synset 'n09'" in loader[1].reason
    with pytest.raises(UserError, match="no images in test"):
        len(ImageNetDataLoader(source, split="test"))


def tiff(width, height):
    entries = b"".join(
        tag.to_bytes(2, "little") + b"\x04\x00\x01\x00\x00\x00" + value.to_bytes(4, "little")
        for tag, value in ((256, width), (257, height))
    )
    return b"II*\x00\x08\x00\x00\x00\x02\x00" + entries + bytes(4)


def xview_feature(image, kind, box):
    return {"properties": {"image_id": image, "type_id": kind, "bounds_imcoords": box}}


@pytest.fixture
def xview(fill):
    features = [
        xview_feature("1.tif", 11, "0,0,50,100"),
        xview_feature("1.tif", 94, "50,50,150,100"),
        xview_feature("1.tif", 75, "0,0,50,50"),
        xview_feature("2.tif", 11, "0,0,50,50"),
    ]
    content = json.dumps({"type": "FeatureCollection", "features": features})
    return fill(files={"train_images/1.tif": tiff(100, 100), "xView_train.geojson": content})


def test_xview_boxes_are_cut_at_the_edge(xview, caplog):
    loader = xviewDetectionDataLoader(xview)
    assert len(loader) == 2
    assert loader[0].labels == ["Fixed-wing Aircraft", "Tower"]
    assert loader[0].bboxes == [[0, 0, 0.5, 1], [0.5, 0.5, 1, 1]]
    assert "type_id 75" in caplog.text
    assert "no image 2.tif" in loader[1].reason
    with pytest.raises(UserError) as caught:
        len(xviewDetectionDataLoader(xview, strict=True))
    assert len(caught.value.faults) == 3  # the box that is cut among them


# -- CIFAR -----------------------------------------------------------------------------------------


class Bomb:
    def __reduce__(self):
        return (os.system, ("exit 1",))


def cifar_pickle(rows, labels, names):
    """A batch as CIFAR has it, written without numpy: by its opcodes."""
    raw = b"".join(rows)

    def text(value):
        return b"\x8c" + bytes([len(value)]) + value.encode()

    def content(value):
        return b"B" + len(value).to_bytes(4, "little") + value

    dtype = b"cnumpy\ndtype\n(" + text("u1") + b"K\x00K\x01tR"
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00t" + content(b"b") + b"tR"
    )
    shape = (
        b"(" + b"M" + len(rows).to_bytes(2, "little") + b"M" + (3072).to_bytes(2, "little") + b"t"
    )
    state = b"(K\x01" + shape + dtype + b"\x89" + content(raw) + b"tb"
    body = content(b"data") + array + state
    body += content(b"labels") + pickle.dumps(labels, 2)[2:-1]
    body += content(b"filenames") + b"](" + b"".join(map(content, names)) + b"e"
    return b"\x80\x04}(" + body + b"u."


def test_cifar_batches_are_read_without_running_them(fill):
    rows = [bytes([number]) * 3072 for number in (0, 128, 255)]
    source = fill(
        files={
            "data_batch_1": cifar_pickle(rows, [0, 1, 1], [b"a.png", b"b.png", b"c.png"]),
            "batches.meta": pickle.dumps({b"label_names": [b"cat", b"dog"]}),
        }
    )
    loader = open_loader(source, "cifar", strict=True)
    assert len(loader) == 3
    assert (loader[2].id, loader[2].labels) == ("c", ["dog"])
    assert is_image(loader[2].image_bytes)
    assert size_of(loader[2].image_bytes) == (32, 32)


@pytest.mark.parametrize(
    "content", [pickle.dumps({b"data": Bomb(), b"labels": []}), b"no pickle", pickle.dumps([1])]
)
def test_other_pickles_are_refused(fill, content):
    source = fill(files={"data_batch_1": content})
    with pytest.raises(UserError, match="CIFAR"):
        len(open_loader(source, "cifar"))


# -- sources ---------------------------------------------------------------------------------------


def test_extras_that_are_missing_are_named(monkeypatch):
    for module in ("fsspec", "fsspec.core", "pyarrow", "pyarrow.parquet", "datasets"):
        monkeypatch.setitem(sys.modules, module, None)
    for source, name, extra in (
        ("memory://x", "yolo", "fsspec"),
        ("x.parquet", "parquet", "arrow"),
        ("mnist", "huggingface", "hf"),
    ):
        with pytest.raises(PluginError, match=rf"clarifai-datasets\[{extra}\]"):
            len(open_loader(source, name))


def test_ids_that_the_platform_refuses_are_mapped(fill, make_png, world):
    lines = [{"id": "a/b", "text": "one"}, {"id": "x" * 300, "text": "two"}, {"text": "three"}]
    text = "\n".join(map(json.dumps, lines))
    loader = open_loader(str(Path(fill(files={"t.jsonl": text})) / "t.jsonl"))
    report = world.dataset.upload_dataset(loader)
    assert (report.uploaded, report.failed) == (3, [])
    assert loader.renamed.keys() == {"a/b", "x" * 300}
    assert f"train-{loader.renamed['a/b']}" in world.inputs()


def test_sources_behind_urls(make_png, world):
    memory = fsspec.filesystem("memory")
    memory.pipe("/set/images/a.png", make_png(1))
    memory.pipe("/set/labels/a.txt", b"0 0.5 0.5 1 1\n")
    memory.pipe("/set/classes.txt", b"cat\n")
    loader = open_loader("memory://set", "yolo", strict=True)
    report = world.dataset.upload_dataset(loader)
    assert (report.uploaded, report.annotations) == (1, 1)
    memory.pipe("/set/t.jsonl", b'{"id": "j", "file": "images/a.png"}\n')
    report = world.dataset.upload_dataset(open_loader("memory://set/t.jsonl", "jsonl"))
    assert (report.uploaded, report.failed) == (1, [])


@pytest.mark.parametrize("url", ["nowhere://bucket/a.jsonl", "gs://bucket/a.jsonl"])
def test_urls_that_nothing_opens_are_refused_with_the_reason(url):
    with pytest.raises((UserError, PluginError), match="cannot be opened"):
        open_loader(url, "jsonl").load_data()
