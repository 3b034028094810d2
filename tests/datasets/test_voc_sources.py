"""Pascal VOC as tools and people leave it: the picture is that of the XML's own name.

Kinds and sources: models#5023, supervisely#21 (<filename> of another picture), labelImg#92 and
cvat#6319 (names of other systems), supervision, FiftyOne and Kaggle (names of folders).
"""

from __future__ import annotations

import io

import pytest
from PIL import Image

from clarifai_core.errors import UserError
from clarifai_datasets.upload.loader import BrokenItem, open_loader
from tests.datasets.conftest import png

BNDBOX = "<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>1</xmax><ymax>1</ymax></bndbox>"


def xml(filename="", name="cat", more="", size="", bndbox=BNDBOX):
    said = f"<filename>{filename}</filename>" if filename else ""
    return (
        f"<annotation>{said}{size}<object><name>{name}</name>{bndbox}{more}</object></annotation>"
    )


def write(folder, **files):
    for number, (name, content) in enumerate(files.items(), 1):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        made = png(number) if content is None else content
        path.write_bytes(made.encode() if isinstance(made, str) else made)


def opened(source, **options):
    return open_loader(str(source), "voc_detection", **options)


def found(loader):
    """Id -> file name of its picture, or what is wrong."""
    items = list(loader.stream())
    return {
        f"#{n}" if isinstance(one, BrokenItem) else one.id: one.reason
        if isinstance(one, BrokenItem)
        else one.image_path.rpartition("/")[2]
        for n, one in enumerate(items)
    }


FOLDERS = [
    ("Annotations", "JPEGImages"),
    ("annotations", "images"),
    ("ANNOTATIONS", "IMAGES"),
    ("labels", "data"),
    ("VOC2012/Annotations", "VOC2012/JPEGImages"),
    ("annotations/train", "images/train"),
    ("train/annotations", "train/images"),
    ("train", "train"),
    ("annots/xmls", "annots/images"),
    ("annotations", "."),
    ("Annotations", "pictures"),
]


@pytest.mark.parametrize(("labels", "pictures"), FOLDERS)
def test_folders_by_whatever_name(labels, pictures, tmp_path):
    write(tmp_path, **{f"{labels}/a.xml": xml("a.png"), f"{pictures}/a.png": None})
    assert found(opened(tmp_path, strict=True)) == {"a": "a.png"}


@pytest.mark.parametrize(
    "said", ["", "a", "a.jpg", "images/a.png", "C:\\Users\\me\\a.png", "/home/me/a.png", "A.PNG"]
)
def test_a_picture_of_the_same_name_is_found_whatever_the_xml_says(said, tmp_path):
    write(tmp_path, **{"Annotations/a.xml": xml(said), "JPEGImages/a.png": None})
    assert found(opened(tmp_path, strict=True)) == {"a": "a.png"}


def test_an_xml_that_speaks_of_another_picture_keeps_its_own(tmp_path):
    files = {"Annotations/a.xml": xml("a.png"), "Annotations/b.xml": xml("a.png")}
    write(tmp_path, **files, **{"JPEGImages/a.png": None, "JPEGImages/b.png": None})
    loader = opened(tmp_path)
    assert found(loader) == {"a": "a.png", "b": "b.png"}
    (line,) = loader.remarks.lines()
    assert line.endswith("1 (Annotations/b.xml says a.png)")
    with pytest.raises(UserError, match="is that of another"):
        len(opened(tmp_path, strict=True))


def test_a_picture_by_the_filename_where_none_has_the_name_of_the_xml(tmp_path):
    files = {"Annotations/1.xml": xml("x.png"), "Annotations/2.xml": xml("a.png")}
    files |= {"Annotations/a.xml": xml("a.png")}
    write(tmp_path, **files, **{"JPEGImages/a.png": None, "JPEGImages/x.png": None})
    said = found(opened(tmp_path))
    assert (said["1"], said["a"]) == ("x.png", "a.png")
    assert "2.xml: there is no picture of its name, and JPEGImages/a.png is that of" in said["#1"]


def test_two_files_that_name_one_picture_are_both_refused(tmp_path):
    files = {"Annotations/1.xml": xml("x.png"), "Annotations/2.xml": xml("x.png")}
    write(tmp_path, **files, **{"JPEGImages/x.png": None})
    items = list(opened(tmp_path).stream())
    assert ["is that of another" in one.reason for one in items] == [True, True]


def test_of_two_pictures_of_one_name_the_filename_decides(tmp_path):
    pictures = {"JPEGImages/a.png": None, "JPEGImages/a.bmp": None}
    write(tmp_path, **{"Annotations/a.xml": xml("a.bmp")}, **pictures)
    assert found(opened(tmp_path)) == {"a": "a.bmp"}
    write(tmp_path, **{"Annotations/a.xml": xml("a")})
    assert "may be any of" in found(opened(tmp_path))["#0"]


def test_what_is_left_alone_is_counted(tmp_path):
    files = {"Annotations/a.xml": xml(), "Annotations/b.xml": xml(), "README.md": "x"}
    files |= {"ImageSets/Main/train.txt": "a\n", "JPEGImages/a.png": None, "JPEGImages/c.png": None}
    write(tmp_path, **files)
    loader = opened(tmp_path)
    items = list(loader.stream())
    assert "b.jpg: no such file" in items[1].reason
    assert loader.remarks.lines() == [
        "left alone, neither pictures nor annotations: 1 (README.md)",
        "left alone, pictures without an annotation file: 1 (JPEGImages/c.png)",
    ]


def test_a_split_is_a_list_or_a_folder(tmp_path):
    for split in ("train", "val"):
        write(tmp_path, **{f"{split}/{split}1.xml": xml(), f"{split}/{split}1.png": None})
    assert found(opened(tmp_path, split="val", strict=True)) == {"val1": "val1.png"}
    with pytest.raises(UserError, match=r"holds no ImageSets/Main/test\.txt"):
        len(opened(tmp_path, split="test"))


def test_elements_that_are_not_read_are_counted(tmp_path):
    part = "<part><name>head</name></part>"
    more = f"<pose>Left</pose><difficult>1</difficult><polygon><x1>1</x1></polygon>{part}"
    write(tmp_path, **{"Annotations/a.xml": xml(more=more), "JPEGImages/a.png": None})
    loader = opened(tmp_path)
    assert loader[0].labels == ["cat"]
    assert loader.remarks.counts() == {
        "elements of objects that are not read: polygon": 1,
        "elements of objects that are not read: part": 1,
        "objects marked as difficult, which go as any other": 1,
    }


@pytest.mark.parametrize(
    "size",
    ["", "<size><width>0</width><height>0</height></size>", "<size><width>x</width></size>"],
)
def test_without_a_size_the_picture_tells_and_edges_may_be_floats(size, tmp_path):
    box = BNDBOX.replace(">1</xmax>", ">1.0</xmax>")
    write(tmp_path, **{"a.xml": xml(size=size, bndbox=box), "a.png": None})
    assert opened(tmp_path, strict=True)[0].bboxes == [[0, 0, 0.25, 0.25]]  # of 4 x 4 pixels


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk", "latin-1"])
def test_encodings(encoding, tmp_path):
    name = "\u732b" if encoding != "latin-1" else "k\u00e4tzchen"
    start = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>'
    text = (start + xml(name=name)).encode(encoding)
    write(tmp_path, **{"Annotations/a.xml": text, "JPEGImages/a.png": None})
    assert opened(tmp_path, strict=True)[0].labels == [name]


@pytest.mark.parametrize(
    ("size", "edges", "expected"),
    [("", (5, 3, 10, 12), [0.2, 0.05, 0.5, 0.3]), ("40 20", (31, 1, 40, 10), [0.5, 0.75, 1, 1])],
)
def test_a_picture_that_lies_on_its_side(size, edges, expected, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    Image.new("RGB", (40, 20)).save(file, "JPEG", exif=exif)
    names = ("xmin", "ymin", "xmax", "ymax")
    box = "".join(f"<{n}>{edge}</{n}>" for n, edge in zip(names, edges, strict=True))
    said = ""
    if size:
        width, height = size.split()
        said = f"<size><width>{width}</width><height>{height}</height></size>"
    made = xml(size=said, bndbox=f"<bndbox>{box}</bndbox>")
    write(tmp_path, **{"Annotations/a.xml": made, "JPEGImages/a.jpg": file.getvalue()})
    assert opened(tmp_path)[0].bboxes == [pytest.approx(expected)]


def test_an_xml_of_another_kind_is_a_failure_and_no_picture_without_labels(tmp_path, make_png):
    (tmp_path / "a.png").write_bytes(make_png(1))
    (tmp_path / "a.xml").write_text("<svg><object><name>cat</name></object></svg>")
    (item,) = items_of(tmp_path)
    assert "it is no annotation of VOC, but <svg>" in item.reason


def items_of(folder):
    loader = open_loader(str(folder), "voc_detection")
    return [loader[index] for index in range(len(loader))]
