"""Inputs from CSV files and folders."""

from __future__ import annotations

import pytest
from google.protobuf.json_format import MessageToDict

from clarifai_core.errors import UserError
from clarifai_resources.inputs import Inputs


@pytest.fixture
def csv(tmp_path):
    def write(content: str, name: str = "data.csv", encoding: str = "utf-8") -> str:
        path = tmp_path / name
        path.write_text(content, encoding, newline="")
        return str(path)

    return write


def labels_of(inputs):
    return [[concept.name for concept in one.data.concepts] for one in inputs]


def test_named_columns(csv):
    path = csv(
        "inputid,input,concepts,metadata,geopoints\n"
        'c1,hello world,cat,"{""k"": ""O\'Neil""}","1.5,2.5"\n'
        'c2,"second, with comma","cat,big dog",{\'k\': 1},\n'
        "c3,third,,,\n"
        "c4,fourth,dog,,\n"
    )
    found = Inputs.get_inputs_from_csv(path, dataset_id="ds")
    assert [one.id for one in found] == ["c1", "c2", "c3", "c4"]
    assert [one.data.text.raw for one in found][1] == "second, with comma"
    assert labels_of(found) == [["cat"], ["cat", "big dog"], [], ["dog"]]
    first = MessageToDict(found[0].data, preserving_proto_field_name=True)
    assert first["metadata"] == {"k": "O'Neil"}
    assert first["geo"]["geo_point"] == {"longitude": 1.5, "latitude": 2.5}
    assert {one.dataset_ids[0] for one in found} == {"ds"}


def test_one_or_two_columns_and_byte_order_mark(csv):
    two = Inputs.get_inputs_from_csv(csv("input,labels\nhi,cat\nho,dog\n", encoding="utf-8-sig"))
    one = Inputs.get_inputs_from_csv(csv("input\nhi\nho\n"))
    assert labels_of(two) == [["cat"], ["dog"]]
    assert [item.data.text.raw for item in one] == ["hi", "ho"]
    assert [len(item.id) for item in one] == [32, 32]


def test_labels_can_be_left_out(csv):
    found = Inputs.get_inputs_from_csv(csv("input,concepts\nhi,cat\n"), labels=False)
    assert labels_of(found) == [[]]


def test_urls_and_files(csv, tmp_path):
    (tmp_path / "a.png").write_bytes(b"png")
    urls = Inputs.get_inputs_from_csv(csv("input\nhttps://example.com/1.png\n"), "image", "url")
    files = Inputs.get_inputs_from_csv(csv("input\na.png\n"), "image", "file_path")
    assert urls[0].data.image.url == "https://example.com/1.png"
    assert files[0].data.image.base64 == b"png"


def test_all_faults_at_once_with_row_and_column(csv):
    path = csv(
        "inputid,input,metadata,geopoints\n"
        "a,fine,,\n"
        'b,text,not json,"1,2"\n'
        'c,,,"1,2,3"\n'
        "a,again,,\n"
    )
    with pytest.raises(UserError) as caught:
        Inputs.get_inputs_from_csv(path)
    said = str(caught.value)
    assert path in said
    assert len(caught.value.faults) == 4
    for part in (
        "row 3, column metadata: must be a JSON object",
        "row 4, column geopoints: must be longitude,latitude",
        "row 4, column input: raw_text must be a text",
        "column inputid: 'a' stands in 2 rows",
    ):
        assert part in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        ("\n", "is empty"),
        ("input,concepts\n", "no rows"),
        ("id,text\n1,hi\n", "column 'input': missing"),
        ("inputs,concepts\nhi,cat\n", "did you mean 'input'"),
        ("input,input\na,b\n", "column 'input': twice"),
        ("input\nhi,there\n", "2 cells for 1 columns"),
        ('input\n"open\n', "row 2"),
    ],
)
def test_wrong_files(csv, content, said):
    path = csv(content)
    with pytest.raises(UserError) as caught:
        Inputs.get_inputs_from_csv(path)
    assert said in str(caught.value)
    assert path in str(caught.value)


def test_wrong_arguments(csv, tmp_path):
    path = csv("input\nhi\n")
    for arguments, said in (
        ({"csv_type": "rawr"}, "raw, url or file_path"),
        ({"input_type": "texts"}, "expected one of image, text, video, audio"),
        ({"input_type": "image"}, "csv_type 'raw' holds texts"),
    ):
        with pytest.raises(UserError, match=said):
            Inputs.get_inputs_from_csv(path, **arguments)
    with pytest.raises(UserError, match=r"must be the path of a \.csv file"):
        Inputs.get_inputs_from_csv(csv("input\nhi\n", "data.txt"))
    with pytest.raises(UserError, match=r"nowhere\.csv"):
        Inputs.get_inputs_from_csv(tmp_path / "nowhere.csv")
    with pytest.raises(UserError, match="must be UTF-8"):
        Inputs.get_inputs_from_csv(csv("input\ncafé\n", encoding="latin-1"))


def test_folder_of_pictures(tmp_path):
    folder = tmp_path / "cats"
    (folder / "deeper.png").mkdir(parents=True)
    for name in ("b.JPG", "a.png", "two.dots.webp", ".hidden.png", "notes.txt"):
        (folder / name).write_bytes(name.encode())
    found = Inputs.get_image_inputs_from_folder(str(folder), "ds", labels=True)
    assert [one.id for one in found] == ["a", "b", "two"]
    assert found[0].data.image.base64 == b"a.png"
    assert labels_of(found) == [["cats"]] * 3


def test_what_a_folder_holds_besides_is_logged(tmp_path, caplog):
    (tmp_path / "deeper").mkdir()
    for name in ("a.png", "b.heic", "Thumbs.db", "notes.md"):
        (tmp_path / name).write_bytes(b"x")
    assert [one.id for one in Inputs.get_image_inputs_from_folder(tmp_path)] == ["a"]
    assert [line.partition(": ")[2] for line in caplog.messages] == [
        "left alone, hidden: 1 (Thumbs.db)",
        "left alone, .heic pictures, which the platform does not take: 1 (b.heic)",
        "left alone, folders: 1 (deeper)",
        "left alone, no images by their endings: 1 (notes.md)",
    ]


def test_folder_of_texts_with_names_that_share_an_id(tmp_path):
    for name in ("a.1.txt", "a.2.txt", "b.txt"):
        (tmp_path / name).write_text(name)
    found = Inputs.get_text_inputs_from_folder(tmp_path)
    assert [(one.id, one.data.text.raw) for one in found] == [
        ("a.1.txt", "a.1.txt"),
        ("a.2.txt", "a.2.txt"),
        ("b", "b.txt"),
    ]
    assert labels_of(found) == [[], [], []]


def test_folders_that_hold_nothing(tmp_path):
    (tmp_path / "file").write_text("x")
    for path, said in (
        (tmp_path / "nowhere", "does not exist"),
        (tmp_path / "file", "is a file"),
        (tmp_path, "holds no images"),
    ):
        with pytest.raises(UserError, match=said) as caught:
            Inputs.get_image_inputs_from_folder(path)
        assert str(path) in str(caught.value)
