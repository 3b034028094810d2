"""Listings: pages ahead are tasks, which end when nobody wants them any more."""

from __future__ import annotations

import asyncio

import pytest

from clarifai.aio import App, Pager, User
from clarifai_core.errors import ApiError

INPUTS = 2500


@pytest.fixture
async def app(clarifai_platform, clarifai_app):
    return App(app_id=clarifai_app)


@pytest.fixture
async def inputs(app):
    from clarifai.aio import Inputs

    made = [Inputs.get_text_input(f"i{n}", f"text {n}") for n in range(INPUTS)]
    inputs = app.inputs()
    _, response = await inputs.upload_inputs(made, show_log=False)
    assert response.status.code == 10000
    return inputs


async def test_a_listing_is_whole_each_way(inputs):
    by_loop = [one.id async for one in inputs.list_inputs()]
    by_pages = [one.id async for page in inputs.list_inputs().pages() for one in page]
    at_once = [one.id for one in await inputs.list_inputs().all()]

    assert len(set(by_loop)) == INPUTS
    assert by_loop == by_pages == at_once


async def test_items_can_be_taken_one_by_one(inputs):
    listing = inputs.list_inputs()

    first, second = await anext(listing), await anext(listing)
    rest = [one async for one in listing]

    assert len({first.id, second.id, *(one.id for one in rest)}) == INPUTS
    assert (await inputs.list_inputs().first()).id == first.id
    assert [one.id for one in await inputs.list_inputs().peek(2)] == [first.id, second.id]
    with pytest.raises(StopAsyncIteration):
        await anext(Pager.of_pages([]))


async def test_pages_that_nobody_wants_any_more_are_given_up(inputs, clarifai_platform):
    listing = inputs.list_inputs()
    with clarifai_platform.faults.on("ListInputs", after=2).latency(5):
        async for page in listing.pages():
            assert page
            break
        for _ in range(20):
            await asyncio.sleep(0.01)
            if len(asyncio.all_tasks()) == 1:
                break
        assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_page_that_fails_says_which(inputs, clarifai_platform):
    seen = []

    async def read():
        async for one in inputs.list_inputs():
            seen.append(one.id)  # noqa: PERF401  why: what came before the error counts

    clarifai_platform.faults.on("ListInputs", after=1).status(11007)
    with pytest.raises(ApiError) as caught:
        await read()
    assert len(seen) == 1000
    assert (caught.value.page_no, caught.value.per_page) == (2, 1000)


async def test_a_plain_loop_says_what_to_write(app):
    with pytest.raises(TypeError, match="`async for`"):
        list(User("me").list_apps())
    with pytest.raises(TypeError, match="`async for`"):
        for _ in app.list_models():
            pass


async def test_where_leaves_items_out(inputs):
    kept = await inputs.list_inputs().where(lambda one: one.id == "i7").all()
    assert [one.id for one in kept] == ["i7"]
