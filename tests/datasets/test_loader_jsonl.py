"""JSON Lines: inputs of any kind, and everything that can be wrong with a line."""

from __future__ import annotations

import json

import pytest

from clarifai_core.errors import UserError
from clarifai_datasets.upload.loader import BrokenItem, open_loader


@pytest.fixture
def make_jsonl(tmp_path, make_png):
    (tmp_path / "a.png").write_bytes(make_png(1))
    (tmp_path / "bad.png").write_bytes(b"no image")

    def make(*lines):
        path = tmp_path / "data.jsonl"
        texts = [one if isinstance(one, (str, bytes)) else json.dumps(one) for one in lines]
        path.write_bytes(b"\n".join(t if isinstance(t, bytes) else t.encode() for t in texts))
        return str(path)

    return make


def test_inputs_with_all_that_is_known_about_them(make_jsonl, world):
    box = {"labels": ["cat"], "bbox": [0.1, 0.2, 0.3, 0.4]}
    polygon = {"labels": ["dog"], "polygon": [[0, 0], [1, 0], [0.5, 1]]}
    point = {"labels": ["eye"], "point": [0.25, 0.75]}
    path = make_jsonl(
        b"\xef\xbb\xbf" + json.dumps({"id": "t", "text": "hello", "labels": ["x"]}).encode(),
        "",
        {"id": "i", "file": "a.png", "regions": [box, polygon, point], "metadata": {"n": 1}}
        | {"labels": ["pet"], "geo": [1.5, 2.5]},
        {"text": "without id"},
        {"text": "without id"},
    )
    report = world.dataset.upload_dataset(open_loader(path))
    assert (report.uploaded, report.annotations, report.failed) == (4, 3, [])
    inputs = world.inputs()
    assert inputs["train-t"].data.text.raw == "hello"
    assert inputs["train-i"].data.concepts[0].name == "pet"
    assert inputs["train-i"].data.geo.geo_point.latitude == 2.5
    assert inputs["train-i"].data.metadata["n"] == 1
    kinds = {field.name for _, r in world.regions() for field, _ in r.region_info.ListFields()}
    assert kinds == {"bounding_box", "polygon", "point"}
    again = world.dataset.upload_dataset(open_loader(path))
    assert (again.uploaded, len(again.already_there)) == (0, 4)


FAULTS = [
    ("{", "no JSON"),
    ("[1]", "no JSON object"),
    (b'{"text": "\xff"}', "not UTF-8"),
    ({}, "one of text, file, url, got none"),
    ({"text": "a", "url": "b"}, "got text, url"),
    ({"text": " "}, "text must be text that is not empty"),
    ({"file": "none.png"}, "none.png: no such file"),
    ({"file": "bad.png"}, "bad.png: no image"),
    ({"text": "a", "input_type": "smell"}, "input_type must be one of"),
    ({"text": "a", "labels": {"x": 1}}, "labels: {'x': 1} is no label"),
    ({"text": "a", "labels": [0, 1, 0]}, "labels: [0, 1, 0] may be a multi-hot vector"),
    ({"text": "a", "labels": [True]}, "labels: [True] may be a multi-hot vector"),
    ({"text": "a", "labels": "[cat, dog]"}, "labels: must be a JSON list"),
    ({"text": "a", "metadata": [1]}, "metadata must be an object"),
    ({"text": "a", "geo": [200, 0]}, "geo is [longitude, latitude], within 180"),
    ({"text": "a", "regions": [{"labels": ["x"], "bbox": [0.5, 0, 0.1, 1]}]}, "region 1: a box"),
    ({"text": "a", "regions": [{"labels": ["x"]}]}, "region 1: a region must have one of"),
    ({"text": "a", "regions": [{"bbox": [0, 0, 1, 1]}]}, "region 1: it has no labels"),
]


def test_strict_lists_every_fault_with_its_line(make_jsonl):
    path = make_jsonl(
        {"id": "a", "text": "x"}, *(line for line, _ in FAULTS), {"id": "a", "text": "y"}
    )
    with pytest.raises(UserError) as caught:
        len(open_loader(path, strict=True))
    faults = caught.value.faults
    assert len(faults) == len(FAULTS) + 1
    for number, (fault, (_, words)) in enumerate(zip(faults, FAULTS, strict=False), 2):
        assert f"data.jsonl: line {number}: " in fault
        assert words in fault
    assert "id 'a' is there twice" in faults[-1]


REMARKS = [
    ({"text": "a", "txt": "b", "colour": "red"}, "nothing is read from: 2", "txt, colour"),
    ({"text": "a", "labels": ["x", None]}, "empty values among the labels", "None"),
    ({"text": "a", "labels": [" "]}, "empty values among the labels", "' '"),
    ({"text": "a", "label": "nan"}, "empty values among the labels", "nan"),
]


@pytest.mark.parametrize(("line", "what", "shown"), REMARKS)
def test_what_is_not_read_is_remarked_with_its_line_and_refused_when_strict(
    make_jsonl, world, line, what, shown
):
    path = make_jsonl({"text": "fine"}, line)
    report = world.dataset.upload_dataset(open_loader(path))
    assert (report.uploaded, report.failed) == (2, [])
    (note,) = report.notes
    assert what in note
    assert f"line 2: {shown}" in note
    with pytest.raises(UserError, match="line 2"):
        len(open_loader(path, strict=True))


@pytest.mark.parametrize(
    ("line", "columns", "labels"),
    [
        ({"text": "a", "label": "big dog"}, None, ["big dog"]),
        ({"text": "a", "category": "x, y"}, None, ["x, y"]),
        ({"text": "a", "Tags": ["x", 7]}, None, ["x", "7"]),
        ({"text": "a", "labels": "['x' 'y']"}, None, ["x", "y"]),
        ({"text": "a", "kind": "x"}, {"kind": "labels"}, ["x"]),
        ({"text": "a", "cat": 1, "dog": False}, {"cat": "multi_hot", "dog": "multi_hot"}, ["cat"]),
    ],
)
def test_labels_are_found_under_other_keys(make_jsonl, line, columns, labels):
    loader = open_loader(make_jsonl(line), columns=columns, strict=True)
    assert loader[0].labels == labels


def test_keys_are_kept_as_metadata_or_left_out_when_that_is_said(make_jsonl):
    columns = {"body": "text", "n": "metadata", "no": None}
    loader = open_loader(make_jsonl({"body": "a", "n": 3, "no": 1}), columns=columns, strict=True)
    assert (loader[0].content, loader[0].metadata) == (b"a", {"n": 3})


def test_without_strict_the_good_lines_are_uploaded(make_jsonl, world):
    path = make_jsonl({"id": "a", "text": "x"}, *(line for line, _ in FAULTS))
    report = world.dataset.upload_dataset(open_loader(path))
    bad_regions = sum("region" in words for _, words in FAULTS)  # these cost the region only
    assert (report.uploaded, len(report.failed)) == (1 + bad_regions, len(FAULTS) - bad_regions)
    assert any(note.startswith(f"{bad_regions} items go without") for note in report.notes)


def test_csv_rows_with_faults_are_skipped_on_request(make_csv, world):
    path = make_csv("inputid,input\na,one\na,two\nb,\nc,three\n")
    loader = open_loader(path, labels=False, strict=False)
    report = world.dataset.upload_dataset(loader)
    assert (report.uploaded, len(report.failed)) == (2, 2)
    assert isinstance(loader[1], BrokenItem)
    assert "row 3" in loader[1].reason


def test_a_folder_is_checked_on_request(tmp_path, make_png):
    (tmp_path / "a.png").write_bytes(make_png(1))
    (tmp_path / "b.png").write_bytes(b"")
    (tmp_path / "c.png").write_bytes(b"no image")
    loader = open_loader(str(tmp_path), strict=True)
    with pytest.raises(UserError) as caught:
        loader.load_data()
    assert [("empty" in f, "no image" in f) for f in caught.value.faults] == [
        (True, False),
        (False, True),
    ]
