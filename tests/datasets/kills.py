"""Uploads that are killed with SIGKILL again and again, and started again.

    python -m tests.datasets.kills --runs 100

Each run uploads inputs with boxes to an app of its own, on an embedded platform that a process of
its own serves. The upload is killed at a random moment, up to five times, and started again. At the
end every input has to be there once, and every box once.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import signal
import struct
import subprocess
import sys
import tempfile
import zlib
from collections import Counter
from pathlib import Path

import attrs
from clarifai_grpc.grpc.api import resources_pb2, service_pb2

from clarifai_core.transport.session import session_for
from clarifai_datasets.handle import Dataset
from clarifai_datasets.upload.base import ClarifaiDataLoader
from clarifai_datasets.upload.features import VisualDetectionFeatures

ROOT = Path(__file__).resolve().parents[2]
MODULE = "tests.datasets.kills"
BOXES = 3
MAX_KILLS = 5
STARTS = 20
"""Starts of one upload after which it counts as hanging."""


class Pictures(ClarifaiDataLoader):
    """Small pictures with boxes, the same in every process."""

    task = "visual_detection"

    def __init__(self, count):
        self.count = count

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        edges = [index % 7 / 10 + n / 100 for n in range(BOXES)]
        boxes = [[edge, 0.1, edge + 0.2, 0.9] for edge in edges]
        labels = [f"label{n}" for n in range(BOXES)]
        return VisualDetectionFeatures(
            f"{index}.png", labels, boxes, id=index, image_bytes=_picture(index)
        )


def _picture(number):
    def chunk(kind, body):
        checksum = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)

    pixels = b"\0" + struct.pack(">I", number) * 3
    head = struct.pack(">IIBBBBB", 4, 1, 8, 2, 0, 0, 0)
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(pixels)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@attrs.define
class Tally:
    """What came of all runs."""

    runs: int = 0
    starts: int = 0
    kills: int = 0
    midway: int = 0
    """Kills of uploads that had begun: some inputs were there."""
    resumed: int = 0
    """Inputs that a later start knew to be done."""
    lost: int = 0
    doubled: int = 0
    mislabelled: int = 0
    """Boxes with a label that their picture has not there, and ids that hold another's picture."""
    wrong: list[str] = attrs.field(factory=list)

    def __str__(self):
        return (
            f"{self.runs} uploads, {self.starts} starts, "
            f"{self.kills} kills ({self.midway} midway): "
            f"{self.lost} lost, {self.doubled} doubled, {self.mislabelled} mislabelled, "
            f"{self.resumed} known from the journal"
        )


@attrs.frozen
class Place:
    """Where the uploads go."""

    base_url: str
    pat: str
    state: str

    def dataset(self, app_id):
        return Dataset(
            dataset_id="train", user_id="me", app_id=app_id, base_url=self.base_url, pat=self.pat
        )


def run(runs, count, seed, say=lambda line: None):
    """Do the uploads, and return the tally."""
    dice, tally = random.Random(seed), Tally()
    with tempfile.TemporaryDirectory() as state, _Server() as (base_url, pat):
        place = Place(base_url, pat, state)
        seconds = _one(place, count, "warm-up", (), Tally())
        for number in range(runs):
            # What is left gets less each time: moments late in a whole upload may never come.
            latest = seconds * dice.choice((0.5, 1.0))
            moments = [dice.uniform(0, latest) for _ in range(dice.randint(1, MAX_KILLS))]
            _one(place, count, f"run-{number}", moments, tally)
            tally.runs += 1
            say(f"{number + 1}: {tally}")
        left = list(Path(state, "uploads").glob("*.db"))
        tally.wrong += [f"a journal is left: {path.name}" for path in left]
    return tally


def _one(place, count, app_id, moments, tally):
    """Upload to a new app, killed at these moments; return the seconds that the last start took."""
    _make_app(place.dataset(app_id))
    waiting = list(moments)
    for _ in range(STARTS):
        tally.starts += 1
        report = _start(place, count, app_id, waiting)
        if report is not None:
            break
        tally.kills += 1
        tally.midway += _count(place.dataset(app_id)) > 0
    else:
        raise AssertionError(f"{app_id}: the upload does not come to its end")
    tally.resumed += report["resumed"]
    accounted = report["uploaded"] + report["already_there"]
    if accounted != count or report["failed"] or report["unconfirmed"]:
        tally.wrong.append(f"{app_id}: {report}")
    _check(place.dataset(app_id), count, tally)
    return report["seconds"]


def _start(place, count, app_id, moments):
    """Start the upload; return its report, or None when it was killed."""
    command = [sys.executable, "-m", MODULE, "--upload", app_id, "--count", str(count)]
    where = {"base_url": place.base_url, "pat": place.pat, "state": place.state}
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        child.stdin.write(json.dumps(where) + "\n")
        child.stdin.flush()
        assert child.stdout.readline() == "ready\n"
        try:
            out, _ = child.communicate(timeout=moments.pop() if moments else 300)
        except subprocess.TimeoutExpired:
            child.kill()
            out, _ = child.communicate()
    if child.returncode == -signal.SIGKILL:
        return None  # otherwise it had come to its end in that very moment
    assert child.returncode == 0, f"{app_id}: the upload ended with {child.returncode}"
    return json.loads(out)


def _make_app(dataset):
    empty = resources_pb2.Workflow(id="Empty")
    app = resources_pb2.App(id=dataset.user_app_id.app_id, default_workflow=empty)
    scope = resources_pb2.UserAppIDSet(user_id="me")
    call = dataset.session.call
    call("PostApps", service_pb2.PostAppsRequest(user_app_id=scope, apps=[app]))
    made = resources_pb2.Dataset(id="train")
    call(
        "PostDatasets",
        service_pb2.PostDatasetsRequest(user_app_id=dataset.user_app_id, datasets=[made]),
    )


def _check(dataset, count, tally):
    """Compare what the platform has with what the loader gave."""
    found = _all(dataset, "ListInputs", "inputs")
    inputs = Counter(one.id for one in found)
    boxes = Counter(_box(one) for one in _all(dataset, "ListAnnotations", "annotations"))
    boxes.pop(None, None)
    source = Pictures(count)
    wanted_inputs = Counter(f"train-{index}" for index in range(count))
    wanted_boxes = Counter(
        (f"train-{index}", label, round(box[0], 4))
        for index in range(count)
        for label, box in zip(source[index].labels, source[index].bboxes, strict=True)
    )
    for there, wanted in ((inputs, wanted_inputs), (boxes, wanted_boxes)):
        tally.lost += (wanted - there).total()
        tally.doubled += (there - wanted).total()
    tally.mislabelled += (boxes - wanted_boxes).total()
    for one in found:
        # The embedded platform names its copies by their SHA-256.
        digest = hashlib.sha256(_picture(int(one.id.removeprefix("train-")))).hexdigest()
        tally.mislabelled += digest not in one.data.image.hosted.suffix


def _count(dataset):
    request = service_pb2.GetInputCountRequest(user_app_id=dataset.user_app_id)
    counts = dataset.session.call("GetInputCount", request).counts
    return counts.processed + counts.processing + counts.to_process


def _box(annotation):
    if not annotation.data.regions:
        return None
    (region,) = annotation.data.regions
    left = round(region.region_info.bounding_box.left_col, 4)
    return annotation.input_id, region.data.concepts[0].name, left


def _all(dataset, rpc, field):
    page, found = 1, []
    while True:
        request = getattr(service_pb2, f"{rpc}Request")(
            user_app_id=dataset.user_app_id, page=page, per_page=1000
        )
        items = getattr(dataset.session.call(rpc, request), field)
        found += items
        if len(items) < 1000:
            return found
        page += 1


class _Server:
    """A platform that a process of its own serves."""

    def __enter__(self):
        self._process = subprocess.Popen(
            [sys.executable, "-m", MODULE, "--serve"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        base_url, pat = self._process.stdout.readline().split()
        self._settings = Dataset(dataset_id="train", base_url=base_url, pat=pat).settings
        return base_url, pat

    def __exit__(self, *exception):
        session_for(self._settings).close()
        self._process.communicate()


def _serve():
    from clarifai_local import Platform

    with Platform() as platform, platform.serve() as server:
        print(server.base_url, server.pat, flush=True)  # noqa: T201
        sys.stdin.read()


def _upload(app_id, count):
    import os

    where = Place(**json.loads(sys.stdin.readline()))
    os.environ["CLARIFAI_STATE_DIR"] = where.state
    dataset = where.dataset(app_id)
    _count(dataset)  # why: what is imported and connected is not killed in the middle of
    print("ready", flush=True)  # noqa: T201
    report = dataset.upload_dataset(Pictures(count), progress=False)
    print(json.dumps(report.summary()))  # noqa: T201


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--count", type=int, default=2000, help="inputs of one upload")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--upload", metavar="APP", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        _serve()
    elif given.upload:
        _upload(given.upload, given.count)
    else:
        say = lambda line: print(line, flush=True)  # noqa: E731, T201
        tally = run(given.runs, given.count, given.seed, say)
        print("\n".join(tally.wrong))  # noqa: T201
        sys.exit(bool(tally.lost or tally.doubled or tally.mislabelled or tally.wrong))


if __name__ == "__main__":
    main()
