"""Ids and splits become names that every system takes, and come back from them."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from clarifai_grpc.grpc.api import resources_pb2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarifai_datasets._export.options import checked
from clarifai_datasets._export.pipeline import export
from clarifai_datasets.handle import Dataset
from clarifai_datasets.upload.loader import open_loader, prepare
from clarifai_inputs.file_names import is_safe_path
from tests.datasets.archives import members, text, write_archive
from tests.datasets.conftest import png

IDS = [
    "con",
    "NUL",
    "com1",
    "nul.png",
    "cat",
    "Cat",
    "CAT",
    "Dog",
    "dog",
    "IMG_1",
    "%63on",
    "ﬁ",
    "fi",
]
"""Names of devices, ids that differ in case or form only, and what looks like a name of ours."""

LOADERS = {
    "clarifai": "clarifai",
    "coco": "coco_detection",
    "yolo": "yolo",
    "voc": "voc_detection",
    "csv": "csv",
    "jsonl": "jsonl",
    "parquet": "parquet",
}
INSIDE = {"csv": "{split}-image.csv", "parquet": "{split}.parquet"}


def picture(number, input_id):
    made = resources_pb2.Input(id=input_id)
    made.data.image.base64 = png(number)
    region = made.data.regions.add()
    box = region.region_info.bounding_box
    box.left_col, box.top_row, box.right_col, box.bottom_row = 0.0, 0.0, 0.5, 0.5
    region.data.concepts.add(id="x", name="x", value=1)
    return made


def exported(splits, target, format_name):
    archive = write_archive(Path(target).with_name("in.zip"), splits)
    order = checked(str(target), "", str(archive), "all", 2, format_name)
    return export(Dataset(base_url="local:"), order, progress=False)


def ids_of(source, loader_name):
    loader = open_loader(str(source), loader_name)
    return [str(loader[index].id) for index in range(prepare(loader))]


def paths_in(folder):
    return [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]


def check_names(paths):
    assert [path for path in paths if not is_safe_path(path)] == []
    assert len({path.lower() for path in paths}) == len(paths)


@pytest.mark.parametrize("format_name", LOADERS)
@pytest.mark.parametrize("target", ["out.zip", "out"])
def test_every_id_has_a_file_of_its_own_and_comes_back(tmp_path, format_name, target):
    inputs = [picture(number, one) for number, one in enumerate(IDS)]

    report = exported({"train": inputs}, tmp_path / target, format_name)

    assert (report.exported, report.failed) == (len(IDS), [])
    out = tmp_path / target
    check_names(list(members(out)) if out.is_file() else paths_in(out))
    inside = INSIDE.get(format_name, "").format(split="train")
    if inside and out.is_file():
        return  # the loader reads a file or a folder of them, no zip of it
    assert sorted(ids_of(out / inside, LOADERS[format_name])) == sorted(IDS)


@pytest.mark.parametrize("format_name", LOADERS)
def test_splits_have_folders_and_files_of_their_own(tmp_path, format_name):
    splits = {
        split: [picture(2 * number, f"a{number}"), picture(2 * number + 1, f"b{number}")]
        for number, split in enumerate(["con", "Train", "train", "LPT1"])
    }

    out = tmp_path / "out"

    report = exported(splits, out, format_name)

    assert (report.exported, report.failed) == (8, [])
    check_names(list(members(out)) if out.is_file() else paths_in(out))


def test_the_label_file_of_an_id_is_named_as_its_medium(tmp_path):
    report = exported({"s": [picture(1, "Con"), picture(2, "CON")]}, tmp_path / "o.zip", "clarifai")
    assert report.exported == 2
    assert set(members(tmp_path / "o.zip")) == {
        *("s/inputs/%43on.png", "s/annotations/%43on.json"),
        *("s/inputs/%43%4F%4E.png", "s/annotations/%43%4F%4E.json"),
    }


def test_what_is_no_name_anywhere_is_reported_and_costs_nothing_else(tmp_path):
    ids = ["a/b", "..", "a.", "a ", "a:b", "a\u202eb", "x" * 300, "good"]
    report = exported({"s": [text(one, raw="x") for one in ids]}, tmp_path / "o.zip", "clarifai")
    assert set(members(tmp_path / "o.zip")) == {"s/inputs/good.txt"}
    assert {one.reason for one in report.failed} == {"its id cannot be the name of a file"}
    assert [one.id for one in report.failed] == ids[:-1]


PLATFORM_IDS = st.from_regex(r"\A[cCoOnNaAuU1]{1,5}([-_][a-c]{1,3})?\Z")


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
@given(st.lists(PLATFORM_IDS, unique=True, min_size=1, max_size=8), st.sampled_from([*LOADERS]))
def test_ids_of_the_platform_come_back(ids, format_name):
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / ("out.zip" if format_name == "clarifai" else "out")
        inputs = [picture(number, one) for number, one in enumerate(ids)]
        report = exported({"train": inputs}, out, format_name)
        assert report.failed == []
        check_names(list(members(out)) if out.is_file() else paths_in(out))
        inside = INSIDE.get(format_name, "").format(split="train")
        assert sorted(ids_of(out / inside, LOADERS[format_name])) == sorted(ids)
