"""Concepts: what inputs are labelled with and models answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local import _ids, _paging, _public_content
from clarifai_local._patching import check_action
from clarifai_local._store.annotations import concepts_in
from clarifai_local.dispatch import rpc
from clarifai_local.statuses import Refused, invalid, missing

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from clarifai_local._context import ServiceContext
    from clarifai_local._scope import Scope
    from clarifai_local.auth import Caller

MAX_QUERY_CHARACTERS = 1000
"""Characters of a text that concepts are searched by."""

_PATCHED = ("name", "definition", "language", "metadata", "visibility", "image")


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
                _overwrite(concept, given)
                self._store.concepts.update(db, row, concept, now_us)
                if concept.name != row.name:
                    self._rename(db, row.seq, concept)
                patched.append(concept)
        return service_pb2.MultiConceptResponse(concepts=patched)

    @rpc("PostConceptsSearches")
    def post_concepts_searches(
        self, request: service_pb2.PostConceptsSearchesRequest, caller: Caller
    ) -> service_pb2.MultiConceptResponse:
        """Find concepts by name, `*` standing for anything: the app's own, then the public ones."""
        scope = self._context.scopes.app(request.user_app_id, caller)
        wanted = _paging.page_range(request.pagination.page, request.pagination.per_page)
        query = request.concept_query
        like = _escaped(query.name).replace("*", "%") or "%"
        apps = [] if query.ignore_app_concepts else [scope.app]
        main = self._main(caller)
        apps += [main.app] if main.app != scope.app else []
        everything = _paging.PageRange(wanted.offset + wanted.limit, 0)
        found = [concept for app in apps for concept in self._page(app, everything, like)]
        page = wanted.of(found)
        return service_pb2.MultiConceptResponse(concepts=page)

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
        concept.image.ClearField("base64")
        if not concept.image.ByteSize():
            concept.ClearField("image")
        if concept.id in seen:
            raise _duplicate(concept.id)
        seen.add(concept.id)
    return list(concepts)


def _duplicate(concept_id: str) -> Refused:
    return Refused(
        codes.CONCEPTS_INVALID_REQUEST,
        f"duplicate concept: the concept id {concept_id!r} already exists",
    )


def _overwrite(concept: resources_pb2.Concept, given: resources_pb2.Concept) -> None:
    for field, value in given.ListFields():
        if field.name not in _PATCHED:
            continue
        if field.message_type is None:
            setattr(concept, field.name, value)
        else:
            getattr(concept, field.name).CopyFrom(value)


def _escaped(text: str) -> str:
    if len(text) > MAX_QUERY_CHARACTERS:
        raise invalid(
            f"a query for concepts has {len(text):,} characters, more than {MAX_QUERY_CHARACTERS:,}"
        )
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
