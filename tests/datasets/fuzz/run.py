"""Opens data sets that are wrong, one after another, and looks at what comes of each.

What must hold: an item, a failure of an item or an error of ours; nothing read that lies outside;
an end in time, within the memory that there is.
"""

from __future__ import annotations

import importlib
import os
import random
import resource
import shutil
import signal
import sys
import time
import warnings

import attrs

from clarifai_core.errors import ClarifaiError
from tests.datasets.bombs import outcomes
from tests.datasets.conftest import png
from tests.datasets.fuzz import mutations
from tests.datasets.fuzz.samples import SAMPLES

SECRET = png(77, padding=64)
CASE_SECONDS = 20
"""A source that takes longer hangs."""


@attrs.define
class Report:
    """What came of a run."""

    sources: int = 0
    items: int = 0
    failed: int = 0
    refused: int = 0
    faults: list[str] = attrs.field(factory=list)

    def __str__(self):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        return (
            f"{self.sources:,} sources, {self.items:,} items, {self.failed:,} failures of items, "
            f"{self.refused:,} sources refused, {len(self.faults)} faults, {peak:,} MiB at most"
        )


class Late(BaseException):
    """A source was not done in time."""


def fuzz(folder, loader, seed, seconds, numbers):
    """Open sources that are wrong, until there are no more or the time is up.

    Args:
        folder: An empty folder to work in.
        loader: Name of a built-in loader.
        seed: Each number with its loader gives the same sources again.
        seconds: How long at most.
        numbers: Those of the sources, in their order.
    """
    report, watch = Report(), _Watch(folder)
    sys.addaudithook(watch.see)
    signal.signal(signal.SIGALRM, _late)
    end = time.monotonic() + seconds
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for number in numbers:
            if time.monotonic() >= end:
                break
            _try(folder, loader, f"{seed}:{loader}:{number}", report, watch)
    watch.folder = None
    return report


def _try(folder, loader, key, report, watch):
    draw = random.Random(key)
    data, outside = folder / "set", folder / "outside"
    for place in (data, outside):
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
    (outside / "secret.png").write_bytes(SECRET)
    source, options = _made(draw, loader, data, outside)
    report.sources += 1
    watch.seen.clear()
    watch.source = os.path.realpath(source)  # the user's own choice, wherever it leads
    watch.on = True
    signal.alarm(CASE_SECONDS)
    try:
        for one in outcomes(str(source), loader, options):
            report.items += one == "item"
            report.failed += one != "item"
    except ClarifaiError:
        report.refused += 1
    except BaseException as error:  # noqa: BLE001  why: this is what is looked for
        report.faults.append(f"{key}: {type(error).__name__}: {error!s:.200}")
    finally:
        signal.alarm(0)
        watch.on = False
    report.faults += [f"{key}: it read {path}" for path in sorted(set(watch.seen))]


def _made(draw, loader, data, outside):
    if loader == "huggingface":
        return _saved(draw, data, outside)
    sample = draw.choice(SAMPLES[loader])()
    files = dict(sample.files)
    if draw.random() < 0.9:
        files = mutations.content(draw, files, str(outside))
    if draw.random() < 0.2:
        mutations.zipped(draw, files, data / "x.zip", str(outside))
        return data / "x.zip", sample.options
    for name, raw in files.items():
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_bytes(raw)
    if draw.random() < 0.3:
        (data / "link").symlink_to(outside)
    if draw.random() < 0.3:
        mutations.in_folder(draw, data, outside, sample.source)
    return data / sample.source, sample.options


def _saved(draw, data, outside):
    """Save a data set of Hugging Face whose rows name files and hold bytes."""
    datasets = importlib.import_module("datasets")

    names = [name.replace("{outside}", str(outside)) for name in mutations.NAMES[:9]]
    rows = []
    for _ in range(3):
        raw = draw.choice((png(1), None, b"", mutations.flip(draw, png(2))))
        rows.append({"bytes": raw, "path": draw.choice((*names, "a.png"))})
    features = datasets.Features(
        {"image": datasets.Image(decode=False), "label": datasets.Value("string")}
    )
    made = datasets.Dataset.from_dict({"image": rows, "label": ["x", "", None]}, features=features)
    datasets.disable_progress_bars()
    made._estimate_nbytes = lambda: 1  # it looks for each file; and the other would read them
    datasets.arrow_writer.embed_table_storage = lambda table, **_: table
    made.save_to_disk(str(data / "saved"), num_shards=1)
    return data / "saved", {}


def _late(*_):
    raise Late(f"not done in {CASE_SECONDS} s")


class _Watch:
    """Sees which files are opened, by Python's own account."""

    def __init__(self, folder):
        self.folder, self.on, self.seen = os.path.realpath(folder), False, []
        self.source = ""

    def see(self, event, arguments):
        if not self.on or event != "open" or not isinstance(arguments[0], (str, bytes)):
            return
        if arguments[1] is not None and any(mode in arguments[1] for mode in "wax+"):
            return
        path = os.path.realpath(os.fsdecode(arguments[0]))
        outside = path.startswith(self.folder) and not path.startswith(f"{self.folder}/set/")
        if path != self.source and (outside or path.startswith(("/etc/passwd", "/dev/zero"))):
            self.seen.append(path)
