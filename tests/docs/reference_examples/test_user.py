"""The examples on users."""

from __future__ import annotations

import pytest

from clarifai.client.app import App
from clarifai_core.errors import NotFound


def ids(listed) -> list[str]:
    return sorted(one.id for one in listed)


def test_app(run, user):
    user.create_app("app_id", description="D")
    assert run("User.app()").app.description == "D"


def test_create_app(run, user):
    made = run("User.create_app()").app
    assert ids(user.list_apps()) == ["app_id"]
    assert made.default_workflow.id == "Universal"


def test_delete_app(run, user, app):
    run("User.delete_app()")
    assert user.list_apps().all() == []
    with pytest.raises(NotFound):
        user.app("app_id")


def test_list_apps(run, user):
    user.create_app("a")
    user.create_app("b")
    listed = list(run("User.list_apps()").apps)
    assert ids(listed) == ["a", "b"]
    assert all(isinstance(one, App) for one in listed)


def test_create_runner(run, user):
    run("User.create_runner()")
    (made,) = user.list_runners()
    assert (made.id, list(made.labels), made.description) == (
        "runner_id",
        ["label to link runner"],
        "laptop runner",
    )


@pytest.fixture
def runner(user):
    return user.create_runner("runner_id", labels=["a"], description="D")


def test_delete_runner(run, user, runner):
    run("User.delete_runner()")
    assert user.list_runners().all() == []


def test_list_runners(run, runner):
    assert ids(run("User.list_runners()").all_runners) == ["runner_id"]


def test_runner(run, runner):
    assert run("User.runner()").runner.description == "D"
