"""Random filters find what a plain reading of the rules finds."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import pytest
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from google.protobuf import json_format, struct_pb2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarifai_local import Platform
from clarifai_local._searching import expressions

CONCEPTS = ("a", "b", "c")
VALUES = st.sampled_from(
    [
        1.0,
        True,
        {},
        {"k": 1.0, "l": {"k": ["x"]}},
        {"l": {"k": []}},
        ["x", 1.0],
        [1.0],
        [{"k": 1.0, "l": 1.0}, {"k": 2.0, "l": 2.0}],
        [{"k": 1.0, "l": 2.0}],
    ]
)
METADATA = st.dictionaries(st.sampled_from(["k", "k.l"]), VALUES, max_size=2)
POINTS = st.sampled_from(
    [(0.0, 0.0), (0.0, 3.0), (3.0, 0.0), (0.0, 179.0), (0.0, -178.0), (90.0, 7.0)]
)
MARKS = st.sampled_from([1.0, 0.0])
LABELS = st.dictionaries(st.sampled_from(CONCEPTS), MARKS, max_size=2)
REGION_LABELS = st.dictionaries(st.sampled_from(CONCEPTS), MARKS, min_size=1, max_size=2)

INPUTS = st.lists(
    st.fixed_dictionaries(
        {
            "labels": LABELS,
            "metadata": METADATA,
            "point": POINTS | st.none(),
            "regions": st.lists(REGION_LABELS, max_size=2),
            "in_dataset": st.booleans(),
        }
    ),
    min_size=1,
    max_size=8,
)
CLAUSES = {
    "concepts": st.lists(
        st.tuples(st.sampled_from([*CONCEPTS, "unknown"]), MARKS), min_size=1, max_size=2
    ),
    "metadata": st.dictionaries(st.sampled_from(["k", "k.l"]), VALUES, min_size=1, max_size=2),
    "near": st.tuples(POINTS, st.sampled_from([5.0, 325.0, 340.0, 10_100.0])),
    "dataset": st.sampled_from(["set", "unknown"]),
}


@st.composite
def a_filter(draw: Any) -> dict:
    """Mostly of one kind: what asks for everything at once finds nothing."""
    kinds = draw(st.lists(st.sampled_from(sorted(CLAUSES)), unique=True, min_size=1, max_size=2))
    chosen = {kind: draw(CLAUSES[kind]) for kind in kinds}
    nothing: dict = {"concepts": [], "metadata": {}, "near": None, "dataset": ""}
    return {"negate": draw(st.booleans()), **nothing, **chosen}


FILTERS = st.lists(a_filter(), min_size=1, max_size=2)


@pytest.fixture(scope="module")
def world() -> Iterator[Platform]:
    """One platform, with an app of its own for each example."""
    with Platform() as platform:
        yield platform


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    return itertools.count()


LOOKED_UP = {"as sets": 5000, "input by input": 1}
"""How conditions are looked up where there are fewer, or more, annotations than this."""


@settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(inputs=INPUTS, filters=FILTERS)
def test_filters_agree_with_the_rules(connect, world, numbers, monkeypatch, inputs, filters):
    api = connect(world.channel())
    app = resources_pb2.UserAppIDSet(user_id="alice", app_id=f"zoo-{next(numbers)}")
    bare = resources_pb2.App(id=app.app_id, default_workflow={"id": "Empty"})
    api.PostApps(user_app_id=app, apps=[bare])
    api.PostDatasets(user_app_id=app, datasets=[resources_pb2.Dataset(id="set")])
    items = _build(api, app, inputs)
    query = resources_pb2.Query(filters=[_filter(f) for f in filters])
    asked = {"user_app_id": app, "searches": [resources_pb2.Search(query=query)]}
    expected = [name for name, item in items.items() if _input_passes(item, filters)]

    for way, threshold in LOOKED_UP.items():
        monkeypatch.setattr(expressions, "MANY_ANNOTATIONS", threshold)

        found = api.PostInputsSearches(**asked)
        assert found.status.code == codes.SUCCESS, found.status
        assert [hit.input.id for hit in found.hits] == expected[::-1], way

        hits = api.PostAnnotationsSearches(**asked).hits
        assert sorted((h.input.id, h.annotation.id) for h in hits) == sorted(
            _annotation_hits(items, filters)
        ), way


def _build(api: Any, app: resources_pb2.UserAppIDSet, inputs: list[dict]) -> dict[str, Any]:
    """Upload the inputs; returns, by id, each with its annotations as plain values."""
    for number, item in enumerate(inputs):
        made = resources_pb2.Input(id=f"i{number}")
        made.data.text.raw = "t"
        if item["in_dataset"]:
            made.dataset_ids.append("set")
        _fill(made.data, item["labels"], item["metadata"], item["point"])
        reply = api.PostInputs(user_app_id=app, inputs=[made])
        assert reply.status.code == codes.SUCCESS, reply
        for labels in item["regions"]:
            marked = resources_pb2.Annotation(input_id=made.id)
            region = marked.data.regions.add()
            region.region_info.bounding_box.right_col = 0.5
            _fill(region.data, labels, {}, None)
            assert api.PostAnnotations(user_app_id=app, annotations=[marked]).status.code == (
                codes.SUCCESS
            )
    world = {}
    for number, item in enumerate(inputs):
        name = f"i{number}"
        listed = api.ListAnnotations(user_app_id=app, input_ids=[name]).annotations
        parts = [_plain(annotation) for annotation in listed]
        world[name] = {"annotations": parts, "in_dataset": item["in_dataset"]}
    return world


def _fill(data: resources_pb2.Data, labels: dict, metadata: dict, point: Any) -> None:
    data.concepts.extend(resources_pb2.Concept(id=k, value=v) for k, v in labels.items())
    if metadata:
        data.metadata.CopyFrom(_struct(metadata))
    if point:
        data.geo.geo_point.latitude, data.geo.geo_point.longitude = point


def _plain(annotation: resources_pb2.Annotation) -> dict[str, Any]:
    data = annotation.data
    concepts = [*data.concepts, *(c for r in data.regions for c in r.data.concepts)]
    point = data.geo.geo_point
    return {
        "id": annotation.id,
        "input_level": annotation.input_level,
        "positive": {c.id for c in concepts if c.value > 0.5},
        "metadata": json_format.MessageToDict(data.metadata),
        "point": (point.latitude, point.longitude) if data.geo.HasField("geo_point") else None,
    }


def _filter(asked: dict) -> resources_pb2.Filter:
    made = resources_pb2.Filter(negate=asked["negate"])
    made.annotation.data.concepts.extend(
        resources_pb2.Concept(id=name, value=value) for name, value in asked["concepts"]
    )
    if asked["metadata"]:
        made.annotation.data.metadata.CopyFrom(_struct(asked["metadata"]))
    if asked["near"]:
        geo = made.annotation.data.geo
        (geo.geo_point.latitude, geo.geo_point.longitude), geo.geo_limit.value = asked["near"]
        geo.geo_limit.type = "withinKilometers"
    if asked["dataset"]:
        made.input.dataset_ids.append(asked["dataset"])
    return made


def _struct(values: dict) -> struct_pb2.Struct:
    made = struct_pb2.Struct()
    made.update(values)
    return made


def _input_passes(item: dict, filters: list[dict]) -> bool:
    def some(test: Any) -> bool:
        return any(test(annotation) for annotation in item["annotations"])

    return all(_passes(item, asked, some) for asked in filters)


def _annotation_hits(world: dict, filters: list[dict]) -> list[tuple[str, str]]:
    # What no concept, key or place is asked of finds each input once, as a whole.
    about = any(asked["concepts"] or asked["metadata"] or asked["near"] for asked in filters)
    return [
        (name, annotation["id"])
        for name, item in world.items()
        for annotation in item["annotations"]
        if (about or annotation["input_level"])
        and all(_passes(item, asked, lambda test, a=annotation: test(a)) for asked in filters)
    ]


def _passes(item: dict, asked: dict, some: Any) -> bool:
    kinds = []
    if asked["concepts"]:
        kinds.append(
            any(
                some(lambda a, c=name: c in a["positive"]) == (value > 0.5)
                for name, value in asked["concepts"]
            )
        )
    if asked["metadata"]:
        kinds.append(
            any(
                some(lambda a, k=key, v=value: _contains(a["metadata"], {k: v}))
                for key, value in asked["metadata"].items()
            )
        )
    if asked["near"]:
        kinds.append(some(lambda a: a["point"] is not None and _near(a["point"], *asked["near"])))
    if asked["dataset"]:
        kinds.append(asked["dataset"] == "set" and item["in_dataset"])
    return all(kinds) != asked["negate"] if kinds else True


def _contains(stored: Any, asked: Any) -> bool:
    if type(stored) is not type(asked):
        return False
    if isinstance(asked, dict):
        return all(key in stored and _contains(stored[key], asked[key]) for key in asked)
    if isinstance(asked, list):
        return all(any(_contains(item, wanted) for item in stored) for wanted in asked)
    return stored == asked


def _near(point: tuple[float, float], centre: tuple[float, float], kilometers: float) -> bool:
    (lat1, lon1), (lat2, lon2) = (tuple(map(math.radians, p)) for p in (point, centre))
    cosine = math.sin(lat1) * math.sin(lat2) + math.cos(lat1) * math.cos(lat2) * math.cos(
        lon1 - lon2
    )
    return 6371.0088 * math.acos(max(-1.0, min(1.0, cosine))) <= kilometers
