"""Errors and handles name the user as the caller did: `"me"` where that was written."""

from __future__ import annotations

import pytest

from clarifai_core.errors import ApiError
from clarifai_core.transport.session import close_sessions
from clarifai_resources.user import User


@pytest.fixture
def user(tmp_path):
    made = User("me", base_url=f"local:{tmp_path}")
    app = made.create_app("zoo")
    app.create_model("m", model_type_id="embedding-classifier")
    yield made
    close_sessions()


WAYS = {
    "app": lambda user: user.app("zoo"),
    "open": lambda user: user.open("app", "zoo"),
    "listed": lambda user: next(iter(user.list_apps())),
    "listed by name": lambda user: next(iter(user.list_apps({"name": "zo*"}))),
    "a page": lambda user: user.list_apps(page_no=1, per_page=5).all()[0],
}
FAULTS = {
    "a model": lambda app: app.model("nope"),
    "a dataset": lambda app: app.dataset("nope"),
    "a workflow": lambda app: app.delete_workflow("nope"),
    "a version": lambda app: app.model("m").delete_version("nope"),
    "inputs": lambda app: list(app.inputs().list_inputs("nope")),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("way", WAYS)
def test_an_error_names_the_user_as_the_caller_did(user, way, fault):
    app = WAYS[way](user)
    assert app.user_id == "me"
    with pytest.raises(ApiError) as caught:
        FAULTS[fault](app)
    assert "user_id='me'" in str(caught.value)
    assert "local" not in str(caught.value)


def test_who_wrote_the_own_id_reads_that(user):
    own = User("local", base_url=user.settings.base_url)
    app = next(iter(own.list_apps()))
    with pytest.raises(ApiError, match="user_id='local'"):
        app.model("nope")


def test_apps_that_may_be_of_others_keep_their_owner(user):
    for one in user.list_apps({"starred_only": True}):
        assert one.user_id == "local"
    with pytest.raises(ApiError, match="user_id='clarifai'"):
        next(iter(User("clarifai", base_url=user.settings.base_url).list_apps())).model("nope")
