"""The machine turns against an upload: its clock jumps, its disk is full."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from clarifai_core.settings import state_directory
from clarifai_datasets.upload._journal import KEPT_SECONDS, Journal, UploadKey
from clarifai_datasets.upload.features import TextFeatures
from clarifai_datasets.upload.report import UploadStopped
from clarifai_local._faults import Faults
from tests.datasets.list_loader import ListLoader

ROOT = Path(__file__).resolve().parents[2]
YEARS = 10 * 365 * 24 * 3600.0
COUNT = 400


@pytest.fixture
def faults(world):
    world.platform.faults = Faults()
    return world.platform.faults


@pytest.fixture
def jump(monkeypatch):
    """`jump(seconds)` sets the wall clock of this process."""
    real = time.time

    def to(seconds):
        monkeypatch.setattr(time, "time", lambda: real() + seconds)

    return to


def texts():
    return ListLoader(
        "text_classification", [TextFeatures(f"text {n}", ["a"], id=n) for n in range(COUNT)]
    )


def upload(world):
    return world.dataset.upload_dataset(texts(), batch_size=20)


def check_complete(world):
    assert set(world.inputs()) == {f"train-{n}" for n in range(COUNT)}
    assert world.in_dataset() == set(world.inputs())


# -- the clock -----------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [YEARS, -YEARS], ids=["forward", "back"])
def test_a_clock_that_is_set_in_the_middle_of_an_upload(world, faults, jump, seconds):
    faults.on("PostInputs", after=4, times=1).run(lambda: jump(seconds))
    faults.on("PostInputs", after=6, times=2).throttled()
    faults.on("ListInputs", times=1).status(98004)
    report = upload(world)
    assert (report.uploaded, report.failed, report.unconfirmed) == (COUNT, [], [])
    assert 0 <= report.seconds < 600
    check_complete(world)


@pytest.mark.parametrize("seconds", [KEPT_SECONDS - 3600, -YEARS], ids=["forward", "back"])
def test_a_clock_that_is_set_between_two_runs_does_not_make_the_journal_old(
    world, faults, jump, seconds
):
    faults.on("PostInputs", after=10).status(11007)
    with pytest.raises(UploadStopped) as stopped:
        upload(world)
    assert stopped.value.report.uploaded
    faults.clear()
    jump(seconds)
    again = upload(world)
    assert again.resumed == stopped.value.report.uploaded
    assert (again.total, again.failed) == (COUNT, [])
    check_complete(world)


def test_a_journal_that_is_in_use_is_never_too_old(world, faults):
    """A clock that was wrong when an upload began makes its journal look decades old."""
    old = UploadKey("https://host", "me", "demo", "train", "a source that is being uploaded")
    journal = Journal(old)
    journal.sent(["a", "b"])
    for path in old.path.parent.glob(f"{old.path.name}*"):
        os.utime(path, (0, 0))
    upload(world)
    journal.done([("a", b"")])
    journal.close(finished=False)
    later = Journal(old)
    assert (later.notes, later.find(["a", "b"])) == ([], {"a": b"", "b": None})
    later.close(finished=True)


def test_only_ages_of_files_are_told_by_the_wall_clock():
    """What is waited for, retried or timed goes by a clock that nobody can set.

    `_outage.py` measures by that clock too, and says the time of day.
    """
    uses = {
        path.name
        for path in ROOT.glob("packages/*/src/**/*.py")
        if "local" not in path.relative_to(ROOT).parts[1]
        and re.search(r"\btime\.time\(|datetime\.(now|utcnow|today)\(", path.read_text("utf-8"))
    }
    assert uses <= {"_journal.py", "_outage.py", "partial.py"}


# -- the disk ------------------------------------------------------------------------------------

UPLOAD = """
import json, resource, sys
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_datasets.handle import Dataset
from clarifai_datasets.upload.features import TextFeatures
from tests.datasets.list_loader import ListLoader

limit, count = map(int, sys.argv[1:])
dataset = Dataset(dataset_id="train", user_id="me", app_id="demo", base_url="local:")
call, scope = dataset.session.call, dataset.user_app_id
empty = resources_pb2.Workflow(id="Empty")
apps = [resources_pb2.App(id="demo", default_workflow=empty)]
call("PostApps", service_pb2.PostAppsRequest(user_app_id=scope, apps=apps))
datasets = [resources_pb2.Dataset(id="train")]
call("PostDatasets", service_pb2.PostDatasetsRequest(user_app_id=scope, datasets=datasets))
texts = [TextFeatures(f"text {n}", ["a"]) for n in range(count)]
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
report = dataset.upload_dataset(ListLoader("text_classification", texts), batch_size=20)
there = call("GetInputCount", service_pb2.GetInputCountRequest(user_app_id=scope)).counts
print(json.dumps({**report.summary(), "notes": report.notes, "there": there.processed}))
"""


@pytest.mark.parametrize("limit", [0, 10_000, 60_000])
def test_no_room_for_the_journal_does_not_end_the_upload(limit):
    """No file of the process may grow over so many bytes: what a full disk does, without one."""
    command = [sys.executable, "-c", UPLOAD, str(limit), "3000"]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["uploaded"], said["failed"], said["there"]) == (3000, 0, 3000)
    assert "no journal is kept" in said["notes"][0]
    assert len(said["notes"]) == 1
    assert not list((state_directory() / "uploads").glob("*.db"))
