"""Concepts of an app and their relations, under the names of the official SDK 12.5.0."""

from __future__ import annotations

import logging

import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_core.errors import AlreadyExists, InvalidArgument, MixedStatus, NotFound, UserError
from clarifai_resources.inputs import Inputs


@pytest.fixture
def concepts(app):
    """The app, with four concepts."""
    app.create_concepts(["animal", "cat", "dog", "puss"])
    return app


def names(app):
    return {one.id: one.name for one in app.list_concepts()}


def related(pager):
    return [(one.subject_concept.id, one.predicate, one.object_concept.id) for one in pager]


def test_concepts_are_created_with_names_or_called_like_their_ids(app):
    made = app.create_concepts(["id-cat", "id-dog"], ["cat", "dog"])
    assert [one.id for one in made] == ["id-cat", "id-dog"]
    app.create_concepts(["plain"])
    assert names(app) == {"id-cat": "cat", "id-dog": "dog", "plain": "plain"}
    with pytest.raises(AlreadyExists):
        app.create_concepts(["new", "plain"])
    assert "new" not in names(app)


def test_many_concepts_go_in_several_requests_and_what_was_made_is_logged(
    scripted_app, scripted, caplog
):
    ok, no = (status_pb2.Status(code=code) for code in (10000, 11102))
    scripted.queue(
        "PostConcepts",
        service_pb2.MultiConceptResponse(status=ok),
        service_pb2.MultiConceptResponse(status=no),
    )
    with pytest.raises(InvalidArgument):
        scripted_app.create_concepts([f"c{number}" for number in range(200)])
    assert [len(request.concepts) for _, request in scripted.asked] == [128, 72]
    warned = [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING]
    assert warned == ["only the first 128 of 200 concepts were created"]


def test_concepts_are_renamed_and_an_unknown_one_is_told(concepts, caplog):
    inputs = concepts.inputs()
    response = inputs.patch_concepts(["cat", "none", "dog"], ["kitten", "x", "puppy"])
    assert response.status.code == 10010
    assert [one.name for one in response.concepts] == ["kitten", "puppy"]
    assert "concept 'none' does not exist" in response.status.details
    expected = {"animal": "animal", "cat": "kitten", "dog": "puppy", "puss": "puss"}
    assert names(concepts) == expected
    warned = [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING]
    assert warned == [
        "concept 'none' was refused: Resource does not exist: concept 'none' does not exist [11101]"
    ]
    with pytest.raises(MixedStatus):
        inputs.patch_concepts(["cat", "none"], raise_on_failure=True)
    with pytest.raises(NotFound):
        inputs.patch_concepts(["none"], raise_on_failure=True)
    assert inputs.patch_concepts(["none"]).status.code == 10020


def test_relations_are_made_listed_and_deleted(concepts):
    made = concepts.create_concept_relations("animal", ["cat", "dog"], ["hypernym", "hypernym"])
    assert related(made) == [("animal", "hypernym", "cat"), ("animal", "hypernym", "dog")]
    concepts.create_concept_relations("cat", ["puss"], ["synonym"])
    assert len(concepts.search_concept_relations().all()) == 3
    assert related(concepts.search_concept_relations("cat", "synonym")) == [
        ("cat", "synonym", "puss")
    ]
    assert related(concepts.search_concept_relations(predicate="synonym", page_no=1)) == [
        ("cat", "synonym", "puss")
    ]
    seen = sorted(related(concepts.search_concept_relations("cat")))
    assert seen == [("cat", "hyponym", "animal"), ("cat", "synonym", "puss")]
    concepts.delete_concept_relations("animal", [made[1].id])
    assert len(concepts.search_concept_relations("animal").all()) == 1
    concepts.delete_concept_relations("animal")
    assert related(concepts.search_concept_relations()) == [("cat", "synonym", "puss")]
    concepts.delete_concept_relations("animal")
    with pytest.raises(NotFound):
        concepts.create_concept_relations("animal", ["none"], ["hypernym"])


def test_relations_are_printed_as_a_tree(concepts, capsys):
    concepts.create_concept_relations("animal", ["cat", "dog"], ["hypernym", "hypernym"])
    concepts.create_concept_relations("cat", ["puss"], ["synonym"])
    found = concepts.search_concept_relations(show_tree=True)
    assert len(list(found)) == 3
    assert capsys.readouterr().out.splitlines() == [
        "cat",
        "`-- synonym: puss",
        "animal",
        "|-- hypernym: dog",
        "`-- hypernym: cat",
    ]


def test_requests_are_those_of_the_official_sdk(scripted_app, scripted):
    ok = status_pb2.Status(code=10000)
    relation = resources_pb2.ConceptRelation(id="r")
    scripted.queue("PostConcepts", service_pb2.MultiConceptResponse(status=ok))
    scripted.queue("PostConceptRelations", service_pb2.MultiConceptRelationResponse(status=ok))
    listed = service_pb2.MultiConceptRelationResponse(status=ok, concept_relations=[relation])
    scripted.queue("ListConceptRelations", listed)
    scripted.queue("DeleteConceptRelations", status_pb2.BaseResponse(status=ok))
    counts = resources_pb2.InputCount(processed=7, to_process=2)
    scripted.queue("GetInputCount", service_pb2.SingleInputCountResponse(status=ok, counts=counts))
    scripted_app.create_concepts(["a"], ["A"])
    scripted_app.create_concept_relations("a", ["b"], ["synonym"])
    scripted_app.delete_concept_relations("a")
    assert scripted_app.get_input_count() == 7
    scope = scripted_app.user_app_id
    other = resources_pb2.ConceptRelation(
        object_concept=resources_pb2.Concept(id="b"), predicate="synonym"
    )
    sent = [request for name, request in scripted.asked if name != "ListConceptRelations"]
    assert sent == [
        service_pb2.PostConceptsRequest(
            user_app_id=scope, concepts=[resources_pb2.Concept(id="a", name="A")]
        ),
        service_pb2.PostConceptRelationsRequest(
            user_app_id=scope, concept_id="a", concept_relations=[other]
        ),
        service_pb2.DeleteConceptRelationsRequest(user_app_id=scope, concept_id="a", ids=["r"]),
        service_pb2.GetInputCountRequest(user_app_id=scope),
    ]


def test_inputs_are_counted(app):
    assert app.get_input_count() == 0
    inputs = app.inputs()
    inputs.upload_inputs([Inputs.get_text_input(f"t{number}", "words") for number in range(3)])
    inputs.get_input("t0")
    assert app.get_input_count() in range(4)  # those that are processed by now


def test_nothing_is_sent_for_wrong_arguments(scripted_app, scripted):
    app = scripted_app
    calls = {
        "concept_ids is empty": lambda: app.create_concepts([]),
        "concept_ids must be a list": lambda: app.create_concepts("cat"),
        r"concept_ids\[1\] must be a text": lambda: app.create_concepts(["a", 2]),
        "concept_ids names 'a' twice": lambda: app.create_concepts(["a", "a"]),
        "concepts must have an entry for each": lambda: app.create_concepts(["a"], ["A", "B"]),
        "subject_concept_id must be": lambda: app.create_concept_relations("", ["b"], ["synonym"]),
        "object_concept_ids is empty": lambda: app.create_concept_relations("a", [], []),
        "predicates must have one for each": lambda: app.create_concept_relations("a", ["b"], []),
        r"predicates\[0\] must be one of hypernym, hyponym, synonym, got 'hypernim'": (
            lambda: app.create_concept_relations("a", ["b"], ["hypernim"])
        ),
        "predicate must be one of": lambda: app.search_concept_relations(predicate="same"),
        "concept_id must be": lambda: app.delete_concept_relations(""),
        "concept_relation_ids must be a list": lambda: app.delete_concept_relations("a", "r"),
    }
    for said, call in calls.items():
        with pytest.raises(UserError, match=said):
            call()
    assert scripted.asked == []
