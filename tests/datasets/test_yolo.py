"""YOLO as the programs of the field write it; each case says which program, or where it was told.

What rows mean is in the documentation of Ultralytics (datasets/detect, segment, pose, obb), what
`save_txt` appends in its `Results.save_txt`: a confidence, then the number of a track.
"""

from __future__ import annotations

import contextlib
import math
import unicodedata
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarifai_core.errors import UserError
from clarifai_datasets.upload.features import VisualDetectionFeatures
from clarifai_datasets.upload.loader import BrokenItem, open_loader
from clarifai_datasets.upload.loaders._yolo_classes import MISCOUNTED, OVERRULED
from clarifai_datasets.upload.loaders._yolo_layout import YoloPaths, pairs
from clarifai_datasets.upload.loaders._yolo_rows import (
    CONFIDENCES,
    KEY_POINTS,
    TRACKS,
    crosses_itself,
)
from clarifai_datasets.upload.loaders.yolo import UNLABELLED, UNPAIRED, UNUSED
from clarifai_inputs.file_names import alike, hidden_in
from tests.datasets.conftest import png

BOX = "1 0.5 0.5 0.2 0.2"
PNG = png(1)


@pytest.fixture
def fill(tmp_path):
    def write(**files):
        folder = tmp_path / "set"
        for name, content in files.pop("files", files).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(folder)

    return write


def one_image(rows, yaml="names: [cat, dog]"):
    return {"images/a.png": PNG, "labels/a.txt": rows, "data.yaml": yaml}


def read(source, **options):
    """Return id -> labels, and the loader."""
    loader = open_loader(source, "yolo", **options)
    return {
        one.id: one.labels for one in loader.stream() if not isinstance(one, BrokenItem)
    }, loader


# -- classes ---------------------------------------------------------------------------------------


def test_data_yaml_counts_before_lists(fill):
    """labelImg#707, labelImg#934: it leaves a list of its own, with its default classes."""
    source = fill(files=one_image(BOX) | {"labels/classes.txt": "cat\nperson\n"})
    found, loader = read(source)
    assert found == {"a": ["dog"]}
    (line,) = loader.remarks.lines()
    assert line == (
        f"{OVERRULED}: 1 (labels/classes.txt has 'person' as class 1, "
        "data.yaml has 'dog' as class 1)"
    )


@pytest.mark.parametrize("name", ["classes.txt", "labels/classes.txt", "obj.names", "coco.names"])
def test_lists_where_programs_put_them(name, fill):
    """labelImg#639, X-AnyLabeling#287: beside the labels; Darknet: anywhere, by any name."""
    source = fill(files=one_image(BOX) | {"data.yaml": "nc: 2\n", name: "cat\ndog\n"})
    found, loader = read(source)
    assert (found, len(loader)) == ({"a": ["dog"]}, 1)


@pytest.mark.parametrize("names", [("a.yaml", "b.yaml"), ("classes.txt", "obj.names")])
def test_lists_of_one_rank_that_differ_are_an_error_that_names_both(names, fill):
    texts = ("names: [cat, dog]", "names: [cat, cow]")
    if names[0].endswith("txt"):
        texts = ("cat\ndog\n", "cat\ncow\n")
    files = {"images/a.png": PNG, "labels/a.txt": BOX}
    with pytest.raises(UserError) as caught:
        read(fill(files=files | dict(zip(names, texts, strict=True))))
    assert all(name in str(caught.value) for name in (*names, "'dog'", "'cow'"))


def test_data_sets_beside_each_other_have_classes_of_their_own(fill):
    files = {f"{one}/{name}": text for one in "ab" for name, text in one_image(BOX).items()}
    files |= {"b/data.yaml": "names: [x, y]", "b/images/a.png": png(2)}
    found, loader = read(fill(files=files))
    assert sorted(found.values()) == [["dog"], ["y"]]
    assert not loader.remarks


@pytest.mark.parametrize(
    ("yaml", "label"),
    [
        ("{names: {0: cat, 1: dog}, nc: 2}", "dog"),
        ("{names: {'0': cat, 1.0: dog}}", "dog"),
        ("names: [yes, no]", "no"),  # in YAML 1.1 a boolean; a class is called what is written
        ("names: [1.0, 2.50]", "2.50"),
    ],
)
def test_names_in_data_yaml(yaml, label, fill):
    found, loader = read(fill(files=one_image(BOX, yaml)))
    assert (found, loader.remarks.lines()) == ({"a": [label]}, [])


def test_nc_that_does_not_agree_is_told(fill):
    _, loader = read(fill(files=one_image(BOX, "{names: [cat, dog], nc: 3}")))
    assert loader.remarks.lines() == [f"{MISCOUNTED}: 1 (data.yaml: nc is 3, and names has 2)"]


@pytest.mark.parametrize("number", ["1.000000000000000000e+00", "1.0", "1"])
def test_classes_however_they_are_written(number, fill):
    """roboflow/supervision#2580: `np.savetxt`; Ultralytics' own reader takes them."""
    found, _ = read(fill(files=one_image(f"{number} .5 .5 .2 .2")))
    assert found == {"a": ["dog"]}


# -- rows ------------------------------------------------------------------------------------------

AROUND = [0.4, 0.4, 0.6, 0.6]
HEXAGON = "1 .4 .5 .45 .6 .55 .6 .6 .5 .55 .4 .45 .4"
POSE_3 = f"{BOX} .45 .45 2 .5 .5 2 .55 .55 1"
POSE_2 = f"{BOX} .45 .45 .55 .55 .45 .55"


@pytest.mark.parametrize(
    ("rows", "more", "noted"),
    [
        (POSE_3, "kpt_shape: [3, 3]", [KEY_POINTS]),
        (POSE_2, "kpt_shape: [3, 2]", [KEY_POINTS]),
        (f"{POSE_2} 0.9", "kpt_shape: [3, 2]", [KEY_POINTS, CONFIDENCES]),
        (f"{POSE_2} 0.9 12", "kpt_shape: [3, 2]", [KEY_POINTS, CONFIDENCES, TRACKS]),
        (POSE_3, "", [KEY_POINTS]),
        (f"{BOX} .45 .45 2 .5 .5 1", "", [KEY_POINTS]),  # ten numbers, as five points would have
        (f"{BOX} .45 .45 .91 .5 .5 .83 .4 .5 .7", "", [KEY_POINTS]),  # predicted
        (POSE_2, "", [KEY_POINTS]),
        (f"{POSE_2}\n{POSE_2}", "", [KEY_POINTS]),
        (f"{BOX} 0.87", "", [CONFIDENCES]),
        (f"{BOX} 0.87 3", "", [CONFIDENCES, TRACKS]),
        (BOX, "kpt_shape: [3, 2]", []),
    ],
)
def test_rows_that_are_boxes_and_more(rows, more, noted, fill):
    loader = open_loader(fill(files=one_image(rows, f"names: [cat, dog]\n{more}")), "yolo")
    (item,) = loader.stream()
    assert isinstance(item, VisualDetectionFeatures)
    assert item.bboxes == [pytest.approx(AROUND)] * len(rows.splitlines())
    assert item.labels == ["dog"] * len(item.bboxes)
    assert loader.remarks.counts() == dict.fromkeys(noted, len(item.bboxes))


@pytest.mark.parametrize(
    ("row", "points", "noted"),
    [
        ("1 .4 .4 .6 .4 .6 .6 .4 .6", 4, []),  # a box that is turned: Ultralytics' OBB
        ("1 .4 .4 .6 .4 .6 .6 .4 .6 .93", 4, [CONFIDENCES]),  # the same, predicted
        ("1 .5 .4 .6 .6 .4 .6", 3, []),
        (HEXAGON, 6, []),
        ("1 .85 .8 .9 .85 .85 .9 .8 .9 .75 .85", 5, []),  # all of it in the "box" of its numbers
        ("1 0 0 1 0 1 .5 1 1 0 1", 5, []),  # along the border: the third numbers are 0 and 1
    ],
)
def test_rows_that_are_polygons(row, points, noted, fill):
    loader = open_loader(fill(files=one_image(row)), "yolo")
    (item,) = loader.stream()
    assert loader.task == "visual_segmentation"
    assert [len(ring) for ring in item.polygons] == [points]
    assert loader.remarks.counts() == dict.fromkeys(noted, 1)


def test_polygons_stay_polygons_beside_one_that_could_be_a_pose(fill):
    loader = open_loader(fill(files=one_image(f"{POSE_2}\n{HEXAGON}")), "yolo")
    assert [len(ring) for ring in loader[0].polygons] == [5, 6]


@pytest.mark.parametrize("count", [3, 5, 8])
def test_regular_polygons_do_not_cross_themselves(count):
    turns = [2 * math.pi * number / count for number in range(count)]
    numbers = [part for turn in turns for part in (math.sin(turn), math.cos(turn))]
    assert not crosses_itself(numbers)
    star = [turns[2 * number % count] for number in range(count)]
    if count % 2 and count > 3:
        assert crosses_itself([part for turn in star for part in (math.sin(turn), math.cos(turn))])


def test_a_row_costs_itself_and_a_box_over_the_border_is_cut(fill, world):
    rows = f"{BOX}\n7 .5 .5 .2 .2\n1 .5 .5\nx .5 .5 .2 .2\n1 nan .5 .2 .2\n1 .9 .5 .4 .2\n"
    loader = open_loader(fill(files=one_image(rows)), "yolo")
    report = world.dataset.upload_dataset(loader)
    assert (report.uploaded, report.failed, report.annotations) == (1, [], 2)
    assert loader[0].bboxes[1] == pytest.approx([0.7, 0.4, 1, 0.6])
    left_out, cut = report.notes
    assert all(f"line {number}: " in left_out for number in (2, 3, 4, 5))
    assert cut.startswith("boxes cut at the border: 1 (")
    assert "line 6" in cut


# -- where files lie -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("image", "label"),
    [
        ("images/a.png", "labels/a.txt"),
        ("images/val/a.png", "labels/val/a.txt"),  # Ultralytics, FiftyOne
        ("val/images/a.png", "val/labels/a.txt"),  # Roboflow, supervision
        ("obj_train_data/a.png", "obj_train_data/a.txt"),  # Darknet, CVAT
        ("images/a.png", "images/a.txt"),  # labelImg
        ("images/images/a.png", "images/labels/a.txt"),
        ("images/a.png", "labels/a.TXT"),  # ultralytics#8839
        ("Images/A.PNG", "Labels/a.txt"),  # ultralytics#16845
        ("IMAGES/val/a.rf.1.JPG", "labels/val/a.rf.1.txt"),
        ("images/b\u00e4r.png", unicodedata.normalize("NFD", "labels/b\u00e4r.txt")),  # a Mac
    ],
)
@pytest.mark.parametrize("as_zip", [False, True])
def test_labels_are_found(image, label, as_zip, fill, tmp_path):
    files = {f"pets/{name}": text for name, text in ((image, PNG), (label, BOX.encode()))}
    files["pets/data.yaml"] = b"names: [cat, dog]"
    source = fill(files=files)
    if as_zip:
        source = str(tmp_path / "set.zip")
        with zipfile.ZipFile(source, "w") as archive:
            for name, content in files.items():
                archive.writestr(name.replace("/", "\\"), content)
    found, loader = read(source)
    assert (list(found.values()), loader.remarks.lines()) == ([["dog"]], [])


def test_labels_are_not_shared_by_names_that_differ_in_capitals():
    found = pairs(["a.png", "A.png", "b.png", "B.png"], ["a.txt", "B.TXT"])
    assert found == {"a.png": "a.txt"}


YAMLS = {
    "a folder": "val: images/x",
    "a folder below path": "path: images\nval: x",
    "of another machine": "path: /home/ann/pets\nval: images/x",
    "absolute": "val: /home/ann/pets/set/images/x/",
    "of Windows": "val: 'C:\\pets\\images\\x'",
    "of Roboflow": "val: ../images/x",
    "of FiftyOne": "path: .\nval: ./images/x/",
    "several": "val: [images/nowhere, images/x]",
    "in capitals": "val: Images/X",
    "a list": "val: lists/held_out.txt",
    "a list of its own name": "nc: 2",
}


@pytest.mark.parametrize("what", YAMLS)
def test_splits_as_data_yaml_says(what, fill):
    files = {f"images/{one}/{one}.png": PNG for one in "xy"}
    files |= {f"labels/{one}/{one}.txt": BOX for one in "xy"}
    files["data.yaml"] = f"names: [cat, dog]\n{YAMLS[what]}\n"
    if what == "a list":
        files["lists/held_out.txt"] = "./images/x/x.png\n"
    if what == "a list of its own name":
        files["val.txt"] = "/home/ann/pets/images/x/x.png\n\n"
    source = fill(files=files)
    found, _ = read(source, split="valid")
    assert list(found) == ["x"]
    found, loader = read(source)
    assert (sorted(found), len(loader)) == (["x", "y"], 2)


def test_a_list_that_names_an_image_that_is_not_there(fill):
    files = one_image(BOX) | {"train.txt": "data/images/a.png\ndata/images/gone.png\n"}
    loader = open_loader(fill(files=files), "yolo")
    bad = [one.reason for one in loader.stream() if isinstance(one, BrokenItem)]
    assert len(bad) == 1
    assert "train.txt: line 2: there is no image 'data/images/gone.png'" in bad[0]


def test_places_are_not_guessed_where_they_could_be_several():
    places = YoloPaths(["a/images/1.png", "b/images/1.png", "b/images/2.png"])
    assert places.file("images/1.png") == ""
    assert places.file("/data/b/images/1.png") == "b/images/1.png"
    assert places.file("images/2.png", "a/") == "b/images/2.png"
    assert places.file("../../etc/passwd") == ""


def test_what_is_not_read_is_counted(fill):
    """Roboflow's zips have two READMEs, Ultralytics leaves a cache, Label Studio `notes.json`."""
    files = one_image(BOX) | {
        "README.roboflow.txt": "x",
        "notes.json": "{}",
        "labels.cache": "x",
        "images/b.heic": "x",
        "images/c.png": png(2),
        "images/d.png": png(3),
        "labels/d.txt": "",
        "labels/lost.txt": BOX,
    }
    found, loader = read(fill(files=files))
    assert found == {"a": ["dog"], "c": [], "d": []}
    assert loader.remarks.counts() == {
        "left alone, .heic pictures, which the platform does not take": 1,
        UNPAIRED: 1,
        UNUSED: 2,
        UNLABELLED: 1,
    }
    assert len(loader) == 4  # labels/lost.txt fails
    with pytest.raises(UserError) as caught:
        read(fill(files=files), strict=True)
    assert len(caught.value.faults) == 5


# -- whatever there is -----------------------------------------------------------------------------

FOLDERS = st.sampled_from(
    ["", "images/", "labels/", "IMAGES/", "val/images/", "val/labels/", "x/", ".git/"]
)
STEMS = st.sampled_from(["a", "b", "A", "classes", "train", "data", "._a", "README"])
ENDINGS = st.sampled_from([".png", ".JPG", ".txt", ".TXT", ".yaml", ".heic", ".names", ""])
CONTENTS = st.sampled_from(["", BOX, HEXAGON, "images/a.png", "names: [cat, dog]", "x\ny", "7 7"])
SETS = st.dictionaries(
    st.tuples(FOLDERS, STEMS, ENDINGS).map("".join), CONTENTS, max_size=14
).filter(lambda files: len(set(map(alike, files))) == len(files))


@settings(
    deadline=None,
    max_examples=150,
    suppress_health_check=list(HealthCheck),
    database=None,
)
@given(files=SETS, split=st.sampled_from(["", "val"]))
def test_files_in_are_inputs_failures_and_remarks(files, split, tmp_path_factory):
    """Each file is one of these, and of no two.

    An image or a label file without one is an item, good or not. A file is used when it is the
    label file of an image, lists classes (YAML with names, `classes.txt`, `*.names`), or lists
    images. All others are in remarks that begin with "left alone"; a hidden folder counts once.
    A line of a list that names no image is a failure, and no file; it is taken off. Of a split
    only what lies in it counts, so there only the inputs are looked at.
    """
    folder = tmp_path_factory.mktemp("any")
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    loader = open_loader(str(folder), "yolo", split=split)
    items: list[object] = []
    with contextlib.suppress(UserError):  # no lists of classes, lists that differ, no images
        items = list(loader.stream())
    if not items:
        return
    bad = [one.reason for one in items if isinstance(one, BrokenItem)]
    no_files = sum(": there is no image '" in reason for reason in bad)
    if split:
        assert len(items) - len(bad) <= sum("val/" in name for name in files)
        return
    used = {*filter(None, loader._labels), *loader._used_lists}
    left = sum(n for what, n in loader.remarks.counts().items() if what.startswith("left alone"))
    hidden = [top for top in map(hidden_in, files) if top]
    there = len(files) - len(hidden) + len(set(hidden))
    assert len(items) - no_files + len(used) + left == there
