"""Users: apps and runners, as a program sees them."""

from __future__ import annotations

import copy
import pickle

import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status.status_pb2 import BaseResponse

from clarifai_core.errors import AlreadyExists, ApiError, NotFound, UserError
from clarifai_local import Platform
from clarifai_resources.app import App
from clarifai_resources.user import User


def test_an_app_that_was_created_is_found_again(user: User):
    made = user.create_app("zoo", base_workflow="Universal", description="Animals")
    found = user.app("zoo")
    assert (made.id, made.description, found.description) == ("zoo", "Animals", "Animals")
    assert (found.user_id, found.app_id) == ("ann", "zoo")
    assert found.default_workflow.id == "Universal"


def test_an_app_gets_the_documented_base_workflow(scripted):
    scripted.queue("PostApps", multi_apps("zoo"))
    User("ann", base_url=scripted.url, pat="p").create_app("zoo", description="D")
    ((rpc, request),) = scripted.asked
    workflow = resources_pb2.Workflow(
        id="Language-Understanding", app_id="main", user_id="clarifai"
    )
    assert rpc == "PostApps"
    assert request == service_pb2.PostAppsRequest(
        user_app_id=resources_pb2.UserAppIDSet(user_id="ann"),
        apps=[resources_pb2.App(id="zoo", description="D", default_workflow=workflow)],
    )


def multi_apps(*names: str) -> service_pb2.MultiAppResponse:
    response = service_pb2.MultiAppResponse(apps=[resources_pb2.App(id=name) for name in names])
    response.status.code = 10000
    return response


def test_what_is_opened_is_asked_for_with_the_key_that_is_given(tmp_path):
    with (
        Platform(tmp_path / "served", pats=["right", "second"]) as platform,
        platform.serve() as at,
    ):
        user = User("ann", base_url=at.base_url, pat="right")
        app = user.create_app("zoo", base_workflow="Empty")
        app.create_dataset("one")
        again = User("ann", base_url="http://127.0.0.1:9", pat="right").app(
            "zoo", base_url=at.base_url, pat="second"
        )
        assert [found.id for found in again.list_datasets()] == ["one"]
        assert user.app("zoo", pat=None, token="").id == "zoo"
        for opened in (lambda: user.app("zoo", pat="wrong"), lambda: app.dataset("one", pat="no")):
            with pytest.raises(ApiError, match="11008"):
                opened()


def test_listing_gives_apps_with_every_field(user: User):
    for name in ("zoo", "farm"):
        user.create_app(name, base_workflow="Empty", description=f"The {name}")
    apps = user.list_apps()
    assert {app.id: app.description for app in apps} == {"zoo": "The zoo", "farm": "The farm"}
    assert all(isinstance(app, App) and app.app_id == app.id for app in apps)


def test_listing_by_page_asks_for_that_page_only(user: User):
    for number in range(5):
        user.create_app(f"app-{number}", base_workflow="Empty")
    first, second = (user.list_apps(page_no=n, per_page=3).all() for n in (1, 2))
    assert (len(first), len(second)) == (3, 2)
    assert len({app.id for app in first + second}) == 5
    assert len(list(user.list_apps(per_page=2))) == 2


def test_listing_can_be_filtered(user: User):
    for name in ("zoo", "farm"):
        user.create_app(name, base_workflow="Empty")
    assert [app.id for app in user.list_apps(filter_by={"name": "far*"})] == ["farm"]


def test_an_unknown_filter_names_the_nearest(user: User):
    with pytest.raises(UserError, match="sort_by_nam: unknown; did you mean 'sort_by_name'"):
        user.list_apps(filter_by={"sort_by_nam": True})


@pytest.mark.parametrize("page", [{"page_no": -1}, {"page_no": "1"}, {"per_page": 1001}])
def test_a_page_that_cannot_be_is_refused(user: User, page):
    with pytest.raises(UserError, match=next(iter(page))):
        user.list_apps(**page)


def test_a_deleted_app_is_gone(user: User):
    user.create_app("zoo", base_workflow="Empty")
    user.delete_app("zoo")
    assert user.list_apps().all() == []
    with pytest.raises(NotFound, match="zoo") as caught:
        user.app("zoo")
    assert (caught.value.rpc, caught.value.code) == ("GetApp", 11101)


def test_deleting_an_unknown_app_is_an_error(user: User):
    with pytest.raises(NotFound, match="zoo"):
        user.delete_app("zoo")


def test_an_app_id_is_taken_once(user: User):
    user.create_app("zoo", base_workflow="Empty")
    with pytest.raises(AlreadyExists, match="zoo"):
        user.create_app("zoo", base_workflow="Empty")


@pytest.mark.parametrize("app_id", ["", "  ", None, 7])
@pytest.mark.parametrize("method", ["app", "create_app", "delete_app"])
def test_an_empty_app_id_is_refused(user: User, method: str, app_id):
    with pytest.raises(UserError, match="app_id must be a text that is not empty"):
        getattr(user, method)(app_id)


@pytest.mark.parametrize("app_id", ["a b", "-a", "a--", "ä", "x" * 49])
def test_an_id_that_nothing_new_may_have_is_refused(user: User, app_id: str):
    with pytest.raises(UserError, match=r"app_id .* cannot be an id"):
        user.create_app(app_id)
    assert user.list_apps().all() == []


def test_an_unknown_field_names_the_nearest(user: User):
    with pytest.raises(UserError, match="descripton: unknown; did you mean 'description'"):
        user.create_app("zoo", descripton="Animals")  # type: ignore[call-arg]
    assert user.list_apps().all() == []


def test_fields_given_with_the_id_stand_on_the_handle(user: User, app: App):
    named = user.app("zoo", description="Mine")
    assert named.description == "Mine"
    assert user.app("zoo").description == ""


def test_the_app_of_another_user_can_be_opened(user: User):
    main = user.app("main", user_id="clarifai")
    assert (main.id, main.user_id) == ("main", "clarifai")


def test_a_user_keeps_what_it_was_made_with(platform_url: str):
    user = User("ann", base_url=platform_url, first_name="Ann")
    for same in (user, copy.copy(user), copy.deepcopy(user), pickle.loads(pickle.dumps(user))):
        assert (same.id, same.user_id, same.first_name) == ("ann", "ann", "Ann")
        assert same.list_apps().all() == []
    assert repr(user) == "User(id='ann', user_id='ann')"


def test_an_unknown_field_of_the_user_names_the_nearest(platform_url: str):
    with pytest.raises(UserError, match="frist_name: unknown; did you mean 'first_name'"):
        User("ann", base_url=platform_url, frist_name="Ann")  # type: ignore[call-arg]


def test_an_unknown_attribute_names_the_nearest(user: User):
    with pytest.raises(AttributeError, match=r"first_nam.*did you mean 'first_name'"):
        getattr(user, "first_" + "nam")


def test_the_user_may_come_from_the_environment(platform_url: str, monkeypatch):
    monkeypatch.setenv("CLARIFAI_USER_ID", "ann")
    monkeypatch.setenv("CLARIFAI_API_BASE", platform_url)
    user = User()
    assert (user.id, user.list_apps().all()) == ("ann", [])


def test_a_call_without_user_says_what_to_give(platform_url: str):
    with pytest.raises(UserError, match="user_id"):
        User(base_url=platform_url).create_app("zoo")


def runner_response(*names: str) -> service_pb2.MultiRunnerResponse:
    runners = [resources_pb2.Runner(id=name, labels=["gpu"]) for name in names]
    response = service_pb2.MultiRunnerResponse(runners=runners)
    response.status.code = 10000
    return response


@pytest.fixture
def remote_user(scripted) -> User:
    return User("ann", base_url=scripted.url, pat="test-pat")


ANN = resources_pb2.UserAppIDSet(user_id="ann")


def test_a_runner_is_created(remote_user: User, scripted):
    scripted.queue("PostRunners", runner_response("run-1"))
    runner = remote_user.create_runner("run-1", labels=["gpu"], description="laptop")
    asked = resources_pb2.Runner(id="run-1", labels=["gpu"], description="laptop")
    assert scripted.asked == [
        ("PostRunners", service_pb2.PostRunnersRequest(user_app_id=ANN, runners=[asked]))
    ]
    assert (runner.id, list(runner.labels), runner.user_id) == ("run-1", ["gpu"], "ann")


def test_runners_are_opened_listed_and_deleted(remote_user: User, scripted):
    one = service_pb2.SingleRunnerResponse(runner=resources_pb2.Runner(id="run-1"))
    one.status.code = 10000
    scripted.queue("GetRunner", one)
    scripted.queue("ListRunners", runner_response("run-1", "run-2"))
    scripted.queue("DeleteRunners", BaseResponse(status=one.status))
    assert remote_user.runner("run-1").id == "run-1"
    assert [runner.id for runner in remote_user.list_runners()] == ["run-1", "run-2"]
    remote_user.delete_runner("run-2")
    deleted = service_pb2.DeleteRunnersRequest(user_app_id=ANN, ids=["run-2"])
    assert scripted.asked[-1] == ("DeleteRunners", deleted)


@pytest.mark.parametrize("labels", ["gpu", [1], None])
def test_labels_of_a_runner_are_a_list_of_texts(user: User, labels):
    with pytest.raises(UserError, match="labels must be a list of texts"):
        user.create_runner("run-1", labels)
