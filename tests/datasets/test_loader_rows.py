"""Rows of a program's own as sources: pairs, dicts, DataFrames, generators; and their contents."""

from __future__ import annotations

import io
import tracemalloc
from collections import namedtuple
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from clarifai_core.errors import UserError
from clarifai_datasets.upload.features import (
    RegionFeatures,
    TextFeatures,
    VisualDetectionFeatures,
)
from clarifai_datasets.upload.loader import BrokenItem, open_loader
from clarifai_datasets.upload.loaders.rows import RowsLoader

Pair = namedtuple("Pair", ["text", "label"])


class Polars:
    """A DataFrame as polars has it: `columns`, `shape`, `iter_rows`; polars is no dependency."""

    def __init__(self, columns):
        self._columns = columns
        self.columns = list(columns)
        self.shape = (len(next(iter(columns.values()))), len(columns))

    def iter_rows(self):
        return zip(*self._columns.values(), strict=True)

    def __iter__(self):
        return iter(self._columns.values())


TEXTS, LABELS = ["one", "two"], ["a", ["b", "c"]]
WANTED = [("one", ["a"]), ("two", ["b", "c"])]
COLUMNS = {"text": TEXTS, "label": LABELS}

PAIRS = list(zip(TEXTS, LABELS, strict=True))

SOURCES = {
    "pairs": lambda: list(zip(TEXTS, LABELS, strict=True)),
    "pairs that are lists": lambda: [list(one) for one in zip(TEXTS, LABELS, strict=True)],
    "dicts": lambda: [dict(zip(COLUMNS, one, strict=True)) for one in PAIRS],
    "named tuples": lambda: [Pair(*one) for one in zip(TEXTS, LABELS, strict=True)],
    "a generator": lambda: ((text, label) for text, label in zip(TEXTS, LABELS, strict=True)),
    "a dict of columns": lambda: COLUMNS,
    "pandas": lambda: pd.DataFrame(COLUMNS),
    "pandas with categories": lambda: pd.DataFrame(
        {"text": TEXTS, "label": pd.Categorical(["a", "['b' 'c']"])}
    ),
    "pandas with an index that has a name": lambda: pd.DataFrame(COLUMNS).set_index("text"),
    "polars": lambda: Polars(COLUMNS),
    "Arrow": lambda: pa.table({"text": TEXTS, "label": [["a"], ["b", "c"]]}),
    "features": lambda: [TextFeatures("one", ["a"]), TextFeatures("two", ["b", "c"])],
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_rows_are_a_source(world, source):
    report = world.dataset.upload_dataset(source())
    assert (report.uploaded, report.failed, report.notes) == (2, [], [])
    found = [
        (one.data.text.raw, [concept.name for concept in one.data.concepts])
        for one in world.inputs().values()
    ]
    assert sorted(found) == WANTED


def test_the_same_rows_again_add_nothing_and_others_are_others(world):
    for texts, uploaded in ((["a", "b"], 2), (["a", "b"], 0), (["c", "a"], 1)):
        report = world.dataset.upload_dataset([(text, "x") for text in texts])
        assert report.uploaded == uploaded
    assert world.dataset.upload_dataset([("same", "x"), ("same", "x")]).uploaded == 2


def test_features_of_all_kinds_are_rows(make_png):
    box = VisualDetectionFeatures("", ["cat"], [[0, 0, 0.5, 1]], image_bytes=make_png(1), id="b")
    text, picture = open_loader([TextFeatures("hi", ["x"], id="t"), box], "rows", strict=True)
    assert (text.content, text.labels, text.id) == (b"hi", ["x"], "t")
    assert picture.regions == [RegionFeatures(["cat"], bbox=[0, 0, 0.5, 1])]


PIXELS = np.arange(3 * 4 * 3, dtype="uint8").reshape(3, 4, 3)


def saved(tmp_path):
    path = tmp_path / "a.png"
    Image.fromarray(PIXELS).save(path)
    return path


CONTENTS = {
    "PIL": lambda path: Image.fromarray(PIXELS),
    "PIL, from a file": Image.open,
    "numpy": lambda path: PIXELS,
    "numpy, not in one piece": lambda path: np.ascontiguousarray(PIXELS[:, ::-1])[:, ::-1],
    "bytes": lambda path: path.read_bytes(),
    "a view of bytes": lambda path: memoryview(path.read_bytes()),
    "a file in memory": lambda path: io.BytesIO(path.read_bytes()),
    "a path": lambda path: path,
    "a path as text": str,
}


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_pictures_come_as_programs_have_them(world, tmp_path, content):
    """Pillow, which wrote the picture, reads what arrived: each pixel is as it was."""
    row = {"input": content(saved(tmp_path)), "labels": ["x"], "id": "p"}
    loader = open_loader([row], "rows", strict=True)
    assert world.dataset.upload_dataset(loader).uploaded == 1
    assert world.inputs().keys() == {"train-p"}
    made = loader[0].content or Path(loader[0].path).read_bytes()
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(made)).convert("RGB")), PIXELS)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
def test_pictures_of_each_mode_become_pngs(mode):
    made = open_loader([(Image.new(mode, (4, 2)), "x")], "rows")[0]
    assert Image.open(io.BytesIO(made.content)).size == (4, 2)


def test_a_photo_stands_upright():
    """Exif's orientation 6 says: turn it by 90 degrees (CIPA DC-008, tag 0x0112)."""
    picture, exif, file = Image.new("RGB", (40, 20)), Image.Exif(), io.BytesIO()
    exif[0x0112] = 6
    picture.save(file, "JPEG", exif=exif)
    made = open_loader([(Image.open(file), "x")], "rows")[0]
    assert Image.open(io.BytesIO(made.content)).size == (20, 40)


@pytest.mark.parametrize("shape", [(3, 4), (3, 4, 1), (3, 4, 3), (3, 4, 4)])
def test_arrays_of_pixels_become_pngs(shape):
    array = np.arange(np.prod(shape), dtype="uint8").reshape(shape)
    made = open_loader([(array, "x")], "rows")[0]
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(made.content))).reshape(shape), array)


BAD = {
    "no text": ("", "x"),
    "nothing": (None, "x"),
    "a number": (7, "x"),
    "three values": ("a", "b", "c"),
    "an array of floats": (np.zeros((3, 4, 3)), "x"),
    "channels first": (np.zeros((3, 40, 50), "uint8"), "x"),
    "an array of no picture": (np.zeros((2, 3, 4, 3), "uint8"), "x"),
    "a file that is open for text": (io.StringIO("x"), "x"),
    "bytes of nothing known": (b"\0\1\2", "x"),
    "a path that is not there": (Path("nowhere.png"), "x"),
    "a name of a file that is not there": ("nowhere.png", "x"),
    "a multi-hot vector": ("a", [0, 1, 0]),
    "a label that is none": ("a", {"x": 1}),
    "two contents": {"text": "a", "url": "https://x/y"},
    "no content": {"label": "x"},
    "a place that is none": {"text": "a", "geo": [200, 0]},
    "keys that are no text": {1: "a"},
    "an object": object(),
}


@pytest.mark.parametrize("row", BAD.values(), ids=BAD)
def test_a_bad_row_is_named_and_costs_itself(world, row):
    report = world.dataset.upload_dataset([("fine", "x"), row, ("good", "y")])
    assert report.uploaded == 2
    (failed,) = report.failed
    assert (failed.index, failed.attempts) == (1, 0)
    assert "row 2" in failed.reason


def test_strict_names_all_bad_rows_before_anything_is_sent(world):
    with pytest.raises(UserError) as caught:
        world.dataset.upload_dataset(RowsLoader(list(BAD.values()), strict=True))
    assert len(caught.value.faults) == len(BAD)
    assert not world.faults.calls["PostInputs"]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({"text": ["a"], "label": ["x", "y"]}, "same length"),
        ({"text": "abc"}, "same length"),
        (pd.DataFrame([["a", "b"]], columns=["text", "text"]), "'text' twice"),
        (3, "must be a ClarifaiDataLoader"),
        (None, "must be a ClarifaiDataLoader"),
        (np.zeros((3, 4, 3), "uint8"), "must hold rows"),
        (Image.new("RGB", (2, 2)), "must be a ClarifaiDataLoader"),
    ],
)
def test_what_has_no_rows_is_told(world, source, said):
    with pytest.raises(UserError, match=said):
        world.dataset.upload_dataset(source)


@pytest.mark.parametrize("source", [[], (), {"text": []}, pd.DataFrame({"text": []})])
def test_no_rows_are_an_empty_report_as_an_empty_folder_is(world, source):
    report = world.dataset.upload_dataset(source)
    assert (report.total, report.ok) == (0, True)
    assert "holds no items" in report.notes[0]


def test_columns_are_named_by_roles_and_others_are_remarked(world):
    frame = pd.DataFrame({"body": ["a"], "kind": ["x"], "n": [3], "no": [1], "rest": [2]})
    columns = {"body": "text", "kind": "labels", "n": "metadata", "no": None}
    loader = RowsLoader(frame, columns=columns)
    report = world.dataset.upload_dataset(loader)
    assert report.notes == ["keys and columns that nothing is read from: 1 (rest)"]
    assert (loader[0].labels, loader[0].metadata) == (["x"], {"n": 3})
    with pytest.raises(UserError, match=r"no column 'bodi'.*body"):
        len(RowsLoader(frame, columns={"bodi": "text"}))
    with pytest.raises(UserError, match="'txt' of 'body' is no role"):
        RowsLoader(frame, columns={"body": "txt"})


def test_missing_values_of_pandas_are_no_labels():
    frame = pd.DataFrame({"text": ["a", "b", "c", "d"], "label": ["x", None, np.nan, pd.NA]})
    loader = RowsLoader(frame, strict=True)
    assert [one.labels for one in loader.stream()] == [["x"], [], [], []]
    numbers = pd.DataFrame({"text": ["a", "b"], "label": [3, None]})
    assert [one.labels for one in RowsLoader(numbers).stream()] == [["3"], []]


def test_memory_does_not_grow_with_an_iterable():
    def rows(count):
        for number in range(count):
            yield {"input": bytes(1) + b"GIF89a" + number.to_bytes(4, "big") * 25_000, "id": number}

    tracemalloc.start()
    try:
        loader = RowsLoader(rows(300), input_type="audio")
        assert len(loader) == 300
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10_000_000  # of 30 MB
    assert loader[299].content[7:11] == (299).to_bytes(4, "big")


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.binary(max_size=8),
    st.sampled_from(["nan", "['a' 'b']", "[0, 1]", "a|b", "cat", "x.png", "https://x/y.png"]),
)
ROWS = st.one_of(
    VALUES,
    st.lists(VALUES, max_size=4),
    st.tuples(VALUES, st.one_of(VALUES, st.lists(VALUES, max_size=3))),
    st.dictionaries(
        st.sampled_from(["text", "label", "labels", "input", "id", "geo", "metadata", "file", "x"]),
        st.one_of(VALUES, st.lists(VALUES, max_size=3)),
        max_size=4,
    ),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ROWS, min_size=1, max_size=6))
def test_rows_in_are_inputs_and_failures(rows):
    loader = RowsLoader(rows)
    items = list(loader.stream())
    assert len(items) == len(loader) == len(rows)
    for row, item in zip(rows, items, strict=True):
        labels = [] if isinstance(item, BrokenItem) else item.labels
        assert not {"nan", "None", "NaN", ""} & set(labels)
        if isinstance(row, dict) and "x" in row and not isinstance(item, BrokenItem):
            assert loader.remarks.counts()["keys and columns that nothing is read from"]
