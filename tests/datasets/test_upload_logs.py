"""Uploading again what a log says failed: ours, and that of the official SDK.

The tables are those that the official SDK 12.5.0 writes: `tabulate(..., tablefmt="grid")` with its
headings, between lines of its logger.
"""

from __future__ import annotations

import pytest

from clarifai_core.errors import UserError
from clarifai_datasets.upload.features import TextFeatures
from tests.datasets.list_loader import ListLoader

OFFICIAL = """\
2026-01-01 12:00:00,000 WARNING clarifai: 2026-01-01 12:00:00
Failed to upload 1 inputs due to duplicate IDs in current batch 0:
+---------+------------+---------------------------+--------------+----------+------------+
|   Index | Input ID   | Status                    | Image Path   | Labels   | Metadata   |
+=========+============+===========================+==============+==========+============+
|       1 | train-b    | Input has a duplicate ID. |              | ['x']    |            |
+---------+------------+---------------------------+--------------+----------+------------+


2026-01-01 12:00:00,000 WARNING clarifai: 2026-01-01 12:00:01
Failed to upload 2 inputs in current batch 0 due to status { code: FAILURE }:
+---------+------------+-----------+-----------+----------+------------+
|   Index | Input ID   | Status    | Input     | Labels   | Metadata   |
+=========+============+===========+===========+==========+============+
|       0 | train-a    | could not | about a   | ['x']    |            |
|         |            | be read   |           |          |            |
+---------+------------+-----------+-----------+----------+------------+
|       2 | train-c    |           | about | c | []       | {}         |
+---------+------------+-----------+-----------+----------+------------+
"""


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    """Keep journals and logs of each test apart."""
    monkeypatch.setenv("CLARIFAI_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)


def loader(*names, words="new"):
    return ListLoader("text_classification", [TextFeatures(words, [], id=one) for one in names])


def words(world):
    return {own: one.data.text.raw for own, one in world.inputs().items()}


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "Dataset_Upload1767268800.log"
    path.write_text(OFFICIAL)
    return path


def test_what_a_log_of_the_official_sdk_names_is_sent_and_nothing_else(world, log):
    world.dataset.upload_dataset(loader("b", words="old"))
    report = world.dataset.retry_upload_from_logs(log, loader("a", "b", "c", "d"))
    assert (report.uploaded, report.failed) == (2, [])
    assert words(world) == {"train-a": "new", "train-b": "old", "train-c": "new"}


def test_duplicates_are_sent_under_ids_of_their_own_when_asked_for(world, log):
    world.dataset.upload_dataset(loader("b", words="old"))
    report = world.dataset.retry_upload_from_logs(str(log), loader("a", "b", "c"), True)
    assert (report.uploaded, report.failed) == (3, [])
    [other] = words(world).keys() - {"train-a", "train-b", "train-c"}
    assert other.startswith("train-b-")
    assert (words(world)["train-b"], words(world)[other]) == ("old", "new")
    again = world.dataset.retry_upload_from_logs(log, loader("a", "b", "c"), True)
    assert again.uploaded == 0


def test_a_log_of_ours_is_taken_up_again(world, tmp_path, log):
    world.dataset.upload_dataset(loader("a", words="old"))
    items = loader("a", "b")
    report = world.dataset.upload_dataset(items, log_warnings=True, batch_size=1)
    assert [one.id for one in report.failed] == ["train-a"]
    [ours] = set(tmp_path.glob("Dataset_Upload_*.log"))
    same = world.dataset.retry_upload_from_logs(ours, items)
    assert [one.id for one in same.failed] == ["train-a"]
    made = world.dataset.retry_upload_from_logs(
        ours, items, retry_duplicates=True, log_warnings=True, batch_size=1
    )
    assert (made.uploaded, made.failed) == (1, [])
    assert len(set(tmp_path.glob("Dataset_Upload_*.log"))) == 2
    assert sorted(words(world).values()) == ["new", "new", "old"]


def test_skipped_ones_are_duplicates_too(world, tmp_path):
    world.dataset.upload_dataset(loader("a", words="old"))
    items = loader("a")
    report = world.dataset.upload_dataset(items, on_conflict="skip")
    report.save(tmp_path / "saved.log")
    assert world.dataset.retry_upload_from_logs(tmp_path / "saved.log", items).total == 0
    made = world.dataset.retry_upload_from_logs(tmp_path / "saved.log", items, True)
    assert made.uploaded == 1


def test_the_source_may_be_a_file(world, make_csv, tmp_path):
    world.dataset.upload_dataset(loader("a", words="old"))
    path = make_csv("inputid,input,concepts\na,new,x\nb,other,y\n")
    report = world.dataset.upload_dataset(path, loader="csv")
    assert [one.id for one in report.failed] == ["train-a"]
    report.save(tmp_path / "saved.log")
    made = world.dataset.retry_upload_from_logs(tmp_path / "saved.log", path, True)
    assert (made.uploaded, made.failed) == (1, [])
    assert sorted(words(world).values()) == ["new", "old", "other"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "log_file_path .* cannot be read"),
        ("nothing of the kind\n", "is no log of an upload"),
        ('{"kind": "other"}\n', "is no saved upload report"),
        (OFFICIAL.replace("|       2 |", "|      99 |"), "speaks of item 99"),
    ],
)
def test_what_is_no_log_is_refused(world, tmp_path, content, said):
    path = tmp_path / "x.log"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UserError, match=said):
        world.dataset.retry_upload_from_logs(path, loader("a", "b", "c"))
    assert not world.faults.calls


def test_a_log_of_another_dataset_is_refused(world, tmp_path):
    report = world.dataset.upload_dataset(loader("a"))
    report.dataset_id = "other"
    report.save(tmp_path / "saved.log")
    with pytest.raises(UserError, match="of dataset 'other', not of 'train'"):
        world.dataset.retry_upload_from_logs(tmp_path / "saved.log", loader("a"))
