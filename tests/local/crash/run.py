"""Kills a process that writes, again and again, and looks at what it leaves behind.

After each kill the parent opens the directory itself: all that was acknowledged must be there, what
was in flight as a whole or not at all, and nothing half-written; unfinished work must end.
"""

from __future__ import annotations

import base64
import contextlib
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import attrs
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local import Platform
from tests.local import consistency
from tests.local.crash.ledger import Ledger
from tests.local.crash.writes import MAIN, USER, draw, scope
from tests.local.fuzz.world import call

MAX_IN_FLIGHT = 6
LONGEST_SECONDS = 1.0
"""A process lives so long at most, from its first write on."""

STARTING_PERCENT = 10
"""So many processes are killed while they start and take up what was left."""

IDLE_SECONDS = 120.0
_ROOT = Path(__file__).parents[3]


@attrs.define
class Report:
    """What came of a run."""

    kills: int = 0
    acknowledged: int = 0
    in_flight: int = 0
    """Writes that a kill cut off."""
    cut_off_and_done: int = 0
    """Those of them that had happened."""
    problems: list[str] = attrs.field(factory=list)
    slowest_start_seconds: float = 0.0
    seconds: float = 0.0

    def __str__(self) -> str:
        return "\n".join(
            (
                f"{self.kills} kills in {self.seconds:.0f} s: {self.acknowledged:,} acknowledged "
                f"writes, {self.in_flight} cut off ({self.cut_off_and_done} of them had happened)",
                f"slowest start after a kill: {self.slowest_start_seconds:.2f} s",
                f"{len(self.problems)} problems",
                *self.problems,
            )
        )


class CrashTest:
    """One run on one directory.

    Args:
        directory: Of the platform; empty.
        seed: Of all choices (not of how threads meet).
    """

    def __init__(self, directory: Path, seed: int) -> None:
        self._directory = directory
        self._random = Random(seed)
        self._ledger = Ledger()
        self._sent = 0
        self.report = Report()

    def run(self, kills: int) -> Report:
        """Kill so often; returns what came of it, ending at the first problem."""
        started = time.monotonic()
        with Platform(self._directory) as platform:
            call(platform, "PostApps", user_app_id=scope(""), apps=[{"id": "main"}])
        while self.report.kills < kills and not self.report.problems:
            self._write_until_killed()
            self.report.kills += 1
            self._look()
        self.report.seconds = time.monotonic() - started
        return self.report

    def _write_until_killed(self) -> None:
        command = [sys.executable, "-m", "tests.local.crash.worker", str(self._directory)]
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, cwd=_ROOT)
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            if self._random.randrange(100) < STARTING_PERCENT:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(LONGEST_SECONDS * self._random.random())
                return
            if b"ready" not in process.stdout.readline():
                raise AssertionError("the worker did not start")
            # Most kills come early: the processes before left work to be taken up.
            lives = LONGEST_SECONDS * self._random.random() ** 2
            killer = threading.Timer(lives, process.send_signal, (signal.SIGKILL,))
            killer.start()
            self._write(process.stdin, process.stdout)
            killer.join()
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
        self.report.in_flight += len(self._ledger.in_flight)

    def _write(self, to_worker: Any, from_worker: Any) -> None:
        """Keep several writes in flight until the pipe ends."""
        while True:
            with contextlib.suppress(BrokenPipeError):
                self._send_some(to_worker)
            line = from_worker.readline()
            if not line.endswith(b"\n"):
                return
            answer = json.loads(line)
            if answer["code"] == codes.SUCCESS:
                self._ledger.acknowledge(answer["n"])
                self.report.acknowledged += 1
            else:
                write = self._ledger.in_flight.pop(answer["n"])
                self._ledger.locked -= write.keys
                if not write.may_be_refused:
                    self.report.problems.append(f"{write.rpc} was refused: {answer}")

    def _send_some(self, to_worker: Any) -> None:
        while len(self._ledger.in_flight) < MAX_IN_FLIGHT:
            self._sent += 1
            write = draw(self._random, self._ledger, self._sent)
            if write is None:
                if self._ledger.in_flight:
                    return
                continue
            self._ledger.begin(self._sent, write)
            body = base64.b64encode(write.request.SerializeToString()).decode()
            asked = {"n": self._sent, "rpc": write.rpc, "body": body}
            to_worker.write(json.dumps(asked).encode() + b"\n")
            to_worker.flush()

    def _look(self) -> None:
        started = time.monotonic()
        with Platform(self._directory) as platform:
            took = time.monotonic() - started
            self.report.slowest_start_seconds = max(took, self.report.slowest_start_seconds)
            found = observe(platform)
            cut_off = [w.effects for w in self._ledger.in_flight.values() if w.effects]
            self.report.cut_off_and_done += sum(
                all(found.get(key) == value for key, value in effects.items())
                for effects in cut_off
            )
            problems = self._ledger.settle(found)
            if not platform.wait_idle(IDLE_SECONDS):
                problems.append("background work does not end")
            problems += [*unready(platform), *unfinished_exports(platform)]
            problems += consistency.problems(platform)
        self.report.problems += [f"after kill {self.report.kills}: {p}" for p in problems]


def observe(platform: Platform) -> Mapping[str, Any]:
    """Return what a client sees, by the keys of `Ledger`."""
    found: dict[str, Any] = {}
    for item in _all(platform, "ListInputs", "inputs"):
        data = item.data
        found[f"input/{item.id}"] = {
            "what": data.text.raw or _sha(platform, data.image.hosted),
            "labels": {c.id: c.value for c in data.concepts},
            "n": int(data.metadata["n"]) if "n" in data.metadata else None,
        }
    for item in _all(platform, "ListAnnotations", "annotations"):
        if not item.input_level:
            label = item.data.regions[0].data.concepts[0].id
            found[f"annotation/{item.input_id}/{item.id}"] = label
    for dataset in _all(platform, "ListDatasets", "datasets"):
        found[f"dataset/{dataset.id}"] = True
        name = {"dataset_id": dataset.id}
        for member in _all(platform, "ListDatasetInputs", "dataset_inputs", **name):
            found[f"member/{dataset.id}/{member.input.id}"] = True
        for version in _all(platform, "ListDatasetVersions", "dataset_versions", **name):
            found[f"dataset_version/{dataset.id}/{version.id}"] = True
    for model in _all(platform, "ListModels", "models"):
        found[f"model/{model.id}"] = True
        for version in _all(platform, "ListModelVersions", "model_versions", model_id=model.id):
            found[f"model_version/{model.id}/{version.id}"] = True
    for app in _all(platform, "ListApps", "apps", scope("")):
        if app.id != "main":
            found[f"app/{app.id}"] = True
            for item in _all(platform, "ListInputs", "inputs", scope(app.id)):
                found[f"side/{app.id}/{item.id}"] = True
    return found


def unready(platform: Platform) -> list[str]:
    """Return which inputs and versions an idle platform did not bring to a good end."""
    found = [
        f"input {item.id} ended as {item.status}"
        for item in _all(platform, "ListInputs", "inputs")
        if item.status.code != codes.INPUT_DOWNLOAD_SUCCESS
    ]
    for dataset in _all(platform, "ListDatasets", "datasets"):
        found += [
            f"dataset version {version.id} ended as {version.status}"
            for version in _all(
                platform, "ListDatasetVersions", "dataset_versions", dataset_id=dataset.id
            )
            if version.status.code != codes.DATASET_VERSION_READY
        ]
    ended = (
        codes.MODEL_TRAINED,
        codes.MODEL_TRAINING_NO_DATA,
        codes.MODEL_TRAINING_ONE_VS_N_SINGLE_CLASS,
        codes.MODEL_TRAINING_NO_POSITIVES,
    )
    with platform.store.read() as db:
        query = "SELECT id, status FROM resources WHERE kind = 'model_version' AND user_id = ?"
        found += [
            f"model version {version_id} ended as {status}"
            for version_id, status in db.execute(query, (USER,))
            if status not in ended
        ]
    return found


def unfinished_exports(platform: Platform) -> list[str]:
    """Return which exports do not end well, though they are asked for again as clients do."""
    with platform.store.read() as db:
        query = (
            "SELECT v.parent, v.id FROM resources v JOIN resources e"
            " ON e.kind = 'dataset_export' AND e.parent = v.seq WHERE v.kind = 'dataset_version'"
        )
        asked_for = list(db.execute(query))
    found: list[str] = []
    for _ in range(2):
        found = []
        for dataset_id, version_id in asked_for:
            answer = call(
                platform,
                "PutDatasetVersionExports",
                user_app_id=MAIN,
                dataset_id=dataset_id,
                dataset_version_id=version_id,
                exports=[{"format": "CLARIFAI_DATA_PROTOBUF"}],
            )
            code = answer.exports[0].status.code if answer.exports else answer.status.code
            if code != codes.DATASET_VERSION_EXPORT_SUCCESS:
                found.append(f"export of {dataset_id}/{version_id} ended as {code}")
        platform.wait_idle(IDLE_SECONDS)
    return found


def _all(
    platform: Platform, rpc: str, field: str, user_app_id: Any = MAIN, **fields: Any
) -> list[Any]:
    found: list[Any] = []
    for page in range(1, 100):
        answer = call(platform, rpc, user_app_id=user_app_id, page=page, per_page=1000, **fields)
        assert answer.status.code == codes.SUCCESS, (rpc, answer.status)
        items = list(getattr(answer, field))
        found += items
        if len(items) < 1000:
            break
    return found


def _sha(platform: Platform, hosted: Any) -> str:
    return str(hosted.suffix).rpartition("/")[2]
