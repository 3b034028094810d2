"""What docs/search.md tells of, as its reader would use it."""

# ruff: noqa: T201 - the guide prints

from __future__ import annotations

import pytest
from clarifai_grpc.grpc.api import resources_pb2

from clarifai_core.errors import UserError
from clarifai_core.records import record
from tools import snippets


def test_a_query_that_reads_like_a_question(farm, capsys):
    search = farm
    from clarifai_search import Query, concept, metadata, near

    query = (
        Query()
        .rank(text="a small dog in the garden, number 2")
        .where(concept("dog"), near(10, 50, km=300))
        .exclude(metadata({"number": 4}))
    )
    for hit in search.hits(query):
        print(f"{hit.score:.2f} {hit.input.id}")
    assert capsys.readouterr().out.splitlines()[0] == "1.00 t2"
    assert str(query).count("\n") == 3


def test_the_same_in_dicts(farm):
    search = farm
    hits = search.hits(
        ranks=[{"text_raw": "a small dog in the garden, number 2"}],
        filters=[
            {"concepts": [{"name": "dog", "value": 1}]},
            {"geo_point": {"longitude": 10, "latitude": 50, "geo_limit": 300}},
        ],
    )
    assert {hit.input.id for hit in hits} == {"t0", "t2", "t4"}


def test_alternatives(farm):
    search = farm
    from clarifai_search import Query, any_of, concept, concepts, in_dataset, input_type

    either = Query().where(concepts("dog", "cat"))
    both = Query().where(concept("nose"), concept("tail"))  # on one annotation
    whole = both.over_inputs()  # on any annotations of one input
    mixed = Query().where(any_of(input_type("video"), in_dataset("train")))
    found = [sorted(hit.input.id for hit in search.hits(one)) for one in (both, whole, mixed)]
    assert found == [[], ["t0"], []]
    assert search.count(either) == 6


def test_results(farm):
    search = farm
    query = snippets_query()
    how_many = search.count(query)
    records = search.hits(query).to_records()
    report = search.save_as_dataset(query, "dogs")
    print(report)  # dogs (new): 3 added, 0 already there, 0 failed
    assert (how_many, len(records)) == (3, 3)
    assert str(report) == "dogs (new): 3 added, 0 already there, 0 failed"


def snippets_query():
    from clarifai_search import Query, concept

    return Query().where(concept("dog")).over_inputs()


def test_faults_are_as_the_guide_prints_them(farm):
    with pytest.raises(UserError) as raised:
        farm.hits(
            ranks=[{"text": "a dog"}],
            filters=[{}, {"geo_point": {"longitude": 1, "latitude": "abc", "geo_limit": 2}}],
        )
    page = (snippets.ROOT / "docs/search.md").read_text("utf-8")
    assert str(raised.value) in page


def test_the_guide_names_every_word():
    import clarifai_search

    page = (snippets.ROOT / "docs/search.md").read_text("utf-8")
    called = {name for name in clarifai_search.__all__ if f"{name}(" in page}
    types = set(clarifai_search.__all__) - called
    assert {name for name in types if f"`{name}`" not in page} == set()
    assert {name for name in types if name == "Query" or name.islower()} == set()


def test_the_guide_names_every_column():
    columns = record(resources_pb2.Hit())

    page = (snippets.ROOT / "docs/search.md").read_text("utf-8")
    assert [name for name in columns if f"| `{name}`" not in page] == []
