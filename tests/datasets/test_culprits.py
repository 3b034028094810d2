"""What the platform refuses a whole request for is found, and everything else arrives."""

from __future__ import annotations

import importlib

import pytest
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_core.errors import InvalidArgument, PermissionDenied
from clarifai_datasets.upload.features import TextFeatures, VisualDetectionFeatures
from clarifai_datasets.upload.report import UploadStopped
from clarifai_inputs.bisection import MAX_ALIKE, Refusals, halves
from clarifai_local._services import inputs as input_service
from clarifai_local.statuses import invalid
from clarifai_resources.inputs import Inputs
from tests.datasets.conftest import png
from tests.datasets.list_loader import ListLoader

KEY = 11008


@pytest.fixture
def refuse(monkeypatch):
    """Have the platform refuse each request that holds an input with one of these ids."""

    def some(bad, error=None):
        original = input_service.prepare

        def prepare(message):
            if message.id in bad:
                raise error or invalid(f"{message.id} is wrong")
            return original(message)

        monkeypatch.setattr(input_service, "prepare", prepare)

    return some


@pytest.fixture
def refuse_labels(monkeypatch):
    """Have the platform refuse each request that holds an annotation with such a label."""
    place = "clarifai_local._services.annotations"
    original = importlib.import_module(place).concepts_in

    def concepts_in(data):
        found = list(original(data))
        for _, one in found:
            if one.name.startswith("bad"):
                raise invalid(f"the label {one.name} is wrong")
        return found

    monkeypatch.setattr(f"{place}.concepts_in", concepts_in)


def texts(count):
    items = [TextFeatures(f"t{n}", ["ok"], id=f"{n}") for n in range(count)]
    return ListLoader("text_classification", items)


def test_one_culprit_costs_fourteen_requests_more(world, refuse):
    refuse({"train-150"})
    report = world.dataset.upload_dataset(texts(384))
    assert (report.uploaded, [one.id for one in report.failed]) == (383, ["train-150"])
    (failed,) = report.failed
    assert (failed.code, failed.index) == (11102, 150)
    assert "train-150 is wrong" in failed.reason
    assert world.faults.calls["PostInputs"] == 3 + 14
    assert len(world.inputs()) == 383


def test_a_second_run_finds_it_again(world, refuse):
    refuse({"train-150"})
    for _ in range(2):
        report = world.dataset.upload_dataset(texts(384))
        arrived = report.uploaded + len(report.already_there)
        assert (arrived, [one.id for one in report.failed]) == (383, ["train-150"])


@pytest.mark.parametrize("bad", [{0}, {127}, {3, 4}, {0, 63, 64, 127, 128}, set(range(0, 200, 9))])
def test_several_culprits(world, refuse, bad):
    refuse({f"train-{n}" for n in bad})
    report = world.dataset.upload_dataset(texts(200))
    assert (report.uploaded, {one.index for one in report.failed}) == (200 - len(bad), bad)
    assert world.faults.calls["PostInputs"] <= 2 + 14 * len(bad)


def test_all_of_one_batch(world, refuse):
    refuse({f"train-{n}" for n in range(128, 256)})
    report = world.dataset.upload_dataset(texts(384))
    assert (report.uploaded, len(report.failed)) == (256, 128)
    assert world.faults.calls["PostInputs"] <= 2 + 2 * 128


def test_one_item_alone(world, refuse):
    refuse({"train-0"})
    report = world.dataset.upload_dataset(texts(1))
    assert (report.uploaded, [one.id for one in report.failed]) == (0, ["train-0"])


def test_nothing_is_sent_twice_when_nothing_is_refused(world):
    world.dataset.upload_dataset(texts(384))
    assert world.faults.calls["PostInputs"] == 3


def test_a_refusal_of_everything_in_the_same_words_ends_the_upload(world):
    said = status_pb2.Status(code=11102, description="Invalid request", details="no such thing")
    world.faults.on_before["PostInputs"] = lambda: said
    with pytest.raises(InvalidArgument, match="no such thing"):
        world.dataset.upload_dataset(texts(3000))
    assert world.faults.calls["PostInputs"] < 24 + 16 * 8 + 2 * MAX_ALIKE


def test_a_refused_key_ends_the_upload_at_once(world):
    world.faults.on_before["PostInputs"] = lambda: status_pb2.Status(code=KEY)
    with pytest.raises(PermissionDenied):
        world.dataset.upload_dataset(texts(100))
    assert world.faults.calls["PostInputs"] == 1


def test_a_key_that_is_refused_on_the_way_keeps_what_arrived(world, refuse):
    refuse({"train-40"}, None)
    calls = iter(range(1000))

    def before():
        return status_pb2.Status(code=KEY) if next(calls) >= 4 else None

    world.faults.on_before["PostInputs"] = before
    with pytest.raises(UploadStopped) as caught:
        world.dataset.upload_dataset(texts(128))
    report = caught.value.report
    assert report.uploaded == len(world.inputs()) > 0
    assert report.uploaded + len(report.failed) == 128


def test_annotations(world, refuse_labels):
    def item(n):
        label = f"bad{n}" if n % 50 == 7 else "ok"
        return VisualDetectionFeatures("a", [label], [[0, 0, 1, 1]], id=f"{n}", image_bytes=png(n))

    loader = ListLoader("visual_detection", [item(n) for n in range(130)])
    report = world.dataset.upload_dataset(loader)
    assert (report.uploaded, report.annotations) == (130, 127)
    assert [(one.what, one.index) for one in report.failed] == [
        ("annotation", 7),
        ("annotation", 57),
        ("annotation", 107),
    ]


def test_inputs_that_the_app_had_and_the_dataset_refuses(world, monkeypatch):
    world.dataset.upload_dataset(texts(40))
    world.faults.calls.clear()
    world.faults.on_before["PostDatasetInputs"] = lambda: status_pb2.Status(code=11102)
    report = world.dataset.upload_dataset(texts(40), resume=False)
    assert len(report.failed) == 40
    assert world.faults.calls["PostDatasetInputs"] <= 2 * 40


# -- Inputs ----------------------------------------------------------------------------------------


@pytest.fixture
def inputs(world):
    settings = world.dataset.settings
    return Inputs(user_id="me", app_id="demo", base_url=settings.base_url)


def test_upload_inputs(inputs, world):
    labels = ["a" * 300 if n in (7, 200) else "ok" for n in range(300)]
    made = [
        Inputs.get_input_from_bytes(f"x{n}", text_bytes=b"t", labels=[label])
        for n, label in enumerate(labels)
    ]
    answer = inputs.upload_inputs(made, show_log=False)
    del answer
    assert len(world.inputs()) == 298


def test_upload_annotations(inputs, world):
    made = [Inputs.get_input_from_bytes(f"x{n}", image_bytes=png(n)) for n in range(30)]
    inputs.upload_inputs(made, show_log=False)
    marks = [
        Inputs.get_bbox_proto(f"x{n}", "a" * 300 if n == 11 else "ok", [0, 0, 1, 1])
        for n in range(30)
    ]
    refused = inputs.upload_annotations(marks, show_log=False)
    assert [one.input_id for one in refused] == ["x11"]
    assert len(world.regions()) == 29


# -- the rule --------------------------------------------------------------------------------------


def test_halves_of_anything():
    assert halves([1, 2, 3]) == ([1], [2, 3])
    assert halves([1]) == ([], [1])


def test_what_is_alike():
    error = InvalidArgument("PostInputs", description="no")
    refusals = Refusals()
    for _ in range(MAX_ALIKE):
        assert not refusals.are_alike
        refusals.add(error)
    assert refusals.are_alike
    refusals.took()
    assert not refusals.are_alike
