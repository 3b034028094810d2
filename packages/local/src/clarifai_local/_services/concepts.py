"""Concepts: what inputs are labelled with and models answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local import _ids, _paging, _public_content
from clarifai_local._concept_names import ENGLISH, check_language, matching, translated
from clarifai_local._models import rows as model_rows
from clarifai_local._patching import check_action
from clarifai_local._services.family import refuse_bytes, take
from clarifai_local._store.annotations import concepts_in
from clarifai_local._workflows import rows as workflow_rows
from clarifai_local.dispatch import rpc
from clarifai_local.engine.concepts import concept_id
from clarifai_local.statuses import Refused, invalid, missing

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from clarifai_local._context import ServiceContext
    from clarifai_local._scope import Scope
    from clarifai_local.auth import Caller

MAX_QUERY_CHARACTERS = 1000
"""Characters of a text that concepts are searched by."""

_PATCHED = (
    "name", "definition", "language", "metadata", "visibility", "image", "vocab_id",
    "keypoint_info",
)  # fmt: skip


class Concepts:
    """RPCs on concepts."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._store = context.store

    @rpc("PostConcepts")
    def post_concepts(
        self, request: service_pb2.PostConceptsRequest, caller: Caller
    ) -> service_pb2.MultiConceptResponse:
        """Create concepts: all or none."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        concepts = _checked(request.concepts)
        with self._store.write() as db:
            self._context.scopes.require(db, scope)
            for concept in concepts:
                if self._store.concepts.get(db, scope.app, concept.id) is not None:
                    raise _duplicate(concept.id)
            now_us = self._context.clock.now_us()
            self._store.concepts.insert(db, scope.app, scope.key, concepts, now_us)
        return service_pb2.MultiConceptResponse(concepts=concepts)

    @rpc("GetConcept")
    def get_concept(
        self, request: service_pb2.GetConceptRequest, caller: Caller
    ) -> service_pb2.SingleConceptResponse:
        """Return a concept."""
        scope = self._context.scopes.app(request.user_app_id, caller)
        with self._store.read() as db:
            row = self._store.concepts.get(db, scope.app, request.concept_id)
        if row is None:
            raise missing("concept", request.concept_id)
        return service_pb2.SingleConceptResponse(concept=row.message())

    @rpc("ListConcepts")
    def list_concepts(
        self, request: service_pb2.ListConceptsRequest, caller: Caller
    ) -> service_pb2.MultiConceptResponse:
        """Return the app's own concepts, newest first; `id` finds similar ids and names."""
        scope = self._context.scopes.app(request.user_app_id, caller)
        wanted = _paging.page_range(request.page, request.per_page)
        like = f"%{_escaped(request.id)}%" if request.id else ""
        return service_pb2.MultiConceptResponse(concepts=self._page(scope.app, wanted, like))

    @rpc("PatchConcepts")
    def patch_concepts(
        self, request: service_pb2.PatchConceptsRequest, caller: Caller
    ) -> service_pb2.MultiConceptResponse:
        """Overwrite fields of concepts: all or none."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        check_action(request.action or "overwrite", ("overwrite",))
        with self._store.write() as db:
            now_us = self._context.clock.now_us()
            patched = []
            for given in request.concepts:
                row = self._store.concepts.get(db, scope.app, given.id)
                if row is None:
                    raise missing("concept", given.id)
                concept = row.message()
                take(concept, given, _PATCHED)
                self._store.concepts.update(db, row, concept, now_us)
                if concept.name != row.name:
                    self._rename(db, row.seq, concept)
                patched.append(concept)
        return service_pb2.MultiConceptResponse(concepts=patched)

    @rpc("PostConceptsSearches")
    def post_concepts_searches(
        self, request: service_pb2.PostConceptsSearchesRequest, caller: Caller
    ) -> service_pb2.MultiConceptResponse:
        """Find concepts by name, `*` standing for anything: the app's own, then the public ones.

        In another language it finds the public ones by what they are called in it.
        """
        scope = self._context.scopes.app_or_main(request.user_app_id, caller)
        wanted = _paging.page_range(request.pagination.page, request.pagination.per_page)
        query = request.concept_query
        language = check_language(query.language, "concept_query.language")
        main = self._main(caller)
        found = [] if query.ignore_app_concepts else self._found(scope.app, query.name, wanted)
        if main.app != scope.app or query.ignore_app_concepts or language != ENGLISH:
            known = self._answered(scope, query, caller)
            public = self._public(main.app, query.name, language, wanted)
            found += [concept for concept in public if known is None or concept.id in known]
        return service_pb2.MultiConceptResponse(concepts=wanted.of(found))

    def _public(
        self, main: int, name: str, language: str, wanted: _paging.PageRange
    ) -> list[resources_pb2.Concept]:
        if language == ENGLISH:
            return self._found(main, name, wanted)
        return self._translated(main, name, language)

    def _found(self, app: int, name: str, wanted: _paging.PageRange) -> list[resources_pb2.Concept]:
        like = _escaped(name).replace("*", "%") or "%"
        return self._page(app, _paging.PageRange(wanted.offset + wanted.limit, 0), like)

    def _translated(self, main: int, name: str, language: str) -> list[resources_pb2.Concept]:
        _escaped(name)
        found = []
        with self._store.read() as db:
            for english in matching(name or "*", language):
                row = self._store.concepts.get(db, main, concept_id(english))
                if row is not None:
                    concept = row.message()
                    concept.name, concept.language = translated(english, language), language
                    found.append(concept)
        return found

    def _answered(
        self, scope: Scope, query: resources_pb2.ConceptQuery, caller: Caller
    ) -> set[str] | None:
        """Return the ids of the concepts that the query's model or workflow answers with.

        None when it asks of neither.
        """
        workflow_id = query.workflow.id or query.workflow_id
        if not (workflow_id or query.model.id):
            return None
        with self._store.read() as db:
            if workflow_id:
                version, owner = query.workflow.version.id, self._of(query.workflow, scope, caller)
                flow = workflow_rows.find(self._store, db, owner, workflow_id, version).version
                nodes = flow.message(resources_pb2.WorkflowVersion).nodes
                found = [workflow_rows.model_of(self._context, db, node) for node in nodes]
            else:
                version, owner = query.model.model_version.id, self._of(query.model, scope, caller)
                found = [model_rows.find(self._store, db, owner, query.model.id, version)]
        versions = [one.version for one in found if one is not None and one.version is not None]
        return {
            concept.id
            for row in versions
            for concept in row.message(resources_pb2.ModelVersion).output_info.data.concepts
        }

    def _of(
        self, named: resources_pb2.Model | resources_pb2.Workflow, scope: Scope, caller: Caller
    ) -> Scope:
        """Return the app of what a query names: the searched one where it says none."""
        if not (named.user_id or named.app_id):
            return scope
        of = resources_pb2.UserAppIDSet(
            user_id=named.user_id or scope.user_id, app_id=named.app_id or scope.app_id
        )
        return self._context.scopes.app(of, caller)

    def _rename(self, db: sqlite3.Connection, seq: int, concept: resources_pb2.Concept) -> None:
        """Write a concept's new name into all that mentions it."""
        mentions = "SELECT annotation FROM annotation_concepts WHERE concept = ?"
        for row in self._store.annotations.where(db, f"seq IN ({mentions})", (seq,)):
            annotation = row.message()
            _set_name(annotation.data, concept)
            wire = annotation.SerializeToString()
            db.execute("UPDATE annotations SET wire = ? WHERE seq = ?", (wire, row.seq))
            for stored in self._store.inputs.rows(db, [row.input]) if row.input_level else ():
                message = resources_pb2.Input.FromString(stored.wire)
                _set_name(message.data, concept)
                self._store.inputs.set_wire(db, stored.seq, message.SerializeToString(), None)

    def _main(self, caller: Caller) -> Scope:
        user_id, app_id = _public_content.MAIN
        of = resources_pb2.UserAppIDSet(user_id=user_id, app_id=app_id)
        return self._context.scopes.app(of, caller)

    def _page(self, app: int, wanted: _paging.PageRange, like: str) -> list[resources_pb2.Concept]:
        with self._store.read() as db:
            rows = self._store.concepts.page(
                db, app, limit=wanted.limit, offset=wanted.offset, like=like
            )
        return [row.message() for row in rows]


def _set_name(data: resources_pb2.Data, concept: resources_pb2.Concept) -> None:
    for _, mention in concepts_in(data):
        if mention.id == concept.id:
            mention.name = concept.name


def _checked(concepts: Sequence[resources_pb2.Concept]) -> list[resources_pb2.Concept]:
    if not concepts:
        raise invalid("concepts is empty: name at least one concept to create")
    seen: set[str] = set()
    for concept in concepts:
        concept.id = _ids.check_concept(concept.id or concept.name)
        concept.name = concept.name or concept.id
        refuse_bytes(concept)
        if concept.id in seen:
            raise _duplicate(concept.id)
        seen.add(concept.id)
    return list(concepts)


def _duplicate(concept_id: str) -> Refused:
    return Refused(
        codes.CONCEPTS_INVALID_REQUEST,
        f"duplicate concept: the concept id {concept_id!r} already exists",
    )


def _escaped(text: str) -> str:
    if len(text) > MAX_QUERY_CHARACTERS:
        raise invalid(
            f"a query for concepts has {len(text):,} characters, more than {MAX_QUERY_CHARACTERS:,}"
        )
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
