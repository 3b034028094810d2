"""Uploads and exports on a loop: what is cancelled goes on, nothing is lost or doubled."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from clarifai.aio import App
from clarifai.client.dataset import Dataset as BlockingDataset
from clarifai_core.errors import UserError
from clarifai_core.settings import state_directory
from clarifai_datasets.upload.features import TextFeatures, VisualDetectionFeatures
from clarifai_datasets.upload.report import UploadStopped
from tests.datasets.list_loader import ListLoader

COUNT = 1500


@pytest.fixture
async def dataset(clarifai_platform, clarifai_app):
    return await App(app_id=clarifai_app).create_dataset("train")


def loader(count=COUNT):
    return ListLoader(
        "text_classification", [TextFeatures(f"text {n}", ["a"], id=n) for n in range(count)]
    )


def journals_left() -> list[Path]:
    return list((state_directory() / "uploads").glob("*.db"))


async def ids_of(dataset) -> Counter[str]:
    return Counter([one.id async for one in dataset.list_inputs()])


def assert_whole(found: Counter[str], count: int = COUNT) -> None:
    assert found == Counter(f"train-{n}" for n in range(count))


async def test_an_upload_is_whole(dataset):
    report = await dataset.upload_dataset(loader(), batch_size=64)

    assert report.uploaded == COUNT
    assert report.ok
    assert_whole(await ids_of(dataset))
    assert journals_left() == []


async def test_boxes_go_up_with_their_inputs(dataset, make_png):
    items = [
        VisualDetectionFeatures("a.png", ["x", "y"], [[0, 0, 1, 0.5]] * 2, image_bytes=make_png(n))
        for n in range(40)
    ]
    report = await dataset.upload_dataset(ListLoader("visual_detection", items))

    assert (report.uploaded, report.annotations, report.failed) == (40, 80, [])


@pytest.mark.parametrize("requests", [0, 1, 3, 7, 12])
async def test_an_upload_that_is_cancelled_goes_on(dataset, clarifai_platform, requests):
    fault = clarifai_platform.faults.on("PostInputs", after=requests).latency(0.05)
    uploading = asyncio.ensure_future(dataset.upload_dataset(loader(), batch_size=64))
    while not fault.struck:
        await asyncio.sleep(0.001)

    uploading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await uploading
    assert _others() == set()
    assert len(journals_left()) == 1

    fault.remove()
    report = await dataset.upload_dataset(loader(), batch_size=64)
    assert report.failed == report.unconfirmed == []
    assert report.uploaded + len(report.already_there) == COUNT
    assert_whole(await ids_of(dataset))
    assert journals_left() == []


async def test_what_a_loop_began_a_blocking_program_ends(dataset, clarifai_platform):
    fault = clarifai_platform.faults.on("PostInputs", after=4).latency(0.05)
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(_until(fault, dataset), 60)
    fault.remove()

    blocking = BlockingDataset(dataset_id="train", app_id=dataset.app_id)
    report = await asyncio.to_thread(blocking.upload_dataset, loader(), 64)

    assert report.ok
    assert report.already_there
    assert_whole(await ids_of(dataset))


async def _until(fault, dataset):
    uploading = asyncio.ensure_future(dataset.upload_dataset(loader(), batch_size=64))
    while fault.struck < 2:
        await asyncio.sleep(0.001)
    uploading.cancel()
    await asyncio.wait([uploading])
    raise asyncio.TimeoutError


async def test_many_cancellations_lose_and_double_nothing(dataset, clarifai_platform):
    clarifai_platform.faults.on("PostInputs").latency(0.01)
    cancelled = 0
    for seconds in (0.02, 0.05, 0.08, 0.12, 0.2, 0.3):
        try:
            await asyncio.wait_for(dataset.upload_dataset(loader(), batch_size=32), seconds)
            break
        except asyncio.TimeoutError:
            cancelled += 1
    clarifai_platform.faults.clear()

    report = await dataset.upload_dataset(loader(), batch_size=32)

    assert cancelled
    assert report.failed == report.unconfirmed == []
    assert_whole(await ids_of(dataset))


async def test_trouble_is_that_of_blocking_uploads(dataset, clarifai_platform):
    clarifai_platform.faults.on("PostInputs", times=2).unavailable(after_effect=True)
    clarifai_platform.faults.on("GetInputsAddJob", times=2).status(98004)
    clarifai_platform.faults.on("PostInputs", after=4, times=1).throttled()

    report = await dataset.upload_dataset(loader(600), batch_size=64)

    assert report.ok
    assert_whole(await ids_of(dataset), 600)


async def test_an_upload_that_is_refused_midway_says_how_far_it_got(dataset, clarifai_platform):
    clarifai_platform.faults.on("PostInputs", after=5).status(11007)
    with pytest.raises(UploadStopped) as caught:
        await dataset.upload_dataset(loader(), batch_size=64)
    assert caught.value.report.uploaded

    clarifai_platform.faults.clear()
    retried = await dataset.retry_failed(caught.value.report)
    assert retried.failed == []
    report = await dataset.upload_dataset(loader(), batch_size=64)
    assert report.ok
    assert_whole(await ids_of(dataset))


async def test_the_loop_goes_on_while_an_upload_reads_and_sends(dataset):
    ticks = 0

    async def tick():
        nonlocal ticks
        while True:
            await asyncio.sleep(0.001)
            ticks += 1

    ticking = asyncio.ensure_future(tick())
    await dataset.upload_dataset(loader(), batch_size=64)
    ticking.cancel()
    assert ticks > 10


async def test_an_executor_is_for_blocking_uploads(dataset):
    with pytest.raises(UserError, match="executor= is for blocking uploads"):
        await dataset.upload_dataset(loader(2), executor=object())


async def test_upload_status_and_versions(dataset):
    await dataset.upload_dataset(loader(20), get_upload_status=True)
    made = await dataset.create_version()
    assert (await dataset.list_versions().first()).version.id == made.version.id
    status = await dataset.get_upload_status(loader(20))
    assert status.missing == 0


async def test_an_export_is_that_of_a_blocking_handle(dataset, tmp_path, make_png):
    items = [
        VisualDetectionFeatures("a.png", ["x"], [[0, 0, 1, 0.5]], image_bytes=make_png(n))
        for n in range(12)
    ]
    await dataset.upload_dataset(ListLoader("visual_detection", items))
    version = await dataset.create_version()

    report = await version.export(tmp_path / "loop.zip")
    blocking = BlockingDataset(
        dataset_id="train", app_id=dataset.app_id, dataset_version_id=version.version.id
    )
    await asyncio.to_thread(blocking.export, tmp_path / "blocking.zip")

    assert (report.exported, report.failed) == (12, [])
    loop, other = (tmp_path / f"{name}.zip" for name in ("loop", "blocking"))
    assert loop.read_bytes() == other.read_bytes()
    assert len([one async for one in version]) == 12


async def test_what_an_export_lacks_is_logged_in_one_line(dataset, tmp_path, caplog):
    item = TextFeatures("hello", ["a"], metadata={"k": 1})
    await dataset.upload_dataset(ListLoader("text_classification", [item]))
    with caplog.at_level("WARNING"):
        await dataset.export(tmp_path / "out.zip")
    assert [one.getMessage() for one in caplog.records] == [
        f"{tmp_path / 'out.zip'} lacks 1 metadata: the report says why"
    ]


async def test_an_export_that_is_cancelled_goes_on(dataset, tmp_path, clarifai_platform, make_png):
    items = [
        VisualDetectionFeatures("a.png", ["x"], [[0, 0, 1, 0.5]], image_bytes=make_png(n))
        for n in range(60)
    ]
    await dataset.upload_dataset(ListLoader("visual_detection", items))
    version = await dataset.create_version()
    fault = clarifai_platform.faults.on_http("/media/*", after=5).latency(0.05)
    exporting = asyncio.ensure_future(version.export(tmp_path / "a.zip"))
    while fault.struck < 6:
        await asyncio.sleep(0.001)

    exporting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await exporting
    fault.remove()
    assert not (tmp_path / "a.zip").exists()

    report = await version.export(tmp_path / "a.zip")
    assert (report.exported, report.failed) == (60, [])


async def test_what_is_downloaded_is_what_was_sent(clarifai_platform, clarifai_app, make_png):
    from clarifai.aio import Inputs

    inputs = App(app_id=clarifai_app).inputs()
    made = [Inputs.get_input_from_bytes(f"p{n}", image_bytes=make_png(n)) for n in range(9)]
    await inputs.upload_inputs(made, show_log=False)

    listed = sorted(await inputs.list_inputs().all(), key=lambda one: one.id)

    assert await inputs.download_inputs(listed) == [make_png(n) for n in range(9)]


def _others() -> set[asyncio.Task[object]]:
    current = asyncio.current_task()
    return {one for one in asyncio.all_tasks() if one is not current}
