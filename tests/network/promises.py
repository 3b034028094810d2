"""What the SDK promises over any network, each as a function that raises when it is not kept.

    python -m tests.network.promises

prints the table: round-trip time x scheme x promise, with the seconds it took and how many requests
had to be sent again.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs

from clarifai.client.model import Model
from clarifai.client.user import User
from clarifai.errors import ClarifaiError
from tests.network.world import APP, LABEL, Shouting, Tries, World

RTT_MILLISECONDS = (0, 50, 150, 400, 1000)
SCHEMES = ("http", "https")


@attrs.define
class Job:
    """One world, prepared, and how much is to be done in it."""

    world: World
    folder: Path
    uploads: int = 2_000
    exports: int = 200

    def prepare(self) -> None:
        """Make the app, and what the promises work on; the near way."""
        near = self.world.near
        app = User("me", **near).create_app(APP)
        for name in ("texts", "exported"):
            app.create_dataset(name)
        self._write("texts.csv", self.uploads)
        self._write("exported.csv", self.exports)
        report = app.dataset("exported").upload_from_csv(
            str(self.folder / "exported.csv"), csv_type="raw", labels=True
        )
        assert report.uploaded == self.exports
        model = app.create_model("mood", model_type_id="embedding-classifier")
        model.get_params(save_to=str(self.folder / "params.yaml"))
        model.update_params(dataset_id="exported")
        user = User("me", **near)
        user.create_runner("shout", labels=[LABEL], description="Of the network tests.")
        loud = app.create_model("loud", model_type_id="multimodal-to-text")
        loud.create_version(metadata={"runner_label": LABEL})

    def _write(self, name: str, rows: int) -> None:
        lines = [f"text number {n},{('good', 'bad')[n % 2]}" for n in range(rows)]
        (self.folder / name).write_text("\n".join(["input,labels", *lines, ""]))


def first_call(job: Job) -> None:
    """A new session connects, and a listing is whole."""
    job.world.forget()
    assert APP in [app.id for app in job.world.user().list_apps()]


def upload(job: Job) -> None:
    """Every row arrives, once."""
    dataset = job.world.app().dataset("texts")
    report = dataset.upload_from_csv(str(job.folder / "texts.csv"), csv_type="raw", labels=True)
    assert report.uploaded == job.uploads, report.summary()
    assert not report.failed, report.summary()
    near = User("me", **job.world.near).app(APP).inputs()
    total = sum(1 for _ in near.list_inputs())
    assert total == job.uploads + job.exports, f"{total} inputs in the app"


def export(job: Job) -> None:
    """The archive and every medium in it come whole."""
    path = job.folder / "out.zip"
    path.unlink(missing_ok=True)
    report = job.world.app().dataset("exported").export(str(path))
    assert not report.failed, report.summary()
    with zipfile.ZipFile(path) as archive:
        texts = [name for name in archive.namelist() if "/inputs/" in name]
        assert len(texts) == job.exports, f"{len(texts)} of {job.exports} texts"


def runner_item(job: Job) -> None:
    """A runner on this side of the network answers a caller on the same side."""
    runner = Shouting("shout", "me", False, **job.world.far)
    thread = threading.Thread(target=runner.start)
    thread.start()
    try:
        model = Model(model_id="loud", user_id="me", app_id=APP, **job.world.far)
        said = model.predict_by_bytes(b"hello", "text").outputs[0].data.text.raw
        assert said == "HELLO"
    finally:
        runner.stop()
        thread.join(60)
    assert not thread.is_alive()


def wait(job: Job) -> None:
    """A training is followed to its end."""
    model = Model(model_id="mood", user_id="me", app_id=APP, **job.world.far)
    model.get_params(save_to=str(job.folder / "params.yaml"))
    model.update_params(dataset_id="exported")
    model.train()
    model.wait_until_trained(timeout_seconds=120)


PROMISES: tuple[Callable[[Job], None], ...] = (first_call, upload, export, runner_item, wait)


@attrs.frozen
class Row:
    """What became of one promise."""

    rtt_milliseconds: int
    scheme: str
    promise: str
    seconds: float
    again: int
    error: str = ""


def rows(scheme: str, uploads: int, exports: int, rtts: tuple[int, ...]) -> list[Row]:
    """Return what becomes of each promise over one scheme."""
    found = []
    for rtt in rtts:
        with tempfile.TemporaryDirectory() as name, World(scheme, Path(name)) as world:
            job = Job(world, Path(name), uploads, exports)
            job.prepare()
            world.proxy.rtt_seconds = rtt / 1000
            found += [tried(promise, job, rtt) for promise in PROMISES]
    return found


def tried(promise: Callable[[Job], None], job: Job, rtt: int) -> Row:
    """Return what becomes of one promise."""
    began, error = time.monotonic(), ""
    with Tries() as tries:
        try:
            promise(job)
        except (AssertionError, ClarifaiError) as failure:
            error = f"{type(failure).__name__}: {failure}"
    seconds = time.monotonic() - began
    return Row(rtt, job.world.scheme, promise.__name__, seconds, tries.again, error)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="The promises over networks of any latency.")
    parser.add_argument("--uploads", type=int, default=2_000)
    parser.add_argument("--exports", type=int, default=200)
    asked = parser.parse_args()
    say("| RTT, ms | scheme | promise | kept | seconds | sent again |\n|---|---|---|---|---|---|")
    is_fine = True
    for scheme in SCHEMES:
        for row in rows(scheme, asked.uploads, asked.exports, RTT_MILLISECONDS):
            is_fine = is_fine and not row.error
            kept = row.error or "yes"
            say(
                f"| {row.rtt_milliseconds} | {row.scheme} | {row.promise} | {kept} "
                f"| {row.seconds:.1f} | {row.again} |"
            )
    sys.exit(0 if is_fine else 1)


def say(line: str) -> Any:
    """Print at once."""
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
