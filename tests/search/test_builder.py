"""Queries that are built: the same clauses as the documented dicts make, and what they refuse."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest

from clarifai_core.errors import UserError
from clarifai_search import (
    Query,
    any_of,
    clause,
    concept,
    concepts,
    in_dataset,
    input_id,
    input_type,
    metadata,
    near,
    status,
    within,
)


def odd(value) -> Any:
    """A value of a wrong type, which no type checker shall see."""
    return value


BERLIN = {"longitude": 13.4, "latitude": 52.5, "geo_limit": 5}
BOX = {"west": 13, "south": 52, "east": 14, "north": 53}


@pytest.mark.parametrize(
    ("built", "ranks"),
    [
        (Query().rank(text="a dog"), [{"text_raw": "a dog"}]),
        (Query().rank(image="https://x/a.png"), [{"image_url": "https://x/a.png"}]),
        (Query().rank(image=b"bytes"), [{"image_bytes": b"bytes"}]),
        (Query().rank(concept="cat"), [{"concepts": [{"name": "cat", "value": 1}]}]),
        (Query().rank(concept=concept(id="c")), [{"concepts": [{"id": "c", "value": 1}]}]),
        (Query().rank(input_id="a"), [{"input_id": "a"}]),
        (Query().rank(embedding=[1, 0.5]), [{"embedding": [1.0, 0.5]}]),
        (Query().rank(embedding=np.array([1, 0.5])), [{"embedding": [1.0, 0.5]}]),
        (Query().rank(text="a", image=b"b"), [{"text_raw": "a"}, {"image_bytes": b"b"}]),
        (Query().rank(text="a").rank(text="b"), [{"text_raw": "a"}, {"text_raw": "b"}]),
        (Query().rank({"text_raw": "a", "metadata": {"k": 1}}),
         [{"text_raw": "a", "metadata": {"k": 1}}]),
        (Query().rank(clause("text_raw", "a")), [{"text_raw": "a"}]),
    ],
)  # fmt: skip
def test_a_rank_is_what_the_dict_makes(built, ranks):
    assert built == Query.read(ranks, [])
    assert built.message() == Query.read(ranks, [{}]).message()


@pytest.mark.parametrize(
    ("built", "filters"),
    [
        (concept("cat"), {"concepts": [{"name": "cat", "value": 1}]}),
        (concept(id="c", present=False), {"concepts": [{"id": "c", "value": 0}]}),
        (concept("chat", language="fr"),
         {"concepts": [{"name": "chat", "language": "fr", "value": 1}]}),
        (concepts("a", "b"),
         {"concepts": [{"name": "a", "value": 1}, {"name": "b", "value": 1}]}),
        (metadata({"k": {"a": [1]}}), {"metadata": {"k": {"a": [1]}}}),
        (near(13.4, 52.5, km=5), {"geo_point": BERLIN}),
        (within(**BOX), {"geo_box": BOX}),
        (input_type("image", "text"), {"input_types": ["image", "text"]}),
        (in_dataset("train", "test"), {"input_dataset_ids": ["train", "test"]}),
        (status(30000), {"input_status_code": 30000}),
        (input_id("a"), {"input_id": "a"}),
        (any_of(concept("a"), concept("b", present=False)),
         {"concepts": [{"name": "a", "value": 1}, {"name": "b", "value": 0}]}),
        (any_of(metadata({"a": 1}), metadata({"b": 2})), {"metadata": {"a": 1, "b": 2}}),
        (any_of(input_type("image"), any_of(in_dataset("a"), status(30002)), in_dataset("b")),
         {"input_types": ["image"], "input_dataset_ids": ["a", "b"], "input_status_code": 30002}),
        (any_of(near(13.4, 52.5, km=5)), {"geo_point": BERLIN}),
    ],
)  # fmt: skip
def test_a_filter_is_what_the_dict_makes(built, filters):
    assert Query().where(built) == Query.read([], [filters])
    assert Query().where(built).message() == Query.read([{}], [filters]).message()
    assert Query().where(filters) == Query().where(built)


def test_a_picture_is_read_from_its_file(tmp_path: Path):
    (tmp_path / "dog.png").write_bytes(b"picture")
    for path in (tmp_path / "dog.png", str(tmp_path / "dog.png")):
        assert Query().rank(image=path) == Query().rank(image=b"picture")


def test_excluded_filters_are_negated_one_by_one():
    message = Query().where(concept("a")).exclude(concept("b"), near(1, 2, km=3.5)).message()
    assert [one.negate for one in message.filters] == [False, True, True]
    assert message.filters[1].annotation.data.concepts[0].value == 1
    assert message.filters[2].annotation.data.geo.geo_limit.value == 3.5


def test_a_rank_can_be_turned_around():
    [rank] = Query().rank(text="a", negate=True).message().ranks
    assert rank.negate


def test_a_box_is_two_corners():
    geo = Query().where(within(**BOX)).message().filters[0].annotation.data.geo
    corners = [(one.geo_point.longitude, one.geo_point.latitude) for one in geo.geo_box]
    assert corners == [(13, 52), (14, 53)]


@pytest.mark.parametrize(
    ("query", "rpc_name"),
    [
        (Query(), "PostAnnotationsSearches"),
        (Query().where(concept("cat")), "PostAnnotationsSearches"),
        (Query().rank(input_id="a"), "PostAnnotationsSearches"),
        (Query().where(concept("cat"), in_dataset("train")), "PostInputsSearches"),
        (Query().exclude(input_id("a")), "PostInputsSearches"),
        (Query().where(concept("cat")).over_inputs(), "PostInputsSearches"),
    ],
)
def test_filters_decide_what_is_searched(query, rpc_name):
    assert query.rpc_name == rpc_name


def test_each_step_leaves_the_query_before_it_alone():
    start = Query()
    built = start.rank(text="a").where(concept("b")).exclude(concept("c")).at_least(0.6)
    assert start == Query()
    assert (len(built.ranks), len(built.filters), built.min_score) == (1, 2, 0.6)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        built.ranks = ()


def test_a_query_survives_pickling():
    query = Query().rank(image=b"x", embedding=[1]).where(any_of(status(1), in_dataset("a")))
    query = query.exclude(metadata({"k": [1]}), within(**BOX)).over_inputs()
    twin = pickle.loads(pickle.dumps(query))
    assert twin == query
    assert twin.message() == query.message()


def test_a_query_can_be_read():
    query = Query().rank(text="a dog", image=b"x" * 1_000_000).where(near(13.4, 52.5, km=5))
    query = query.exclude(any_of(input_type("image"), in_dataset("train"))).at_least(0.6)
    lines = str(query).splitlines()
    assert lines[0] == "rank by {'text_raw': 'a dog'}"
    assert lines[1].startswith("rank by {'image_bytes': b'xxx")
    assert lines[2:] == [
        "where {'geo_point': {'longitude': 13.4, 'latitude': 52.5, 'geo_limit': 5}}",
        "where not {'input_types': ['image'], 'input_dataset_ids': ['train']}",
        "score at least 0.6",
    ]
    assert len(repr(query)) < 500
    assert str(Query()) == "everything"


@pytest.mark.parametrize(
    ("build", "fault"),
    [
        (lambda: concept(), "needs a name or an id"),
        (lambda: concept(odd(3)), "3 is not text"),
        (lambda: concept(language="en"), "needs a name or an id"),
        (lambda: concepts(), "concepts: must not be empty"),
        (lambda: near(181, odd("x"), km=-1),
         "longitude: 181 is not between -180 and 180\n"
         r"  latitude: 'x' is not a number\n  km: -1 is not between"),
        (lambda: near(1, 2, km=odd("5")), "km: '5' is not a number"),
        (lambda: near(1, 2, km=float("nan")), "km: nan is not between"),
        (lambda: within(west=2, south=0, east=1, north=1), "west 2 is east of east 1"),
        (lambda: within(west=0, south=2, east=1, north=1), "south 2 is north of north 1"),
        (lambda: input_type(odd("imag")), "did you mean 'image'"),
        (lambda: in_dataset(), "must not be empty"),
        (lambda: in_dataset(odd(["a"])), r"\['a'\] is not text"),
        (lambda: status(odd("30000")), "'30000' is not a whole number"),
        (lambda: metadata(odd([1])), r"\[1\] is not a dict"),
        (lambda: clause("metdata", {}), "metdata: unknown; did you mean 'metadata'"),
        (lambda: any_of(), "needs alternatives"),
        (lambda: any_of(odd("cat")), "'cat'"),
        (lambda: any_of(concept("a"), in_dataset("b")), "cannot join Concepts, InputDatasetIds"),
        (lambda: any_of(near(1, 2, km=3), near(2, 2, km=3)), "cannot join GeoPoint"),
        (lambda: any_of(metadata({"a": 1}), metadata({"a": 2})), "two values of .* 'a'"),
        (lambda: any_of(status(1), status(2)), "cannot join 1 and 2"),
        (lambda: Query().rank(), "needs one of text, image"),
        (lambda: Query().rank(image="no-such-file.png"), "cannot be read"),
        (lambda: Query().rank(image="ftp://x/a.png"), "begins with http"),
        (lambda: Query().rank(image=odd(5)), "must be a URL, bytes or a path, got 5"),
        (lambda: Query().rank(concept=odd(5)), "must be a name or concept"),
        (lambda: Query().rank(embedding=[]), "embedding: must not be empty"),
        (lambda: Query().rank(embedding=odd([1, "x"])), "number 1 is 'x'"),
        (lambda: Query().rank(embedding=[float("inf")]), "number 0 is inf"),
        (lambda: Query().rank(input_type("image")), "input_types may stand in filters only"),
        (lambda: Query().where(clause("embedding", [1])), "embedding may stand in ranks only"),
        (lambda: Query().where(odd("cat")), r"did you mean concept\('cat'\)"),
        (lambda: Query().where(odd(concept)), "is no clause"),
        (lambda: Query().where({"text_raw": 1}, {"x": 1}),
         r"filter\[0\].text_raw: 1 is not text\n  filter\[1\].x: unknown"),
        (lambda: Query().at_least(1.5), "from 0 to 1, got 1.5"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_where_it_is_written(build, fault):
    with pytest.raises(UserError, match=fault):
        build()


def test_a_search_takes_a_query_alone(open_search, shelf):
    search = open_search(top_k=2)
    query = Query().where(concept("cat"))
    assert [hit.input.id for hit in search.hits(query)] == ["hit-0", "hit-1"]
    assert [len(page.hits) for page in search.query(query, page_no=1, per_page=3)] == [3]
    with pytest.raises(UserError, match=r"use \.where\(\)"):
        search.hits(query, [{"text_raw": "x"}])
    with pytest.raises(UserError, match="give it alone"):
        search.hits(filters=query)
    assert len(shelf.asked) == 2


def test_the_least_score_goes_with_the_request(open_search, shelf):
    open_search().hits(Query().rank(text="a").at_least(0.75)).all()
    assert shelf.asked[0][1].searches[0].min_value == 0.75
