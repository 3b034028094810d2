"""Formats of Datumaro: listed without it, read and written with it, in an environment of its own.

Datumaro wants older numpy, pandas, pillow and pyarrow than the other tests run with. The programs
below run with it and with this checkout of ours; what they wrote is looked at here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from clarifai_core.errors import PluginError
from clarifai_core.plugins import plugins
from clarifai_datasets._convert import convert
from clarifai_datasets.upload.loader import open_loader
from tests.datasets.conftest import png
from tests.datasets.sources import write, zipped
from tools import environments
from tools.wheels import ROOT

VERSION = "1.13.12"
SWITCH = "CLARIFAI_INTEROP"
OURS = ("core", "inputs", "views", "datasets")
READS, WRITES = 85, 55
"""Importers and exporters of that version, counted by the library itself below."""


def names(what):
    return [one.name for one in plugins().specs(what) if one.name.startswith("datumaro:")]


def test_its_formats_are_listed_without_it():
    assert (len(names("loaders")), len(names("exporters"))) == (READS, WRITES)
    assert "datumaro" not in sys.modules


def test_without_it_the_error_names_the_extra(tmp_path):
    source = write(tmp_path / "data", {"data.jsonl": '{"text": "a"}\n'})
    with pytest.raises(PluginError, match=r'pip install "clarifai-datasets\[datumaro\]"'):
        open_loader(source, "datumaro:coco")
    with pytest.raises(PluginError, match=r'pip install "clarifai-datasets\[datumaro\]"'):
        convert(source, tmp_path / "out", "datumaro:coco")
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_wrong_name_is_answered_in_a_line(tmp_path):
    with pytest.raises(PluginError, match=r"No installed.*datumaro:<format>") as caught:
        open_loader(str(tmp_path), "datumaro:nope")
    assert len(str(caught.value)) < 400


@pytest.fixture(scope="module")
def python():
    """The interpreter that has Datumaro."""
    if os.environ.get(SWITCH) == "off":
        pytest.skip(f"{SWITCH}=off: asked for, where no index has Datumaro")
    grpc = f"clarifai-grpc=={metadata.version('clarifai-grpc')}"
    editable = [f"--editable={ROOT / 'packages' / one}" for one in OURS]
    version = ".".join(map(str, sys.version_info[:2]))
    try:
        return environments.make(
            "datumaro", (f"datumaro=={VERSION}", grpc, *editable), python=version
        ).python
    except environments.Unavailable as error:
        pytest.fail(f"Datumaro cannot be installed ({error}); {SWITCH}=off skips this")


@pytest.fixture
def run(python, tmp_path):
    """Run a program with Datumaro, and return what it printed last, as JSON."""

    def go(program, *arguments):
        command = [str(python), "-c", program, *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return go


CONVERT = """
import json, sys
from clarifai_datasets._convert import convert
from clarifai_core.errors import ClarifaiError

def done(source, target, name, loader):
    try:
        report = convert(source, target, name, loader=loader)
    except ClarifaiError as error:
        return {"error": str(error)}
    return {**report.summary(), "failures": [str(one) for one in report.failed]}

print(json.dumps(done(*sys.argv[1:]) if len(sys.argv) == 5 else
    [done(*job) for job in json.loads(sys.argv[1])]))
"""
"""Converts once, or for each of a JSON list of arguments: the import takes seconds."""

COUNT = """
import json
from datumaro.components.environment import DEFAULT_ENVIRONMENT as known
print(json.dumps([sorted(known.importers), sorted(known.exporters)]))
"""

BOX = {"labels": ["cat"], "bbox": [0.25, 0.25, 0.5, 0.75]}
RING = {"labels": ["dog"], "polygon": [[0.25, 0.25], [0.75, 0.25], [0.5, 0.75]]}
POINT = {"labels": ["eye"], "point": [0.5, 0.25]}


@pytest.fixture
def source(tmp_path):
    """Four pictures of two splits; all kinds of labels are there."""

    def make(*regions, labels=("whole",), metadata=None, inside="data"):
        lines = [
            {
                "id": f"im-{number}",
                "file": f"{number}.png",
                "split": "train" if number < 2 else "val",
                "labels": list(labels),
                "regions": list(regions),
                "metadata": metadata,
                "geo": None,
                "input_type": "image",
            }
            for number in range(4)
        ]
        files = {f"{number}.png": png(number * 40, 64) for number in range(4)}
        files["data.jsonl"] = "\n".join(map(json.dumps, lines))
        return write(tmp_path / inside, files)

    return make


def records(folder):
    """Return the lines of JSON Lines by id, without the names of files."""
    lines = (Path(folder) / "data.jsonl").read_text().splitlines()
    found = {record["id"]: record for record in map(json.loads, lines)}
    for record in found.values():
        del record["file"]
    return found


def pixels(folder):
    """Return the bytes of the pictures by their names."""
    return {path.name: path.read_bytes() for path in Path(folder).rglob("*.png")}


def test_all_that_it_has_is_listed(run):
    importers, exporters = run(COUNT)
    assert names("loaders") == [f"datumaro:{name}" for name in importers]
    assert names("exporters") == [f"datumaro:{name}" for name in exporters]


KEPT = [
    ("datumaro", (BOX, RING, POINT), ("whole",), {"weather": "rain"}),
    ("datumaro_binary", (BOX, RING, POINT), ("whole",), {"weather": "rain"}),
    ("cvat", (BOX, RING, POINT), ("whole",), None),
    ("arrow", (BOX, RING, POINT), ("whole",), None),
    ("coco_instances", (BOX, RING), (), None),
    ("coco_captions", (), ("a cat", "two cats"), None),
    ("label_me", (BOX, RING), (), None),
    ("voc", (BOX,), ("whole",), None),
    ("voc_detection", (BOX,), (), None),
    ("yolo", (BOX,), (), None),
    ("open_images", (BOX,), ("whole",), None),
    ("imagenet_txt", (), ("whole",), None),
]


def test_what_it_writes_comes_back_equal(run, source, tmp_path):
    jobs = []
    for name, regions, labels, known in KEPT:
        given = source(*regions, labels=labels, metadata=known, inside=f"in-{name}")
        out, back = tmp_path / f"out-{name}", tmp_path / f"back-{name}"
        jobs += [
            (given, str(out), f"datumaro:{name}", ""),
            (str(out), str(back), "jsonl", f"datumaro:{name}"),
        ]
    reports = run(CONVERT, json.dumps(jobs))
    for number, (name, *_) in enumerate(KEPT):
        written, back = reports[2 * number : 2 * number + 2]
        assert (name, written["exported"], written["failures"]) == (name, 4, [])
        assert (name, written["lost"], written["notes"]) == (name, {}, [])
        assert (name, back["splits"], back["failures"]) == (name, {"train": 2, "val": 2}, [])
        given, found = tmp_path / f"in-{name}", tmp_path / f"back-{name}"
        assert (name, normal(records(found))) == (name, normal(records(given)))
        assert sorted(pixels(found).values()) == sorted(pixels(given).values())


def normal(found):
    """Without the order of labels and regions, which most formats do not have."""
    for record in found.values():
        record["labels"] = sorted(record["labels"])
        record["regions"] = sorted(record["regions"], key=repr)
    return found


def test_what_a_format_does_not_keep_is_counted(run, source, tmp_path):
    """By what it reads back itself: two of four kinds, and yolo has no labels of pictures."""
    report = run(CONVERT, source(BOX, RING, POINT), tmp_path / "out", "datumaro:yolo", "")
    assert sorted(report["notes"]) == [
        "labels that yolo does not keep: 4",
        "points that yolo does not keep: 4",
        "polygons that yolo does not keep: 4",
    ]


OTHERS = """
import json, sys
import numpy as np
from datumaro.components.annotation import *
from datumaro.components.dataset import Dataset
from datumaro.components.dataset_base import DatasetItem
from datumaro.components.media import Image
mask = np.zeros((64, 64), np.uint8); mask[16:32, 16:48] = 1
folder = sys.argv[1]
image = lambda n: Image.from_file(path=f"{folder}/{n}.png")
items = [
    DatasetItem("0", subset="train", media=image(0), annotations=[
        Mask(mask, label=0, id=1, group=1),
        Ellipse(16, 16, 48, 48, label=1),
        PolyLine([0, 0, 9, 9], label=1),
        Bbox(0, 0, 32, 32, label=1, attributes={"occluded": True, "truncated": False}),
        Bbox(40, 40, 900, 900, label=1, id=9),
        Bbox(200, 200, 9, 9, label=1, id=10),
        Points([16, 32, 0, 0], [2, 0], label=0),
        Caption("a cat"),
    ], attributes={"weather": "rain", "id": 7}),
    DatasetItem("1", subset="train", annotations=[Label(0)]),
]
points = PointsCategories.from_iterable([(0, ["nose", "tail"])])
labels = LabelCategories.from_iterable(["cat", "dog"])
categories = {AnnotationType.label: labels, AnnotationType.points: points}
made = Dataset.from_iterable(items, categories=categories)
made.export(sys.argv[2], "datumaro", save_media=True)
turned = [RotatedBbox(32, 32, 16, 16, 45, label=1)]
items = [DatasetItem("0", subset="train", media=image(0), annotations=turned)]
made = Dataset.from_iterable(items, categories=["cat", "dog"])
made.export(sys.argv[2] + "-dota", "dota", save_media=True)
print("{}")
"""


def test_shapes_that_we_do_not_have_are_turned_or_told(run, source, tmp_path):
    """Right values from how they are made: half of the mask's rows and columns, in fractions."""
    run(OTHERS, source(), tmp_path / "made")
    report = run(CONVERT, tmp_path / "made", tmp_path / "back", "jsonl", "datumaro:datumaro")
    (failed,) = report["failures"]
    assert "item '1': its medium is nothing" in failed or "no such file" in failed
    (record,) = records(tmp_path / "back").values()
    assert record["labels"] == ["a cat"]
    assert record["metadata"] == {"weather": "rain"}
    found = {}
    for region in record["regions"]:
        kind = next(kind for kind in ("bbox", "polygon", "point") if kind in region)
        found.setdefault((kind, *region["labels"]), []).append(region[kind])
    corners = [[0.25, 0.25], [0.75, 0.25], [0.75, 0.5], [0.25, 0.5]]
    assert sorted(found["polygon", "cat"][0]) == sorted(corners)
    # the second goes over the border of 64 x 64, the third lies beside it
    assert found["bbox", "dog"] == [[0, 0, 0.5, 0.5], [0.625, 0.625, 1, 1]]
    # of several labels of a region, JSON Lines makes a region each
    assert found["point", "cat"] == found["point", "nose"] == [[0.25, 0.5]]
    (ellipse,) = found["polygon", "dog"]
    assert len(ellipse) >= 36
    notes = "\n".join(report["notes"])
    for said in (
        "masks, sent as polygons: 1",
        "ellipses, sent as polygons: 1",
        "annotations of the kind polyline, left out: 1",
        "attributes of annotations, left out: 1",
        "boxes cut at the border: 1",
        "1 item goes without some labels",
        "is outside of the image",
    ):
        assert said in notes


def test_a_turned_box_is_a_polygon(run, source, tmp_path):
    """A square with sides of 16 pixels, turned by 45 degrees about the middle of 64 x 64."""
    run(OTHERS, source(), tmp_path / "made")
    report = run(CONVERT, tmp_path / "made-dota", tmp_path / "back", "jsonl", "datumaro:dota")
    (record,) = records(tmp_path / "back").values()
    (region,) = record["regions"]
    half = 8 * 2**0.5 / 64
    corners = [(0.5 - half, 0.5), (0.5 + half, 0.5), (0.5, 0.5 - half), (0.5, 0.5 + half)]
    given = sorted((round(x, 2), round(y, 2)) for x, y in region["polygon"])
    assert given == sorted((round(x, 2), round(y, 2)) for x, y in corners)
    assert region["labels"] == ["dog"]
    assert any("turned boxes, sent as polygons: 1" in note for note in report["notes"])


def test_a_zip_and_a_fault(run, source, tmp_path):
    """One label file is broken: its picture fails, or goes without; the others go."""
    run(CONVERT, source(BOX), tmp_path / "out", "datumaro:datumaro", "")
    path = zipped(tmp_path / "out", tmp_path / "out.zip")
    report = run(CONVERT, path, tmp_path / "back", "jsonl", "datumaro:datumaro")
    assert report["splits"] == {"train": 2, "val": 2}
    next((tmp_path / "out").rglob("im-3.png")).write_bytes(b"no picture")
    next((tmp_path / "out").rglob("im-2.png")).unlink()
    report = run(CONVERT, tmp_path / "out", tmp_path / "less", "jsonl", "datumaro:datumaro")
    assert (report["exported"], report["failed"]) == (2, 2)
    assert "no image that the platform can read" in "\n".join(report["failures"])


def test_pickles_are_not_read_by_it(run, source, tmp_path):
    """Its importers of CIFAR and BraTS unpickle, which runs what the file says."""
    for name in ("cifar", "brats_numpy"):
        said = run(CONVERT, source(), tmp_path / name, "jsonl", f"datumaro:{name}")
        assert "by running a pickle, so it is not used here" in said["error"]
    assert (
        "the loader 'cifar' reads it"
        in run(CONVERT, source(), tmp_path / "out", "jsonl", "datumaro:cifar")["error"]
    )


def test_pictures_from_elsewhere_are_refused(run, source, tmp_path):
    """COCO's file_name is what the data set says; links lead out of it as names would."""
    given = source(BOX)
    run(CONVERT, given, tmp_path / "out", "datumaro:coco_instances", "")
    picture = next((tmp_path / "out").rglob("im-0.png"))
    picture.unlink()
    picture.symlink_to(Path(given) / "0.png")
    report = run(CONVERT, tmp_path / "out", tmp_path / "back", "jsonl", "datumaro:coco_instances")
    assert (report["exported"], report["failed"]) == (3, 1)
    assert "im-0" in report["failures"][0]
