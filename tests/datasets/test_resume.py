"""The same call again goes on where an earlier run was broken off; and retrying what failed."""

from __future__ import annotations

import itertools
import os

import grpc
import pytest
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_core.errors import ApiClientError, UserError
from clarifai_core.settings import state_directory
from clarifai_datasets.handle import Dataset
from clarifai_datasets.upload import _journal as journals
from clarifai_datasets.upload.features import TextFeatures, VisualDetectionFeatures
from clarifai_datasets.upload.report import UploadReport, UploadStopped
from clarifai_local.dispatch import Aborted
from tests.datasets.list_loader import ListLoader

REFUSED = status_pb2.Status(code=11002, description="Invalid API key")
INTERNAL = status_pb2.Status(code=98004, description="Internal error")


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    """Keep the journals of each test apart."""
    monkeypatch.setenv("CLARIFAI_STATE_DIR", str(tmp_path / "state"))


def journals_left():
    return list((state_directory() / "uploads").glob("*.db"))


class Interrupted(ListLoader):
    """Ends the program, as Ctrl-C does, when item `at` is read for the first time."""

    at = 0
    armed = True

    def __getitem__(self, index):
        if index == self.at and self.armed:
            type(self).armed = False
            raise KeyboardInterrupt
        return super().__getitem__(index)


@pytest.fixture
def interrupted():
    """Return a class of loaders that interrupt once; a new one, as its state is the class's."""

    def make(at):
        return type("Once", (Interrupted,), {"at": at, "__module__": __name__})

    return make


def texts(count):
    return [TextFeatures(f"text {n}", ["a"]) for n in range(count)]


def boxes(count, make_png):
    return [
        VisualDetectionFeatures("a.png", ["x", "y"], [[0, 0, 1, 0.5]] * 2, image_bytes=make_png(n))
        for n in range(count)
    ]


def stopped(world, loader, posts):
    """Upload until the platform refuses everything, and return the report."""
    sent = itertools.count()
    world.faults.on_before["PostInputs"] = lambda: REFUSED if next(sent) >= posts else None
    with pytest.raises(UploadStopped, match="Invalid API key") as caught:
        world.dataset.upload_dataset(loader)
    world.faults.on_before.clear()
    world.faults.calls.clear()
    return caught.value.report


def test_what_is_done_is_not_sent_again(world):
    loader = ListLoader("text_classification", texts(2000))
    before = stopped(world, loader, posts=9)
    assert before.uploaded > 9 * 100
    assert len(journals_left()) == 1
    report = world.dataset.upload_dataset(loader)
    assert report.resumed == len(report.already_there) == before.uploaded
    assert (report.uploaded, report.failed) == (2000 - before.uploaded, [])
    assert world.faults.calls["PostInputs"] == -(-report.uploaded // 128)
    assert "were sent by an earlier run" in str(report)
    assert len(world.inputs()) == 2000
    assert journals_left() == []


def test_files_of_what_is_done_are_not_read_again(world, tmp_path, make_png):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for n in range(20):
        (folder / f"{n:02}.png").write_bytes(make_png(n))
    (folder / "bad.png").write_bytes(b"no picture")
    assert world.dataset.upload_from_folder(str(folder), "image").uploaded == 20
    for path in folder.glob("[01]*.png"):
        seen = path.stat()
        path.write_bytes(b"x" * seen.st_size)
        os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))  # only reading it would tell
    report = world.dataset.upload_from_folder(str(folder), "image")
    assert (report.resumed, [one.id for one in report.failed]) == (20, ["bad"])


def test_files_that_changed_since_they_were_sent_are_no_longer_done(world, tmp_path, make_png):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for n in range(3):
        (folder / f"{n}.png").write_bytes(make_png(n))
    (folder / "bad.png").write_bytes(b"no picture")
    assert world.dataset.upload_from_folder(str(folder), "image").uploaded == 3
    (folder / "1.png").write_bytes(make_png(99, size=8))
    report = world.dataset.upload_from_folder(str(folder), "image")
    assert (report.resumed, [one.id for one in report.failed]) == (2, ["1", "bad"])
    assert "another image is there" in report.failed[0].reason


def test_an_interrupted_upload_goes_on(world, interrupted):
    cls = interrupted(1900)
    with pytest.raises(KeyboardInterrupt):
        world.dataset.upload_dataset(cls("text_classification", texts(2000)))
    assert len(journals_left()) == 1
    arrived = set(world.inputs())
    report = world.dataset.upload_dataset(cls("text_classification", texts(2000)))
    assert set(report.already_there) == arrived
    assert report.uploaded == 2000 - len(arrived)
    assert len(world.inputs()) == 2000
    assert journals_left() == []


def test_a_finished_upload_leaves_no_journal(world):
    world.dataset.upload_dataset(ListLoader("text_classification", texts(10)))
    assert journals_left() == []


def test_what_may_have_been_sent_is_looked_for_before_it_is_sent(world, monkeypatch):
    loader = ListLoader("text_classification", texts(100))
    world.faults.on_before["GetInputsAddJob"] = lambda: INTERNAL
    world.faults.on_before["ListInputs"] = lambda: status_pb2.Status(code=10020)
    report = world.dataset.upload_dataset(loader)
    assert len(report.unconfirmed) == 100
    world.faults.on_before.clear()
    world.faults.calls.clear()
    report = world.dataset.upload_dataset(loader)
    assert (report.uploaded, len(report.already_there), report.failed) == (0, 100, [])
    assert world.faults.calls["PostInputs"] == 0
    assert world.faults.calls["ListInputs"] > 0


def test_annotations_of_accepted_inputs_are_added_by_the_next_run(world, make_png):
    items = boxes(20, make_png)
    world.faults.on_before["PostAnnotations"] = lambda: INTERNAL
    report = world.dataset.upload_dataset(ListLoader("visual_detection", items))
    assert (report.uploaded, report.annotations) == (20, 0)
    assert {one.what for one in report.failed} == {"annotation"}
    world.faults.on_before.clear()
    world.faults.calls.clear()
    report = world.dataset.upload_dataset(ListLoader("visual_detection", items))
    assert (len(report.already_there), report.annotations, report.failed) == (20, 40, [])
    assert world.faults.calls["PostInputs"] == 0
    assert len(world.regions()) == 40


def test_labels_that_changed_meanwhile_are_added(world, make_png):
    items = [*boxes(3, make_png), VisualDetectionFeatures("gone.png", [], [])]
    world.dataset.upload_dataset(ListLoader("visual_detection", items))
    items[1].bboxes = [[0, 0, 1, 0.5], [0.5, 0.5, 1, 1]]
    report = world.dataset.upload_dataset(ListLoader("visual_detection", items))
    assert (report.resumed, len(report.already_there), report.annotations) == (2, 3, 1)
    # Three boxes as they were, two corrected ones; what the source has no more is gone.
    assert len(world.regions()) == 6


def test_an_app_that_was_emptied_meanwhile_gets_everything_again(world, interrupted):
    cls = interrupted(1900)
    with pytest.raises(KeyboardInterrupt):
        world.dataset.upload_dataset(cls("text_classification", texts(2000)))
    ids = list(world.inputs())
    for start in range(0, len(ids), 128):
        world.call("DeleteInputs", ids=ids[start : start + 128])
    assert not world.inputs()
    report = world.dataset.upload_dataset(cls("text_classification", texts(2000)))
    assert (report.uploaded, report.resumed) == (2000, 0)
    assert len(world.inputs()) == 2000


def test_without_resume_everything_is_sent_and_no_journal_kept(world, interrupted):
    cls = interrupted(1900)
    with pytest.raises(KeyboardInterrupt):
        world.dataset.upload_dataset(cls("text_classification", texts(2000)))
    world.faults.calls.clear()
    loader = cls("text_classification", texts(2000))
    report = world.dataset.upload_dataset(loader, resume=False)
    assert (report.total, report.resumed) == (2000, 0)
    assert world.faults.calls["PostInputs"] == 16
    assert journals_left() == []


def test_the_same_upload_in_another_program_is_refused(world):
    class Nested(ListLoader):
        def __getitem__(self, index):
            if index == 0:
                inner = ListLoader.__new__(type(self))
                inner.__dict__.update(self.__dict__)
                with pytest.raises(UserError, match="is running already"):
                    world.dataset.upload_dataset(inner)
            return super().__getitem__(index)

    report = world.dataset.upload_dataset(Nested("text_classification", texts(3)))
    assert report.uploaded == 3


def test_a_full_disk_ends_the_journal_and_not_the_upload(world, monkeypatch):
    opened = journals._opened

    def tiny(path, key):
        db = opened(path, key)
        (pages,) = db.execute("PRAGMA page_count").fetchone()
        db.execute(f"PRAGMA max_page_count = {pages + 2}")  # SQLite then says the disk is full
        return db

    monkeypatch.setattr(journals, "_opened", tiny)
    report = world.dataset.upload_dataset(ListLoader("text_classification", texts(1000)))
    assert (report.uploaded, report.failed) == (1000, [])
    assert "no journal is kept" in report.notes[0]
    assert "full" in str(report)
    assert journals_left() == []


def test_what_was_written_before_the_disk_was_full_counts(world, monkeypatch):
    opened = journals._opened

    def tiny(path, key):
        db = opened(path, key)
        (pages,) = db.execute("PRAGMA page_count").fetchone()
        db.execute(f"PRAGMA max_page_count = {pages + 4}")
        return db

    loader = ListLoader("text_classification", texts(3000))
    with monkeypatch.context() as patch:
        patch.setattr(journals, "_opened", tiny)
        before = stopped(world, loader, posts=20)
    assert len(journals_left()) == 1
    report = world.dataset.upload_dataset(loader)
    assert report.uploaded + len(report.already_there) == report.total == 3000
    assert report.uploaded == 3000 - before.uploaded
    assert len(world.inputs()) == 3000


# -- retry_failed --------------------------------------------------------------------------------


def failing_once(world, make_csv, rows=300):
    """Upload a CSV file of which the second request is refused item by item."""
    refuse = itertools.chain([None], itertools.repeat(INTERNAL))
    world.faults.on_before["PostInputs"] = lambda: next(refuse)
    text = "".join(f"t{n},text number {n}\n" for n in range(rows))
    path = make_csv(f"inputid,input\n{text}")
    report = world.dataset.upload_from_csv(path, csv_type="raw", labels=False, batch_size=100)
    world.faults.on_before.clear()
    world.faults.calls.clear()
    return report


def test_what_failed_is_sent_again_and_nothing_else(world, make_csv):
    report = failing_once(world, make_csv)
    assert (report.uploaded, len(report.failed)) == (100, 200)
    assert len(journals_left()) == 1
    again = world.dataset.retry_failed(report)
    assert (again.uploaded, again.total, again.failed) == (200, 200, [])
    assert len(world.inputs()) == 300
    assert journals_left() == []


def test_a_saved_report_is_enough_to_retry(world, make_csv, tmp_path):
    report = failing_once(world, make_csv)
    report.save(tmp_path / "report.jsonl")
    loaded = UploadReport.load(tmp_path / "report.jsonl")
    assert loaded == UploadReport.load(tmp_path / "report.jsonl")
    assert loaded.summary() == {**report.summary(), "already_there": len(loaded.already_there)}
    assert loaded.failed == report.failed
    again = world.dataset.retry_failed(loaded)
    assert (again.uploaded, again.failed) == (200, [])


def test_attempts_add_up(world, make_csv):
    report = failing_once(world, make_csv)
    refuse = itertools.chain([None], itertools.repeat(INTERNAL))
    world.faults.on_before["PostInputs"] = lambda: next(refuse)
    again = world.dataset.retry_failed(report)
    assert {again.uploaded, len(again.failed)} == {128, 72}
    assert {one.attempts for one in report.failed} == {3}
    assert {one.attempts for one in again.failed} == {6}
    assert "(6 attempts)" in str(again)


def test_an_unreadable_item_is_read_again(world, tmp_path, make_png):
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "a.png").write_bytes(b"no picture")
    (folder / "b.png").write_bytes(make_png(2))
    report = world.dataset.upload_from_folder(str(folder), "image")
    assert [one.id for one in report.failed] == ["a"]
    (folder / "a.png").write_bytes(make_png(1))
    again = world.dataset.retry_failed(report)
    assert (again.uploaded, again.failed) == (1, [])
    assert set(world.inputs()) == {"a", "b"}


def test_an_item_that_is_another_now_is_not_sent(world, make_csv):
    report = failing_once(world, make_csv)
    text = "".join(f"other{n},text number {n}\n" for n in range(300))
    make_csv(f"inputid,input\n{text}")
    saved = UploadReport("train", failed=report.failed, origin=report.origin)
    again = world.dataset.retry_failed(saved)
    assert (again.uploaded, len(again.failed)) == (0, 200)
    assert "another item in its place now" in again.failed[0].reason
    assert again.failed[0].id == report.failed[0].id


def refuse_to_tell(world):
    """Whether inputs were processed is not said."""
    for rpc in ("ListInputs", "GetInputsAddJob"):
        world.faults.on_before[rpc] = lambda: status_pb2.Status(code=10020)


def test_unconfirmed_items_are_looked_at_again(world):
    loader = ListLoader("text_classification", texts(20))
    refuse_to_tell(world)
    report = world.dataset.upload_dataset(loader)
    assert len(report.unconfirmed) == 20
    world.faults.on_before.clear()
    again = world.dataset.retry_failed(report)
    assert (len(again.already_there), again.failed, again.unconfirmed) == (20, [], [])


def test_a_report_of_an_unknown_loader_asks_for_it(world, tmp_path):
    loader = ListLoader("text_classification", [*texts(2), TextFeatures("", [])])
    report = world.dataset.upload_dataset(loader)
    report.save(tmp_path / "r.jsonl")
    loaded = UploadReport.load(tmp_path / "r.jsonl")
    with pytest.raises(UserError, match="give dataloader="):
        world.dataset.retry_failed(loaded)
    loader._items[2] = TextFeatures("better", [])
    assert world.dataset.retry_failed(loaded, loader).uploaded == 1
    assert "better" in {one.data.text.raw for one in world.inputs().values()}


def test_reports_that_do_not_fit_are_refused(world, tmp_path):
    other = Dataset(dataset_id="b", user_id="me", app_id="demo", base_url="local:")
    with pytest.raises(UserError, match="of dataset 'train', not of 'b'"):
        other.retry_failed(UploadReport("train"))
    with pytest.raises(UserError, match="must be an UploadReport"):
        world.dataset.retry_failed("report.jsonl")
    (tmp_path / "no.jsonl").write_text('{"kind": "failed"}\n')
    with pytest.raises(UserError, match="no saved upload report"):
        UploadReport.load(tmp_path / "no.jsonl")
    loader = ListLoader("text_classification", [TextFeatures("", []), *texts(1)])
    report = world.dataset.upload_dataset(loader)
    with pytest.raises(UserError, match="has 0 items, but the report speaks of item 0"):
        world.dataset.retry_failed(report, ListLoader("text_classification", []))


def break_off():
    raise Aborted(grpc.StatusCode.UNAVAILABLE, "connection reset by the test")


def test_looking_that_fails_sends_nothing_blindly(world):
    loader = ListLoader("text_classification", texts(5))
    refuse_to_tell(world)
    world.dataset.upload_dataset(loader)
    world.faults.calls.clear()
    world.faults.on_before["ListInputs"] = break_off
    with pytest.raises(ApiClientError, match="reset by the test"):
        world.dataset.upload_dataset(loader)
    assert world.faults.calls["PostInputs"] == 0
