"""Cancelling a task ends its request; deadlines hold; retries are those of blocking handles."""

from __future__ import annotations

import asyncio

import pytest

from clarifai.aio import App, Model, User
from clarifai_core.errors import ApiError, DeadlineExceeded, Throttled
from clarifai_core.transport.session import close_sessions
from clarifai_resources.user import User as BlockingUser
from tests.aio.silent_server import SilentServer


@pytest.fixture
def silent():
    server = SilentServer()
    yield server
    server.stop()


@pytest.fixture
def app(silent):
    return App(app_id="a", user_id="me", base_url=silent.url, pat="k")


async def test_cancelling_a_task_cancels_its_request(app, silent):
    task = asyncio.create_task(app.get_input_count())
    assert await asyncio.to_thread(silent.came.acquire, timeout=60)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(silent.given_up.acquire, timeout=60)
    await app.aclose()


async def test_a_timeout_of_asyncio_ends_the_request(app, silent):
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(app.get_input_count(), 0.2)

    assert await asyncio.to_thread(silent.given_up.acquire, timeout=60)
    await app.aclose()


async def test_one_of_many_that_is_cancelled_leaves_the_others(app, silent):
    tasks = [asyncio.create_task(app.get_input_count()) for _ in range(4)]
    for _ in tasks:
        assert await asyncio.to_thread(silent.came.acquire, timeout=60)

    tasks[0].cancel()
    done, waiting = await asyncio.wait(tasks, timeout=0.2)

    assert done == {tasks[0]}
    assert len(waiting) == 3
    await app.aclose()
    await asyncio.wait(tasks)


async def test_the_deadline_of_the_settings_counts(silent):
    app = App(app_id="a", user_id="me", base_url=silent.url, pat="k", timeout_seconds=0.3)

    with pytest.raises(DeadlineExceeded, match="GetInputCount"):
        await app.get_input_count()
    await app.aclose()


async def test_a_wait_ends_at_its_own_deadline_though_nobody_answers(silent):
    model = Model(
        model_id="m", model_version="v", user_id="me", app_id="a", pat="k", base_url=silent.url
    )
    with pytest.raises(DeadlineExceeded, match=r"not done within 0\.3 seconds"):
        await model.wait_until_trained(timeout_seconds=0.3)
    await model.aclose()


async def test_a_wait_can_be_cancelled(silent):
    model = Model(
        model_id="m", model_version="v", user_id="me", app_id="a", pat="k", base_url=silent.url
    )
    waiting = asyncio.ensure_future(model.wait_until_trained(timeout_seconds=60))
    assert await asyncio.to_thread(silent.came.acquire, timeout=60)

    waiting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await asyncio.to_thread(silent.given_up.acquire, timeout=60)
    await model.aclose()


async def test_what_passes_is_tried_again(clarifai_platform, clarifai_app):
    user = User("me")
    with clarifai_platform.faults.on("GetApp", times=2).unavailable() as fault:
        assert (await user.app(clarifai_app)).id == clarifai_app
    assert fault.struck == 2


async def test_what_is_refused_is_that_error(clarifai_platform, clarifai_app):
    with clarifai_platform.faults.on("GetApp").status(11007), pytest.raises(ApiError) as caught:
        await User("me").app(clarifai_app)
    assert caught.value.code == 11007


async def test_all_tasks_keep_to_a_rate_that_one_has_met(clarifai_platform, clarifai_app):
    user = User("me")
    with clarifai_platform.faults.on("GetApp", times=1).throttled():
        found = await asyncio.gather(*(user.app(clarifai_app) for _ in range(5)))
    assert len(found) == 5
    assert user.session.rules.limiter.requests_per_second is not None
    assert issubclass(Throttled, ApiError)


async def test_a_retry_that_waits_can_be_cancelled(clarifai_platform, clarifai_app):
    user = User("me")
    with clarifai_platform.faults.on("GetApp").unavailable() as fault:
        task = asyncio.ensure_future(user.app(clarifai_app))
        while not fault.struck:
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_no_time_is_no_time_on_an_embedded_platform_too(tmp_path):
    place = {"base_url": f"local:{tmp_path}", "timeout_seconds": 1e-9}
    for _ in range(20):  # an answer of a quick platform may come before anybody looks at a clock
        with pytest.raises(DeadlineExceeded, match="timeout_seconds=1e-09 was over"):
            await User("me", **place).app("a")
        with pytest.raises(DeadlineExceeded, match="timeout_seconds=1e-09 was over"):
            await asyncio.to_thread(BlockingUser("me", **place).app, "a")
    close_sessions()
