"""Relations between concepts: one is a kind of another, or the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_local import _ids, _paging, _public_content
from clarifai_local._store import Duplicate, ResourceRow
from clarifai_local.dispatch import rpc
from clarifai_local.statuses import invalid, missing

if TYPE_CHECKING:
    import sqlite3

    from clarifai_local._context import ServiceContext
    from clarifai_local._scope import AppScope
    from clarifai_local.auth import Caller

KIND = "concept_relation"

INVERSE = {"hypernym": "hyponym", "hyponym": "hypernym", "synonym": "synonym"}
"""Every predicate, with how the object relates to the subject."""


class ConceptRelationService:
    """RPCs on concept relations; `parent` of a row is the subject's id, `detail` the object's."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._store = context.store

    @rpc("PostConceptRelations")
    def post_concept_relations(
        self, request: service_pb2.PostConceptRelationsRequest, caller: Caller
    ) -> service_pb2.MultiConceptRelationResponse:
        """Create relations of one subject concept: all or none."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        with self._store.write() as db:
            self._context.scopes.require(db, scope)
            made = [
                self._create(db, scope, request.concept_id, r) for r in request.concept_relations
            ]
        return service_pb2.MultiConceptRelationResponse(concept_relations=made)

    @rpc("ListConceptRelations")
    def list_concept_relations(
        self, request: service_pb2.ListConceptRelationsRequest, caller: Caller
    ) -> service_pb2.MultiConceptRelationResponse:
        """Return relations, newest first; those of one concept also seen from the other end."""
        scope = self._context.scopes.app(request.user_app_id, caller)
        wanted = _paging.page_range(request.page, request.per_page)
        with self._store.read() as db:
            rows = self._store.resources.list(db, KIND, scope.key, parent=None)
        found = [r for row in rows for r in _seen_from(row, request.concept_id)]
        if request.predicate:
            found = [r for r in found if r.predicate == request.predicate]
        if request.knowledge_graph_id:
            found = [r for r in found if r.knowledge_graph_id == request.knowledge_graph_id]
        page = wanted.of(found)
        return service_pb2.MultiConceptRelationResponse(concept_relations=page)

    @rpc("DeleteConceptRelations")
    def delete_concept_relations(
        self, request: service_pb2.DeleteConceptRelationsRequest, caller: Caller
    ) -> status_pb2.BaseResponse:
        """Delete relations by id, of a concept at either end; without ids all of the concept's."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        if not (request.ids or request.concept_id):
            raise invalid("concept_id and ids are empty: name the relations to delete")
        with self._store.write() as db:
            rows = self._store.resources.list(db, KIND, scope.key, parent=None)
            if request.concept_id:
                rows = [row for row in rows if request.concept_id in {row.parent, row.detail}]
            for relation_id in request.ids:
                if relation_id not in {row.id for row in rows}:
                    raise missing("concept relation", relation_id)
            for row in rows:
                if not request.ids or row.id in request.ids:
                    self._store.resources.delete(db, row)
        return status_pb2.BaseResponse()

    def _create(
        self,
        db: sqlite3.Connection,
        scope: AppScope,
        subject_id: str,
        given: resources_pb2.ConceptRelation,
    ) -> resources_pb2.ConceptRelation:
        if given.predicate not in INVERSE:
            raise invalid(f"predicate {given.predicate!r} is not one of: {', '.join(INVERSE)}")
        if subject_id and given.subject_concept.id not in {"", subject_id}:
            raise invalid(
                f"subject_concept {given.subject_concept.id!r} is not the concept {subject_id!r} "
                "that the request is about"
            )
        subject = self._concept(db, scope, subject_id or given.subject_concept.id)
        relation = resources_pb2.ConceptRelation(
            id=given.id or _ids.new_id(),
            subject_concept=subject,
            object_concept=self._concept(db, scope, given.object_concept.id),
            predicate=given.predicate,
            knowledge_graph_id=given.knowledge_graph_id,
        )
        if given.HasField("visibility"):
            relation.visibility.CopyFrom(given.visibility)
        try:
            self._store.resources.insert(
                db,
                KIND,
                scope.key,
                _ids.check_input(relation.id, "concept relation id"),
                relation,
                now_us=self._context.clock.now_us(),
                parent=subject.id,
                detail=relation.object_concept.id,
            )
        except Duplicate:
            raise invalid(f"the concept relation id {relation.id!r} already exists") from None
        return relation

    def _concept(
        self, db: sqlite3.Connection, scope: AppScope, concept_id: str
    ) -> resources_pb2.Concept:
        main = self._context.scopes.find(db, *_public_content.MAIN)
        for app in (scope.app, main.app if main else 0):
            row = self._store.concepts.get(db, app, concept_id)
            if row is not None:
                known = row.message()
                return resources_pb2.Concept(
                    id=known.id, name=known.name, app_id=known.app_id, user_id=known.user_id
                )
        raise missing("concept", concept_id)


def _seen_from(row: ResourceRow, concept_id: str) -> list[resources_pb2.ConceptRelation]:
    relation = row.message(resources_pb2.ConceptRelation)
    if not concept_id or row.parent == concept_id:
        return [relation]
    if row.detail != concept_id:
        return []
    seen = resources_pb2.ConceptRelation()
    seen.CopyFrom(relation)
    seen.subject_concept.CopyFrom(relation.object_concept)
    seen.object_concept.CopyFrom(relation.subject_concept)
    seen.predicate = INVERSE[relation.predicate]
    return [seen]
