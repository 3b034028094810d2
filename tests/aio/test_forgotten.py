"""A forgotten `await` is told in a sentence."""

from __future__ import annotations

import asyncio
import gc
import warnings
from collections.abc import Coroutine

import pytest

from clarifai.aio import App, User
from clarifai_core.errors import UserError


@pytest.mark.parametrize(
    "use",
    [
        lambda pending: pending.id,
        lambda pending: list(pending),
        lambda pending: bool(pending),
        lambda pending: len(pending),
        lambda pending: pending[0],
        lambda pending: pending(),
        lambda pending: aiter(pending),
        lambda pending: setattr(pending, "description", "x"),
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
    assert await asyncio.wait_for(pending, 60) == 0
    assert await asyncio.create_task(app.get_input_count()) == 0
    assert await asyncio.gather(app.get_input_count(), app.get_input_count()) == [0, 0]


def test_it_can_be_run(clarifai_app):
    assert asyncio.run(App(app_id=clarifai_app).get_input_count()) == 0


async def test_async_with_and_for_of_a_coroutine_say_where_the_await_belongs(clarifai_app):
    pending = User("me").app(clarifai_app)
    with pytest.raises(TypeError, match=r"`async with await User\.app\(\.\.\.\)`"):
        async with pending:
            pass
    with pytest.raises(TypeError, match=r"`async for \.\.\. in await User\.app\(\.\.\.\)`"):
        async for _ in pending:
            pass
    assert (await pending).id == clarifai_app


@pytest.mark.parametrize(
    ("use", "remedy"),
    [
        (lambda pager: next(pager), r"`await anext\(pager\)`"),
        (lambda pager: pager[0], r"`\(await pager\.all\(\)\)\[0\]`"),
        (lambda pager: list(pager), r"`await pager\.all\(\)`"),
        (lambda pager: pager.to_pandas().head(), r"Pager\.to_pandas\(\.\.\.\).*`await`"),
        (lambda pager: len(pager.all()), r"Pager\.all\(\.\.\.\).*`await`"),
    ],
)
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
async def test_a_listing_used_as_a_blocking_one_says_how(use, remedy, clarifai_platform):
    with pytest.raises((AttributeError, TypeError), match=remedy):
        use(User("me").list_apps())


async def test_a_listing_that_is_awaited_says_how(clarifai_platform):
    with pytest.raises(TypeError, match=r"`await pager\.all\(\)`"):
        await User("me").list_apps()


async def test_blocking_tables_of_a_listing_on_a_loop_say_how(clarifai_platform, capsys):
    import clarifai

    pager = User("me").list_apps()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for make in (clarifai.to_records, clarifai.to_pandas):
            with pytest.raises(UserError, match=r"`await x\.to_pandas\(\)`"):
                make(pager)
        clarifai.show(pager)
        gc.collect()
    assert capsys.readouterr().out == f"{pager!r}\n"
    assert "`await` .to_pandas()" in repr(pager)


async def test_a_table_without_rows_has_the_columns_of_a_blocking_one(clarifai_app):
    import clarifai.client

    table = await App(app_id=clarifai_app).list_models().to_pandas()
    assert len(table) == 0
    blocking = clarifai.client.App(app_id=clarifai_app).list_models().to_pandas()
    assert list(table.columns) == list(blocking.columns) != []


async def test_a_handle_in_place_of_an_id_is_named_with_its_id(clarifai_app):
    user = User("me")
    app = await user.app(clarifai_app)
    with pytest.raises(UserError, match=f"app_id must be a text .* give its id, {clarifai_app!r}"):
        await user.app(app)
