"""`Lister`: pages of any List method."""

from __future__ import annotations

import grpc
import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2

from clarifai_core.errors import ApiError, Unreachable, UserError
from clarifai_resources.lister import Lister
from clarifai_resources.user import User

ANN = resources_pb2.UserAppIDSet(user_id="ann")


@pytest.fixture
def crowded(user: User) -> User:
    """A user with five apps."""
    for number in range(5):
        user.create_app(f"app-{number}", base_workflow="Empty")
    return user


def ids(pages) -> list[str]:
    return sorted(item["id"] for item in pages)


def test_a_handle_lists_by_the_name_of_a_method(crowded: User):
    pages = crowded.list_pages_generator(
        "ListApps", service_pb2.ListAppsRequest, {"user_app_id": ANN}
    )
    assert ids(pages) == [f"app-{number}" for number in range(5)]


def test_items_are_dicts_with_the_names_of_the_wire(crowded: User):
    item = next(iter(crowded.list_pages_generator("ListApps", request_data={"user_app_id": ANN})))
    assert item["user_id"] == "ann"
    assert item["default_workflow"]["id"] == "Empty"


def test_a_lister_of_its_own_uses_the_environment(crowded: User, platform_url, monkeypatch):
    monkeypatch.setenv("CLARIFAI_API_BASE", platform_url)
    pages = Lister().list_pages_generator("ListApps", request_data={"user_app_id": ANN})
    assert len(ids(pages)) == 5


def test_a_page_has_the_size_of_the_lister(crowded: User, platform_url, monkeypatch):
    monkeypatch.setenv("CLARIFAI_API_BASE", platform_url)
    lister = Lister(page_size=2)
    sizes = [
        len(
            ids(lister.list_pages_generator("ListApps", None, {"user_app_id": ANN}, page_no=number))
        )
        for number in (1, 2, 3)
    ]
    assert sizes == [2, 2, 1]
    request_data = {"user_app_id": ANN}
    assert len(ids(lister.list_pages_generator("ListApps", None, request_data, per_page=4))) == 4


@pytest.fixture
def channel(scripted):
    with grpc.insecure_channel(scripted.url.removeprefix("http://")) as opened:
        yield opened


def list_apps_on(channel):
    return channel.unary_unary(
        "/clarifai.api.V2/ListApps",
        request_serializer=service_pb2.ListAppsRequest.SerializeToString,
        response_deserializer=service_pb2.MultiAppResponse.FromString,
    )


def test_a_grpc_callable_is_called_page_by_page(scripted, channel):
    def answer(request):
        count = request.per_page if request.page == 1 else 1
        apps = [resources_pb2.App(id=f"{request.page}-{n}") for n in range(count)]
        response = service_pb2.MultiAppResponse(apps=apps)
        response.status.code = 10000
        return response

    scripted.queue("ListApps", answer)
    endpoint = list_apps_on(channel)
    pages = Lister().list_pages_generator(
        endpoint, service_pb2.ListAppsRequest, {"user_app_id": ANN}
    )
    assert len(list(pages)) == 1001
    assert [request.page for _, request in scripted.asked] == [1, 2]


def test_nothing_is_sent_before_the_first_item(scripted, channel):
    endpoint = list_apps_on(channel)
    Lister().list_pages_generator(endpoint, service_pb2.ListAppsRequest, {})
    assert scripted.asked == []


def test_a_refused_page_is_an_error(scripted, channel):
    refused = service_pb2.MultiAppResponse()
    refused.status.code, refused.status.details = 11102, "no such thing"
    scripted.queue("ListApps", refused)
    endpoint = list_apps_on(channel)
    pages = Lister().list_pages_generator(endpoint, service_pb2.ListAppsRequest, {})
    with pytest.raises(ApiError, match="ListApps failed at page 1: no such thing"):
        next(iter(pages))


def test_a_callable_that_reaches_nobody_is_an_error():
    with grpc.insecure_channel("127.0.0.1:1") as channel:
        endpoint = list_apps_on(channel)
        pages = Lister().list_pages_generator(endpoint, service_pb2.ListAppsRequest, {})
        with pytest.raises(Unreachable, match="ListApps"):
            next(iter(pages))


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("ListAps",), "'ListAps'"),
        (("GetApp",), "GetApp has no pages"),
        ((7,), "endpoint must be the name of a method or a gRPC callable, got 7"),
        (("ListApps", service_pb2.ListModelsRequest), "must be ListAppsRequest for ListApps"),
        ((print, dict), "proto_message must be the class of a request"),
        (("ListApps", None, {"sort_by_nam": True}), "did you mean 'sort_by_name'"),
        (("ListApps", None, {}, 0), "page_no must be"),
        (("ListApps", None, {}, None, 1001), "per_page must be"),
    ],
)
def test_what_cannot_be_listed_is_refused_at_once(user: User, arguments, text: str):
    with pytest.raises(UserError, match=text):
        user.list_pages_generator(*arguments)


@pytest.mark.parametrize("page_size", [0, 1001, "16", True, None])
def test_a_page_size_that_cannot_be_is_refused(page_size):
    with pytest.raises(UserError, match="page_size"):
        Lister(page_size)
