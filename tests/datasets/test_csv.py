"""Uploads from CSV files."""

from __future__ import annotations

import csv
import io
import random

import pytest
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_pb2
from hypothesis import given, settings
from hypothesis import strategies as st

from clarifai.core.errors import UserError
from clarifai.datasets.handle import Dataset
from clarifai.datasets.upload.loader import open_loader
from clarifai.datasets.upload.loaders.csv import CsvLoader
from clarifai.datasets.upload.loaders.csv_blocks import BLOCK_BYTES, Repeats, blocks

HEADER = "inputid,input,concepts,metadata,geopoints\n"


def test_rows_become_inputs_with_labels_metadata_and_place(world, make_csv):
    path = make_csv(
        HEADER + 'c1,"hello, world",cat,"{""k"": ""it\'s""}","1.5,2.5"\nc2,bye,"cat,big dog",,\n'
    )
    report = world.dataset.upload_from_csv(path, csv_type="raw")
    assert (report.uploaded, report.failed, report.already_there) == (2, [], [])
    inputs = world.inputs()
    assert inputs.keys() == world.in_dataset() == {"c1", "c2"}
    one = inputs["c1"].data
    assert one.metadata["k"] == "it's"
    assert (one.geo.geo_point.longitude, one.geo.geo_point.latitude) == (1.5, 2.5)
    labels = [(c.id, c.name, c.value) for c in inputs["c2"].data.concepts]
    assert labels == [("id-cat", "cat", 1.0), ("id-bigdog", "big dog", 1.0)]


def test_a_row_without_labels_does_not_take_them_from_the_next(world, make_csv):
    path = make_csv("inputid,input,labels\na,x,\nb,y,cat\n")
    world.dataset.upload_from_csv(path, csv_type="raw").raise_for_failures()
    inputs = world.inputs()
    assert not inputs["a"].data.concepts
    assert inputs["b"].data.concepts[0].name == "cat"


def test_labels_can_be_left_out(world, make_csv):
    path = make_csv("input\none\ntwo\n")
    assert world.dataset.upload_from_csv(path, csv_type="raw", labels=False).uploaded == 2
    assert world.dataset.upload_from_csv(path, csv_type="raw", labels=False).uploaded == 0
    assert len(world.inputs()) == 2


def test_equal_rows_without_ids_are_all_uploaded_once(world, make_csv):
    path = make_csv("input,label\nsame,a\nsame,a\nother,b\n")
    assert world.dataset.upload_from_csv(path, csv_type="raw").uploaded == 3
    assert len(world.dataset.upload_from_csv(path, csv_type="raw").already_there) == 3


def test_byte_order_mark_blank_lines_and_line_breaks_in_cells(world, make_csv):
    path = make_csv(b'\xef\xbb\xbfinputid,input,concepts\r\na,"two\r\nlines",x\r\n\r\nb,last,y\r\n')
    assert world.dataset.upload_from_csv(path, csv_type="raw").uploaded == 2
    loader = CsvLoader(path)
    loader.load_data()
    assert [loader[0].text, loader[1].text] == ["two\r\nlines", "last"]
    assert [f.text for f in loader.stream()] == ["two\r\nlines", "last"]


def test_files_beside_the_csv_are_found_and_a_wrong_one_is_reported(
    world, make_csv, make_png, tmp_path
):
    (tmp_path / "a.png").write_bytes(make_png(9))
    (tmp_path / "b.png").write_text("no picture")
    path = make_csv("inputid,input,concepts\na,a.png,x\nb,b.png,x\n")
    report = world.dataset.upload_from_csv(path, "image", "file_path")
    assert report.uploaded == 1
    assert [(f.id, f.attempts) for f in report.failed] == [("b", 0)]
    assert "no image" in report.failed[0].reason
    assert world.inputs().keys() == {"a"}


@pytest.mark.parametrize(
    ("text", "arguments", "words"),
    [
        ("text,cat\nx,y\n", {}, ["header: text, cat", "Expected", "input"]),
        ("", {}, ["header: nothing"]),
        ("input,concepts\n", {}, ["no rows"]),
        ("input\nx\n", {}, ["no column of labels", "labels=False"]),
        ("input,labels\nx,y\n", {"csv_type": ""}, ["csv_type", "raw, url, file_path", "''"]),
        ("input,labels\nx,y\n", {"input_type": "picture"}, ["input_type", "'picture'"]),
        ("input,labels\nx,y\n", {"batch_size": 0}, ["batch_size", "1 to 128", "0"]),
        ("input,labels\nx,y\n", {"batch_size": 129}, ["batch_size", "129"]),
        ("input,labels\nx,y\n", {"csv_type": "url"}, ["row 2", "'x' is no URL"]),
        ("input,labels\n/no/x,y\n", {"csv_type": "file_path"}, ["row 2", "no such file"]),
        (b"input,labels\n\xff,y\n", {}, ["row 2", "UTF-8"]),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_sent(world, make_csv, text, arguments, words):
    with pytest.raises(UserError) as caught:
        world.dataset.upload_from_csv(make_csv(text), **{"csv_type": "raw", **arguments})
    assert all(word in str(caught.value) for word in words)
    assert not world.faults.calls


def test_all_bad_rows_are_listed_at_once(world, make_csv):
    path = make_csv(
        HEADER
        + "a,,x,,\n"
        + "b,text,x,{oops,\n"
        + 'c,text,x,,"99,99"\n'
        + "d,text\n"
        + "e,good,x,,\n"
        + "e,again,x,,\n"
    )
    with pytest.raises(UserError) as caught:
        world.dataset.upload_from_csv(path, csv_type="raw")
    rows = [fault.partition(":")[0] for fault in caught.value.faults]
    assert rows == ["row 2", "row 3", "row 4", "row 5", "row 7"]
    assert "5 faults" in str(caught.value)
    assert not world.faults.calls


def test_missing_file_and_other_ending(world, tmp_path):
    with pytest.raises(UserError, match="no such file"):
        world.dataset.upload_from_csv(str(tmp_path / "none.csv"), csv_type="raw")
    with pytest.raises(UserError, match=r"\.csv file"):
        world.dataset.upload_from_csv("data.txt", csv_type="raw")


def test_loaders_open_by_ending_and_by_name(make_csv, tmp_path):
    path = make_csv("input,label\nx,y\n")
    assert isinstance(open_loader(path), CsvLoader)
    assert open_loader(str(tmp_path), input_type="text").task == "text_classification"
    with pytest.raises(UserError, match="csv, folder"):
        open_loader("data.xyz")
    with pytest.raises(UserError, match="'stone_tablets'"):
        open_loader(path, "stone_tablets")


def test_inputs_of_another_dataset_are_put_into_this_one_too(world, make_csv):
    path = make_csv("inputid,input\na,one\nb,two\nc,three\n")
    world.dataset.upload_from_csv(path, csv_type="raw", labels=False)
    world.call("PostDatasets", datasets=[resources_pb2.Dataset(id="other")])
    other = Dataset(
        dataset_id="other",
        user_id="me",
        app_id="demo",
        base_url=world.dataset.settings.base_url,
    )
    report = other.upload_from_csv(path, csv_type="raw", labels=False)
    assert (report.uploaded, sorted(report.already_there)) == (0, ["a", "b", "c"])
    assert report.failed == []
    assert world.in_dataset() == {"a", "b", "c"}
    listed = world.call("ListDatasetInputs", dataset_id="other", per_page=10).dataset_inputs
    assert {one.input.id for one in listed} == {"a", "b", "c"}


def test_inputs_that_cannot_be_put_into_the_dataset_are_reported(world, make_csv):
    path = make_csv("inputid,input\na,one\n")
    world.dataset.upload_from_csv(path, csv_type="raw", labels=False)
    world.faults.on_before["PostDatasetInputs"] = lambda: status_pb2.Status(code=10020)
    report = world.dataset.upload_from_csv(path, csv_type="raw", labels=False)
    assert (report.uploaded, list(report.already_there)) == (0, [])
    assert [one.id for one in report.failed] == ["a"]
    assert "in the app, but not in the dataset" in report.failed[0].reason


CELLS = st.text(st.sampled_from('a,"\n\r \u2028é[]\x1e'), max_size=12)


@given(rows=st.lists(st.tuples(CELLS, CELLS, st.integers(0, 3)), min_size=1, max_size=30))
@settings(deadline=None, max_examples=60)
def test_blocks_hold_the_rows_that_were_written(rows):
    text = io.StringIO(newline="")
    # Cells of half a block each: rows, and quoted cells, go beyond the ends of blocks.
    wide = [(a, b + "x\n" * (BLOCK_BYTES // 4) * big) for a, b, big in rows]
    csv.writer(text).writerows(wide)
    raw = text.getvalue().encode()
    found = list(blocks(io.BytesIO(raw)))
    assert [tuple(cells) for block in found for cells in block.rows] == wide
    last = found[-1]
    again = next(blocks(io.BytesIO(raw), last.offset, last.line))
    assert (again.rows, again.lines()) == (last.rows, last.lines())


def test_rows_of_many_blocks_can_be_had_one_by_one(make_csv):
    rows = "".join(f'id{n},"text {n}\n{"x" * (n % 97)}",label{n % 3}\n' for n in range(5000))
    loader = CsvLoader(make_csv(f"inputid,input,labels\n{rows}"))
    loader.load_data()
    streamed = list(loader.stream())
    assert len(loader) == len(streamed) == 5000
    numbers = list(range(5000))
    random.Random(3).shuffle(numbers)
    assert all(loader[n] == streamed[n] for n in numbers[:500])
    assert [one.id for one in streamed] == [f"id{n}" for n in range(5000)]


def test_faults_of_many_blocks_are_all_named_with_their_rows(make_csv):
    rows = [f"id{n},text {n},a\n" for n in range(8000)]
    rows[10], rows[3000], rows[6000], rows[7999] = "short\n", "id3000,,a\n", "id5,x,a\n", "\xff\n"
    raw = "inputid,input,labels\n" + "".join(rows)
    loader = CsvLoader(make_csv(raw.encode("latin-1")))
    with pytest.raises(UserError) as caught:
        loader.load_data()
    for fault in (
        "row 12: 1 cells where the header has 3",
        "row 3002: input is empty",
        "row 6002: inputid 'id5' is there twice",
        "row 8001: not UTF-8",
    ):
        assert fault in str(caught.value)


def test_a_file_that_is_changed_meanwhile_is_noticed(make_csv):
    path = make_csv("inputid,input\n" + "".join(f"id{n},text {n}\n" for n in range(9000)))
    loader = CsvLoader(path, labels=False)
    loader.load_data()
    items = loader.stream()
    assert next(items).id == "id0"
    make_csv("inputid,input\nid0,text 0\n")
    with pytest.raises(UserError, match="changed while it was uploaded"):
        list(items)


@given(st.lists(st.integers(0, 400)))
def test_repeats_are_found(keys):
    repeats = Repeats()
    for start in range(0, len(keys), 7):
        repeats.add(str(key) for key in keys[start : start + 7])
    wanted = [row for row, key in enumerate(keys) if key in keys[:row]]
    assert repeats.found() == wanted


def test_repeats_among_very_many_rows_are_found():
    repeats = Repeats()
    for start in range(0, 100_000, 1000):
        repeats.add(f"row-{n}" for n in range(start, start + 1000))
    repeats.add(["row-77777", "new"])
    assert repeats.found() == [100_000]
