"""Everything that is known to go wrong in the middle of an upload, one row each.

Whatever happens, each item is accounted for once, nothing that was accepted is deleted, and nothing
is there twice. Once the trouble is over, the same call brings everything there, with its boxes.
"""

from __future__ import annotations

import time
from collections import Counter

import attrs
import pytest

from clarifai_core.errors import ClarifaiError
from clarifai_datasets.upload import _journal as journals
from clarifai_datasets.upload import _pipeline
from clarifai_datasets.upload.features import VisualDetectionFeatures
from clarifai_datasets.upload.report import UploadStopped
from clarifai_local._faults import Faults
from tests.datasets.list_loader import ListLoader

COUNT, BATCH, BOXES = 120, 20, 2
SECONDS = 1.0
"""What the platform gets to process inputs."""


@attrs.frozen
class Trouble:
    """One row: what goes wrong, and what the first run says of it."""

    name: str
    switch_on: object
    """Gets the platform's faults."""
    complete: bool = True
    """Whether the first run brings everything there in spite of it."""


TROUBLES = (
    Trouble("status requests fail", lambda on: on("GetInputsAddJob").status(98004)),
    Trouble("status requests are refused", lambda on: on("GetInputsAddJob").status(11002)),
    Trouble("status requests fail a few times", lambda on: on("ListInputs", times=2).status(98004)),
    Trouble("looking at inputs fails", lambda on: on("ListInputs").status(10020)),
    Trouble(
        "no request for status works",
        lambda on: (on("ListInputs").status(10020), on("GetInputsAddJob").status(98004)),
        complete=False,
    ),
    Trouble(
        "the answer is lost", lambda on: on("PostInputs", times=2).unavailable(after_effect=True)
    ),
    Trouble("the request is lost", lambda on: on("PostInputs", times=2).unavailable()),
    Trouble("the connection is reset", lambda on: on("*", every=7, times=5).reset()),
    Trouble(
        "the connection is reset after the effect",
        lambda on: on("Post*", every=3, times=4).reset(after_effect=True),
    ),
    Trouble("bursts of 11005", lambda on: on("Post*", every=2, times=6).throttled()),
    Trouble(
        "some items of each request fail once",
        lambda on: on("PostInputs", every=2).refuse_items(every=10),
    ),
    Trouble(
        "one item fails always",
        lambda on: on("PostInputs").refuse_items(ids=["train-7"]),
        False,
    ),
    Trouble(
        "some annotations fail once",
        lambda on: on("PostAnnotations", times=2).refuse_items(98004, every=5),
    ),
    Trouble("annotations fail", lambda on: on("PostAnnotations").status(98004), False),
    Trouble(
        "the answer to annotations is lost",
        lambda on: on("PostAnnotations", times=2).unavailable(after_effect=True),
    ),
    Trouble("permission ends midway", lambda on: on("Post*", after=3).status(11007), False),
    Trouble("the platform goes away midway", lambda on: on("Post*", after=3).unavailable(), False),
    Trouble(
        "internal errors by the dice", lambda on: on("*", probability=0.1, seed=3).status(98004)
    ),
    Trouble("each request takes long", lambda on: on("*").latency(0.05)),
    Trouble("the answer names no input", lambda on: on("PostInputs", times=2).status(10010)),
    Trouble(
        "the answer names no input that was taken",
        lambda on: on("PostInputs", times=2).status(10010, after_effect=True),
    ),
    Trouble(
        "the answer names no annotation that was taken",
        lambda on: on("PostAnnotations", times=2).status(10010, after_effect=True),
    ),
    Trouble(
        "the month's requests are used up midway",
        lambda on: on("Post*", after=3).status(11004),
        complete=False,
    ),
    Trouble(
        "everything at once",
        lambda on: (
            # With these seeds no request fails three times in a row, which would be reported.
            on("*", probability=0.05, seed=4).unavailable(after_effect=True),
            on("*", probability=0.05, seed=5).reset(),
            on("*", probability=0.05, seed=6).status(98004),
            on("Post*", every=4, times=3).throttled(),
            on("PostInputs", every=3, times=2).refuse_items(every=7),
            on("PostAnnotations", every=3, times=2).refuse_items(98004, every=5),
            on("*").latency(0.01),
        ),
    ),
)


def _source():
    boxes = [[0, 0, 0.5, 0.5], [0.5, 0.5, 1, 1]]
    return [
        VisualDetectionFeatures(f"{n}.png", ["a", "b"], boxes, id=n, image_bytes=picture(n))
        for n in range(COUNT)
    ]


picture = None


@pytest.fixture(autouse=True)
def setting(make_png, tmp_path, monkeypatch):
    """Keep journals apart, and wait for the platform no longer than a test should."""
    monkeypatch.setattr(f"{__name__}.picture", make_png)
    monkeypatch.setenv("CLARIFAI_STATE_DIR", str(tmp_path / "state"))
    limits = _pipeline.UploadLimits.__init__.__defaults__
    assert limits is not None
    monkeypatch.setattr(
        _pipeline.UploadLimits.__init__,
        "__defaults__",
        tuple(SECONDS if one == _pipeline.PROCESSING_TIMEOUT_SECONDS else one for one in limits),
    )


@pytest.fixture
def faults(world):
    world.platform.faults = Faults()
    return world.platform.faults


def upload(world):
    """Return the report of an upload, whether it could go on or not."""
    loader = ListLoader("visual_detection", _source())
    try:
        return world.dataset.upload_dataset(loader, batch_size=BATCH)
    except UploadStopped as error:
        return error.report


def check_nothing_doubled(world):
    boxes = Counter(
        (input_id, round(region.region_info.bounding_box.left_col, 2))
        for input_id, region in world.regions()
    )
    assert set(boxes.values()) <= {1}
    assert {input_id for input_id, _ in boxes} <= set(world.inputs())


def check_complete(world):
    check_nothing_doubled(world)
    assert set(world.inputs()) == {f"train-{n}" for n in range(COUNT)}
    assert world.in_dataset() == set(world.inputs())
    assert len(world.regions()) == COUNT * BOXES


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda one: one.name.replace(" ", "-"))
def test_trouble(world, faults, trouble):
    world.platform.recorder.start()
    trouble.switch_on(faults.on)
    report = upload(world)
    faults.clear()
    accepted = set(world.inputs())
    check_nothing_doubled(world)
    named = {one.id for one in (*report.failed, *report.unconfirmed)}
    if report.total == COUNT:
        assert accepted | named == {f"train-{n}" for n in range(COUNT)}
    assert report.uploaded + len(report.already_there) <= len(accepted)
    if trouble.complete:
        assert (report.failed, report.unconfirmed) == ([], [])
        check_complete(world)
    else:
        assert named
    again = upload(world)
    assert (again.total, again.failed, again.unconfirmed) == (COUNT, [], [])
    check_complete(world)
    assert accepted <= set(world.inputs())
    assert world.platform.recorder.count("DeleteInputs") == 0


def test_slow_indexing_leaves_inputs_unconfirmed_and_undeleted(world, faults):
    faults.slow_indexing(3600)
    report = upload(world)
    assert (report.uploaded, report.failed, len(report.unconfirmed)) == (0, [], COUNT)
    assert len(world.inputs()) == COUNT
    world.platform.clock.advance(3700)
    again = upload(world)
    assert (len(again.already_there), again.failed, again.unconfirmed) == (COUNT, [], [])
    check_complete(world)


def test_a_full_disk_of_the_platform(world, faults):
    faults.on_disk(after=40, times=25).full()
    report = upload(world)
    faults.clear()
    assert report.total == COUNT
    check_nothing_doubled(world)
    again = upload(world)
    assert (again.failed, again.unconfirmed) == ([], [])
    check_complete(world)


def test_a_clock_that_jumps_between_two_runs(world, faults, monkeypatch):
    faults.on("Post*", after=3).status(11007)
    assert upload(world).total
    faults.clear()
    jumped = time.time() + 10 * 365 * 24 * 3600
    monkeypatch.setattr(journals.time, "time", lambda: jumped)
    world.platform.clock.advance(10 * 365 * 24 * 3600)
    again = upload(world)
    assert (again.total, again.failed) == (COUNT, [])
    check_complete(world)


def test_an_id_that_the_source_has_twice_is_there_once(world, faults):
    items = _source()
    items[5].id = items[6].id = "same"
    report = world.dataset.upload_dataset(ListLoader("visual_detection", items), batch_size=BATCH)
    assert (report.uploaded, report.annotations) == (COUNT - 1, BOXES * (COUNT - 1))
    assert [str(one) for one in report.failed] == [
        "input train-same: item 5 of the source has the same id"
    ]
    assert len(world.inputs()) == COUNT - 1


def test_a_platform_that_is_never_there_is_one_error(world, faults):
    faults.on("Post*").unavailable()
    with pytest.raises(ClarifaiError, match="cannot reach"):
        world.dataset.upload_dataset(ListLoader("visual_detection", _source()[:5]))
    faults.clear()
    upload(world)
    check_complete(world)
