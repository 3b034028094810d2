"""One channel per loop, closed with it; any number of tasks, loops, threads and processes."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import threading

import pytest

from clarifai.aio import App, User
from clarifai_core.transport.channel import GrpcConnection
from clarifai_local import Platform
from tools.wheels import ROOT

TASKS = 1000


@pytest.fixture
def opened(monkeypatch):
    """The loops that a channel was opened for."""
    loops = []
    open_channel = GrpcConnection.aio_channel

    def counted(self):
        loops.append(asyncio.get_running_loop())
        return open_channel(self)

    monkeypatch.setattr(GrpcConnection, "aio_channel", counted)
    return loops


async def test_a_thousand_tasks_share_one_channel(clarifai_server, clarifai_app, opened):
    app = App(app_id=clarifai_app)

    counts = await asyncio.gather(*(app.get_input_count() for _ in range(TASKS)))

    assert counts == [0] * TASKS
    assert len(opened) == 1


async def test_handles_of_one_key_share_a_channel(clarifai_server, clarifai_app, opened):
    await asyncio.gather(*(App(app_id=clarifai_app).get_input_count() for _ in range(20)))

    assert len(opened) == 1


def test_a_handle_works_in_one_run_after_the_other(clarifai_server, clarifai_app, opened):
    app = App(app_id=clarifai_app)

    found = [asyncio.run(app.get_input_count()) for _ in range(3)]
    gc.collect()  # what was left open would say so now, and warnings are errors

    assert found == [0, 0, 0]
    assert len(opened) == 3


def test_the_channel_is_closed_with_its_loop(clarifai_server, clarifai_app):
    app = App(app_id=clarifai_app)

    async def ask():
        await app.get_input_count()
        return await app.session.shared._loops.get()

    channel = asyncio.run(ask())

    assert channel.closed
    assert asyncio.run(app.get_input_count()) == 0


async def test_a_block_closes_the_channel_at_its_end(clarifai_server, clarifai_app, opened):
    async with App(app_id=clarifai_app) as app:
        await app.get_input_count()
        channel = await app.session.shared._loops.get()
        assert not channel.closed
    assert channel.closed

    assert await app.get_input_count() == 0
    assert len(opened) == 2
    await app.aclose()


async def test_closing_ends_what_is_under_way_with_an_error_and_not_the_task(
    clarifai_server, clarifai_app, clarifai_platform
):
    from clarifai_core.errors import ApiClientError

    app = App(app_id=clarifai_app)
    with clarifai_platform.faults.on("GetInputCount").latency(20):
        waiting = asyncio.create_task(app.get_input_count())
        while not clarifai_platform.faults.active or not _is_under_way(app):
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        await app.aclose()
        with pytest.raises(ApiClientError, match="closed"):
            await waiting


def _is_under_way(app):
    return app.session.shared._loops._all


def test_two_loops_at_once_have_a_channel_each(clarifai_server, clarifai_app, opened):
    app, both, found = App(app_id=clarifai_app), threading.Barrier(2), []

    async def ask():
        await app.get_input_count()
        await asyncio.to_thread(both.wait, 20)  # both loops run now
        found.append(await app.get_input_count())

    threads = [threading.Thread(target=asyncio.run, args=(ask(),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert found == [0, 0]
    assert len(set(map(id, opened))) == len(opened) == 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.parametrize("where", [(), ("memory",)], ids=["port", "memory"])
def test_between_two_loops_a_process_can_be_forked(clarifai_server, where):
    """gRPC cannot be forked while a channel of a loop is there: so a closed one is let go."""
    assert clarifai_server.base_url == os.environ["CLARIFAI_API_BASE"]
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-m", "tests.aio.forking", *where],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


async def test_a_platform_in_memory_works_too():
    with Platform() as platform:
        user = User("me", base_url=platform.url, pat=platform.keys.first(None))
        await user.create_app("zoo", base_workflow="Empty")

        counts = await asyncio.gather(*(user.app("zoo") for _ in range(50)))

        assert {one.id for one in counts} == {"zoo"}
        await user.aclose()
