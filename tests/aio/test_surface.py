"""Every public name of a blocking handle is there on a loop, or in the table with its reason."""

from __future__ import annotations

import inspect
import types
from typing import Any

import pytest

import clarifai.aio
import clarifai.client
from clarifai_aio._core import handles
from clarifai_core import handles as blocking_handles
from clarifai_core.errors import PluginError
from clarifai_core.paging import Pager as BlockingPager
from tools.asynchronous_tables import DROPPED

HANDLES = (
    "App",
    "Dataset",
    "Inputs",
    "Lister",
    "Model",
    "Module",
    "Runner",
    "Search",
    "User",
    "Workflow",
)
ADDED = {"aclose", "load_input_types"}
"""What only handles of a loop have."""

RENAMED = {"Dataset.__iter__": "__aiter__"}
DROPPED_NAMES = {
    one.rpartition(".")[2]: why for one, why in DROPPED.items() if "." in one.partition(":")[2]
}


def public(cls: type) -> set[str]:
    return {name for name in dir(cls) if not name.startswith("_") and name != "mro"}


def pair(name: str) -> tuple[type, type]:
    return getattr(clarifai.client, name), getattr(clarifai.aio, name)


@pytest.mark.parametrize("name", HANDLES)
def test_every_public_name_is_there_or_dropped_with_a_reason(name: str):
    blocking, loop = pair(name)
    missing = public(blocking) - public(loop)
    assert missing <= set(DROPPED_NAMES)
    assert public(loop) - public(blocking) <= ADDED


def test_what_is_dropped_is_there_and_has_a_reason():
    dropped = {name for cls in HANDLES for name in public(pair(cls)[0]) - public(pair(cls)[1])}
    assert dropped == set(DROPPED_NAMES)
    assert all(len(why) > 15 for why in DROPPED_NAMES.values())


@pytest.mark.parametrize("name", HANDLES)
def test_arguments_are_the_same(name: str):
    blocking, loop = pair(name)
    for one in sorted(public(blocking) & public(loop) - {"open", "child"}):
        ours, theirs = getattr(loop, one), getattr(blocking, one)
        if isinstance(ours, types.FunctionType):
            assert _parameters(ours) == _parameters(theirs), one


def _parameters(function: Any) -> list[tuple[str, Any, Any]]:
    found = inspect.signature(function).parameters.values()
    return [(one.name, one.kind, one.default) for one in found]


@pytest.mark.parametrize("name", HANDLES)
def test_nothing_that_asks_the_platform_is_shared_with_blocking_handles(name: str):
    """What a handle of a loop inherits from blocking classes makes messages and reads fields."""
    _, loop = pair(name)
    shared = set()
    for one in public(loop):
        owner = next(cls for cls in loop.__mro__ if one in vars(cls))
        if not owner.__module__.startswith("clarifai_aio"):
            shared.add(one)
    harmless = {"app_id", "id", "kind", "message", "of", "scope", "settings", "user_app_id"}
    assert shared <= harmless | {"to_record", "user_id", "version_field", "without_key"}


@pytest.mark.parametrize("name", [one for one in HANDLES if one != "Lister"])
def test_a_handle_is_one_of_its_kind(name: str):
    _, loop = pair(name)
    assert issubclass(loop, clarifai.aio.Handle)
    assert issubclass(loop, blocking_handles.Handle)
    assert handles.open_class(loop.kind) is loop
    assert "kind" in vars(loop), "else setting a field would set an attribute"


def test_pagers_have_the_methods_of_blocking_ones():
    missing = public(BlockingPager) - public(clarifai.aio.Pager)
    assert missing == set()


async def test_fields_are_set_on_the_message(clarifai_app):
    model = clarifai.aio.Model(model_id="m", app_id=clarifai_app)
    model.description = "barn"
    assert model.message.description == "barn"
    workflow = clarifai.aio.Workflow(workflow_id="w", app_id=clarifai_app)
    workflow.description = "barn"
    assert workflow.message.description == "barn"


async def test_what_plugins_put_on_blocking_handles_is_refused_in_a_sentence(clarifai_app):
    from clarifai_core import _mixins

    app = clarifai.aio.App(app_id=clarifai_app)
    name = next(one for one in _mixins.names("app") if one not in dir(clarifai.aio.App))
    with pytest.raises(AttributeError, match="a plugin puts it on blocking handles only"):
        getattr(app, name)


def test_a_kind_without_a_handle_here_is_refused_in_a_sentence():
    with pytest.raises(PluginError, match="dataset_version"):
        handles.open_class("dataset_version")


async def test_handles_open_others_of_their_own_kind(clarifai_platform, clarifai_app):
    user = clarifai.aio.User("me")
    app = await user.open("app", clarifai_app)
    assert type(app) is clarifai.aio.App
    assert type(app.child("inputs")) is clarifai.aio.Inputs
    assert type(app.inputs()) is clarifai.aio.Inputs
    assert type(app.search()) is clarifai.aio.Search
    assert type(await app.create_dataset("d")) is clarifai.aio.Dataset
    assert type(await app.create_model("m", model_type_id="image-crop")) is clarifai.aio.Model
    runner = await user.create_runner("r", ["l"])
    assert type(runner) is clarifai.aio.Runner
    assert (await user.runner("r")).labels == ["l"]
    assert [one.id async for one in user.list_runners()] == ["r"]
