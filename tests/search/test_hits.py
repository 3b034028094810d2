"""What can be done with hits: count them, make a table of them, save them as a dataset."""

from __future__ import annotations

import sys
from datetime import timezone

import pytest
from clarifai_grpc.grpc.api import service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_core.errors import BadReply, NotFound, PluginError, UserError
from clarifai_inputs.batching import MAX_BATCH_ITEMS
from clarifai_local.dispatch import rpc
from clarifai_local.statuses import Refused
from clarifai_search import (
    Query,
    any_of,
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
from clarifai_search._saving import SavingFailed


def found(search, query) -> list[str]:
    return sorted(hit.input.id for hit in search.hits(query))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query().where(concept("dog")), "t0 t2 t4"),
        (Query().where(concept(id="id-cat"), metadata({"number": 3})), "t3"),
        (Query().where(metadata({"number": 3, "parity": 0})), "t0 t2 t3 t4"),
        (Query().where(metadata({"number": 3}), metadata({"parity": 0})), ""),
        (Query().where(near(10, 50, km=80)), "t0 t1"),
        (Query().where(within(west=11.5, south=49, east=13.5, north=51)), "t2 t3"),
        (Query().where(input_type("text"), status(30000)).exclude(concept("dog")), "t1 t3 t5"),
        (Query().where(input_id("t4")), "t4"),
        (Query().where(any_of(input_id("t4"), input_type("image"))), "t4"),
        (Query().where(input_type("text")).exclude(input_id("t4"), input_id("t0")), "t1 t2 t3 t5"),
        (Query().where(in_dataset("none")), ""),
        (Query().where(concepts("nose", "tail")), "t0 t0 t1 t2"),
        (Query().where(concepts("nose", "tail")).over_inputs(), "t0 t1 t2"),
        (Query().where(concept("nose"), concept("tail")), ""),
        (Query().where(concept("nose"), concept("tail")).over_inputs(), "t0"),
        (Query().where(concept("dog")).exclude(concept("nose")).over_inputs(), "t2 t4"),
    ],
)
def test_filters_mean_what_they_say(farm, query, expected):
    assert found(farm, query) == expected.split()
    assert farm.count(query) == len(expected.split())


def test_the_best_comes_first_and_negated_last(farm):
    by_text = Query().where(input_type("text"))
    like = by_text.rank(text="a small cat in the garden, number 3")
    assert farm.hits(like).first().input.id == "t3"
    unlike = by_text.rank(text="a small cat in the garden, number 3", negate=True)
    assert farm.hits(unlike).all()[-1].input.id == "t3"
    assert farm.hits(by_text.rank(input_id="t5")).first().input.id == "t5"
    best = farm.hits(like.at_least(0.99)).all()
    assert [hit.input.id for hit in best] == ["t3"]


def test_counting_inputs_is_one_request_whatever_top_k_is(open_search, counting):
    assert open_search(top_k=1).count(filters=[{"input_types": ["text"]}]) == 70_000
    assert counting.asked == ["only_count"]


def test_counting_works_where_the_platform_only_lists(open_search, shelf):
    shelf.total = 2345
    assert open_search(top_k=1).count(Query().where(concept("cat"))) == 2345
    assert open_search(top_k=1).count(Query().where(input_type("text"))) == 2345


def test_no_hits_count_zero(farm):
    assert farm.count(Query().where(concept("unicorn"))) == 0
    assert farm.count(Query().where(concept("unicorn")).over_inputs()) == 0


class Counting:
    """Answers counts, and nothing else."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    @rpc("PostInputsSearches")
    def search(self, request, caller):
        self.asked.append("only_count" if request.only_count else "hits")
        answer = service_pb2.MultiSearchResponse()
        answer.hit_counts.add(estimated_total=70_000)
        return answer


@pytest.fixture
def counting(platform):
    made = Counting()
    platform.dispatcher.add(made)
    return made


def test_records_say_what_a_hit_is(farm):
    [record] = farm.hits(Query().where(metadata({"number": 3}))).to_records()
    created = record.pop("created_at")
    assert created.tzinfo is timezone.utc
    assert record.pop("annotation_id")
    assert record.pop("url").startswith("http")
    assert record == {
        "score": 1.0,
        "input_id": "t3",
        "type": "text",
        "text": "a small cat in the garden, number 3",
        "concepts": ["cat"],
        "metadata": {"number": 3.0, "parity": 1.0},
        "longitude": 13.0,
        "latitude": 50.0,
        "dataset_ids": [],
        "status_code": 30000,
    }


def test_the_concepts_of_a_box_are_those_of_its_record(farm):
    records = farm.hits(Query().where(concepts("nose", "tail"))).to_records()
    assert sorted((one["input_id"], *one["concepts"]) for one in records) == [
        ("t0", "nose"),
        ("t0", "tail"),
        ("t1", "tail"),
        ("t2", "tail"),
    ]


def test_a_bare_hit_is_a_record_too(open_search, shelf):
    shelf.total = 1
    [record] = open_search().hits().to_records()
    assert (record["input_id"], record["type"], record["longitude"]) == ("hit-0", "", None)
    assert (record["concepts"], record["metadata"], record["created_at"]) == ([], {}, None)


def test_a_data_frame_has_a_row_for_each_hit_and_always_all_columns(open_search, shelf):
    pytest.importorskip("pandas")
    made = []
    for shelf.total in (3, 0):
        made.append(open_search().hits().where(lambda hit: hit.input.id != "hit-1").to_pandas())
    some, none = made
    assert some.input_id.tolist() == ["hit-0", "hit-2"]
    assert len(none) == 0
    assert list(some.columns) == list(none.columns)
    for name in ("score", "longitude", "latitude"):
        assert some[name].dtype == none[name].dtype == "float64"


def test_without_pandas_the_extra_is_named(open_search, shelf, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(PluginError, match=r'pip install "clarifai\[pandas\]>=13"'):
        open_search().hits().to_pandas()
    assert shelf.asked == []


def test_hits_become_a_dataset_and_saving_again_adds_what_is_new(farm):
    dogs = Query().where(concept("dog"))
    first = farm.save_as_dataset(dogs, "pets")
    assert str(first) == "pets (new): 3 added, 0 already there, 0 failed"
    assert found(farm, Query().where(in_dataset("pets"))) == ["t0", "t2", "t4"]
    again = farm.save_as_dataset(Query().where(concepts("dog", "cat")), "pets")
    assert (again.created, again.added, again.already_there) == (False, 3, 3)
    assert again.raise_for_failures().total == 6


def test_an_input_with_several_hits_is_saved_once(farm):
    saved = farm.save_as_dataset(Query().where(concepts("nose", "tail")), "boxes")
    assert (saved.added, saved.total) == (3, 3)


def test_many_hits_go_in_batches_as_far_as_top_k(open_search, shelf, platform):
    members = Members()
    platform.dispatcher.add(members)
    saved = open_search(top_k=1500).save_as_dataset(Query(), "many")
    assert (saved.added, len(set(members.ids))) == (1500, 1500)
    assert max(members.sizes) == MAX_BATCH_ITEMS


class Members:
    """A dataset that takes everything but the inputs in `refused`."""

    def __init__(self, refused=()) -> None:
        self.refused = frozenset(refused)
        self.ids: list[str] = []
        self.sizes: list[int] = []

    @rpc("PostDatasets")
    def create(self, request, caller):
        return service_pb2.MultiDatasetResponse(datasets=request.datasets)

    @rpc("PostDatasetInputs")
    def put(self, request, caller):
        ids = [item.input.id for item in request.dataset_inputs]
        self.ids += ids
        self.sizes.append(len(ids))
        answer = service_pb2.MultiDatasetInputResponse()
        answer.status.code = codes.MIXED_STATUS if self.refused else codes.SUCCESS
        for one in ids:
            given = answer.dataset_inputs.add().input
            given.id = one
            bad = one in self.refused
            given.status.code = codes.INPUT_DOES_NOT_EXIST if bad else codes.DATASET_INPUT_SUCCESS
            given.status.description = "gone meanwhile" if bad else ""
        return answer


def test_what_the_platform_does_not_take_is_in_the_report(open_search, shelf, platform):
    platform.dispatcher.add(Members(refused=[f"hit-{n}" for n in range(3, 15)]))
    saved = open_search(top_k=20).save_as_dataset(Query(), "some")
    assert (saved.ok, saved.added, len(saved.failed), saved.total) == (False, 8, 12, 20)
    with pytest.raises(SavingFailed, match="12 failed\n  input hit-3: gone meanwhile") as raised:
        saved.raise_for_failures()
    assert raised.value.report is saved
    assert "and 2 more" in str(saved)


def test_a_refused_request_is_an_error_and_saving_again_goes_on(farm, platform):
    class Gone:
        @rpc("PostDatasetInputs")
        def put(self, request, caller):
            raise Refused(codes.CONN_DOES_NOT_EXIST, "the dataset is gone")

    class Silent:
        @rpc("PostDatasetInputs")
        def put(self, request, caller):
            return service_pb2.MultiDatasetInputResponse()

    for service, error in ((Gone(), NotFound), (Silent(), BadReply)):
        platform.dispatcher.add(service)
        with pytest.raises(error):
            farm.save_as_dataset(Query().where(concept("dog")), "pets")


@pytest.mark.parametrize(
    ("query", "dataset_id", "fault"),
    [
        ([{"text_raw": "x"}], "d", r"must be a Query, got \[.*Query.read"),
        (Query(), "", "dataset_id must be a text"),
        (Query(), "a b", "dataset_id 'a b' cannot be an id"),
    ],
)
def test_nothing_is_saved_when_the_arguments_are_wrong(
    open_search, shelf, query, dataset_id, fault
):
    with pytest.raises(UserError, match=fault):
        open_search().save_as_dataset(query, dataset_id)
    assert shelf.asked == []
