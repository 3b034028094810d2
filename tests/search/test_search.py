"""Searches of an app on the embedded platform: the hits are what a user looks for."""

from __future__ import annotations

import io

import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from PIL import Image

from clarifai_core.handles import open_class
from clarifai_search.handle import Search


def picture(*color: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (16, 16), color).save(out, "PNG")
    return out.getvalue()


def given(name: str, concept: str = "", **fields) -> resources_pb2.Input:
    made = resources_pb2.Input(id=name)
    if "image" in fields:
        made.data.image.base64 = fields["image"]
    if "text" in fields:
        made.data.text.raw = fields["text"]
    if "place" in fields:
        made.data.geo.geo_point.longitude, made.data.geo.geo_point.latitude = fields["place"]
    made.data.metadata.update(fields.get("metadata", {}))
    if concept:
        made.data.concepts.add(id=f"id-{concept}", name=concept, value=1)
    return made


@pytest.fixture
def zoo(open_search, platform) -> Search:
    search: Search = open_search()
    owner = resources_pb2.UserAppIDSet(user_id="alice")
    app = resources_pb2.App(id="zoo")
    search.session.call("PostApps", service_pb2.PostAppsRequest(user_app_id=owner, apps=[app]))
    inputs = [
        given("red", "warm", image=picture(250, 0, 0), place=(13.4, 52.5)),
        given("pink", "warm", image=picture(240, 20, 30), metadata={"shelf": {"row": 2}}),
        given("blue", "cold", image=picture(0, 0, 250), place=(2.35, 48.85)),
        given("dogs", text="small brown dogs bark at night"),
        given("ships", text="large white ships cross the sea"),
    ]
    request = service_pb2.PostInputsRequest(user_app_id=search.user_app_id, inputs=inputs)
    search.session.call("PostInputs", request)
    platform.wait_idle(300)
    return search


def found(search: Search, **query) -> list[str]:
    return [hit.input.id for hit in search.hits(**query)]


def test_a_picture_finds_those_like_it_nearest_first(zoo):
    hits = zoo.hits(ranks=[{"image_bytes": picture(250, 0, 0)}]).all()
    assert [hit.input.id for hit in hits][:2] == ["red", "pink"]
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)


def test_a_text_finds_texts_like_it(zoo):
    zoo.top_k = 1
    assert found(zoo, ranks=[{"text_raw": "a dog that barks, small and brown"}]) == ["dogs"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ([{"concepts": [{"id": "id-warm", "value": 1}]}], {"red", "pink"}),
        ([{"concepts": [{"name": "cold", "value": 1}]}], {"blue"}),
        ([{"metadata": {"shelf": {"row": 2}}}], {"pink"}),
        ([{"geo_point": {"longitude": 13.0, "latitude": 52.0, "geo_limit": 100}}], {"red"}),
        ([{"input_types": ["text"]}, {"input_status_code": 30000}], {"dogs", "ships"}),
        ([{"input_types": ["image"]}, {"concepts": [{"id": "id-warm", "value": 1}]}],
         {"red", "pink"}),
    ],
)  # fmt: skip
def test_filters_choose(zoo, filters, expected):
    assert set(found(zoo, filters=filters)) == expected


def test_filters_come_before_ranks(zoo):
    ranks = [{"image_bytes": picture(250, 0, 0)}]
    filters = [{"concepts": [{"id": "id-cold", "value": 1}]}]
    assert found(zoo, ranks=ranks, filters=filters) == ["blue"]


def test_the_documented_example_yields_responses(zoo):
    filters = [{"input_types": ["image", "text"]}, {"input_status_code": 30000}]
    [page] = zoo.query(filters=filters)
    assert {hit.input.id for hit in page.hits} == {"red", "pink", "blue", "dogs", "ships"}


def test_a_handle_opens_searches_of_its_app(zoo):
    child = zoo.child("search")
    assert isinstance(child, open_class("search"))
    assert set(found(child, filters=[{"input_types": ["text"]}])) == {"dogs", "ships"}
