"""A forgotten `await` is told in a sentence."""

from __future__ import annotations

import asyncio
import gc
import warnings
from collections.abc import Coroutine

import pytest

from clarifai.aio import App, User


@pytest.mark.parametrize(
    "use",
    [
        lambda pending: pending.id,
        lambda pending: list(pending),
        lambda pending: bool(pending),
        lambda pending: len(pending),
        lambda pending: pending[0],
    ],
)
async def test_using_a_coroutine_says_what_is_missing(use, clarifai_app):
    pending = User("me").app(clarifai_app)
    with pytest.raises((AttributeError, TypeError), match=r"User\.app\(\.\.\.\).*write `await`"):
        use(pending)
    assert (await pending).id == clarifai_app


async def test_what_nobody_awaits_is_warned_of_by_its_name(clarifai_app):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        App(app_id=clarifai_app).get_input_count()
        gc.collect()
    assert ["get_input_count" in str(one.message) for one in caught] == [True]


async def test_it_is_a_coroutine_to_asyncio(clarifai_app):
    app = App(app_id=clarifai_app)
    assert isinstance(pending := app.get_input_count(), Coroutine)
    assert asyncio.iscoroutine(pending)
    assert await asyncio.wait_for(pending, 20) == 0
    assert await asyncio.create_task(app.get_input_count()) == 0
    assert await asyncio.gather(app.get_input_count(), app.get_input_count()) == [0, 0]


def test_it_can_be_run(clarifai_app):
    assert asyncio.run(App(app_id=clarifai_app).get_input_count()) == 0
