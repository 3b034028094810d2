"""What is wrong with a source is said before anything is sent, or skipped and reported.

Each case is one loader with one fault, beside an item without: `strict` raises before the first
request; without it the good item arrives and the other is in the report. Faults of a whole file
are raised either way.
"""

from __future__ import annotations

import json
import pickle
import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import attrs
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clarifai_core.errors import UserError
from clarifai_datasets.plugin import clarifai_register_loaders
from clarifai_datasets.upload.loader import open_loader
from clarifai_inputs.media_limits import UPLOAD_BYTES
from tests.datasets.conftest import png
from tests.example_wheels import clean_environment

LATIN = "k\u00e4tzchen".encode("latin-1")
BLACK, GREY = png(1), png(2)
MARK = b"\xef\xbb\xbf"
_HEADER = b"IHDR" + struct.pack(">II", 10_000, 10_000) + png(1)[24:29]
WIDE = png(1)[:12] + _HEADER + struct.pack(">I", zlib.crc32(_HEADER)) + png(1)[33:]
"""An image of 100 million pixels, as it says."""


@attrs.frozen
class Huge:
    """A file over the limit of its type; it takes no room on disk."""

    head: bytes = png(1)
    size: int = UPLOAD_BYTES["image"] + 1


def write(folder, files):
    """Write files: name -> content; None: a link that leads nowhere."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            path.symlink_to(folder / "nowhere")
            continue
        body = content.head if isinstance(content, Huge) else content
        path.write_bytes(body.encode() if isinstance(body, str) else body)
        if isinstance(content, Huge):
            with path.open("r+b") as file:
                file.truncate(content.size)


# -- sources: a good item, and one that is as the case wants it ------------------------------------


def jsonl(*lines, **files):
    """`data.jsonl`; lines are dicts, or bytes as they are."""
    shown = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in lines]
    good = b'{"id": "good", "text": "fine"}'
    return {"data.jsonl": b"\n".join([good, *shown]), **named(files)}


def parquet(*rows, **files):
    columns = ("id", "text", "file", "media", "regions", "url", "input_type")
    table = [{"id": "good", "text": "fine"}, *rows]
    made = pa.table({name: [row.get(name) for row in table] for name in columns})
    sink = pa.BufferOutputStream()
    pq.write_table(made, sink)
    return {"data.parquet": sink.getvalue().to_pybytes(), **named(files)}


def named(files):
    return {name.replace("__", "."): content for name, content in files.items()}


def coco(image=None, *annotations, **changes):
    images = [
        {"id": 1, "file_name": "good.png"},
        {"id": 2, "file_name": "bad.png", **(image or {})},
    ]
    content = {
        "images": images,
        "annotations": [{"id": n, "image_id": 2, **one} for n, one in enumerate(annotations)],
        "categories": [{"id": 1, "name": "cat"}],
    }
    files = {"good.png": png(1), "bad.png": png(2), "a.json": json.dumps(content)}
    return {**files, **{k: v for k, v in named(changes).items() if v != "none"}}


def without(files, *names):
    return {name: content for name, content in files.items() if name not in names}


def yolo(label="0 0.5 0.5 1 1", image=GREY, name="bad", **changes):
    return {
        "images/good.png": png(1),
        f"images/{name}.png": image,
        "labels/good.txt": "",
        f"labels/{name}.txt": label,
        "classes.txt": "cat\n",
        **named(changes),
    }


def voc(box="1 1 2 2", image=GREY, name="bad", file_name="", start=b"", label="cat"):
    edges = zip(("xmin", "ymin", "xmax", "ymax"), box.split(), strict=False)
    shown = "".join(f"<{edge}>{value}</{edge}>" for edge, value in edges)
    thing = f"<object><name>{label}</name><bndbox>{shown}</bndbox></object>"
    file = f"<filename>{file_name or f'{name}.png'}</filename>"
    return {
        "Annotations/good.xml": "<annotation><filename>good.png</filename></annotation>",
        "JPEGImages/good.png": png(1),
        f"Annotations/{name}.xml": start + f"<annotation>{file}{thing}</annotation>".encode(),
        f"JPEGImages/{name}.png": image,
    }


def imagenet(image=GREY, mapping=b"n1 tench, fish\n", name="n1/bad.JPEG"):
    return {"LOC_synset_mapping.txt": mapping, "train/n1/good.JPEG": png(1), f"train/{name}": image}


def tiff(width=8, height=8):
    """A TIFF in grey; of a large one the size is there, but no pixels."""
    pixels = b"" if width > 8 else bytes(width * height)
    tags = [(256, width), (257, height), (258, 8), (259, 1), (262, 1), (273, 0), (277, 1)]
    tags += [(278, height), (279, len(pixels))]
    start = 8 + 2 + 12 * len(tags) + 4
    shown = [struct.pack("<HHII", tag, 4, 1, start if tag == 273 else one) for tag, one in tags]
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + b"".join(shown) + b"\0\0\0\0" + pixels


def xview(*features, start=b"", **images):
    shown = [{"properties": {"type_id": 18, "image_id": "bad.tif", **one}} for one in features]
    files = {"good": tiff(), "bad": tiff(), **images}
    found = {f"train_images/{name}.tif": one for name, one in files.items() if one != "none"}
    return {**found, "xView_train.geojson": start + json.dumps({"features": shown}).encode()}


def clarifai(labels=(), image=GREY, name="bad", **changes):
    content = labels if isinstance(labels, bytes) else json.dumps(labels).encode()
    return {
        "train/inputs/good.png": png(1),
        f"train/inputs/{name}.png": image,
        f"train/annotations/{name}.json": content,
        **named(changes),
    }


def region(left, top, right, bottom):
    edges = {"leftCol": left, "topRow": top, "rightCol": right, "bottomRow": bottom}
    return {"regionInfo": {"boundingBox": edges}, "data": {"concepts": [{"id": "c", "value": 1}]}}


def folder(**files):
    return {"good.png": png(1), **named(files)}


def csv(*rows, header="inputid,input,concepts", **files):
    lines = [header, "good,good.png,cat", *rows]
    shown = [line if isinstance(line, bytes) else line.encode() for line in lines]
    return {"data.csv": b"\n".join(shown), "good.png": png(1), **named(files)}


CSV = {"input_type": "image", "csv_type": "file_path"}
TEXTS = {"input_type": "text"}


# -- one item is wrong -----------------------------------------------------------------------------

BOX = {"category_id": 1, "bbox": [0, 0, 2, 2]}
RING = {"category_id": 1, "segmentation": [[0, 0, 2, 0, 2, 2]]}

ITEMS = [
    # loader, fault, files, what is said
    ("jsonl", "missing", jsonl({"id": "x", "file": "x.png"}), r"line 2: .*x\.png: no such file"),
    ("jsonl", "unreadable", jsonl({"file": "x.png"}, x__png=b"text"), "no image that"),
    ("jsonl", "empty", jsonl({"file": "x.png"}, x__png=b""), "the file is empty"),
    (
        "jsonl",
        "outside",
        jsonl(
            {"file": "x.png", "regions": [{"labels": ["c"], "bbox": [0, 0, 1.5, 1]}]},
            x__png=GREY,
        ),
        r"line 2: region 1: a box must be .* within 0\.\.1, got \[0, 0, 1\.5, 1\]",
    ),
    (
        "jsonl",
        "reversed",
        jsonl(
            {"file": "x.png", "regions": [{"labels": ["c"], "bbox": [0.5, 0, 0.1, 1]}]},
            x__png=GREY,
        ),
        r"region 1: a box must be",
    ),
    (
        "jsonl",
        "no label for a box",
        jsonl({"file": "x.png", "regions": [{"bbox": [0, 0, 1, 1]}]}, x__png=GREY),
        "region 1: it has no labels",
    ),
    ("jsonl", "twice", jsonl({"id": "good", "text": "x"}), "id 'good' is there twice"),
    ("jsonl", "encoding", jsonl(b'{"text": "' + LATIN + b'"}'), "line 2: not UTF-8 at byte 11"),
    ("jsonl", "half a character", jsonl(b'{"text": "\\ud800"}'), "is half a character"),
    ("jsonl", "encoding of a file", jsonl({"file": "x.txt"}, x__txt=LATIN), "not UTF-8 at byte 1"),
    ("jsonl", "ragged", jsonl(b'{"text": "x"'), "line 2: no JSON"),
    ("jsonl", "no URL", jsonl({"url": "nowhere"}), "url 'nowhere' is no URL"),
    ("jsonl", "limit", jsonl({"file": "x.png"}, x__png=Huge()), "over the limit of 20 MiB"),
    ("jsonl", "pixels", jsonl({"file": "x.png"}, x__png=WIDE), "10,?000 x 10,?000 pixels"),
    ("parquet", "missing", parquet({"id": "x", "file": "x.png"}), r"row 2: .*x\.png: no such file"),
    ("parquet", "unreadable", parquet({"id": "x", "media": b"text"}), "row 2: no image that"),
    ("parquet", "empty", parquet({"id": "x", "media": b""}), "the file is empty"),
    (
        "parquet",
        "outside",
        parquet({"media": png(2), "regions": '[{"labels": ["c"], "bbox": [0, 0, 2, 1]}]'}),
        "row 2: region 1: a box must be",
    ),
    (
        "parquet",
        "no label for a box",
        parquet({"media": png(2), "regions": '[{"bbox": [0, 0, 1, 1]}]'}),
        "it has no labels",
    ),
    ("parquet", "twice", parquet({"id": "good", "text": "x"}), "id 'good' is there twice"),
    (
        "parquet",
        "encoding",
        parquet({"media": LATIN, "input_type": "text"}),
        "row 2: not UTF-8 at byte 1",
    ),
    ("parquet", "ragged", parquet({"id": "x"}), "row 2: it must have one of text, file, url"),
    ("parquet", "limit", parquet({"id": "x", "file": "x.png"}, x__png=Huge()), "over the limit"),
    ("parquet", "pixels", parquet({"id": "x", "media": WIDE}), "10,?000 x 10,?000 pixels"),
    ("coco_detection", "missing", without(coco(), "bad.png"), r"bad\.png: no such file"),
    ("coco_detection", "unreadable", coco(bad__png=b"text"), "no image that"),
    ("coco_detection", "empty", coco(bad__png=b""), "the file is empty"),
    ("coco_detection", "outside", coco({}, BOX | {"bbox": [0, 0, 9, 2]}), "is outside of"),
    ("coco_detection", "reversed", coco({}, BOX | {"bbox": [3, 3, -2, 1]}), "is reversed"),
    ("coco_detection", "no label for a box", coco({}, {"bbox": [0, 0, 2, 2]}), "no category None"),
    ("coco_detection", "ragged", coco({}, BOX | {"bbox": [0, 0, 2]}), r"is not \[x, y, width"),
    ("coco_detection", "twice", coco({"id": 1}), "id '1' is there twice"),
    ("coco_detection", "limit", coco(bad__png=Huge()), "over the limit of 20 MiB"),
    ("coco_detection", "pixels", coco(bad__png=WIDE), "10,?000 x 10,?000 pixels"),
    ("coco_segmentation", "missing", without(coco({}, RING), "bad.png"), "no such file"),
    ("coco_segmentation", "unreadable", coco({}, bad__png=b"text"), "no image that"),
    (
        "coco_segmentation",
        "outside",
        coco({}, RING | {"segmentation": [[0, 0, 9, 0, 2, 2]]}),
        "is outside of",
    ),
    (
        "coco_segmentation",
        "ragged",
        coco({}, RING | {"segmentation": [[0, 0, 2]]}),
        "a polygon must be",
    ),
    ("coco_segmentation", "twice", coco({"id": 1}), "id '1' is there twice"),
    ("coco_segmentation", "limit", coco(bad__png=Huge()), "over the limit of 20 MiB"),
    ("coco_captions", "missing", without(coco({}), "bad.png"), "no such file"),
    ("coco_captions", "unreadable", coco({}, {"caption": "x"}, bad__png=b"x"), "no image that"),
    ("coco_captions", "no label for a box", coco({}, {"id": 9}), "annotation 9: no caption"),
    ("coco_captions", "twice", coco({"id": 1}), "id '1' is there twice"),
    ("coco_captions", "limit", coco(bad__png=Huge()), "over the limit of 20 MiB"),
    ("yolo", "missing", without(yolo(), "images/bad.png"), r"bad\.txt: there is no image"),
    ("yolo", "unreadable", yolo(image=b"text"), "no image that"),
    ("yolo", "empty", yolo(image=b""), "the file is empty"),
    ("yolo", "encoding", yolo(LATIN), r"bad\.txt: not UTF-8 at byte 1"),
    ("yolo", "limit", yolo(image=Huge()), "over the limit of 20 MiB"),
    ("yolo", "pixels", yolo(image=WIDE), "10,?000 x 10,?000 pixels"),
    ("voc_detection", "missing", without(voc(), "JPEGImages/bad.png"), "no such file"),
    ("voc_detection", "unreadable", voc(image=b"text"), "cannot be read"),
    ("voc_detection", "outside", voc("1 1 9 2"), "object 1: .* is outside of the image"),
    ("voc_detection", "reversed", voc("3 1 1 2"), "is reversed"),
    ("voc_detection", "no label for a box", voc(label=""), "object 1: it has no name"),
    ("voc_detection", "ragged", voc("1 1 2"), "is incomplete"),
    ("voc_detection", "encoding", voc(label="\0"), "it is not in UTF-8"),
    ("voc_detection", "limit", voc(image=Huge()), "over the limit of 20 MiB"),
    ("voc_detection", "pixels", voc(image=WIDE), "10,?000 x 10,?000 pixels"),
    ("imagenet_classification", "missing", imagenet(None), "no such file"),
    ("imagenet_classification", "unreadable", imagenet(b"text"), "no image that"),
    ("imagenet_classification", "empty", imagenet(b""), "the file is empty"),
    ("imagenet_classification", "no label for a box", imagenet(name="n2/bad.JPEG"), "no synset"),
    ("imagenet_classification", "limit", imagenet(Huge()), "over the limit of 20 MiB"),
    ("imagenet_classification", "pixels", imagenet(WIDE), "10,?000 x 10,?000 pixels"),
    (
        "xview_detection",
        "missing",
        xview({"bounds_imcoords": "0,0,2,2"}, bad="none"),
        "no image bad",
    ),
    ("xview_detection", "unreadable", xview({}, bad=b"text"), "cannot be read"),
    ("xview_detection", "limit", xview(bad=Huge(tiff())), "over the limit of 20 MiB"),
    ("xview_detection", "pixels", xview(bad=tiff(10_000, 10_000)), "10,?000 x 10,?000 pixels"),
    ("clarifai", "missing", without(clarifai(), "train/inputs/bad.png"), "there is no input"),
    ("clarifai", "unreadable", clarifai(image=b"text"), "no image that"),
    ("clarifai", "empty", clarifai(image=b""), "the file is empty"),
    ("clarifai", "outside", clarifai([region(0, 0, 1.5, 1)]), "a box must be"),
    ("clarifai", "reversed", clarifai([region(0.5, 0, 0.1, 1)]), "a box must be"),
    ("clarifai", "encoding", clarifai(b'["' + LATIN + b'"]'), "no labels as an export writes"),
    ("clarifai", "ragged", clarifai({"id": "x"}), "no list, but dict"),
    ("clarifai", "limit", clarifai(image=Huge()), "over the limit of 20 MiB"),
    ("clarifai", "pixels", clarifai(image=WIDE), "10,?000 x 10,?000 pixels"),
    ("folder", "missing", folder(bad__png=None), "no such file"),
    ("folder", "unreadable", folder(bad__png=b"text"), "no image that"),
    ("folder", "empty", folder(bad__png=b""), "the file is empty"),
    ("csv", "missing", csv("x,x.png,cat"), "row 3: input 'x.png': no such file"),
    ("csv", "twice", csv("good,bad.png,cat", bad__png=png(2)), "inputid 'good' is there twice"),
    ("csv", "ragged", csv("x,good.png"), "row 3: 2 cells where the header has 3"),
    ("csv", "unreadable", csv("x,x.png,c", x__png=b"text"), "no image that"),
    ("csv", "empty", csv("x,x.png,c", x__png=b""), "row 3: input 'x.png': the file is empty"),
    ("csv", "limit", csv("x,x.png,c", x__png=Huge()), "over the limit of 20 MiB"),
    ("csv", "pixels", csv("x,x.png,c", x__png=WIDE), "10,?000 x 10,?000 pixels"),
    ("csv", "half a character", csv(r'x,good.png,"[""\ud800""]"'), "has half a character"),
]

REGIONS = {
    ("jsonl", "reversed"),
    ("jsonl", "no label for a box"),
    ("parquet", "no label for a box"),
    ("coco_detection", "reversed"),
    ("coco_detection", "no label for a box"),
    ("coco_detection", "ragged"),
    ("coco_segmentation", "ragged"),
    ("coco_captions", "no label for a box"),
    ("voc_detection", "reversed"),
    ("voc_detection", "no label for a box"),
    ("voc_detection", "ragged"),
    ("clarifai", "reversed"),
}
"""Faults of one region or label: the input goes without it."""

CUT = {
    ("jsonl", "outside"),
    ("parquet", "outside"),
    ("coco_detection", "outside"),
    ("coco_segmentation", "outside"),
    ("voc_detection", "outside"),
    ("clarifai", "outside"),
}
"""Regions over the border, which are cut there."""


def some(chosen):
    cases = [one for one in ITEMS if chosen(one[:2])]
    ids = [f"{one[0]}-{one[1]}" for one in cases]
    return pytest.mark.parametrize(("name", "fault", "files", "said"), cases, ids=ids)


@some(lambda case: case in REGIONS)
def test_a_faulty_region_is_left_out_and_noted(name, fault, files, said, tmp_path, world):
    """The issue: a bad region is left out and reported, the input goes."""
    source = written(name, files, tmp_path)
    with pytest.raises(UserError) as caught:
        world.dataset.upload_dataset(opened(name, source, strict=True))
    assert matches(said, " | ".join(caught.value.faults))
    report = world.dataset.upload_dataset(opened(name, source, strict=False))
    assert (report.uploaded, report.failed) == (2, [])
    (note,) = [one for one in report.notes if "without some labels" in one]
    assert matches(said, note)
    assert len(world.inputs()) == 2


@some(lambda case: case in CUT)
def test_a_region_over_the_border_is_cut_and_noted(name, fault, files, said, tmp_path, world):
    """As pycocotools, FiftyOne and torchvision clip them; strict refuses what is not as it is."""
    source = written(name, files, tmp_path)
    with pytest.raises(UserError) as caught:
        world.dataset.upload_dataset(opened(name, source, strict=True))
    (told,) = caught.value.faults
    assert matches("cut at the border", told)
    assert matches(r"(annotation|object|region|label) [01]\b", told)
    report = world.dataset.upload_dataset(opened(name, source, strict=False))
    assert (report.uploaded, report.failed) == (2, [])
    assert matches("cut at the border: 1", " ".join(report.notes))
    assert "without some labels" not in " ".join(report.notes)


@some(lambda case: case not in REGIONS | CUT)
def test_a_faulty_item(name, fault, files, said, tmp_path, world):
    source = written(name, files, tmp_path)
    strict = opened(name, source, strict=True)
    with pytest.raises(UserError) as caught:
        world.dataset.upload_dataset(strict)
    assert len(caught.value.faults) >= 1
    assert matches(said, " | ".join(caught.value.faults))
    assert not world.faults.calls  # nothing was asked of the platform, let alone sent

    report = world.dataset.upload_dataset(opened(name, source, strict=False))
    assert (report.uploaded, len(report.failed), report.total) == (1, 1, 2)
    assert matches(said, report.failed[0].reason)
    assert len(world.inputs()) == 1


def written(name, files, tmp_path):
    write(tmp_path / "data", files)
    inside = {"jsonl": "data.jsonl", "parquet": "data.parquet", "csv": "data.csv"}
    found = tmp_path / "data" / inside.get(name, "a.json" if name.startswith("coco") else "")
    return str(found)


def opened(name, source, **options):
    if name == "csv":
        options = {**CSV, **options}
    return open_loader(source, name, **options)


def matches(pattern, text):
    assert re.search(pattern, text), text
    return True


# -- the whole file is wrong -----------------------------------------------------------------------

FILES = [
    ("coco_detection", {**coco(), "a.json": b'{"images": ["' + LATIN + b'"]}'}, "UTF-8"),
    ("coco_detection", {**coco(), "a.json": json.dumps({}).encode("utf-16")}, "not in UTF-8"),
    *(
        (
            "jsonl",
            {"data.jsonl": ('{"text": "good"}\n' * 3).encode(name)},
            "not in UTF-8; save it as",
        )
        for name in ("utf-16", "utf-32")
    ),
    ("coco_detection", {**coco(), "a.json": b'{"images": ['}, "no JSON|the end"),
    ("yolo", yolo(classes__txt=LATIN), r"classes\.txt: not UTF-8 at byte 1"),
    ("yolo", without(yolo(), "classes.txt") | {"data.yaml": LATIN}, r"data\.yaml"),
    ("imagenet_classification", imagenet(mapping=b"n1 " + LATIN), "not UTF-8 at byte 4"),
    ("xview_detection", xview(start=LATIN), "no JSON|should be"),
    ("cifar", {"data_batch_1": pickle.dumps({b"labels": [1], b"data": b""})}, "no array"),
    ("parquet", {"data.parquet": b"text"}, "is no Parquet file"),
    ("csv", csv(b"x,good.png," + LATIN), "not UTF-8"),
    ("csv", csv(header="a,b,c"), "Expected are the columns input"),
]


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(("name", "files", "said"), FILES)
def test_a_faulty_file(name, files, said, strict, tmp_path, world):
    source = written(name, files, tmp_path)
    with pytest.raises(UserError) as caught:
        world.dataset.upload_dataset(opened(name, source, strict=strict))
    assert matches(said, str(caught.value))
    assert not world.faults.calls


# -- what looks wrong and is not -------------------------------------------------------------------

MARKED = [
    ("jsonl", {"data.jsonl": MARK + b'{"id": "m", "text": "x"}'}),
    ("jsonl", jsonl({"file": "x.txt"}, x__txt=MARK + b"text")),
    ("coco_detection", {**coco(), "a.json": MARK + coco()["a.json"].encode()}),
    ("yolo", yolo(MARK + b"0 0.5 0.5 1 1", classes__txt=MARK + b"cat\n")),
    ("voc_detection", voc(start=MARK)),
    ("imagenet_classification", imagenet(mapping=MARK + b"n1 tench\n")),
    ("xview_detection", xview({"bounds_imcoords": "0,0,2,2"}, start=MARK)),
    ("clarifai", clarifai(MARK + b"[]")),
    ("csv", {**csv(), "data.csv": MARK + csv()["data.csv"]}),
]


@pytest.mark.parametrize(("name", "files"), MARKED)
def test_byte_order_marks_are_stepped_over(name, files, tmp_path, world):
    loader = opened(name, written(name, files, tmp_path), strict=True)
    report = world.dataset.upload_dataset(loader)
    assert (report.failed, report.uploaded) == ([], len(loader))
    assert "\ufeff" not in "".join(
        f"{one.id}{one.data.text.raw}{one.data.concepts}" for one in world.inputs().values()
    )


RENAMED = [
    ("jsonl", jsonl({"id": "a/b", "text": "x"})),
    ("parquet", parquet({"id": "a/b", "text": "x"})),
    ("coco_detection", coco({"id": "a/b"})),
    ("yolo", yolo(name="a\\b")),
    ("voc_detection", voc(name="a\\b")),
    ("imagenet_classification", imagenet(name="n1/a\\b.JPEG")),
    ("xview_detection", xview(**{"a\\b": tiff(), "bad": "none"})),
    ("clarifai", clarifai(name="a\\b")),
    ("folder", {"good.png": png(1), "a\x7fb.png": png(2)}),
    ("csv", csv("a/b,bad.png,cat", bad__png=png(2))),
]


@pytest.mark.parametrize(("name", "files"), RENAMED, ids=[one[0] for one in RENAMED])
def test_ids_that_the_platform_refuses_are_mapped_and_reported(name, files, tmp_path, world):
    source = written(name, files, tmp_path)
    loader = opened(name, source, strict=True)
    report = world.dataset.upload_dataset(loader)
    ((old, new),) = loader.renamed.items()
    assert (re.sub(r"[\\\x7f]", "/", old), new[:4]) == ("a/b", "a-b-")
    assert report.failed == []
    assert f"train-{new}" in world.inputs()
    assert report.notes == [f"1 id was changed, as the platform refuses them: {old!r} -> {new!r}"]
    assert report.notes[0] in str(report)
    again = world.dataset.upload_dataset(opened(name, source, strict=False), resume=False)
    assert (again.uploaded, len(again.already_there)) == (0, report.uploaded)


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("xview_detection", xview({"bounds_imcoords": "9,9,2,2"}, {"bounds_imcoords": "0,0,2,2"})),
        ("xview_detection", xview({"bounds_imcoords": "0,0,2"}, {"bounds_imcoords": "0,0,2,2"})),
        ("yolo", yolo("0 2.9 0.5 1 1\n0 0.5 0.5 1 1")),
        ("yolo", yolo("0 0.5 0.5 -1 1\n0 0.5 0.5 1 1")),
        ("yolo", yolo("7 0.5 0.5 1 1\n0 0.5 0.5 1 1")),
        ("yolo", yolo("0 0.5 0.5 1\n0 0.5 0.5 1 1")),
        ("clarifai", clarifai([{"regionInfo": {"mask": {}}}, region(0, 0, 1, 1)])),
        ("clarifai", clarifai([{"frameInfo": {"index": 1}}, region(0, 0, 1, 1)])),
        ("clarifai", clarifai([{"id": "not", "value": 0}, region(0, 0, 1, 1)])),
    ],
)
def test_labels_that_cannot_be_sent_are_left_out_and_noted(name, files, tmp_path, world):
    source = written(name, files, tmp_path)
    with pytest.raises(UserError) as caught:
        len(opened(name, source, strict=True))
    assert len(caught.value.faults) == 1
    report = world.dataset.upload_dataset(opened(name, source, strict=False))
    assert (report.failed, report.annotations) == ([], 1)
    assert report.notes == [f"1 item goes without some labels: {caught.value.faults[0]}"]


def test_names_that_no_text_can_hold_are_mapped(tmp_path, world):
    """On Linux, names of files are bytes; those that are not UTF-8 come as half characters."""
    data = tmp_path / "data"
    data.mkdir()
    (Path(str(data)) / "k\udce4tzchen.png").write_bytes(png(1))
    report = world.dataset.upload_from_folder(str(data), "image")
    assert (report.uploaded, report.failed, list(world.inputs())) == (1, [], ["k-tzchen-ad0fbf8d"])
    assert "'k\\udce4tzchen' -> 'k-tzchen-ad0fbf8d'" in str(report)


def test_files_of_a_folder_never_share_an_id(tmp_path, world):
    names = ("cat/1.png", "cat-1.png", "a.png", "a.jpg", "a-png.png")
    write(tmp_path / "cats", {name: png(number) for number, name in enumerate(names)})
    report = world.dataset.upload_from_folder(str(tmp_path / "cats"), "image", labels=True)
    assert (report.uploaded, report.failed, len(world.inputs())) == (5, [], 5)


def test_a_folder_lists_files_over_the_limits(tmp_path):
    write(tmp_path / "data", {"a.png": Huge(), "b.png": WIDE, "good.png": png(1)})
    with pytest.raises(UserError) as caught:
        len(open_loader(str(tmp_path / "data"), "folder", strict=True))
    assert [fault.rpartition(": ")[2] for fault in caught.value.faults] == [
        "20 MiB are over the limit of 20 MiB per image",
        "10,000 x 10,000 pixels are over the limit of 85 million per image",
    ]


@pytest.mark.parametrize(
    ("input_type", "content", "said"),
    [
        ("text", LATIN, "not UTF-8 at byte 1"),
        ("text", b" \n", "the file is empty"),
        ("text", Huge(b"text", UPLOAD_BYTES["text"] + 1), "over the limit of 20 MiB per text"),
        ("audio", Huge(b"RIFF", UPLOAD_BYTES["audio"] + 1), "over the limit of 20 MiB per audio"),
        ("video", Huge(b"", UPLOAD_BYTES["video"] + 1), "over the limit of 122.1 MiB per video"),
    ],
)
def test_a_folder_lists_faulty_files_of_any_type(input_type, content, said, tmp_path):
    ending = {"text": "txt", "audio": "wav", "video": "mp4"}[input_type]
    write(tmp_path / "data", {f"a.{ending}": content, f"b.{ending}": b"fine"})
    with pytest.raises(UserError) as caught:
        len(open_loader(str(tmp_path / "data"), "folder", input_type=input_type, strict=True))
    (fault,) = caught.value.faults
    assert said in fault


def test_everything_wrong_with_an_item_is_listed_at_once(tmp_path):
    write(tmp_path / "data", without(voc("3 1 1 2"), "JPEGImages/bad.png"))
    with pytest.raises(UserError) as caught:
        len(open_loader(str(tmp_path / "data"), "voc_detection", strict=True))
    assert len(caught.value.faults) == 1  # without its size, the box cannot be looked at
    write(tmp_path / "other", voc("3 1 1 2", image=WIDE))
    with pytest.raises(UserError) as caught:
        len(open_loader(str(tmp_path / "other"), "voc_detection", strict=True))
    assert ["reversed" in caught.value.faults[0], "pixels" in caught.value.faults[1]] == [True] * 2


def test_strict_on_the_command_line(tmp_path):
    """Exit code 2, every fault on stderr, and nothing sent: there is not even an app."""
    files = without(yolo("0 9 9 1 1\n0 0.5 0.5 1"), "images/good.png", "labels/good.txt")
    write(tmp_path / "data", files)
    where = ("--base-url", f"local:{tmp_path / 'platform'}", "--app-id", "a", "--user-id", "me")
    command = ("dataset", "upload", str(tmp_path / "data"), "--loader", "yolo", "--strict")
    program = "import sys; from clarifai_cli.main import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", program, *command, "--dataset-id", "d", *where],
        env={**clean_environment(), "CLARIFAI_CONTEXTS_FILE": str(tmp_path / "none.yaml")},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "2 faults in" in done.stderr
    assert "line 1: 8.5 is outside of 0..1" in done.stderr
    assert "line 2: 3 numbers are neither" in done.stderr


def test_every_built_in_loader_is_looked_at():
    """The loaders `huggingface` and `rows`, and those of Datumaro, have files of their own."""
    looked_at = {one[0] for one in (*ITEMS, *FILES)} | {"huggingface", "rows"}
    ours = {one.name for one in clarifai_register_loaders() if ":" not in one.name}
    assert looked_at == ours
