"""Searches by what the base workflow says, in other languages, and in the words of old clients.

The cases are those of the gRPC client's own tests: `PostSearches` with `ands`, ranks by a concept
that nobody annotated ("predicted"), by id and by its name in Chinese and Japanese. What `input`,
`output` and `annotation` of an `And` mean is written in the proto comments of `And`.
"""

from __future__ import annotations

import pytest
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local._standins import drawings
from tests.local.pictures import picture

DOG = "ai_8S2Vq3cR"  # The id of "dog" in clarifai/main, as the gRPC client's tests know it.


@pytest.fixture
def zoo(api, app, platform):
    """Drawings of a dog, a car and the sea; the first is labelled, dated and placed."""
    dog = resources_pb2.Data(image={"base64": drawings.draw(drawings.OBJECTS["dog"])})
    dog.concepts.add(id="mine", name="my dog", value=1)
    dog.metadata.update({"another-key": {"inner-key": "inner-value"}})
    dog.geo.geo_point.longitude, dog.geo.geo_point.latitude = 44, 55
    datas = {
        "dog": dog,
        "car": resources_pb2.Data(image={"base64": drawings.draw(drawings.OBJECTS["car"])}),
        "beach": resources_pb2.Data(image={"base64": drawings.draw(drawings.OBJECTS["beach"])}),
        "words": resources_pb2.Data(text={"raw": "a dog"}),
    }
    for name, data in datas.items():
        api.PostInputs(user_app_id=app, inputs=[resources_pb2.Input(id=name, data=data)])
    assert platform.wait_idle()
    return app


def old(api, app, *ands, **query):
    answer = api.PostSearches(user_app_id=app, query={"ands": list(ands), **query})
    assert answer.status.code == codes.SUCCESS, answer.status
    return [hit.input.id for hit in answer.hits]


def said(**concept):
    return {"output": {"data": {"concepts": [{**concept, "value": 1}]}}}


@pytest.mark.parametrize(
    ("concept", "language"),
    [
        ({"id": DOG}, ""),
        ({"name": "dog"}, ""),
        ({"name": "dog"}, "en"),
        ({"name": "狗"}, "zh"),
        ({"name": "犬"}, "ja"),
    ],
)
def test_pictures_are_ranked_by_what_the_base_workflow_says(api, zoo, concept, language):
    rank = {"annotation": {"data": {"concepts": [{**concept, "value": 1}]}}}
    query = {"ranks": [rank], "language": language}
    hits = api.PostInputsSearches(user_app_id=zoo, searches=[{"query": query}]).hits
    assert hits[0].input.id == "dog"
    assert {hit.input.id for hit in hits} == {"dog", "car", "beach"}  # no texts
    assert old(api, zoo, said(**concept), language=language)[0] == "dog"


def test_the_score_is_the_value_that_the_model_gives(api, zoo):
    rank = {"annotation": {"data": {"concepts": [{"id": DOG, "value": 1}]}}}
    hits = api.PostInputsSearches(user_app_id=zoo, searches=[{"query": {"ranks": [rank]}}]).hits
    answered = api.PostModelOutputs(
        user_app_id=zoo,
        model_id="general-image-recognition",
        model={"output_info": {"output_config": {"select_concepts": [{"id": DOG}]}}},
        inputs=[{"data": {"image": {"url": hit.input.data.image.url}}} for hit in hits],
    )
    values = [output.data.concepts[0].value for output in answered.outputs]
    assert [hit.score for hit in hits] == pytest.approx(values, abs=1e-5)
    # What users said of a concept of the app goes before what the model would.
    named = {"annotation": {"data": {"concepts": [{"id": "mine", "value": 1}]}}}
    mine = api.PostInputsSearches(user_app_id=zoo, searches=[{"query": {"ranks": [named]}}]).hits
    assert (mine[0].input.id, mine[0].score) == ("dog", 1)


def test_an_app_that_predicts_nothing_has_no_such_hits(api, platform):
    app = resources_pb2.UserAppIDSet(user_id="alice", app_id="texts")
    api.PostApps(user_app_id=app, apps=[{"id": "texts", "default_workflow": {"id": "Text"}}])
    api.PostInputs(user_app_id=app, inputs=[{"data": {"image": {"base64": picture("red")}}}])
    assert platform.wait_idle()
    assert old(api, app, said(id=DOG)) == []


def test_old_queries_filter_by_input_and_annotation_and_rank_by_output(api, zoo):
    box = [
        {"geo_point": {"longitude": 43, "latitude": 54}},
        {"geo_point": {"longitude": 45, "latitude": 56}},
    ]
    near = {
        "geo_point": {"longitude": 43, "latitude": 56},
        "geo_limit": {"type": "withinKilometers", "value": 1000},
    }
    meta = {"another-key": {"inner-key": "inner-value"}}
    dog = drawings.draw(drawings.OBJECTS["dog"])
    like = {"output": {"input": {"data": {"image": {"base64": dog}}}}}
    for asked in (
        {"concepts": [{"id": "mine", "value": 1}]},
        {"concepts": [{"name": "my dog", "value": 1}]},
        {"geo": near},
        {"geo": {"geo_box": box}},
        {"metadata": meta},
        {"image": {"base64": dog}},
    ):
        assert old(api, zoo, {"input": {"data": asked}}) == ["dog"], asked
        unlike = {"input": {"data": asked}, "negate": True}
        assert sorted(old(api, zoo, unlike)) == ["beach", "car", "words"], asked
    assert old(api, zoo, {"input": {"id": "car"}}) == ["car"]
    assert old(api, zoo, {"annotation": {"data": {"metadata": meta}}}) == ["dog"]
    assert old(api, zoo, like)[0] == "dog"
    assert old(api, zoo, {"output": {"input": {"id": "car"}}})[0] == "car"
    assert old(api, zoo, {"output": {"input": {"id": "car"}}, "negate": True})[-1] == "car"
    both = [{"input": {"data": {"geo": {"geo_box": box}}}}, said(name="dog")]
    assert old(api, zoo, *both) == ["dog"]


def test_old_searches_page_and_take_new_queries(api, zoo):
    one = {"page": 2, "per_page": 1}
    rank = {"annotation": {"data": {"concepts": [{"name": "car", "value": 1}]}}}
    searches = [{"query": {"ranks": [rank]}}]
    every = api.PostSearches(user_app_id=zoo, searches=searches).hits
    second = api.PostSearches(user_app_id=zoo, searches=searches, pagination=one).hits
    assert [hit.input.id for hit in second] == [every[1].input.id]


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"query": {"ands": [{"output": {"data": {"clusters": [{"id": "c"}]}}}]}}, "clusters"),
        ({"query": {"ands": [{"output": {"id": "o"}}]}}, "output.id"),
        ({"query": {"ands": [{"input": {"data": {"regions": [{"id": "r"}]}}}]}}, "regions"),
        ({"query": {"language": "tlh"}}, "tlh"),
        ({"query": {}, "searches": [{}]}, "not both"),
        ({"searches": [{"save": True}]}, "save"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(api, zoo, asked, named):
    refused = api.PostSearches(user_app_id=zoo, **asked).status
    assert refused.code != codes.SUCCESS
    assert named in refused.details


def test_what_a_search_finds_becomes_part_of_a_dataset(api, zoo):
    """`PostDatasetInputsRequest.search`: "Query to search inputs to be added to this dataset"."""
    api.PostDatasets(user_app_id=zoo, datasets=[{"id": "set"}])
    kind = {"query": {"filters": [{"input": {"data": {"image": {}}}}]}}
    added = api.PostDatasetInputs(user_app_id=zoo, dataset_id="set", search=kind)
    assert added.status.code == codes.SUCCESS
    assert {item.input.id for item in added.dataset_inputs} == {"dog", "car", "beach"}
    listed = api.ListDatasetInputs(user_app_id=zoo, dataset_id="set").dataset_inputs
    assert {item.input.id for item in listed} == {"dog", "car", "beach"}
    again = api.PostDatasetInputs(user_app_id=zoo, dataset_id="set", search=kind)
    assert {i.input.status.code for i in again.dataset_inputs} == {codes.DATASET_INPUT_DUPLICATE}
    rank = {"annotation": {"data": {"concepts": [{"name": "dog", "value": 1}]}}}
    best = {"query": {"ranks": [rank]}, "min_value": 0.9}
    api.PostDatasets(user_app_id=zoo, datasets=[{"id": "best"}])
    api.PostDatasetInputs(user_app_id=zoo, dataset_id="best", search=best)
    listed = api.ListDatasetInputs(user_app_id=zoo, dataset_id="best").dataset_inputs
    assert [item.input.id for item in listed] == ["dog"]
    none = api.PostDatasetInputs(
        user_app_id=zoo, dataset_id="set", search={"query": {"filters": [{"input": {"id": "x"}}]}}
    )
    assert (none.status.code, len(none.dataset_inputs)) == (codes.SUCCESS, 0)
    both = api.PostDatasetInputs(
        user_app_id=zoo, dataset_id="set", search=kind, dataset_inputs=[{"input": {"id": "dog"}}]
    )
    assert "not both" in both.status.details


def test_public_concepts_are_found_and_answered_in_other_languages(api, zoo):
    found = api.PostConceptsSearches(
        user_app_id=zoo, concept_query={"name": "狗*", "language": "zh"}
    ).concepts
    assert [(c.id, c.name, c.language) for c in found] == [(DOG, "狗", "zh")]
    answer = api.PostModelOutputs(
        user_app_id=zoo,
        model_id="general-image-recognition",
        model={"output_info": {"output_config": {"language": "ja", "max_concepts": 5}}},
        inputs=[{"data": {"image": {"base64": drawings.draw(drawings.OBJECTS["dog"])}}}],
    )
    named = {concept.id: concept for concept in answer.outputs[0].data.concepts}
    assert (named[DOG].name, named[DOG].language) == ("犬", "ja")
    refused = api.PostConceptsSearches(
        user_app_id=zoo, concept_query={"name": "dog", "language": "tlh"}
    )
    assert "tlh" in refused.status.details


def test_concepts_are_found_among_those_of_a_model_or_workflow(api, zoo):
    def names(**query):
        answer = api.PostConceptsSearches(user_app_id=zoo, concept_query=query)
        assert answer.status.code == codes.SUCCESS, answer.status
        return {concept.name for concept in answer.concepts}

    assert names(name="*dog*") == {"my dog", "dog"}
    assert names(name="*dog*", ignore_app_concepts=True) == {"dog"}
    feelings = {"model": {"id": "face-sentiment-recognition"}}
    assert names(name="*dog*", **feelings) == {"my dog"}
    assert names(name="dog", workflow={"id": "General"}) == {"dog"}
    assert names(name="dog", workflow_id="General") == {"dog"}
    assert not names(name="dog", workflow={"id": "Face"})
    refused = api.PostConceptsSearches(user_app_id=zoo, concept_query={"use_cases": [1]})
    assert "use_cases" in refused.status.details
