"""Handles and errors keep the words of the caller: what was opened as "me" stays "me"."""

from __future__ import annotations

import logging

import pytest

from clarifai_core.errors import ApiError, NotFound
from clarifai_resources.app import App
from clarifai_resources.user import User


@pytest.fixture
def me(platform_url: str) -> User:
    return User("me", base_url=platform_url)


@pytest.fixture
def shop(me: User) -> App:
    return me.create_app("shop", base_workflow="Empty")


def test_handles_of_what_was_made_opened_and_listed_say_me(me, shop):
    made = [shop, shop.create_dataset("d"), shop.create_model("m")]
    opened = [me.app("shop"), shop.dataset("d"), shop.model("m"), me.patch_app("shop", notes="x")]
    listed = [*shop.list_datasets(), *shop.list_models()]
    assert {one.user_id for one in (*made, *opened, *listed)} == {"me"}
    assert not [one for one in map(repr, (*made, *opened, *listed)) if "local" in one]
    assert shop.message.user_id == "local"  # the platform's own word for it


@pytest.mark.parametrize(
    "go_wrong",
    [
        lambda me, shop: me.app("nope"),
        lambda me, shop: me.create_app("shop"),
        lambda me, shop: me.delete_app("nope"),
        lambda me, shop: shop.dataset("nope"),
        lambda me, shop: shop.create_model("m").delete_version("nope"),
        lambda me, shop: shop.delete_dataset("nope"),
        lambda me, shop: shop.workflow("nope"),
        lambda me, shop: shop.inputs().get_input("nope"),
    ],
)
def test_errors_say_me(me, shop, go_wrong):
    with pytest.raises(ApiError) as refused:
        go_wrong(me, shop)
    assert "'me'" in str(refused.value)
    assert "local" not in str(refused.value)


def test_the_log_says_me(me, shop, caplog):
    caplog.set_level(logging.INFO)
    shop.create_dataset("d")
    assert "in me/shop" in caplog.text


def test_what_belongs_to_others_keeps_their_names(me):
    models = App(user_id="me", base_url=me.settings.base_url).list_models(only_in_app=False)
    assert "clarifai" in {one.user_id for one in models}
    with pytest.raises(NotFound, match="user_id='clarifai', app_id='nope'"):
        me.app("nope", user_id="clarifai")


def test_what_is_sent_within_a_message_has_the_platforms_own_id(me, shop):
    inputs = shop.inputs()
    shop.create_dataset("d")
    for n, label in enumerate(("yes", "no") * 4):
        inputs.upload_text(f"t{n}", f"{label} {n}", labels=[label], dataset_id="d")
    model = shop.create_model("m", model_type_id="embedding-classifier")
    model.get_params(save_to=None)
    model.update_params(dataset_id="d")
    model.train()
    trained = model.wait_until_trained()
    for how in ({"dataset": shop.dataset("d")}, {"dataset_id": "d", "dataset_user_id": "me"}):
        (begun,) = trained.evaluate(**how)
        done = trained.wait_until_evaluated(begun.id)
        assert done.ground_truth_dataset.user_id == "local"


def test_an_app_named_as_a_public_one_is_not_that_one(me):
    own = me.create_app("main", base_workflow="Empty")
    public = User("clarifai", base_url=me.settings.base_url).app("main")
    model = public.model("general-image-recognition")
    assert (type(model).of(model.message, own).user_id, own.create_model("m").user_id) == (
        "clarifai",
        "me",
    )
