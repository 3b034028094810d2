"""Concepts and the relations between them."""

from __future__ import annotations

import pytest
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes


def make(api, app, *ids):
    return api.PostConcepts(
        user_app_id=app, concepts=[resources_pb2.Concept(id=i, name=i.title()) for i in ids]
    )


def test_concepts_are_created_listed_newest_first_and_found(api, app):
    assert make(api, app, "cat", "dog", "catfish").status.code == codes.SUCCESS
    assert [c.id for c in api.ListConcepts(user_app_id=app).concepts] == ["catfish", "dog", "cat"]
    assert {c.id for c in api.ListConcepts(user_app_id=app, id="CAT").concepts} == {
        "cat",
        "catfish",
    }
    assert api.GetConcept(user_app_id=app, concept_id="dog").concept.name == "Dog"


def test_a_duplicate_concept_is_refused_as_the_clients_expect(api, app):
    make(api, app, "cat")
    status = make(api, app, "new", "cat").status
    assert (status.code, status.description) == (codes.CONCEPTS_INVALID_REQUEST, "Invalid request")
    assert "duplicate" in status.details
    assert len(api.ListConcepts(user_app_id=app).concepts) == 1


def test_only_overwrite_of_known_concepts_works(api, app):
    make(api, app, "cat")
    renamed = resources_pb2.Concept(id="cat", name="Tomcat")
    assert (
        api.PatchConcepts(user_app_id=app, concepts=[renamed], action="overwrite").concepts[0].name
        == "Tomcat"
    )
    merged = api.PatchConcepts(user_app_id=app, concepts=[renamed], action="merge")
    assert merged.status.code == codes.CONN_INVALID_REQUEST
    stray = api.PatchConcepts(
        user_app_id=app, concepts=[resources_pb2.Concept(id="zzz", name="x")], action="overwrite"
    )
    assert stray.status.code == codes.CONN_DOES_NOT_EXIST


def test_a_renamed_concept_shows_its_new_name_in_inputs(api, app):
    data = resources_pb2.Data(
        text=resources_pb2.Text(raw="x"), concepts=[resources_pb2.Concept(id="cat", value=1)]
    )
    api.PostInputs(user_app_id=app, inputs=[resources_pb2.Input(id="i", data=data)])
    api.PatchConcepts(
        user_app_id=app,
        concepts=[resources_pb2.Concept(id="cat", name="Tomcat")],
        action="overwrite",
    )
    assert api.GetInput(user_app_id=app, input_id="i").input.data.concepts[0].name == "Tomcat"
    [level] = api.ListAnnotations(user_app_id=app).annotations
    assert level.data.concepts[0].name == "Tomcat"


def test_a_search_finds_own_and_public_concepts_by_pattern(api, app):
    make(api, app, "dogma")
    query = resources_pb2.ConceptQuery(name="dog*")
    found = api.PostConceptsSearches(user_app_id=app, concept_query=query).concepts
    assert [c.id for c in found] == ["dogma", "ai_8S2Vq3cR"]


def test_relations_are_seen_from_both_ends(api, app):
    make(api, app, "cat", "animal")
    relation = resources_pb2.ConceptRelation(
        object_concept=resources_pb2.Concept(id="animal"), predicate="hyponym"
    )
    made = api.PostConceptRelations(
        user_app_id=app, concept_id="cat", concept_relations=[relation]
    ).concept_relations
    assert (made[0].subject_concept.id, made[0].object_concept.id) == ("cat", "animal")
    [inverse] = api.ListConceptRelations(user_app_id=app, concept_id="animal").concept_relations
    assert (inverse.object_concept.id, inverse.predicate) == ("cat", "hypernym")
    assert len(api.ListConceptRelations(user_app_id=app).concept_relations) == 1
    api.DeleteConceptRelations(user_app_id=app, concept_id="cat", ids=[made[0].id])
    assert not api.ListConceptRelations(user_app_id=app).concept_relations


def test_a_relation_needs_a_known_predicate_and_concept(api, app):
    make(api, app, "cat")
    for predicate, other in (("eats", "cat"), ("synonym", "zzz")):
        relation = resources_pb2.ConceptRelation(
            object_concept=resources_pb2.Concept(id=other), predicate=predicate
        )
        response = api.PostConceptRelations(
            user_app_id=app, concept_id="cat", concept_relations=[relation]
        )
        assert response.status.code in {codes.CONN_INVALID_REQUEST, codes.CONN_DOES_NOT_EXIST}
        assert predicate in response.status.details or other in response.status.details


@pytest.mark.parametrize("side", ["cat", "animal", ""])
@pytest.mark.parametrize("named", [True, False])
def test_relations_are_deleted_from_either_end(api, app, side, named):
    make(api, app, "cat", "animal", "plant")
    relations = [
        resources_pb2.ConceptRelation(
            id=name, object_concept=resources_pb2.Concept(id=name), predicate="hyponym"
        )
        for name in ("animal", "plant")
    ]
    api.PostConceptRelations(user_app_id=app, concept_id="cat", concept_relations=relations)
    ids = ["animal"] if named else []
    answer = api.DeleteConceptRelations(user_app_id=app, concept_id=side, ids=ids)
    left = [r.id for r in api.ListConceptRelations(user_app_id=app).concept_relations]
    if not (side or named):
        assert "empty" in answer.status.details
        assert len(left) == 2
    else:
        assert left == ([] if side == "cat" and not named else ["plant"])
    stranger = api.DeleteConceptRelations(user_app_id=app, concept_id="animal", ids=["plant"])
    assert stranger.status.code == codes.CONN_DOES_NOT_EXIST
