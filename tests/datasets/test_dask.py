"""Uploads by a Dask cluster of processes, one of which is killed half-way."""

from __future__ import annotations

import os
import signal
import threading

import pytest
from clarifai_grpc.grpc.api import resources_pb2
from dask.distributed import Client, LocalCluster

from clarifai_core.transport.session import session_for
from clarifai_datasets.handle import Dataset
from clarifai_datasets.upload.features import TextFeatures
from clarifai_local import Platform
from tests.datasets.list_loader import ListLoader

COUNT = 20_000


@pytest.fixture
def served(world):
    with Platform() as platform, platform.serve() as server:
        where = {"user_id": "me", "app_id": "demo", "base_url": server.base_url, "pat": server.pat}
        world.dataset, world.platform = Dataset(dataset_id="train", **where), platform
        empty = resources_pb2.Workflow(id="Empty")
        world.call("PostApps", apps=[resources_pb2.App(id="demo", default_workflow=empty)])
        world.call("PostDatasets", datasets=[resources_pb2.Dataset(id="train")])
        yield world
        session_for(world.dataset.settings).close()


def test_a_cluster_uploads_into_one_report_though_a_worker_is_killed(served, tmp_path, monkeypatch):
    monkeypatch.setenv("CLARIFAI_STATE_DIR", str(tmp_path / "state"))
    texts = [TextFeatures(f"t{n}", ["a"]) for n in range(COUNT)]
    loader = ListLoader("text_classification", texts)
    with (
        LocalCluster(n_workers=3, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        victim = next(iter(client.run(os.getpid).values()))
        ended, killed_at = threading.Event(), []

        def kill_half_way():
            served.platform.recorder.start()
            while served.platform.recorder.count("PostInputs") < COUNT // 128 // 2:
                if ended.wait(0.005):
                    return
            os.kill(victim, signal.SIGKILL)
            killed_at.append(served.platform.recorder.count("PostInputs"))

        killer = threading.Thread(target=kill_half_way)
        killer.start()
        dataset = served.dataset
        with client.get_executor() as executor:
            report = dataset.upload_dataset(loader, executor=executor)
        ended.set()
        killer.join()
    assert killed_at
    assert killed_at[0] < COUNT // 128
    assert (report.failed, report.unconfirmed, report.total) == ([], [], COUNT)
    found = []
    for page in range(1, COUNT // 1000 + 2):
        found += [one.id for one in served.call("ListInputs", page=page, per_page=1000).inputs]
    assert len(set(found)) == len(found) == COUNT
