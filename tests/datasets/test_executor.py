"""Uploads by the workers of an executor: threads, processes, and processes that die."""

from __future__ import annotations

import multiprocessing
import pickle
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor

import pytest
from clarifai_grpc.grpc.api import resources_pb2

from clarifai_core.errors import NotFound, UserError
from clarifai_core.settings import state_directory
from clarifai_core.transport.session import session_for
from clarifai_datasets.handle import Dataset
from clarifai_datasets.upload.features import TextFeatures, VisualDetectionFeatures
from clarifai_datasets.upload.report import UploadStopped
from clarifai_local import Platform
from tests.datasets.executor_work import Deadly
from tests.datasets.list_loader import ListLoader

COUNT = 3000


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    """Keep the journals of each test apart."""
    monkeypatch.setenv("CLARIFAI_STATE_DIR", str(tmp_path / "state"))


@pytest.fixture
def served(world):
    """Return the dataset of a platform that other processes reach."""
    with Platform() as platform, platform.serve() as server:
        where = {"user_id": "me", "app_id": "demo", "base_url": server.base_url, "pat": server.pat}
        dataset = Dataset(dataset_id="train", **where)
        world.dataset, world.platform = dataset, platform
        empty = resources_pb2.Workflow(id="Empty")
        world.call("PostApps", apps=[resources_pb2.App(id="demo", default_workflow=empty)])
        world.call("PostDatasets", datasets=[resources_pb2.Dataset(id="train")])
        yield world
        session_for(dataset.settings).close()


@pytest.fixture
def processes():
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        yield pool


def texts(count=COUNT):
    return ListLoader("text_classification", [TextFeatures(f"t{n}", ["a"]) for n in range(count)])


def ids(world):
    listed = [world.call("ListInputs", page=n, per_page=1000).inputs for n in range(1, 6)]
    return [one.id for page in listed for one in page]


def journals_left():
    return list((state_directory() / "uploads").glob("*.db"))


def test_threads_upload_partitions_into_one_report(world):
    with ThreadPoolExecutor(3) as pool:
        report = world.dataset.upload_dataset(texts(), executor=pool)
    assert (report.uploaded, report.failed, report.total) == (COUNT, [], COUNT)
    assert len(set(ids(world))) == len(ids(world)) == COUNT
    assert journals_left() == []


def test_processes_upload_files_with_their_boxes(served, processes, tmp_path, make_png):
    items = []
    for n in range(60):
        path = tmp_path / f"{n}.png"
        path.write_bytes(make_png(n))
        items.append(VisualDetectionFeatures(str(path), ["x"], [[0, 0, 1, 1]]))
    report = served.dataset.upload_dataset(
        ListLoader("visual_detection", [*items, VisualDetectionFeatures("gone.png", [], [])]),
        executor=processes,
    )
    assert (report.uploaded, report.annotations) == (60, 60)
    assert [(one.id, one.index) for one in report.failed] == [("train-60", 60)]
    assert "no such file" in report.failed[0].reason
    assert len(served.regions()) == 60


def test_a_csv_file_and_a_folder_go_by_executor_too(world, make_csv, tmp_path, make_png):
    rows = "".join(f"r{n},text {n}\n" for n in range(50))
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.png").write_bytes(make_png(1))
    with ThreadPoolExecutor(2) as pool:
        path = make_csv(f"inputid,input\n{rows}")
        report = world.dataset.upload_from_csv(path, csv_type="raw", labels=False, executor=pool)
        assert report.uploaded == 50
        folder = str(tmp_path / "pictures")
        report = world.dataset.upload_from_folder(folder, "image", executor=pool)
        assert report.uploaded == 1


def test_a_worker_that_dies_is_reported_and_the_same_call_goes_on(served, processes, tmp_path):
    deadly = Deadly(processes, tmp_path / "marker", at=3)
    with pytest.raises(UploadStopped, match="goes on from here") as caught:
        served.dataset.upload_dataset(texts(), executor=deadly)
    report = caught.value.report
    assert report.unconfirmed
    assert {one.reason for one in report.unconfirmed} == {
        "the worker that had it is gone (BrokenProcessPool)"
    }
    before = set(ids(served))
    assert len(journals_left()) == 1
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as fresh:
        again = served.dataset.upload_dataset(texts(), executor=fresh)
    assert (again.failed, again.unconfirmed, again.total) == ([], [], COUNT)
    assert again.resumed == report.uploaded
    assert len(again.already_there) >= len(before)
    assert len(set(ids(served))) == len(ids(served)) == COUNT
    assert journals_left() == []


def test_what_an_executor_left_is_finished_without_it(served, processes, tmp_path):
    deadly = Deadly(processes, tmp_path / "marker", at=2)
    with pytest.raises(UploadStopped):
        served.dataset.upload_dataset(texts(), executor=deadly)
    again = served.dataset.upload_dataset(texts())
    assert (again.failed, again.unconfirmed, again.total) == ([], [], COUNT)
    assert len(set(ids(served))) == len(ids(served)) == COUNT


class Forgetful(Executor):
    """Says of the first unit that its worker was lost, as Dask does, after it was uploaded."""

    lost = False

    def submit(self, work, unit):
        future = Future()
        done = work(unit)
        if self.lost:
            future.set_result(done)
        else:
            self.lost = True
            future.set_exception(RuntimeError("KilledWorker"))
        return future


def test_a_unit_whose_worker_was_lost_is_given_to_another(world):
    report = world.dataset.upload_dataset(texts(), executor=Forgetful())
    assert (report.failed, report.unconfirmed, report.total) == ([], [], COUNT)
    assert len(set(ids(world))) == len(ids(world)) == COUNT


class Hopeless(Executor):
    def submit(self, work, unit):
        future = Future()
        future.set_exception(RuntimeError("no worker"))
        return future


def test_an_executor_without_workers_stops_the_upload(world):
    with pytest.raises(UploadStopped, match="no worker") as caught:
        world.dataset.upload_dataset(texts(10), executor=Hopeless())
    assert len(caught.value.report.unconfirmed) == 10
    assert ids(world) == []


def test_errors_of_workers_keep_their_kind(served, processes):
    nowhere = Dataset(
        dataset_id="nowhere",
        user_id="me",
        app_id="demo",
        base_url=served.dataset.settings.base_url,
        pat=served.dataset.settings.credentials.secret.reveal(),
    )
    with pytest.raises(NotFound, match="nowhere"):
        nowhere.upload_dataset(texts(5), executor=processes)


def test_a_unit_that_is_pickled_shows_no_key(served):
    from clarifai_datasets.upload._parallel import Partition
    from clarifai_datasets.upload._pipeline import UploadLimits
    from clarifai_datasets.upload.encode import ItemRules

    dataset = served.dataset
    rules = ItemRules("train", "text_classification")
    unit = Partition(
        dataset.settings, dataset.scope, rules, UploadLimits(), {0: TextFeatures("a", [])}
    )
    travelled = pickle.loads(pickle.dumps(unit))
    assert travelled == unit
    assert unit.settings.credentials.secret.reveal() not in repr(travelled)


def test_a_platform_in_memory_is_out_of_reach_for_other_processes(world, processes):
    with pytest.raises(UserError, match="serve it"):
        world.dataset.upload_dataset(texts(5), executor=processes)
    assert ids(world) == []


def test_an_executor_must_be_one(world):
    with pytest.raises(UserError, match=r"executor must be a concurrent\.futures\.Executor"):
        world.dataset.upload_dataset(texts(5), executor=4)
    assert ids(world) == []
