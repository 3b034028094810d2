"""Whatever is wrong with one item of a source costs that item, and never the others."""

from __future__ import annotations

import json
import math
import zipfile
import zlib

import pytest

from clarifai_core.errors import UserError
from clarifai_datasets.upload.features import (
    MediaFeatures,
    TextFeatures,
    VisualClassificationFeatures,
    VisualDetectionFeatures,
    VisualSegmentationFeatures,
)
from clarifai_datasets.upload.loader import open_loader
from tests.datasets.conftest import png
from tests.datasets.list_loader import ListLoader


class Raising(ListLoader):
    """A user's loader whose second item raises."""

    def __init__(self, error):
        super().__init__(
            "text_classification", [TextFeatures("a", []), None, TextFeatures("c", [])]
        )
        self.error = error

    def __getitem__(self, index):
        if index == 1:
            raise self.error
        return super().__getitem__(index)


class Streaming(Raising):
    """The same, read as a stream."""

    def stream(self):
        for index in range(len(self)):
            yield self[index]


@pytest.mark.parametrize("kind", [Raising, Streaming])
@pytest.mark.parametrize(
    "error",
    [
        KeyError("k"),
        RecursionError("deep"),
        MemoryError(),
        SystemExit(3),
        zlib.error("x"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"),
        RuntimeError("\x1b[2J"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_whatever_a_loader_raises(kind, error, world):
    report = world.dataset.upload_dataset(kind(error))
    assert (report.uploaded, [one.index for one in report.failed]) == (2, [1])
    assert type(error).__name__ in report.failed[0].reason
    assert "\x1b" not in str(report)


def test_an_interrupt_is_none_of_them(world):
    with pytest.raises(KeyboardInterrupt):
        world.dataset.upload_dataset(Raising(KeyboardInterrupt()))


class Odd:
    """Features whose attributes cannot be asked for."""

    text = "x"
    labels = ()

    @property
    def id(self):
        raise LookupError("no id today")


ODD = {
    "label too long": TextFeatures("x", ["a" * 254]),
    "label with a control character": TextFeatures("x", ["a\x00b"]),
    "label of half a character": TextFeatures("x", ["\ud800"]),
    "labels without number": TextFeatures("x", ["a"] * 100_001),
    "id too long": TextFeatures("x", [], id="i" * 300),
    "id with a control character": TextFeatures("x", [], id="a\x07b"),
    "id of half a character": TextFeatures("x", [], id="\udcff"),
    "nan in metadata": TextFeatures("x", [], metadata={"a": math.nan}),
    "nan deep in metadata": TextFeatures("x", [], metadata={"a": [{"b": -math.inf}]}),
    "huge number in metadata": TextFeatures("x", [], metadata={"a": 10**400}),
    "deep metadata": TextFeatures("x", [], metadata=json.loads('{"a":' * 30 + "1" + "}" * 30)),
    "very deep metadata": TextFeatures(
        "x", [], metadata=json.loads('{"a":' * 500 + "1" + "}" * 500)
    ),
    "no text": TextFeatures(b"x", []),  # type: ignore[arg-type]
    "attributes that raise": Odd(),
}


@pytest.mark.parametrize("name", ODD)
def test_features_that_cannot_be_sent(name, world):
    items = [TextFeatures("one", ["ok"], id="1"), ODD[name], TextFeatures("two", ["ok"], id="2")]
    report = world.dataset.upload_dataset(ListLoader("text_classification", items))
    assert (report.uploaded, [one.index for one in report.failed]) == (2, [1])
    assert report.failed[0].attempts == 0
    assert world.faults.calls["PostInputs"] == 1
    str(report).encode()


@pytest.mark.parametrize("content", [10**12, "text", [1], object()])
def test_content_that_is_no_bytes(content, world):
    for task, made in (
        ("visual_classification", VisualClassificationFeatures("a", [], image_bytes=content)),
        ("media_classification", MediaFeatures("image", content=content)),
    ):
        report = world.dataset.upload_dataset(ListLoader(task, [made]), resume=False)
        assert "must be bytes" in report.failed[0].reason


@pytest.mark.parametrize("number", [math.nan, math.inf, 10**400])
def test_boxes_of_numbers_that_are_none(number, world):
    good = VisualDetectionFeatures("a", ["x"], [[0, 0, 1, 1]], id="g", image_bytes=png(1))
    bad = VisualDetectionFeatures("a", ["x"], [[0, 0, number, 1]], id="b", image_bytes=png(1))
    report = world.dataset.upload_dataset(ListLoader("visual_detection", [good, bad]))
    assert (report.uploaded, report.annotations, report.failed) == (2, 1, [])
    (note,) = report.notes
    assert note.startswith("regions left out: 1 (train-b: box 1: a box must be")


HUGE = ["1" + "0" * 400, "-" + "9" * 309]


@pytest.mark.parametrize("number", HUGE)
@pytest.mark.parametrize("key", ["regions", "metadata", "more"])
def test_a_line_with_a_number_that_json_cannot_tell_is_that_lines_fault(
    number, key, world, tmp_path
):
    """RFC 8259: readers agree on double precision only. `1e999` is infinity to all of them."""
    value = {
        "regions": f'[{{"label": "x", "bbox": [0, 0, {number}, 1]}}]',
        "metadata": f'{{"a": {number}}}',
        "more": number,
    }[key]
    (tmp_path / "a.png").write_bytes(png(1))
    (tmp_path / "a.jsonl").write_text(
        '{"file": "a.png", "id": "1"}\n' + f'{{"file": "a.png", "id": "2", "{key}": {value}}}\n'
    )
    report = world.dataset.upload_dataset(open_loader(str(tmp_path / "a.jsonl"), "jsonl"))
    assert (report.uploaded, [one.index for one in report.failed]) == (1, [1])
    assert "line 2" in report.failed[0].reason
    assert "is beyond double precision" in report.failed[0].reason


def test_texts_that_look_like_huge_numbers_are_texts(world, tmp_path):
    words = ["1" * 400, "a 1e400", "e123"]
    lines = [json.dumps({"text": word, "id": str(i)}) for i, word in enumerate(words)]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    report = world.dataset.upload_dataset(open_loader(str(tmp_path / "a.jsonl"), "jsonl"))
    assert (report.uploaded, report.failed) == (3, [])


@pytest.mark.parametrize(
    ("label", "polygon", "said"),
    [
        ("", [[0, 0], [1, 0], [1, 1]], "label"),
        ("x", [], "a polygon has no points"),
        ("x", [[0, 0], [1, 1]], "at least 3 points"),
        ("x", None, "NoneType"),
    ],
)
def test_a_region_of_a_loader_of_ones_own_costs_neither_its_picture_nor_others(
    label, polygon, said, world
):
    rings = [[[0, 0], [1, 0], [1, 1]], polygon]
    made = VisualSegmentationFeatures("a", ["x", label], rings, id="a", image_bytes=png(1))
    report = world.dataset.upload_dataset(ListLoader("visual_segmentation", [made]))
    assert (report.uploaded, report.annotations, report.failed) == (1, 1, [])
    (note,) = report.notes
    assert note.startswith("regions left out: 1 (train-a: polygon 2: ")
    assert said in note


def test_a_box_of_a_loader_of_ones_own_is_cut_at_the_border_and_counted_once(world):
    made = VisualDetectionFeatures("a", ["x"], [[0.5, 0, 1.5, 1]], id="a", image_bytes=png(1))
    report = world.dataset.upload_dataset(ListLoader("visual_detection", [made]))
    assert (report.uploaded, report.annotations, report.failed) == (1, 1, [])
    assert report.notes == ["boxes cut at the border: 1 (train-a: box 1)"]


# -- files -----------------------------------------------------------------------------------------


def zipped(path, **more):
    lines = '{"file":"a.png"}\n{"file":"b.png"}\n'
    with zipfile.ZipFile(path, "w", more.get("method", zipfile.ZIP_DEFLATED)) as archive:
        archive.writestr("x.jsonl", lines, zipfile.ZIP_DEFLATED)
        archive.writestr("a.png", png(1), zipfile.ZIP_DEFLATED)
        archive.writestr("b.png", png(2))
    return path


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_damaged_member_of_a_zip(method, tmp_path, world):
    path = zipped(tmp_path / "x.zip", method=method)
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("b.png")
    raw = bytearray(path.read_bytes())
    raw[info.header_offset + 50] ^= 255
    path.write_bytes(bytes(raw))
    report = world.dataset.upload_dataset(open_loader(str(path), "jsonl"))
    assert (report.uploaded, len(report.failed)) == (1, 1)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_members_that_are_not_deflated(method, tmp_path, world):
    path = zipped(tmp_path / "x.zip", method=method)
    report = world.dataset.upload_dataset(open_loader(str(path), "jsonl"))
    assert (report.uploaded, len(report.failed)) == (1, 1)
    assert "zip it with deflate" in report.failed[0].reason


@pytest.mark.parametrize("at", range(1, 200, 7))
def test_a_damaged_zip_is_one_error(at, tmp_path):
    path = zipped(tmp_path / "x.zip")
    raw = bytearray(path.read_bytes())
    raw[-at] ^= 0xFF
    path.write_bytes(bytes(raw))
    try:
        items = list(open_loader(str(path), "jsonl").stream())
    except UserError:
        return
    assert len(items) == 2


def voc(encoding, body=b"", name="b"):
    head = f'<?xml version="1.0" encoding="{encoding}"?>'.encode()
    file = f"<filename>{name}.png</filename>".encode()
    return head + b"<annotation>" + file + body + b"</annotation>"


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        (voc("nope"), "encoding 'nope' is unknown"),
        (voc("zip"), "is unknown"),
        (voc("ascii", b"<a>\xff</a>"), "it is not in ascii"),
        (voc("utf-8", b"<a>\xff</a>"), "it is not in utf-8"),
        (voc("utf-8", b"<object>" * 100_000), "no XML"),
        (
            b'<?xml version="1.0" encoding="cp037"?>'
            + '<!DOCTYPE a [<!ENTITY b "c">]><annotation/>'.encode("cp037"),
            "",
        ),
    ],
)
def test_an_xml_in_an_encoding_that_is_none(xml, said, tmp_path, world):
    for name, content in {
        "JPEGImages/a.png": png(1),
        "JPEGImages/b.png": png(2),
        "Annotations/a.xml": voc("utf-8", name="a"),
        "Annotations/b.xml": xml,
    }.items():
        (tmp_path / "v" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "v" / name).write_bytes(content)
    report = world.dataset.upload_dataset(open_loader(str(tmp_path / "v"), "voc_detection"))
    assert (report.uploaded, len(report.failed)) == (1, 1)
    assert said in report.failed[0].reason


def test_an_xml_in_an_encoding_of_its_own_is_read(tmp_path):
    body = "<object><name>k\u00e4tzchen</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax>"
    body += "<ymax>2</ymax></bndbox></object>"
    (tmp_path / "JPEGImages").mkdir()
    (tmp_path / "Annotations").mkdir()
    (tmp_path / "JPEGImages" / "b.png").write_bytes(png(1))
    xml = voc("iso-8859-1", body.encode("latin-1"))
    (tmp_path / "Annotations" / "b.xml").write_bytes(xml)
    (item,) = open_loader(str(tmp_path), "voc_detection").stream()
    assert item.labels == ["k\u00e4tzchen"]


LINES = {
    "nan": '{"text":"x","metadata":{"a":NaN}}',
    "infinity": '{"text":"x","metadata":{"a":[-Infinity]}}',
    "many digits": '{"text":"x","metadata":{"a":' + "9" * 5000 + "}}",
    "large": '{"text":"x","metadata":{"a":1' + "0" * 400 + "}}",
    "geo": '{"text":"x","geo":[NaN,0]}',
    "depth": '{"text":"x","metadata":' + "[" * 50_000 + "]" * 50_000 + "}",
    "bytes": b'{"text":"\xff\xfe"}',
}


def test_a_faulty_region_of_a_line(tmp_path, world):
    line = '{"text":"x","regions":[{"labels":["a"],"point":[1e999,0]}]}\n'
    (tmp_path / "x.jsonl").write_text(line)
    report = world.dataset.upload_dataset(open_loader(str(tmp_path / "x.jsonl"), "jsonl"))
    assert (report.uploaded, report.failed) == (1, [])
    assert "line 1: region 1: a point must be [x, y]" in report.notes[0]


@pytest.mark.parametrize("name", LINES)
def test_a_faulty_line(name, tmp_path, world):
    line = LINES[name]
    raw = line if isinstance(line, bytes) else line.encode()
    (tmp_path / "x.jsonl").write_bytes(b'{"text":"fine"}\n' + raw + b'\n{"text":"fine, too"}\n')
    report = world.dataset.upload_dataset(open_loader(str(tmp_path / "x.jsonl"), "jsonl"))
    assert (report.uploaded, len(report.failed)) == (2, 1)
