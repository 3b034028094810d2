"""The same file through every reader of CSV: `Inputs.get_inputs_from_csv`, the loader, the demo.

What is right comes from RFC 4180 and from pandas, which is asked for the same cells; of the cells
themselves from JSON, and from the reference of the platform (labels with commas between them).
"""

from __future__ import annotations

import gzip
import importlib
import io
import json
import re

import numpy as np
import pandas as pd  # pandas-stubs would be one more package
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarifai_cli._demo.tables import read_table
from clarifai_core.errors import UserError
from clarifai_core.wire.messages import plain
from clarifai_datasets.upload.loaders.csv import CsvLoader
from clarifai_inputs.csv_cells import labels_cell
from clarifai_inputs.label_values import NO_VALUES, labels_in, labels_of_cell
from clarifai_resources.inputs.inputs import Inputs

TIMES = 4
"""How often a row stands there: the demo learns from no fewer of a label."""


def by_inputs(path):
    """(input, labels, metadata, place) of each row."""
    for one in Inputs.get_inputs_from_csv(path):
        data = one.data
        metadata = plain(data.metadata) if data.HasField("metadata") else None
        point = data.geo.geo_point
        place = [point.longitude, point.latitude] if data.HasField("geo") else None
        yield data.text.raw, [concept.name for concept in data.concepts], metadata, place


def by_loader(path):
    for one in CsvLoader(path).stream():
        yield one.text, one.labels, one.metadata, getattr(one, "geo_info", None)


def by_demo(path):
    from pathlib import Path

    for sample in read_table(Path(path)).samples:
        yield sample.content, [sample.label], None, None


READERS = {"inputs": by_inputs, "loader": by_loader, "demo": by_demo}


@pytest.fixture(params=READERS, ids=list(READERS))
def reader(request):
    return request.param


@pytest.fixture
def read(tmp_path):
    def reading(reader, content):
        path = tmp_path / "data.csv"
        path.write_bytes(content)
        return list(READERS[reader](str(path)))

    return reading


def table(row, header="input,labels", other="other text,other", end="\n"):
    return end.join([header, *[row] * TIMES, *[other] * TIMES, ""])


# -- rows and cells, as pandas reads them ----------------------------------------------------------

TABLES = {
    "a plain row": table("hello,cat"),
    "commas in quotes (RFC 4180, 2.6)": table('"hello, world",cat'),
    "quotes in quotes (RFC 4180, 2.7)": table('"say ""hi"" now",cat'),
    "a line end in quotes (RFC 4180, 2.6)": table('"two\nlines",cat'),
    "a carriage return in quotes": table('"two\r\nlines",cat', end="\r\n"),
    "a quote within a bare cell": table('a 5" pipe,cat'),
    "blanks around a text": table("  hello ,cat"),
    "line ends of Windows": table("hello,cat", end="\r\n"),
    "line ends of old Macs": table("hello,cat", end="\r"),
    "blank lines": "\n\n" + table("hello,cat", end="\n\n"),
    "a blank row, as spreadsheets write it": table("hello,cat") + ",\n",
    "a blank row with spaces": table("hello,cat") + " ,  \n",
    "no line end at the end": table("hello,cat").rstrip("\n"),
    "characters of all kinds": table("h\u00e9llo \U0001f415 \u2028 \x1e,cat"),
    "a header in capitals": table("hello,cat", header="Input,LABELS"),
    "a header with blanks": table("hello,cat", header=" input , labels"),
    "a column called label": table("hello,cat", header="input,label"),
    "a column called concepts": table("hello,cat", header="input,concepts"),
    "a column called concept": table("hello,cat", header="input,concept"),
    "other columns first": table("cat,,hello", header="labels,metadata,input", other="x,,y"),
    "semicolons": table("hello, world;cat", header="input;labels", other="x;y"),
    "a NUL byte in a text": table("he\0llo,cat"),
    "pipes": table("hello, world|cat", header="input|labels", other="x|y"),
    "a header with two byte order marks": table("hello,cat", header="\ufeff\ufeffinput,labels"),
    "mixed line ends": "input,labels\r\n" + table("hello,cat", header="hello,cat"),
    "tabs": table("hello, world\tcat", header="input\tlabels", other="x\ty"),
}

ENCODINGS = ["utf-8", "utf-8-sig", "utf-16"]


def by_pandas(text):
    text = text.lstrip("\ufeff")
    first = text.lstrip("\n").partition("\n")[0].partition("\r")[0]
    sep = next((one for one in ";\t|" if one in first), ",")
    found = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False, sep=sep)
    found.columns = [name.strip().lower() for name in found.columns]
    labels = next(name for name in found.columns if name.startswith(("label", "concept")))
    rows = zip(found["input"], found[labels], strict=True)
    return [(text, label) for text, label in rows if text.strip() or label.strip()]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("text", TABLES.values(), ids=TABLES)
def test_every_reader_sees_the_rows_that_pandas_sees(read, reader, text, encoding):
    found = [(text, label) for text, (label,), *_ in read(reader, text.encode(encoding))]
    assert found == by_pandas(text)


# -- what cells say --------------------------------------------------------------------------------

LABELS = [
    ("cat", ["cat"]),
    ("  big dog ", ["big dog"]),
    ('["a,b"]', ["a,b"]),
    ("['a,b']", ["a,b"]),
    ('["only"]', ["only"]),
    ('["a|b"]', ["a|b"]),
    ('["NA"]', ["NA"]),
    ("none", ["none"]),
    ("rock-n-roll", ["rock-n-roll"]),
    ("(unknown)", ["(unknown)"]),
    ("['cat' 'dog']", ["cat", "dog"]),
    ("['cat'\n 'dog']", ["cat", "dog"]),
    ("['cat', None]", ["cat"]),
    ("['cat', nan]", ["cat"]),
    ('["cat", null, ""]', ["cat"]),
    ("('cat', 'dog')", ["cat", "dog"]),
    ("('cat',)", ["cat"]),
    ("array(['cat'], dtype=object)", ["cat"]),
    ("array(['it\\'s', 'dog'], dtype='<U4')", ["it's", "dog"]),
    ("[np.str_('cat'), np.str_('dog')]", ["cat", "dog"]),
    ("np.str_('cat')", ["cat"]),
    ("[7]", ["7"]),
    ("[7 8]", ["7", "8"]),
    ("['O\\'Neil', \"it's\"]", ["O'Neil", "it's"]),
    ("cat,None", ["cat"]),
    ("nan", []),
    ("None", []),
    ("<NA>", []),
    ("-", []),
    ("cat,big dog", ["cat", "big dog"]),
    ("cat,,dog,", ["cat", "dog"]),
    ('["a,b", "c"]', ["a,b", "c"]),
    ("", []),
    ("[]", []),
    ("  ", []),
]


@pytest.mark.parametrize(("cell", "labels"), LABELS)
def test_every_reader_sees_the_same_labels(read, reader, cell, labels):
    content = table(f'hello,"{cell.replace(chr(34), chr(34) * 2)}"').encode()
    if reader == "demo" and len(labels) != 1:  # it takes one label each, and says so
        said = f"{','.join(labels)!r} are several" if labels else "line 2: the label is empty"
        with pytest.raises(UserError, match=said):
            read(reader, content)
        return
    assert read(reader, content)[0][1] == labels


@pytest.mark.parametrize("name", ["category", "Class", "intent", "target", "coarse_label", "tags"])
def test_labels_are_found_under_other_names(read, reader, name):
    content = table("hello,cat", f"input,{name}").encode()
    assert read(reader, content)[0][1] == ["cat"]


NO_LABELS = {
    "a multi-hot vector": "[0, 1, 0]",
    "the same, as numpy prints it": "[0. 1. 0.]",
    "the same, of booleans": "[True, False]",
    "probabilities": "[0.1, 0.9]",
    "a pipe between them": "cat|dog",
    "a semicolon between them": "cat;dog",
    "a list of words without quotes": "[cat, dog]",
    "a list that lacks a comma": "['cat', 'dog' 'cow']",
    "texts that touch": "['cat''dog']",
    "a list that numpy cut short": "['a' 'b' ... 'y' 'z']",
    "a list of lists": "[['cat'], ['dog']]",
    "a dict": "{'cat': 1}",
    "an array of Postgres": "{cat,dog}",
    "bytes": "[b'cat']",
    "words in brackets": "(cat, dog)",
    "quotes that stayed": "'cat','dog'",
    "an error of a spreadsheet": "#REF!",
    "an object": "<PIL.Image.Image object at 0x7f>",
}


@pytest.mark.parametrize("cell", NO_LABELS.values(), ids=NO_LABELS)
def test_labels_that_could_be_several_things_are_a_fault_of_their_row(read, reader, cell):
    content = table(f'hello,"{cell.replace(chr(34), chr(34) * 2)}"').encode()
    with pytest.raises(UserError, match=r"(row|line) 2\b"):
        read(reader, content)


@pytest.mark.parametrize("value", ["NA", "N/A", "NULL", "nan", "NaN", "None", "<NA>", "#N/A"])
def test_what_pandas_reads_as_missing_is_no_label(value):
    """`read_csv` says which texts stand for no value; these are its defaults."""
    assert pd.read_csv(io.StringIO(f"x,y\n1,{value}\n"))["y"].isna().all()
    assert labels_of_cell(value) == ([], value)
    assert labels_in(value).names == []


def test_pandas_has_no_such_text_that_is_a_label_here():
    parsers = importlib.import_module("pandas._libs.parsers")

    assert parsers.STR_NA_VALUES - {""} <= NO_VALUES


VALUES = {
    "None": (None, []),
    "NaN": (float("nan"), []),
    "pandas' NA": (pd.NA, []),
    "pandas' NaT": (pd.NaT, []),
    "a text": ("big dog", ["big dog"]),
    "a text with a comma": ("tench, Tinca tinca", ["tench, Tinca tinca"]),
    "a text with a pipe": ("a|b", ["a|b"]),
    "a text that was a list": ("['cat' 'dog']", ["cat", "dog"]),
    "a whole number": (3, ["3"]),
    "a whole number of numpy": (np.int64(3), ["3"]),
    "a whole number that became a float": (3.0, ["3"]),
    "a boolean": (True, ["True"]),
    "a list": (["cat", None, ""], ["cat"]),
    "a tuple": (("cat", "dog"), ["cat", "dog"]),
    "an array": (np.array(["cat", "dog"]), ["cat", "dog"]),
    "an array of objects": (np.array(["cat", None], dtype=object), ["cat"]),
    "a series": (pd.Series(["cat", "dog"]), ["cat", "dog"]),
    "a categorical": (pd.Categorical(["cat", "dog"]), ["cat", "dog"]),
    "a scalar of Arrow": (pa.scalar(["cat"]), ["cat"]),
}


@pytest.mark.parametrize(("value", "names"), VALUES.values(), ids=VALUES)
def test_values_of_tables_are_labels(value, names):
    assert labels_in(value).names == names


@pytest.mark.parametrize(
    "value", [[0, 1, 0], np.array([1, 0]), [True, False], 0.5, [["cat"]], {"cat": 1}, b"cat"]
)
def test_values_that_are_no_labels_are_refused(value):
    with pytest.raises(ValueError, match=r"."):
        labels_in(value)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).map(str.strip)))
def test_lists_are_read_as_python_and_numpy_print_them(labels):
    """`repr` and numpy's own `str` are the writers."""
    names = [one for one in labels if one]
    assert labels_of_cell(repr(names)).names == names
    assert labels_of_cell(labels_cell(names)).names == names
    with np.printoptions(threshold=10**6):
        assert labels_of_cell(str(np.array(names, dtype=object))).names == names
        assert labels_in(repr(np.array(names, dtype=object))).names == names


METADATA = [
    '{"k": 1}',
    '{"k": "O\'Neil"}',
    '{"k": {"l": [1, "x", null, true]}}',
    '{"k": "\\ud83d\\udc15"}',
    "{}",
]


@pytest.mark.parametrize("reader", ["inputs", "loader"])
@pytest.mark.parametrize("cell", METADATA)
def test_every_reader_sees_the_metadata_that_json_says(read, reader, cell):
    doubled = cell.replace('"', '""')
    header, other = "input,labels,metadata", "x,y,"
    found = read(reader, table(f'hello,cat,"{doubled}"', header, other).encode())
    assert found[0][2] == json.loads(cell)
    assert found[-1][2] is None


DEEP = 24


@pytest.mark.parametrize("reader", ["inputs", "loader"])
def test_every_reader_takes_metadata_as_deep_as_the_platform_does(read, reader):
    """Protobuf reads a hundred levels of messages; each level of metadata takes three. The local
    platform refuses more than eighty, which is 25 of metadata."""
    header, other = "input,labels,metadata", "x,y,"
    for depth in (DEEP, DEEP + 1):
        cell = '{""k"":' * depth + "1" + "}" * depth
        content = table(f'hello,cat,"{cell}"', header, other).encode()
        if depth == DEEP:
            assert read(reader, content)[0][2]
        else:
            with pytest.raises(UserError, match="nested more than 24 levels"):
                read(reader, content)


@pytest.mark.parametrize("reader", ["inputs", "loader"])
@pytest.mark.parametrize("cell", ["13.4,52.5", " 13.4, 52.5 ", "[13.4, 52.5]", "(13.4,52.5)"])
def test_every_reader_sees_the_same_place(read, reader, cell):
    content = table(f'hello,cat,"{cell}"', "input,labels,geopoints", "x,y,").encode()
    found = read(reader, content)
    assert found[0][3] == pytest.approx([13.4, 52.5])
    assert found[-1][3] is None


# -- what no reader takes --------------------------------------------------------------------------

REFUSED = {
    "a quote that is never closed": (table("hello,cat") + 'bye,"cat\n', "10"),
    "the same, without a line end": (table("hello,cat") + 'bye,"cat', "10"),
    "the same, with rows behind it": (table('hello,"cat'), "2"),
    "quotes with backslashes": (table('"say \\"hi\\" now",cat'), "2"),
    "more after a quoted cell": (table('"hello" there,cat'), "2"),
    "a short row": (table("hello,cat") + "bye\n", "10"),
    "a long row": (table("hello,cat") + "a,b,c\n", "10"),
    "a list that is none": (table('hello,"[cat"'), "2"),
    "an unknown column": (table("hello,cat,x", "input,labels,colour", "x,y,z"), "colour"),
    "a column without a name": (table("0,hello,cat", ",input,labels", "1,x,y"), ""),
    "a column twice": (table("hello,cat,dog", "input,labels,labels", "x,y,z"), ""),
    "a column by two names": (table("hello,cat,dog", "input,labels,concepts", "x,y,z"), ""),
    "no column of inputs": (table("hello,cat", "text,labels"), ""),
    "no text": (table("caf\u00e9,cat").encode("latin-1"), "UTF-8"),
    "UTF-16 without a mark": (table("hello,cat").encode("utf-16-le"), "UTF-16 without"),
    "a spreadsheet": (b"PK\x03\x04" + bytes(30), "zip, as the .xlsx"),
    "an old spreadsheet": (b"\xd0\xcf\x11\xe0" + bytes(30), "Excel"),
    "a compressed file": (gzip.compress(table("hello,cat").encode()), "gzip"),
    "two columns that may be labels": (
        table("hello,cat,a", "input,category,tags", "x,y,b"),
        "tags",
    ),
    "half of UTF-16": (table("hello,cat").encode("utf-16")[:-1], "UTF-16"),
    "nothing": ("", ""),
    "no rows": ("input,labels\n", "no rows"),
    "an empty input": (table("hello,cat") + ",cat\n", "10"),
}


@pytest.mark.parametrize(("content", "said"), REFUSED.values(), ids=REFUSED)
def test_what_one_reader_refuses_every_reader_refuses(read, reader, content, said):
    with pytest.raises(UserError) as caught:
        read(reader, content if isinstance(content, bytes) else content.encode())
    said = rf"(row|line) {said}\b" if said.isdigit() else said
    assert re.search(said, str(caught.value))


UNREADABLE_METADATA = [
    "not json",
    "[1]",
    '{"k": NaN}',
    '{"k": 1e999}',
    "{1: 2}",
    "{'k': {1, 2}}",
    '{"k": "\\ud800"}',
    "{'k': b'x'}",
]


@pytest.mark.parametrize("reader", ["inputs", "loader"])
@pytest.mark.parametrize("cell", UNREADABLE_METADATA)
def test_metadata_that_json_has_not_is_refused_with_its_row(read, reader, cell):
    doubled = cell.replace('"', '""')
    content = table(f'hello,cat,"{doubled}"', "input,labels,metadata", "x,y,").encode()
    with pytest.raises(UserError, match=r"row 2.*metadata"):
        read(reader, content)


@pytest.mark.parametrize("reader", ["inputs", "loader"])
@pytest.mark.parametrize("cell", ["here", "1,2,3", "52.5,134", "nan,0", "1;2", "181,0"])
def test_a_place_that_is_none_is_refused_with_its_row(read, reader, cell):
    content = table(f'hello,cat,"{cell}"', "input,labels,geopoints", "x,y,").encode()
    with pytest.raises(UserError, match=r"row 2.*geopoints"):
        read(reader, content)
