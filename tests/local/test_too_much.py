"""Requests that ask for too much, or quote what no text can hold, get a sentence, not a 500."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from urllib.parse import quote

import httpx
import pytest
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local import media
from clarifai_local._searching.limits import MAX_CONDITIONS, MAX_RANKED
from tests.local.pictures import huge_png, picture

APP = "/v2/users/alice/apps/zoo"


@pytest.fixture(autouse=True)
def _no_errors_in_the_log(caplog) -> Iterator[None]:
    yield
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR] == []


@pytest.fixture
def http(platform, app):
    with httpx.Client(base_url="http://clarifai.local", transport=platform.http_transport()) as one:
        yield one


def details(reply: httpx.Response) -> str:
    return str(reply.json()["status"]["details"])


# Numbers that are none


@pytest.mark.parametrize(
    "number",
    ["\u0663", "\u00b2", "1e3", "1_000", "+5", " 5", "5 ", "0x10", "NaN", "1e400", "", "1.5",
     "9" * 30, "9" * 5000, "-1", "\uff15"],
)  # fmt: skip
def test_what_only_python_takes_for_a_number_is_refused_by_name(http, number):
    for reply in (
        http.get(f"{APP}/concepts?page={quote(number)}"),
        http.get(f"{APP}/concepts?per_page={quote(number)}"),
        http.post(f"{APP}/concepts/searches", json={"pagination": {"page": number}}),
    ):
        assert reply.status_code == 400
        assert "page" in details(reply)


def test_numbers_as_texts_are_taken_as_json_of_protobuf_has_them(http):
    body = {
        "inputs": [
            {"id": "i", "data": {"text": {"raw": "x"}, "concepts": [{"id": "c", "value": "0.5"}]}}
        ]
    }
    assert http.post(f"{APP}/inputs", json=body).status_code == 200
    assert (
        http.post(f"{APP}/concepts/searches", json={"pagination": {"page": "1"}}).status_code == 200
    )
    odd = {"inputs": [{"data": {"text": {"raw": "x"}, "concepts": [{"id": "c", "value": "0_5"}]}}]}
    assert "inputs.data.concepts.value" in details(http.post(f"{APP}/inputs", json=odd))


@pytest.mark.parametrize(
    "place",
    ["/masks/{}/a/b/c", "/masks/{}", "/exports/{}", "/dataset_exports/{}", "/media/orig/image/{}"],
)
@pytest.mark.parametrize("number", ["\u00b2", "\u0663", "9" * 20, "9" * 5000, "-1", "1_0", "+1"])
def test_addresses_with_odd_numbers_lead_nowhere(http, place, number):
    assert http.get(place.format(quote(number))).status_code == 404


# Half characters


@pytest.mark.parametrize(
    "body",
    ['{"apps": [{"id": "\\ud800"}]}', '{"\\udfff": 1}', '{"apps": [{"\\ud800": 1}]}',
     '{"apps": [{"id": "a", "metadata": {"\\ud800": "\\udc00x"}}]}',
     '{"apps": [{"id": "a", "visibility": {"gettable": "\\ud800"}}]}',
     '{"apps": [{"id": "a", "image": {"base64": "\\ud800"}}]}'],
)  # fmt: skip
def test_half_characters_in_json_are_refused(http, body):
    reply = http.post("/v2/users/alice/apps", content=body)
    assert reply.status_code == 400
    assert reply.json()["status"]["code"] == codes.CONN_INVALID_REQUEST
    assert "apps" in details(reply) or "the request" in details(reply)
    assert "half a character" in details(reply)


def test_whole_characters_in_two_halves_are_fine(http):
    body = '{"concepts": [{"id": "\\ud83d\\udc15", "name": "dog"}]}'
    assert http.post(f"{APP}/concepts", content=body).status_code == 200
    assert http.get(f"{APP}/concepts/{quote(chr(0x1F415))}").json()["concept"]["name"] == "dog"


@pytest.mark.parametrize("encoded", ["%FF", "%ED%A0%80", "%C0%AF", "a%80b"])
def test_what_is_not_utf_8_once_decoded_is_refused(http, encoded):
    for reply in (http.get(f"{APP}/concepts/{encoded}"), http.get(f"{APP}/concepts?id={encoded}")):
        assert reply.status_code == 400
        assert "UTF-8" in details(reply)


def test_half_characters_in_the_metadata_of_a_call_are_no_key(platform, connect):
    stranger = connect(platform.channel(authenticate=True), (("authorization", "Key \ud800"),))
    assert stranger.ListApps().status.code == codes.CONN_KEY_INVALID


def test_a_refusal_quotes_as_much_as_can_be_read(api, app):
    status = api.GetDataset(user_app_id=app, dataset_id="x" * 1_000_000).status
    assert status.code == codes.CONN_DOES_NOT_EXIST
    assert len(status.details) < 2_100


# Depth and bytes


@pytest.mark.parametrize(
    "body",
    [
        "[" * 100_000,
        '{"apps":' * 500 + "1" + "}" * 500,
        '{"apps":' + "[" * 300 + "]" * 300 + "}",
        '{"apps": [{"metadata": ' + '{"a":' * 250 + "1" + "}" * 250 + "}]}",
    ],
)
def test_json_that_is_nested_deep_is_refused(http, body):
    reply = http.post("/v2/users/alice/apps", content=body)
    assert reply.status_code == 400
    assert "nested" in details(reply)


@pytest.mark.parametrize("garbage", ["!!!", "data:image/png;base64,aGk=", "a=b", "\u00e9", "a b"])
def test_what_is_no_base64_is_refused_by_name(http, garbage):
    body = {"inputs": [{"data": {"image": {"base64": garbage}}}]}
    reply = http.post(f"{APP}/inputs", json=body)
    assert reply.status_code == 400
    assert "inputs.data.image.base64" in details(reply)
    assert "base64" in details(reply)


def test_base64_in_lines_and_of_addresses_is_taken(http):
    for given in ("aGVs\nbG8=\n", "aGVs\r\nbG8", "_-8="):
        body = {"inputs": [{"data": {"image": {"base64": given}}}]}
        assert http.post(f"{APP}/inputs", json=body).status_code == 200


# Queries


def search(
    *filters: resources_pb2.Filter, ranks: Sequence[resources_pb2.Rank] = ()
) -> list[resources_pb2.Search]:
    return [resources_pb2.Search(query=resources_pb2.Query(filters=filters, ranks=ranks))]


def of(data: resources_pb2.Data) -> resources_pb2.Filter:
    return resources_pb2.Filter(annotation=resources_pb2.Annotation(data=data))


def concepts(count: int) -> list[resources_pb2.Concept]:
    return [resources_pb2.Concept(id=f"c{number}", value=1) for number in range(count)]


def wide(count: int) -> resources_pb2.Data:
    data = resources_pb2.Data()
    data.metadata.update({f"k{number}": number for number in range(count)})
    return data


def nested(count: int) -> resources_pb2.Data:
    data = resources_pb2.Data()
    data.metadata.update({"a": {f"k{number}": number for number in range(count)}})
    return data


def listed(count: int) -> resources_pb2.Data:
    data = resources_pb2.Data()
    data.metadata.update({"a": list(range(count))})
    return data


_MANY = {
    "filters": lambda n: [of(resources_pb2.Data(concepts=[c])) for c in concepts(n // 2)] * 2,
    "concepts": lambda n: [of(resources_pb2.Data(concepts=concepts(n)))],
    "ids": lambda n: [
        resources_pb2.Filter(input=resources_pb2.Input(id=f"i{number}")) for number in range(n)
    ],
    "metadata keys": lambda n: [of(wide(n))],
    "metadata values": lambda n: [of(nested(n))],
    "metadata lists": lambda n: [of(listed(n))],
    "datasets": lambda n: [
        resources_pb2.Filter(input=resources_pb2.Input(dataset_ids=[f"d{i}" for i in range(n)]))
    ],
}


@pytest.mark.parametrize("kind", _MANY)
@pytest.mark.parametrize("rpc", ["PostInputsSearches", "PostAnnotationsSearches"])
def test_filters_hold_up_to_the_limit_and_are_refused_beyond(api, app, rpc, kind):
    item = resources_pb2.Input(id="i", data=resources_pb2.Data(text=resources_pb2.Text(raw="x")))
    api.PostInputs(user_app_id=app, inputs=[item])
    at_most = getattr(api, rpc)(user_app_id=app, searches=search(*_MANY[kind](MAX_CONDITIONS // 2)))
    assert at_most.status.code == codes.SUCCESS, at_most.status
    for count in (MAX_CONDITIONS + 2, 20_000):
        status = getattr(api, rpc)(user_app_id=app, searches=search(*_MANY[kind](count))).status
        assert status.code == codes.SEARCH_INVALID_REQUEST
        assert f"more than {MAX_CONDITIONS:,}" in status.details


def test_a_thousand_concepts_are_alternatives(api, app):
    data = resources_pb2.Data(text=resources_pb2.Text(raw="x"), concepts=concepts(1000)[-1:])
    api.PostInputs(user_app_id=app, inputs=[resources_pb2.Input(id="i", data=data)])
    asked = search(of(resources_pb2.Data(concepts=concepts(1000))))
    hits = api.PostInputsSearches(user_app_id=app, searches=asked).hits
    assert [hit.input.id for hit in hits] == ["i"]


def test_concepts_of_one_name_by_the_ten_thousand_are_one_condition(api, app):
    for start in range(0, 40_000, 10_000):
        made = [resources_pb2.Concept(id=f"c{start + n}", name="same") for n in range(10_000)]
        assert api.PostConcepts(user_app_id=app, concepts=made).status.code == codes.SUCCESS
    data = resources_pb2.Data(text=resources_pb2.Text(raw="x"), concepts=concepts(1))
    api.PostInputs(user_app_id=app, inputs=[resources_pb2.Input(id="i", data=data)])
    named = resources_pb2.Data(concepts=[resources_pb2.Concept(name="same", value=1)])
    rank = resources_pb2.Rank(annotation=resources_pb2.Annotation(data=named))
    for searches in (search(of(named)), search(ranks=[rank])):
        answer = api.PostInputsSearches(user_app_id=app, searches=searches)
        assert answer.status.code == codes.SUCCESS
        assert [hit.input.id for hit in answer.hits] == ["i"]


def test_ranks_beyond_the_limit_are_refused(api, app):
    asked = resources_pb2.Annotation(data=resources_pb2.Data(text=resources_pb2.Text(raw="x")))
    many = [resources_pb2.Rank(annotation=asked)] * (MAX_RANKED + 1)
    one = resources_pb2.Rank(
        annotation=resources_pb2.Annotation(
            data=resources_pb2.Data(concepts=concepts(MAX_RANKED + 1))
        )
    )
    for ranks in (many, [one]):
        status = api.PostInputsSearches(user_app_id=app, searches=search(ranks=ranks)).status
        assert status.code == codes.SEARCH_INVALID_REQUEST
        assert f"more than {MAX_RANKED}" in status.details


@pytest.mark.parametrize(
    ("rpc", "field"),
    [("ListDatasets", "search"), ("ListModels", "query"), ("ListWorkflows", "search"),
     ("ListApps", "name"), ("ListModels", "name"), ("ListConcepts", "id")],
)  # fmt: skip
def test_long_texts_to_search_by_are_refused(api, app, rpc, field):
    for pattern in ("x " * 50_000, "*a" * 30_000):
        status = getattr(api, rpc)(user_app_id=app, **{field: pattern}).status
        assert status.code == codes.CONN_INVALID_REQUEST
        assert "more than 1,000" in status.details


def test_many_words_are_looked_for_in_a_long_text(api, app):
    long = resources_pb2.Dataset(id="long", description="ab " * 300_000)
    api.PostDatasets(user_app_id=app, datasets=[long, resources_pb2.Dataset(id="other")])
    found = api.ListDatasets(user_app_id=app, search="ab " * 300)
    assert [dataset.id for dataset in found.datasets] == ["long"]


def test_workflows_by_the_thousand_are_refused(api, app):
    many = [resources_pb2.Workflow(id=f"w{number}") for number in range(1000)]
    for rpc, more in (("PostWorkflows", {}), ("PatchWorkflows", {"action": "merge"})):
        status = getattr(api, rpc)(user_app_id=app, workflows=many, **more).status
        assert status.code == codes.CONN_INVALID_REQUEST
        assert "more than 128" in status.details


# Masks


@pytest.mark.parametrize(
    "mask",
    [
        huge_png(60_000, 60_000),
        huge_png(10_000, 10_000),
        huge_png(2**31 - 1, 2**31 - 1),
        huge_png(12_000, 12_000),
    ],
)
def test_masks_that_unpack_to_more_than_a_picture_are_refused(api, app, mask):
    text = resources_pb2.Data(text=resources_pb2.Text(raw="x"))
    api.PostInputs(user_app_id=app, inputs=[resources_pb2.Input(id="i", data=text)])
    annotation = resources_pb2.Annotation(input_id="i")
    annotation.data.regions.add().region_info.mask.image.base64 = mask
    answer = api.PostAnnotations(user_app_id=app, annotations=[annotation])
    status = answer.annotations[0].status if answer.annotations else answer.status
    assert status.code == codes.INPUT_OVER_LIMIT
    assert f"{media.MAX_IMAGE_PIXELS:,}" in status.details


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "PNG"])
def test_masks_of_any_format_that_fit_are_kept(api, app, kind):
    text = resources_pb2.Data(text=resources_pb2.Text(raw="x"))
    api.PostInputs(user_app_id=app, inputs=[resources_pb2.Input(id="i", data=text)])
    annotation = resources_pb2.Annotation(input_id="i")
    annotation.data.regions.add().region_info.mask.image.base64 = picture(kind=kind)
    assert (
        api.PostAnnotations(user_app_id=app, annotations=[annotation]).status.code == codes.SUCCESS
    )


def test_json_answers_hold_what_was_refused(http):
    reply = http.get(f"{APP}/datasets/{quote('*' * 5_000)}")
    assert reply.status_code == 404
    assert json.loads(reply.content)["status"]["code"] == codes.CONN_DOES_NOT_EXIST
