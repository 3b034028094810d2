"""Data sets of Hugging Face's library, made here: nothing is fetched from its hub."""

from __future__ import annotations

import importlib
import socket

import pytest

from clarifai_core.errors import UserError
from clarifai_datasets.upload.loader import BrokenItem, open_loader
from clarifai_inputs.media_limits import UPLOAD_BYTES


@pytest.fixture(scope="module")
def datasets(tmp_path_factory):
    """The library, with caches of its own, and without a network."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HOME", str(tmp_path_factory.mktemp("hf")))
        for name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY"):
            patch.setenv(name, "1")
        patch.setattr(socket.socket, "connect", _refuse)
        library = importlib.import_module("datasets")
        library.disable_progress_bars()
        yield library


def _refuse(_, address):
    raise AssertionError(f"a test of a loader connects to {address!r}")


@pytest.fixture
def texts(datasets):
    names = datasets.ClassLabel(names=["good", "bad"])
    return datasets.Dataset.from_dict(
        {"text": ["one", "two", "three"], "label": [0, 1, -1], "own": ["a", "b/c", "d"]},
        features=datasets.Features(
            text=datasets.Value("string"), label=names, own=datasets.Value("string")
        ),
    )


def test_texts_with_labels_are_uploaded(texts, world):
    loader = open_loader(texts, "huggingface", strict=True, columns={"own": None})
    assert loader.task == "text_classification"
    assert [loader[index].labels for index in range(3)] == [["good"], ["bad"], []]
    report = world.dataset.upload_dataset(loader)
    assert (report.uploaded, report.failed) == (3, [])
    found = {one.data.text.raw: one for one in world.inputs().values()}
    assert found["two"].data.concepts[0].name == "bad"


def test_ids_come_from_a_column_and_are_mapped(texts):
    loader = open_loader(texts, "huggingface", id_column="own")
    assert [loader[index].id for index in range(3)] == ["a", loader.renamed["b/c"], "d"]
    twice = texts.map(lambda row: {"own": "same"})
    with pytest.raises(UserError, match="'same' is there twice"):
        len(open_loader(twice, "huggingface", id_column="own", strict=True))


def test_images_are_sent_as_they_are(datasets, make_png, world):
    pictures = [{"bytes": make_png(1), "path": "a.png"}, {"bytes": make_png(2), "path": None}]
    rows = datasets.Dataset.from_dict(
        {"img": pictures, "labels": [["x", "y"], []]},
        features=datasets.Features(img=datasets.Image(), labels=[datasets.Value("string")]),
    )
    loader = open_loader(rows, "huggingface", strict=True)
    assert (loader.task, loader[0].labels) == ("visual_classification", ["x", "y"])
    assert world.dataset.upload_dataset(loader).uploaded == 2
    assert loader[1].image_bytes == make_png(2)


def test_faulty_rows_are_reported_or_all_raised(datasets, make_png, world):
    huge = make_png(1) + bytes(UPLOAD_BYTES["image"])
    pictures = [make_png(1), b"no image", None, huge]
    rows = datasets.Dataset.from_dict(
        {"image": [one and {"bytes": one, "path": None} for one in pictures]},
        features=datasets.Features(image=datasets.Image()),
    )
    with pytest.raises(UserError) as caught:
        len(open_loader(rows, "huggingface", strict=True))
    assert caught.value.faults == (
        "the data set: row 1: no image that the platform can read",
        "the data set: row 2: image is empty",
        "the data set: row 3: 20 MiB are over the limit of 20 MiB per image",
    )
    loader = open_loader(rows, "huggingface")
    assert isinstance(loader[1], BrokenItem)
    report = world.dataset.upload_dataset(loader)
    assert (report.uploaded, [one.index for one in report.failed]) == (1, [1, 2, 3])


def test_saved_data_sets_are_opened(datasets, texts, tmp_path):
    texts.save_to_disk(str(tmp_path / "one"))
    parts = {"train": texts, "test": texts.select([2])}
    datasets.DatasetDict(parts).save_to_disk(str(tmp_path / "parts"))
    assert len(open_loader(str(tmp_path / "one"), "huggingface")) == 3
    assert len(open_loader(str(tmp_path / "parts"), "huggingface", split="test")) == 1
    with pytest.raises(UserError, match=r"split 'val' is not in .*; there are train, test"):
        len(open_loader(str(tmp_path / "parts"), "huggingface", split="val"))


@pytest.mark.parametrize("options", [{}, {"config": "small"}])
def test_what_is_not_there_is_refused(datasets, tmp_path, options):
    with pytest.raises(UserError, match="nowhere") as caught:
        len(open_loader(str(tmp_path / "nowhere"), "huggingface", **options))
    assert not str(caught.value).endswith("..")


@pytest.mark.parametrize("option", ["input_column", "label_column", "id_column"])
def test_columns_that_are_not_there_are_named(texts, option):
    with pytest.raises(UserError, match="no column 'x'; there are text, label, own"):
        len(open_loader(texts, "huggingface", **{option: "x"}))


def test_an_unknown_input_column_is_asked_for(texts):
    renamed = texts.rename_column("text", "body")
    with pytest.raises(UserError, match="input_column"):
        len(open_loader(renamed, "huggingface"))
    assert open_loader(renamed, "huggingface", input_column="body")[0].text == "one"


# -- columns, by type and name ---------------------------------------------------------------------


def rows_of(datasets, columns, **types):
    features = datasets.Features({name: one(datasets) for name, one in types.items()})
    return datasets.Dataset.from_dict(columns, features=features)


def string(datasets):
    return datasets.Value("string")


def classes(*names):
    return lambda datasets: datasets.ClassLabel(names=list(names))


def many(of):
    return lambda datasets: datasets.Sequence(of(datasets))


COLUMNS = {
    "the only ClassLabel, of any name": ({"mood": [1, 0]}, {"mood": classes("a", "b")}, ["b"]),
    "several numbers of classes": (
        {"kinds": [[0, 1], []]},
        {"kinds": many(classes("a", "b"))},
        ["a", "b"],
    ),
    "a ClassLabel before a text of the same kind": (
        {"label": [0, 1], "category": ["x", "y"]},
        {"label": classes("a", "b"), "category": string},
        ["a"],
    ),
    "a text": ({"category": ["tench, fish", "x"]}, {"category": string}, ["tench, fish"]),
    "None in a list": ({"tags": [["a", None], []]}, {"tags": many(string)}, ["a"]),
    "the word nan": ({"label": ["nan", "x"]}, {"label": string}, []),
    "None": ({"label": [None, "x"]}, {"label": string}, []),
    "whole numbers": (
        {"label": [3, 4]},
        {"label": lambda datasets: datasets.Value("int64")},
        ["3"],
    ),
}


@pytest.mark.parametrize(("columns", "types", "labels"), COLUMNS.values(), ids=COLUMNS)
def test_labels_are_found_by_name_and_type(datasets, columns, types, labels):
    rows = rows_of(datasets, {"text": ["one", "two"], **columns}, text=string, **types)
    assert open_loader(rows, "huggingface")[0].labels == labels


def test_multi_hot_columns_are_told_and_read_when_that_is_said(datasets):
    rows = datasets.Dataset.from_dict({"text": ["one"], "labels": [[0, 1, 0]]})
    assert "multi-hot" in open_loader(rows, "huggingface")[0].reason
    rows = datasets.Dataset.from_dict({"text": ["one"], "cat": [1], "dog": [0], "no": [7]})
    columns = {"cat": "multi_hot", "dog": "multi_hot", "no": None}
    loader = open_loader(rows, "huggingface", columns=columns, strict=True)
    assert loader[0].labels == ["cat"]


def test_columns_that_are_not_read_are_remarked(datasets, world):
    rows = datasets.Dataset.from_dict({"text": ["one"], "label": ["a"], "colour": ["red"]})
    report = world.dataset.upload_dataset(rows)
    assert report.uploaded == 1
    assert report.notes == ["keys and columns that nothing is read from: 1 (colour)"]
    with pytest.raises(UserError, match="colour"):
        len(open_loader(rows, "huggingface", strict=True))
    kept = open_loader(rows, "huggingface", columns={"colour": "metadata"}, strict=True)
    assert kept[0].metadata == {"colour": "red"}
    with pytest.raises(UserError, match=r"no column 'color' \(do you mean 'colour'\?\)|colour"):
        len(open_loader(rows, "huggingface", columns={"color": "metadata"}))


# -- other classes of the library ------------------------------------------------------------------

CLOTHES = {
    "a Dataset": lambda datasets, rows, folder: rows,
    "a DatasetDict": lambda datasets, rows, folder: datasets.DatasetDict(train=rows),
    "a dict": lambda datasets, rows, folder: {"train": rows},
    "an IterableDataset": lambda datasets, rows, folder: rows.to_iterable_dataset(),
    "an IterableDatasetDict": lambda datasets, rows, folder: datasets.IterableDatasetDict(
        train=rows.to_iterable_dataset()
    ),
    "a path": lambda datasets, rows, folder: rows.save_to_disk(str(folder)) or folder,
    "for numpy": lambda datasets, rows, folder: rows.with_format("numpy"),
    "for pandas": lambda datasets, rows, folder: rows.with_format("pandas"),
    "for Arrow": lambda datasets, rows, folder: rows.with_format("arrow"),
    "a stream for numpy": lambda datasets, rows, folder: rows.to_iterable_dataset().with_format(
        "numpy"
    ),
}


@pytest.mark.parametrize("dressed", CLOTHES.values(), ids=CLOTHES)
def test_a_data_set_is_read_in_whatever_class_it_comes(datasets, tmp_path, world, dressed):
    rows = rows_of(
        datasets,
        {"text": ["one", "two"], "labels": [[0], [0, 1]]},
        text=string,
        labels=many(classes("a", "b")),
    )
    loader = open_loader(dressed(datasets, rows, tmp_path / "saved"), "huggingface", strict=True)
    assert [(one.text, one.labels) for one in loader.stream()] == [
        ("one", ["a"]),
        ("two", ["a", "b"]),
    ]
    assert loader[1].labels == ["a", "b"]
    assert world.dataset.upload_dataset(loader).uploaded == 2


def test_a_stream_without_types_is_read(datasets, make_png):
    def rows():
        yield {"text": "one", "label": "a"}
        yield {"text": "two", "label": "b"}

    loader = open_loader(datasets.IterableDataset.from_generator(rows), "huggingface")
    assert [one.labels for one in loader.stream()] == [["a"], ["b"]]


def test_splits_that_are_not_read_are_remarked_unless_one_is_named(datasets, texts):
    parts = datasets.DatasetDict(train=texts, test=texts)
    loader = open_loader(parts, "huggingface")
    assert len(loader) == 3
    assert "splits that are not read, only 'train' is: 1 (test)" in loader.remarks.lines()
    named = open_loader(parts, "huggingface", split="test")
    assert len(named) == 3
    assert not [line for line in named.remarks.lines() if "splits" in line]


@pytest.mark.parametrize("source", [3, [1, 2], {"train": 3}])
def test_what_is_no_data_set_is_told(datasets, source):
    with pytest.raises(UserError, match="must be a Dataset"):
        len(open_loader(source, "huggingface"))


def test_two_data_sets_have_ids_of_their_own(datasets, world):
    """Rows have no ids: what tells them apart is their content."""
    for text in ("one", "two"):
        report = world.dataset.upload_dataset(datasets.Dataset.from_dict({"text": [text]}))
        assert (report.uploaded, report.already_there) == (1, [])


# -- media and boxes -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["Audio", "Video"])
def test_sounds_and_films_are_not_decoded(datasets, kind):
    feature = getattr(datasets, kind)(decode=False)
    content = b"RIFF....WAVE" if kind == "Audio" else b"....ftypisom"
    clips = {"clip": [{"bytes": content, "path": "a.bin"}, None], "label": ["x", "y"]}
    rows = datasets.Dataset.from_dict(clips).cast_column("clip", feature)
    loader = open_loader(rows, "huggingface")
    made = loader[0]
    assert (made.input_type, made.content, made.labels) == (kind.lower(), content, ["x"])
    assert "empty" in loader[1].reason


def detection(datasets, boxes, labels, make_png, as_list=False):
    item = {"bbox": datasets.Sequence(datasets.Value("float32")), "category": None}
    item["category"] = datasets.ClassLabel(names=["cat", "dog"])
    if as_list:
        objects, cells = (
            [item],
            [
                [{"bbox": b, "category": c} for b, c in zip(bs, cs, strict=True)]
                for bs, cs in zip(boxes, labels, strict=True)
            ],
        )
    else:
        objects = {name: datasets.Sequence(one) for name, one in item.items()}
        cells = [{"bbox": b, "category": c} for b, c in zip(boxes, labels, strict=True)]
    pictures = [{"bytes": make_png(n, 100), "path": None} for n in range(len(boxes))]
    features = datasets.Features(image=datasets.Image(), objects=objects)
    return datasets.Dataset.from_dict({"image": pictures, "objects": cells}, features=features)


@pytest.mark.parametrize("as_list", [False, True])
def test_boxes_are_those_of_coco_in_pixels(datasets, make_png, world, as_list):
    """As in cppe-5: `bbox` is [x, y, width, height], `category` a ClassLabel."""
    rows = detection(datasets, [[[40, 20, 30, 10]], [[0, 0, 5, 5]]], [[1], [0]], make_png, as_list)
    report = world.dataset.upload_dataset(open_loader(rows, "huggingface", strict=True))
    assert (report.uploaded, report.annotations, report.notes) == (2, 2, [])
    found = {r.data.concepts[0].name: r.region_info.bounding_box for _, r in world.regions()}
    box = found["dog"]
    assert [box.left_col, box.top_row, box.right_col, box.bottom_row] == pytest.approx(
        [0.4, 0.2, 0.7, 0.3]
    )


def test_boxes_that_may_be_corners_are_told(datasets, make_png):
    few = detection(datasets, [[[4, 2, 8, 4]]], [[1]], make_png)
    loader = open_loader(few, "huggingface")
    assert loader[0].regions[0].labels == ["dog"]
    assert any("could be corners" in line for line in loader.remarks.lines())
    corners = [[[n, n, n + 10, n + 10] for n in range(20)]]
    many_boxes = detection(datasets, corners, [[0] * 20], make_png)
    with pytest.raises(UserError, match='bbox_format="pascal_voc"'):
        len(open_loader(many_boxes, "huggingface"))
    said = open_loader(many_boxes, "huggingface", bbox_format="pascal_voc", strict=True)
    assert said[0].regions[5].bbox == pytest.approx([0.05, 0.05, 0.15, 0.15])


def test_fractions_are_told_and_read_when_that_is_said(datasets, make_png):
    rows = detection(datasets, [[[0.5, 0.25, 0.2, 0.1]]], [[1]], make_png)
    with pytest.raises(UserError, match="fractions"):
        len(open_loader(rows, "huggingface"))
    assert open_loader(rows, "huggingface", bbox_format="yolo")[0].regions[0].bbox == pytest.approx(
        [0.4, 0.2, 0.6, 0.3]
    )
    with pytest.raises(UserError, match="bbox_format must be one of"):
        open_loader(rows, "huggingface", bbox_format="voc")


def test_a_bad_box_costs_itself(datasets, make_png, world):
    boxes, labels = [[[50, 50, 10, 10], [5, 5, 0, 0], [70, 60, 8, 8]]], [[0, 1, -1]]
    rows = detection(datasets, boxes, labels, make_png)
    loader = open_loader(rows, "huggingface")
    report = world.dataset.upload_dataset(loader)
    assert (report.uploaded, report.annotations, report.failed) == (1, 1, [])
    said = " ".join(report.notes)
    assert "object 2" in said
    assert "objects without a label" in said
