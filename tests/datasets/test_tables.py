"""What tables of the world hold: roles of columns, values of all kinds, and nothing in silence.

CSV is written by pandas here, Parquet by pyarrow and pandas; what is right is what they were given.
"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarifai_core.errors import UserError
from clarifai_datasets.upload.loader import BrokenItem, open_loader
from clarifai_resources.inputs.inputs import Inputs

UNUSED = "keys and columns that nothing is read from"
EMPTY = "empty values among the labels (None, nan, -), which are no labels"


def contents(world):
    return {
        one.data.text.raw: [concept.name for concept in one.data.concepts]
        for one in world.inputs().values()
    }


# -- CSV: roles ------------------------------------------------------------------------------------


@pytest.fixture
def by_pandas(tmp_path):
    def write(columns, **how):
        path = tmp_path / "data.csv"
        pd.DataFrame(columns).to_csv(path, index=False, **how)
        return str(path)

    return write


TABLE = {
    "text": ["one", "two"],
    "category": ["a", "b,c"],
    "cat": [1, 0],
    "colour": ["red", None],
    "rest": [1, 2],
}
ROLES = {"text": "input", "category": "labels", "colour": "metadata", "rest": None, "cat": None}


@pytest.mark.parametrize("sep", [",", ";", "\t", "|"])
def test_columns_are_what_their_roles_say(world, by_pandas, sep):
    path = by_pandas(TABLE, sep=sep)
    report = world.dataset.upload_from_csv(path, csv_type="raw", columns=ROLES)
    assert (report.uploaded, report.notes) == (2, [])
    assert contents(world) == {"one": ["a"], "two": ["b", "c"]}
    (red,) = [one.data for one in world.inputs().values() if "colour" in one.data.metadata]
    assert (red.text.raw, red.metadata["colour"]) == ("one", "red")
    again = world.dataset.retry_failed(report)
    assert again.uploaded == 0


def test_inputs_take_the_same_roles(by_pandas):
    found = Inputs.get_inputs_from_csv(by_pandas(TABLE), columns=ROLES)
    assert [[concept.name for concept in one.data.concepts] for one in found] == [["a"], ["b", "c"]]
    assert found[0].data.metadata["colour"] == "red"


def test_several_columns_of_labels_and_of_flags(by_pandas):
    table = {"input": ["x", "y"], "a": ["cat", "None"], "b": ["dog,cat", ""], "wet": [1.0, None]}
    columns = {"a": "labels", "b": "labels", "wet": "multi_hot"}
    loader = open_loader(by_pandas(table), columns=columns)
    assert [one.labels for one in loader.stream()] == [["cat", "dog", "wet"], []]
    assert loader.remarks.lines() == [f"{EMPTY}: 1 (row 3: None)"]
    bad = {**table, "wet": [1, 2]}
    with pytest.raises(UserError, match="row 3: wet must be 0 or 1, got '2'"):
        len(open_loader(by_pandas(bad), columns=columns))


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"txt": "input"}, r"column 'txt'.*there is none.*text"),
        ({"text": "inputs"}, "'inputs' of 'text' is no role"),
        ({"text": "input", "category": "inputid", "cat": "inputid"}, "column 'inputid': twice"),
        (["text"], "columns must be a dict"),
        ("{text", "columns must be a JSON object"),
        ({"text": "input"}, r"column 'cat': unknown.*\"metadata\"} keeps it"),
        (None, r"column 'input': missing; say columns={\"text\": \"input\"}"),
    ],
)
def test_wrong_roles_are_told_before_anything_is_sent(world, by_pandas, columns, said):
    path = by_pandas(TABLE)
    with pytest.raises(UserError, match=said):
        world.dataset.upload_from_csv(path, csv_type="raw", columns=columns)
    assert not world.faults.calls
    with pytest.raises(UserError, match=said):
        Inputs.get_inputs_from_csv(path, columns=columns)


def test_roles_may_be_json_as_the_command_line_gives_them(by_pandas):
    loader = open_loader(by_pandas(TABLE), columns=json.dumps(ROLES))
    assert [one.text for one in loader.stream()] == ["one", "two"]


def test_unknown_columns_are_remarked_unless_strict(world, by_pandas):
    path = by_pandas({"input": ["x"], "label": ["a"], "colour": ["red"], "Unnamed: 0": [0]})
    report = world.dataset.upload_dataset(open_loader(path, strict=False))
    assert report.uploaded == 1
    assert report.notes == [
        "columns that nothing is read from: 2 (colour, Unnamed: 0)",
    ]
    with pytest.raises(UserError, match="'colour': unknown"):
        len(open_loader(path))


@pytest.mark.parametrize("separator", ["|", ";"])
def test_labels_with_another_separator(world, by_pandas, separator):
    path = by_pandas({"input": ["x"], "label": [separator.join(["a", "b,c"])]})
    with pytest.raises(UserError, match=r"label_separator='\|'|label_separator=';'"):
        world.dataset.upload_from_csv(path, csv_type="raw")
    world.dataset.upload_from_csv(path, csv_type="raw", label_separator=separator)
    assert contents(world) == {"x": ["a", "b,c"]}
    with pytest.raises(UserError, match="label_separator must be one of"):
        world.dataset.upload_from_csv(path, csv_type="raw", label_separator="/")


def test_lists_as_pandas_writes_them(world, by_pandas):
    """`to_csv` writes a cell as `str` shows it."""
    labels = [["a", "b"], np.array(["a", "b"]), ("a", "b"), np.array(["a", None]), None, np.nan]
    path = by_pandas({"input": list("uvwxyz"), "labels": labels})
    report = world.dataset.upload_from_csv(path, csv_type="raw")
    both, one, none = ["a", "b"], ["a"], []
    assert contents(world) == dict(zip("uvwxyz", [both, both, both, one, none, none], strict=True))
    assert report.notes == [f"{EMPTY}: 1 (row 5: None)"]


def test_ids_and_cells_that_stand_for_no_value(world, by_pandas):
    rows = {"inputid": ["nan", "nan"], "input": ["x", "y"], "label": ["a", "b"]}
    path = by_pandas(rows | {"metadata": ["nan", "NULL"], "geopoints": ["None", "-"]})
    assert world.dataset.upload_from_csv(path, csv_type="raw").uploaded == 2
    assert "nan" not in world.inputs()


# -- Parquet ---------------------------------------------------------------------------------------


@pytest.fixture
def parquet(tmp_path):
    def write(table):
        path = tmp_path / "data.parquet"
        pq.write_table(table if isinstance(table, pa.Table) else pa.table(table), path)
        return str(path)

    return write


VALUES = {
    "a text": (pa.array(["a, b"]), ["a, b"]),
    "a list": (pa.array([["a", None, "b"]]), ["a", "b"]),
    "a large list": (pa.array([["a"]], pa.large_list(pa.string())), ["a"]),
    "a list of a fixed size": (pa.array([["a", "b"]], pa.list_(pa.string(), 2)), ["a", "b"]),
    "a dictionary, as pandas writes categories": (pa.array(["a"]).dictionary_encode(), ["a"]),
    "a list of dictionary values": (
        pa.array([["a"]], pa.list_(pa.dictionary(pa.int8(), pa.string()))),
        ["a"],
    ),
    "a whole number": (pa.array([3]), ["3"]),
    "a whole number as a float": (pa.array([3.0]), ["3"]),
    "a boolean": (pa.array([True]), ["True"]),
    "nothing": (pa.array([None], pa.string()), []),
    "NaN": (pa.array([float("nan")]), []),
}


@pytest.mark.parametrize(("column", "labels"), VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("name", ["label", "labels", "category", "Intent"])
def test_labels_of_parquet_come_in_all_types(parquet, name, column, labels):
    loader = open_loader(parquet({"text": ["x"], name: column}), "parquet")
    assert loader[0].labels == labels


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (pa.array([[0, 1, 0]]), "multi-hot"),
        (pa.array([[True, False]]), "multi-hot"),
        (pa.array([{"a": 1}]), "is no label"),
        (pa.array([[["a"]]]), "is no label"),
        (pa.array([0.5]), "fraction"),
        (pa.array([b"a"]), "is no label"),
    ],
)
def test_values_that_are_no_labels_cost_their_row(parquet, column, said):
    path = parquet(
        {"text": ["x", "y"], "labels": pa.chunked_array([column, pa.nulls(1, column.type)])}
    )
    first, second = open_loader(path, "parquet").stream()
    assert said in first.reason
    assert "row 1: labels" in first.reason
    assert second.content == b"y"


def test_columns_of_parquet_are_named_and_remarked(world, parquet):
    path = parquet({"body": ["x"], "kind": ["a"], "n": [3], "rest": [1]})
    with pytest.raises(UserError, match=r"none of the columns text.*but body, kind, n, rest"):
        len(open_loader(path, "parquet"))
    columns = {"body": "text", "kind": "labels", "n": "metadata"}
    loader = open_loader(path, "parquet", columns=columns)
    report = world.dataset.upload_dataset(loader)
    assert (report.uploaded, contents(world)) == (1, {"x": ["a"]})
    (note,) = report.notes
    assert note.startswith(f"{UNUSED}: 1 (")
    assert note.endswith("data.parquet: rest)")
    with pytest.raises(UserError, match="rest"):
        len(open_loader(path, "parquet", columns=columns, strict=True))
    with pytest.raises(UserError, match=r"no column 'bodi'.*body"):
        len(open_loader(path, "parquet", columns={"bodi": "text"}))


def test_a_column_that_is_there_twice_is_told(parquet):
    table = pa.Table.from_arrays([pa.array(["a"])] * 2, names=["text", "text"])
    with pytest.raises(UserError, match="'text' twice"):
        len(open_loader(parquet(table), "parquet"))


# -- rows in = inputs + failures, and what is left of them is remarked -----------------------------

# pandas puts no quotes around a carriage return, which then ends a row
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=6)
CELLS = st.one_of(
    TEXTS,
    st.sampled_from(
        [
            "nan",
            "None",
            "-",
            "['a' 'b']",
            "[0, 1]",
            "a|b",
            '["x"]',
            "a,b",
            "'",
            '"',
            "{",
            "[",
            "<NA>",
        ]
    ),
)
ONCE = settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
NEVER = {"", "nan", "None", "-", "<NA>", "['a' 'b']", "[0, 1]"}


def check(items, loader, count, never=NEVER):
    assert len(items) == len(loader) == count
    for index, item in enumerate(items):
        if isinstance(item, BrokenItem):
            assert item.reason
        else:
            assert not never & set(item.labels)
            again = loader[index]
            assert (again.labels, again.id) == (item.labels, item.id)


@ONCE
@given(rows=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=8))
def test_rows_of_csv_are_inputs_or_failures(tmp_path, rows):
    path = tmp_path / "data.csv"
    pd.DataFrame(rows, columns=["input", "labels", "colour"]).to_csv(path, index=False)
    blank = [row for row in rows if not any(map(str.strip, row))]
    loader = open_loader(str(path), strict=False)
    if len(blank) == len(rows):
        with pytest.raises(UserError, match="no rows"):
            len(loader)
        return
    items = list(loader.stream())
    check(items, loader, len(rows) - len(blank))
    assert loader.remarks.counts()["columns that nothing is read from"] == 1
    kept = [row for row in rows if any(map(str.strip, row))]
    empty = sum(row[1].strip() in NEVER - {"", "['a' 'b']", "[0, 1]"} for row in kept)
    broken = [isinstance(item, BrokenItem) for item in items]
    assert loader.remarks.counts().get(EMPTY, 0) >= empty - sum(broken)
    assert [not row[0].strip() for row in kept] <= broken or any(broken)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), CELLS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(CELLS, inner, max_size=2),
    max_leaves=5,
)


def texts_in_lists(value):
    """Return the texts that are entries of lists: whoever writes `["nan"]` has such a label."""
    if isinstance(value, dict):
        return set().union(*map(texts_in_lists, value.values()))
    if not isinstance(value, list):
        return set()
    texts = {one.strip() for one in value if isinstance(one, str)} - {""}
    return texts.union(*map(texts_in_lists, value))


@ONCE
@given(
    rows=st.lists(
        st.one_of(
            JSON,
            st.fixed_dictionaries(
                {"text": CELLS}, optional={"label": JSON, "labels": JSON, "x": JSON, "id": JSON}
            ),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_lines_of_json_are_inputs_or_failures(tmp_path, rows):
    path = tmp_path / "data.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    loader = open_loader(str(path))
    items = list(loader.stream())
    check(items, loader, len(rows), NEVER - texts_in_lists(rows))
    left = sum(
        len(row.keys() & {"x"}) + ({"label", "labels"} <= row.keys())
        for row, item in zip(rows, items, strict=True)
        if isinstance(row, dict) and not isinstance(item, BrokenItem)
    )
    assert loader.remarks.counts().get(UNUSED, 0) >= left


@ONCE
@given(
    rows=st.lists(
        st.fixed_dictionaries(
            {
                "text": st.one_of(st.none(), CELLS),
                "label": st.one_of(st.none(), st.lists(st.one_of(st.none(), CELLS), max_size=3)),
                "colour": st.one_of(st.none(), CELLS),
            }
        ),
        min_size=1,
        max_size=8,
    )
)
def test_rows_of_parquet_are_inputs_or_failures(tmp_path, rows):
    path = tmp_path / "data.parquet"
    types = {"text": pa.string(), "label": pa.list_(pa.string()), "colour": pa.string()}
    pq.write_table(pa.Table.from_pylist(rows, pa.schema(types)), path)
    loader = open_loader(str(path), "parquet")
    items = list(loader.stream())
    assert len(items) == len(loader) == len(rows)
    for row, item in zip(rows, items, strict=True):
        wanted = [one.strip() for one in row["label"] or () if one and one.strip()]
        assert isinstance(item, BrokenItem) or item.labels == wanted
    assert loader.remarks.counts()[UNUSED] == 1
