"""`Lister`: pages of any List method."""

from __future__ import annotations

import grpc
import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from google.protobuf import timestamp_pb2

from clarifai_compat.auth_helper import ClarifaiAuthHelper, create_stub
from clarifai_core.errors import ApiError, Unreachable, UserError
from clarifai_core.wire.messages import arguments_of
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
        (("ListApps", None, {}, -1), "page_no must be"),
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


# --- items, as the official SDK 10.1.1 yields them from this very platform (it was run against it):
# `<kind>_id` in place of `id`, times as Timestamp, nested messages as dicts, an input of a dataset
# as the input; ours have `id` besides


@pytest.fixture
def zoo(app):
    app.create_dataset("d")
    inputs = app.inputs()
    job, _ = inputs.upload_text("t1", "hello", dataset_id="d", labels=["cat"])
    assert inputs._wait_for_inputs(job)
    return app


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        ("ListApps", "app_id", "zoo"),
        ("ListDatasets", "dataset_id", "d"),
        ("ListInputs", "input_id", "t1"),
        ("ListConcepts", "concept_id", "id-cat"),
        ("ListDatasetInputs", "dataset_input_id", "t1"),
        ("ListWorkflows", "workflow_id", "General"),
        ("ListModelVersions", "model_version_id", "aa7f35c01e0642fda5cf400f543e7c40"),
        ("ListWorkflowVersions", "workflow_version_id", ""),
        ("ListModelTypes", "model_type_id", ""),
    ],
)
def test_an_items_id_goes_by_the_name_of_its_kind(zoo, name: str, key: str, value: str):
    more = {
        "ListDatasetInputs": {"dataset_id": "d"},
        "ListModelVersions": {"model_id": "general-image-recognition"},
        "ListWorkflowVersions": {"workflow_id": "General"},
    }.get(name, {})
    scope = {"user_id": "ann", "app_id": "zoo"}
    if "Workflow" in name or "Version" in name:
        scope = {"user_id": "clarifai", "app_id": "main"}
    item = next(iter(zoo.list_pages_generator(name, None, {"user_app_id": scope, **more})))
    assert item[key] == item["id"]
    assert value in ("", item[key])


def test_the_constructor_of_the_message_takes_an_item(zoo):
    data = {"user_app_id": {"user_id": "ann", "app_id": "zoo"}}
    (item,) = zoo.list_pages_generator("ListInputs", None, data)
    assert isinstance(item["created_at"], timestamp_pb2.Timestamp)
    assert item["data"]["concepts"][0]["id"] == "id-cat"
    assert item["status"]["code"] == "INPUT_SUCCESS"  # a name of 30000, as JSON has it
    (sent,) = zoo.inputs().list_inputs()
    del item["input_id"]
    assert resources_pb2.Input(**item) == sent


def test_concepts_are_made_as_programs_do(zoo):
    data = {"user_app_id": {"user_id": "ann", "app_id": "zoo"}}
    (item,) = zoo.list_pages_generator("ListConcepts", None, data)
    item["id"] = item.pop("concept_id")
    assert resources_pb2.Concept(**item).name == "cat"


def test_values_of_every_kind_are_arguments_of_the_constructor():
    model = resources_pb2.Model(id="m", workflow_recommended={"value": False}, toolkits=["a"])
    model.created_at.FromJsonString("2024-05-01T10:00:00.5Z")
    model.visibility.gettable = resources_pb2.Visibility.Gettable.PUBLIC
    model.metadata.update({"k": [1, "x"]})
    model.model_version.metrics.summary.macro_avg_roc_auc = 0.9
    model.model_version.output_info.data.concepts.add(id="c", value=0.1)
    model.model_version.output_info.data.image.base64 = b"\xff"
    model.model_version.total_input_count = 7
    item = arguments_of(model)
    assert resources_pb2.Model(**item) == model
    assert item["visibility"] == {"gettable": "PUBLIC"}
    assert item["model_version"]["metrics"]["summary"]["macro_avg_roc_auc"] == 0.9
    assert item["model_version"]["output_info"]["data"]["image"]["base64"] == b"\xff"


# --- endpoints of our own stub


def test_a_method_of_our_stub_is_asked_through_its_session(crowded: User, platform_url: str):
    stub = create_stub(ClarifaiAuthHelper("ann", base=platform_url))
    request = {"user_app_id": ANN}
    for lister in (crowded, Lister()):
        for proto_message in (None, service_pb2.ListAppsRequest):
            pages = lister.list_pages_generator(stub.ListApps, proto_message, request)
            assert ids(pages) == [f"app-{number}" for number in range(5)]
    with pytest.raises(UserError, match="must be ListAppsRequest for ListApps"):
        crowded.list_pages_generator(stub.ListApps, service_pb2.ListModelsRequest, request)


def test_a_function_of_ones_own_is_called_with_the_request():
    asked = []

    def endpoint(request):
        asked.append(request.page)
        answer = service_pb2.MultiAppResponse(apps=[resources_pb2.App(id="a")])
        answer.status.code = 10000
        return answer

    pages = Lister().list_pages_generator(endpoint, service_pb2.ListAppsRequest, {})
    assert [item["app_id"] for item in pages] == ["a"]
    assert asked == [1]


def test_default_page_size_is_the_page_size(crowded: User):
    lister = Lister(page_size=2)
    assert lister.default_page_size == 2
    lister.default_page_size = 3
    assert lister.page_size == 3
    with pytest.raises(UserError, match="page_size"):
        lister.default_page_size = 0
    crowded.default_page_size = 4
    assert len(ids(crowded.list_pages_generator("ListApps", None, {"user_app_id": ANN}, 1))) == 4
