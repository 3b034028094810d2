"""The same file through every reader of CSV: `Inputs.get_inputs_from_csv`, the loader, the demo.

What is right comes from RFC 4180 and from pandas, which is asked for the same cells; of the cells
themselves from JSON, and from the reference of the platform (labels with commas between them).
"""

from __future__ import annotations

import io
import json
import re

import pandas as pd  # type: ignore[import-untyped]  # pandas-stubs would be one more package
import pytest

from clarifai_cli._demo.tables import read_table
from clarifai_core.errors import UserError
from clarifai_core.wire.messages import plain
from clarifai_datasets.upload.loaders.csv import CsvLoader
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
    "tabs": table("hello, world\tcat", header="input\tlabels", other="x\ty"),
}

ENCODINGS = ["utf-8", "utf-8-sig", "utf-16"]


def by_pandas(text):
    first = text.lstrip("\n").partition("\n")[0].partition("\r")[0]
    sep = next((one for one in ";\t" if one in first), ",")
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
    ("a|b", ["a|b"]),
    ("a;b", ["a;b"]),
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
    "UTF-16 without a mark": (table("hello,cat").encode("utf-16-le"), ""),
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
