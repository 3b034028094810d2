"""Ranks and filters: what they become on the wire, and what is said about wrong ones."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from hypothesis import given
from hypothesis import strategies as st

from clarifai_core.errors import UserError
from clarifai_search._query import Query
from clarifai_search.handle import Search

EMPTY: dict[str, Any] = {"annotation": {}}


def wire(ranks=({},), filters=({},)) -> dict[str, Any]:
    return MessageToDict(Query.read(ranks, filters).message(), preserving_proto_field_name=True)


def data(**fields) -> dict[str, Any]:
    return {"annotation": {"data": fields}}


CLAUSES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"image_url": "https://x/dog.tiff"}, data(image={"url": "https://x/dog.tiff"})),
    ({"image_bytes": b"\x89PNG bytes"}, data(image={"base64": "iVBORyBieXRlcw=="})),
    ({"text_raw": "dog"}, data(text={"raw": "dog"})),
    ({"metadata": {"k": "v", "deep": {"a": [1]}}}, data(metadata={"k": "v", "deep": {"a": [1.0]}})),
    (
        {"geo_point": {"longitude": 1, "latitude": -2.5, "geo_limit": 3}},
        data(
            geo={
                "geo_point": {"longitude": 1.0, "latitude": -2.5},
                "geo_limit": {"type": "withinKilometers", "value": 3.0},
            }
        ),
    ),
    (
        {"concepts": [{"name": "cat", "value": 1}, {"id": "id-dog", "value": 0}]},
        data(concepts=[{"name": "cat", "value": 1.0}, {"id": "id-dog"}]),
    ),
    (
        {"concepts": [{"name": "big-dog", "language": "en"}]},
        data(concepts=[{"name": "big-dog", "language": "en"}]),
    ),
]


@pytest.mark.parametrize(("clause", "expected"), CLAUSES)
def test_a_key_means_the_same_in_a_rank_and_in_a_filter(clause, expected):
    assert wire(ranks=[clause]) == {"ranks": [expected], "filters": [EMPTY]}
    assert wire(filters=[clause]) == {"ranks": [EMPTY], "filters": [expected]}


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ({"input_types": ["image", "text"]}, {"data": {"image": {}, "text": {}}}),
        ({"input_types": ["video", "audio"]}, {"data": {"video": {}, "audio": {}}}),
        ({"input_dataset_ids": ["train", "test"]}, {"dataset_ids": ["train", "test"]}),
        ({"input_status_code": 30002}, {"status": {"code": "INPUT_FAILED"}}),
    ],
)
def test_input_keys_filter_inputs(clause, expected):
    query = Query.read([{}], [clause])
    assert query.rpc_name == "PostInputsSearches"
    found = wire(filters=[clause])["filters"][0]["input"]
    if "status" in expected:
        assert query.message().filters[0].input.status.code == clause["input_status_code"]
    else:
        assert found == expected


def test_several_keys_of_one_dict_share_one_message():
    both = {"text_raw": "dog", "metadata": {"k": "v"}}
    assert wire(filters=[both])["filters"] == [data(text={"raw": "dog"}, metadata={"k": "v"})]


def test_nothing_given_is_one_empty_rank_and_filter():
    nothing = {"ranks": [EMPTY], "filters": [EMPTY]}
    assert wire() == wire([], []) == nothing
    assert Query.read([], []).rpc_name == "PostAnnotationsSearches"


def test_an_input_key_in_any_filter_searches_inputs():
    later = [{"concepts": [{"id": "id-cat", "value": 1}]}, {"input_types": ["image"]}]
    assert Query.read([{}], later).rpc_name == "PostInputsSearches"


@pytest.mark.parametrize(
    ("ranks", "filters", "fault"),
    [
        ([{}], [{}, {"geo_point": {"longitude": 1, "latitude": "abc", "geo_limit": 1}}],
         "filters[1].geo_point.latitude: 'abc' is not a number"),
        ([{"geo_point": {"longitude": 1.0, "latitude": 2.0, "geo_limit": 3.5}}], [{}],
         "ranks[0].geo_point.geo_limit: 3.5 is not a whole number"),
        ([{"geo_point": {"longitude": 1.0, "geo_limit": 1}}], [{}],
         "ranks[0].geo_point.latitude: missing"),
        ([{"geo_point": {"longitude": 181, "latitude": 2.0, "geo_limit": 3}}], [{}],
         "ranks[0].geo_point.longitude: 181 is not between -180 and 180"),
        ([{"geo_point": [1, 2]}], [{}], "ranks[0].geo_point: [1, 2] is not a mapping"),
        ([{"concepts": [{"name": "cat"}, {"name": "cat", "nonsense": 1}]}], [{}],
         "ranks[0].concepts[1].nonsense: unknown"),
        ([{"concepts": [{}]}], [{}],
         "ranks[0].concepts[0]: needs at least one of id, name, language and value"),
        ([{"concepts": [{"id": "a", "value": 0.5}]}], [{}],
         "ranks[0].concepts[0].value: 0.5 is neither 0 nor 1"),
        ([{"concepts": {"id": "a"}}], [{}], "ranks[0].concepts: {'id': 'a'} is not a list"),
        ([{"image_bytes": "text"}], [{}], "ranks[0].image_bytes: 'text' is not bytes"),
        ([{"image_url": "ftp://x"}], [{}],
         "ranks[0].image_url: 'ftp://x' is not a URL that begins with http:// or https://"),
        ([{"text_raw": ""}], [{}], "ranks[0].text_raw: must not be empty"),
        ([{"metadata": "x"}], [{}], "ranks[0].metadata: 'x' is not a dict"),
        ([{"metadata": {"when": {"at": b"x"}}}], [{}],
         "ranks[0].metadata: when.at is b'x', which JSON cannot hold"),
        ([{"input_types": ["image"]}], [{}],
         "ranks[0].input_types: may stand in filters only"),
        ([{"metdata": {}}], [{}], "ranks[0].metdata: unknown; did you mean 'metadata'?"),
        ([{}], [{"input_types": ["pictures", "imag"]}],
         "filters[0].input_types[1]: 'imag' is none of 'image', 'video', 'text', 'audio'; "
         "did you mean 'image'?"),
        ([{}], [{"input_status_code": True}],
         "filters[0].input_status_code: True is not a whole number"),
        ([{}], ["x"], "filters[0]: 'x' is not a dict"),
        ({"text_raw": "dog"}, [{}],
         "ranks: must be a list of dicts, got {'text_raw': 'dog'}"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_path(ranks, filters, fault):
    with pytest.raises(UserError) as caught:
        Query.read(ranks, filters)
    assert fault in caught.value.faults
    assert fault in str(caught.value)


def test_all_faults_come_at_once():
    with pytest.raises(UserError) as caught:
        Query.read([{"text_raw": 1}, {"nothing": 1}], [{"image_url": "x", "metadata": 2}])
    paths = [fault.partition(":")[0] for fault in caught.value.faults]
    assert paths == [
        "ranks[0].text_raw",
        "ranks[1].nothing",
        "filters[0].image_url",
        "filters[0].metadata",
    ]


WHOLE_FILE = b"x" * 1_000_000


@pytest.mark.parametrize(
    ("ranks", "filters"),
    [
        ([{"text_raw": WHOLE_FILE}], [{}]),
        ([{"geo_point": WHOLE_FILE}], [{}]),
        ([{"concepts": [WHOLE_FILE]}], [{}]),
        ([{"metadata": {"k": WHOLE_FILE}}], [{}]),
        ([{}], [WHOLE_FILE]),
        ([{}], [{WHOLE_FILE: 1}]),
        ([{}], WHOLE_FILE),
        ([{}], [{"input_types": ["x" * 1_000_000]}]),
    ],
)
def test_a_whole_file_does_not_land_in_the_message(ranks, filters):
    with pytest.raises(UserError) as caught:
        Query.read(ranks, filters)
    assert len(str(caught.value)) < 500


CIRCLE: dict[str, Any] = {}
CIRCLE["again"] = CIRCLE


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [
        ("metadata", CIRCLE, "is nested deeper than 64 levels"),
        ("metadata", {"n": 10**400}, "which JSON cannot hold"),
        ("metadata", {"n": float("nan")}, "n is nan, which JSON cannot hold"),
        ("metadata", {"k": "\ud800"}, "is no valid Unicode text"),
        ("text_raw", "\ud800", "is no valid Unicode text"),
        ("geo_point", {"longitude": 10**400, "latitude": 0, "geo_limit": 1},
         "is not between -180 and 180"),
        ("geo_box", {"west": 1, "south": 1, "east": 0, "north": 2}, "west 1 is east of east 0"),
        ("embedding", [10**400], "which 32 bits cannot hold"),
        ("input_types", [["image"]], "is none of 'image'"),
    ],
)  # fmt: skip
def test_what_the_wire_cannot_hold_is_refused(key, value, fault):
    role = "ranks" if key == "embedding" else "filters"
    with pytest.raises(UserError, match=fault) as caught:
        Query.read(**{"ranks": [], "filters": [], role: [{key: value}]})
    assert caught.value.faults[0].startswith(f"{role}[0].{key}")


def test_defaults_are_as_documented_and_stay_so(open_search, shelf):
    for method in (Search.query, Search.hits):
        defaults = inspect.signature(method).parameters
        assert (defaults["ranks"].default, defaults["filters"].default) == ([{}], [{}])
        list(method(open_search()))
        assert (defaults["ranks"].default, defaults["filters"].default) == ([{}], [{}])


def test_the_lists_of_the_caller_are_left_alone():
    ranks, filters = [{"metadata": {"k": ["v"]}}], [{"concepts": [{"id": "a"}]}]
    Query.read(ranks, filters).message()
    assert ranks == [{"metadata": {"k": ["v"]}}]
    assert filters == [{"concepts": [{"id": "a"}]}]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
keys = st.sampled_from([next(iter(clause)) for clause, _ in CLAUSES] + ["input_types", "x"])
items = st.dictionaries(keys, values, max_size=3)


@given(st.lists(items, max_size=3) | values, st.lists(items, max_size=3) | values)
def test_anything_is_either_a_query_or_a_user_error(ranks, filters):
    try:
        message = Query.read(ranks, filters).message()
    except UserError as error:
        found = len(error.faults)
    else:
        found = len(message.ranks) == max(1, len(ranks))
    assert found
