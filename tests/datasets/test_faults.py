"""Platform or network fail in the middle of an upload: nothing is lost, doubled or deleted."""

from __future__ import annotations

import itertools
import json
import threading

import grpc
import pytest
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_core.errors import ApiClientError, NotFound
from clarifai_datasets.handle import Dataset
from clarifai_datasets.upload import loader as loaders
from clarifai_datasets.upload._pipeline import UploadLimits, upload
from clarifai_datasets.upload._sources import AllItems
from clarifai_datasets.upload.encode import ItemRules
from clarifai_datasets.upload.features import (
    TextFeatures,
    VisualClassificationFeatures,
    VisualDetectionFeatures,
)
from clarifai_datasets.upload.loaders.csv import CsvLoader
from clarifai_datasets.upload.report import UploadFailed, UploadStopped
from clarifai_local.dispatch import Aborted
from tests.datasets.list_loader import ListLoader

INTERNAL = status_pb2.Status(code=98004, description="Internal error")


def first(times, effect):
    """Return a switch that acts the first `times` calls only."""
    counter = itertools.count()
    return lambda: effect() if next(counter) < times else None


def break_off():
    raise Aborted(grpc.StatusCode.UNAVAILABLE, "connection reset by the test")


@pytest.fixture
def texts(make_csv):
    def make(count):
        rows = "".join(f"t{n},text number {n},label\n" for n in range(count))
        return make_csv(f"inputid,input,concepts\n{rows}")

    return make


def run(world, source, **limits):
    loaders.prepare(source)
    dataset = world.dataset
    rules = ItemRules("train", source.task)
    return upload(
        dataset.session, dataset.scope, AllItems(source), rules, limits=UploadLimits(**limits)
    )


@pytest.mark.parametrize("rpc", ["GetInputsAddJob", "ListInputs"])
def test_failing_status_requests_lose_and_delete_nothing(world, texts, rpc):
    world.faults.on_before[rpc] = first(2, lambda: INTERNAL)
    report = world.dataset.upload_from_csv(texts(300), csv_type="raw")
    assert (report.uploaded, report.failed, report.unconfirmed) == (300, [], [])
    assert len(world.inputs()) == 300
    assert world.faults.calls["DeleteInputs"] == 0
    assert world.faults.calls["PostInputs"] == 3


def test_status_requests_that_never_work_leave_inputs_unconfirmed(world, texts):
    world.faults.on_before["GetInputsAddJob"] = lambda: INTERNAL
    world.faults.on_before["ListInputs"] = lambda: status_pb2.Status(code=10020)
    report = world.dataset.upload_from_csv(texts(5), csv_type="raw")
    assert (report.uploaded, report.failed, len(report.unconfirmed)) == (0, [], 5)
    world.faults.on_before.clear()
    assert len(world.inputs()) == 5
    assert world.faults.calls["DeleteInputs"] == 0
    assert len(world.dataset.upload_from_csv(texts(5), csv_type="raw").already_there) == 5


def test_an_answer_that_gets_lost_is_resolved_by_looking(world, texts):
    world.faults.on_after["PostInputs"] = first(1, break_off)
    report = world.dataset.upload_from_csv(texts(100), csv_type="raw")
    assert (report.uploaded, report.already_there, report.failed) == (100, [], [])
    assert world.faults.calls["PostInputs"] == 1
    assert len(world.inputs()) == 100


def test_a_request_that_got_lost_is_sent_again(world, texts):
    world.faults.on_before["PostInputs"] = first(1, break_off)
    report = world.dataset.upload_from_csv(texts(100), csv_type="raw")
    assert (report.uploaded, report.failed) == (100, [])
    assert world.faults.calls["PostInputs"] == 2


def test_annotations_whose_answer_gets_lost_are_there_once(world, make_png):
    world.faults.on_after["PostAnnotations"] = first(1, break_off)
    item = VisualDetectionFeatures("a", ["x"], [[0, 0, 1, 1]], image_bytes=make_png(3))
    report = world.dataset.upload_dataset(ListLoader("visual_detection", [item]))
    assert (report.annotations, report.failed) == (1, [])
    assert world.faults.calls["PostAnnotations"] == 2
    assert len(world.regions()) == 1


def test_a_rerun_adds_only_what_is_missing(world, texts):
    world.dataset.upload_from_csv(texts(40), csv_type="raw")
    report = world.dataset.upload_from_csv(texts(100), csv_type="raw")
    assert (report.uploaded, len(report.already_there)) == (60, 40)
    report = world.dataset.upload_from_csv(texts(100), csv_type="raw")
    assert (report.uploaded, len(report.already_there), report.bytes) == (0, 100, 0)
    assert len(world.inputs()) == 100


def test_an_input_that_failed_to_process_heals_with_the_next_upload(world, tmp_path, make_png):
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "a.png").write_bytes(make_png(1)[:40])
    (folder / "b.png").write_bytes(make_png(2))
    report = world.dataset.upload_from_folder(str(folder), "image")
    assert (report.uploaded, [f.id for f in report.failed]) == (1, ["a"])
    (folder / "a.png").write_bytes(make_png(1))
    report = world.dataset.upload_from_folder(str(folder), "image")
    assert (report.uploaded, report.already_there, report.failed) == (1, ["b"], [])


def nowhere_texts(make_csv):
    return make_csv("inputid,input\na,http://127.0.0.1:9/a.txt\n")


def test_an_input_that_fails_twice_does_not_stay_in_the_app(world, make_csv):
    report = world.dataset.upload_from_csv(nowhere_texts(make_csv), csv_type="url", labels=False)
    assert [(one.id, one.code, one.attempts) for one in report.failed] == [("a", 30002, 2)]
    assert world.faults.calls["DeleteInputs"] == 2
    assert not world.inputs()


def test_an_input_that_cannot_be_deleted_is_reported_to_stay(world, make_csv):
    answers = itertools.chain([None], itertools.repeat(INTERNAL))
    world.faults.on_before["DeleteInputs"] = lambda: next(answers)
    report = world.dataset.upload_from_csv(nowhere_texts(make_csv), csv_type="url", labels=False)
    assert [one.id for one in report.failed] == ["a"]
    assert "stays in the app" in report.failed[0].reason
    assert list(world.inputs()) == ["a"]


def test_a_missing_dataset_is_one_clear_error(world, texts):
    nowhere = Dataset(
        dataset_id="nowhere",
        user_id="me",
        app_id="demo",
        base_url=world.dataset.settings.base_url,
    )
    with pytest.raises(NotFound, match="nowhere"):
        nowhere.upload_from_csv(texts(5), csv_type="raw")
    assert not world.inputs()


def test_a_platform_that_stays_away_is_one_error(world, texts):
    world.faults.on_before["PostInputs"] = break_off
    with pytest.raises(ApiClientError, match="reset by the test"):
        world.dataset.upload_from_csv(texts(5), csv_type="raw")


def test_an_upload_that_cannot_go_on_says_how_far_it_got(world, texts):
    refused = status_pb2.Status(code=11002, description="Invalid API key")
    posts = itertools.count()
    world.faults.on_before["PostInputs"] = lambda: refused if next(posts) else None
    source = CsvLoader(texts(500))
    with pytest.raises(UploadStopped, match="Invalid API key") as caught:
        run(world, source, batch_inputs=50, requests_in_flight=1)
    assert caught.value.report.uploaded == 50
    assert len(world.inputs()) == 50


def test_batches_keep_to_count_and_bytes(world, make_png):
    items = [
        VisualClassificationFeatures("a.png", [], image_bytes=make_png(n, padding=30_000))
        for n in range(20)
    ]
    report = run(world, ListLoader("visual_classification", items), batch_bytes=100_000)
    assert report.uploaded == 20
    assert world.faults.calls["PostInputs"] == 7  # three of 30 KB go into 100 KB


def test_an_input_larger_than_a_batch_goes_alone(world, make_png):
    items = [
        VisualClassificationFeatures("a.png", [], image_bytes=make_png(n, padding=p))
        for n, p in enumerate((10, 200_000, 10))
    ]
    report = run(world, ListLoader("visual_classification", items), batch_bytes=100_000)
    assert report.uploaded == 3
    assert world.faults.calls["PostInputs"] == 3


class Endless(CsvLoader):
    """Counts how far ahead of the platform the upload reads."""

    read = 0

    def stream(self):
        for features in super().stream():
            self.read += 1
            yield features


def test_reading_stops_when_the_platform_does_not_keep_up(world, texts):
    gate, started = threading.Event(), threading.Semaphore(0)

    def wait():
        started.release()
        gate.wait(60)

    world.faults.on_before["PostInputs"] = wait
    source = Endless(texts(2000))
    loaders.prepare(source)
    limits = {"batch_inputs": 10, "requests_in_flight": 2, "chunk_items": 5, "chunks_ahead": 2}
    done = []
    thread = threading.Thread(target=lambda: done.append(run(world, source, **limits)))
    thread.start()
    try:
        assert started.acquire(timeout=60)
        assert started.acquire(timeout=60)
        thread.join(0.3)
        # two requests, one batch that waits, and the chunks read ahead
        assert source.read <= 2 * 10 + 2 * 10 + 4 * 5
        assert world.faults.calls["PostInputs"] == 2
    finally:
        gate.set()
        thread.join(60)
    assert done[0].uploaded == 2000


def test_an_interrupted_upload_is_completed_by_the_next(world):
    class Interrupted(ListLoader):
        def __getitem__(self, index):
            if index == 700 and self.loads == 1:
                raise KeyboardInterrupt
            return super().__getitem__(index)

    texts = [TextFeatures(f"text {n}", ["a"]) for n in range(1000)]
    with pytest.raises(KeyboardInterrupt):
        world.dataset.upload_dataset(Interrupted("text_classification", texts))
    arrived = len(world.inputs())
    assert 0 < arrived < 1000
    report = world.dataset.upload_dataset(ListLoader("text_classification", texts))
    assert (report.uploaded, len(report.already_there)) == (1000 - arrived, arrived)
    assert len(world.inputs()) == 1000


def test_one_look_serves_many_batches(world, texts):
    report = world.dataset.upload_from_csv(texts(1500), csv_type="raw", batch_size=50)
    assert report.uploaded == 1500
    assert world.faults.calls["PostInputs"] == 30
    assert world.faults.calls["ListInputs"] <= 4


def test_reports_print_save_and_raise(world, tmp_path):
    items = [TextFeatures("fine", ["a"]), TextFeatures("", ["a"])]
    loader = ListLoader("text_classification", items)
    world.dataset.upload_dataset(loader)
    report = world.dataset.upload_dataset(loader)
    assert "0 uploaded, 1 already there, 1 failed" in str(report)
    report.save(tmp_path / "report.jsonl")
    lines = (tmp_path / "report.jsonl").read_text().splitlines()
    saved = [json.loads(line) for line in lines]
    assert [one["kind"] for one in saved] == ["summary", "already_there", "failed"]
    assert saved[2]["id"] == "train-1"
    with pytest.raises(UploadFailed, match="train-1") as caught:
        report.raise_for_failures()
    assert caught.value.report is report


def test_a_text_over_the_limit_is_reported_and_not_sent(world):
    loader = ListLoader("text_classification", [TextFeatures("x" * (20 * 1024 * 1024 + 1), [])])
    report = world.dataset.upload_dataset(loader)
    assert [one.id for one in report.failed] == ["train-0"]
    assert "over the limit of 20 MiB per text" in report.failed[0].reason
    assert world.faults.calls["PostInputs"] == 0
