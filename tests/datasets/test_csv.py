"""Uploads from CSV files."""

from __future__ import annotations

import pytest

from clarifai.core.errors import UserError
from clarifai.datasets.upload.loader import open_loader
from clarifai.datasets.upload.loaders.csv import CsvLoader

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
