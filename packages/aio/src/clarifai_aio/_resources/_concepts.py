# Made of clarifai_resources._concepts by a tool:
# change that, and run `python -m tools.asynchronous`.

"""The concepts of an app, what relates them to each other, and how many inputs it has."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from clarifai_aio._core import ops
from clarifai_aio._core.paging import Pager
from clarifai_aio._resources.inputs._changes import patch_call
from clarifai_aio._resources.inputs._series import MessageKind, in_turn
from clarifai_core.errors import UserError
from clarifai_core.heavy import resources_pb2, service_pb2
from clarifai_core.wire.ids import check_id
from clarifai_resources._concepts import ConceptFields as ConceptFields
from clarifai_resources._concepts import _done, _log, check_predicate, texts_of
from clarifai_resources._kinds import CONCEPT
from clarifai_resources.inputs._changes import check_action

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from clarifai_aio._core.handles import Handle
    from clarifai_resources.inputs._series import Log, OutgoingMessage


async def create(handle: Handle, given: ConceptFields) -> list[resources_pb2.Concept]:
    """Create concepts; see `App.create_concepts`."""
    scope = ops.scope_of(handle, CONCEPT, "create").message()
    made: list[resources_pb2.Concept] = []

    async def send(batch: Sequence[resources_pb2.Concept]) -> None:
        request = service_pb2.PostConceptsRequest(user_app_id=scope, concepts=batch)
        made.extend((await handle.session.call("PostConcepts", request)).concepts)

    await in_turn(given.messages("concepts"), send, _log.log, "concepts", "created")
    return made


async def patch(
    handle: Handle,
    given: ConceptFields,
    action: ops.PatchAction,
    log: Log,
    *,
    raise_on_failure: bool,
) -> service_pb2.MultiConceptResponse:
    """Change concepts; see `Inputs.patch_concepts`."""
    check_action(action, ("overwrite",))
    messages = given.messages("labels")
    if not given.values:
        for one in messages:
            one.value = 1.0
    scope = ops.scope_of(handle, CONCEPT, "patch").message()

    def request(
        items: Sequence[OutgoingMessage[resources_pb2.Concept]],
    ) -> service_pb2.PatchConceptsRequest:
        return service_pb2.PatchConceptsRequest(
            user_app_id=scope, concepts=[one.message for one in items], action=action
        )

    async def known(_: object) -> set[object]:
        found: Pager[Any] = ops.pager(handle, CONCEPT, None)
        return {one.id async for one in found}

    series = MessageKind[resources_pb2.Concept](
        handle,
        patch_call("PatchConcepts", "concepts", request, status_of=_done),
        lambda one: f"concept {one.id!r}",
        lambda one: one.id,
        known,
    )
    sent = await series.send(messages, log, "concepts were changed")
    return sent.response(
        service_pb2.MultiConceptResponse(),
        lambda one: resources_pb2.Concept(id=one.id, name=one.name),
        raise_on_failure=raise_on_failure,
    )


async def relate(
    handle: Handle, subject_concept_id: str, object_concept_ids: object, predicates: object
) -> list[resources_pb2.ConceptRelation]:
    """Create relations of a concept; see `App.create_concept_relations`."""
    subject = check_id("subject_concept_id", subject_concept_id)
    others = texts_of(object_concept_ids, "object_concept_ids")
    words = texts_of(predicates, "predicates")
    if not others:
        raise UserError("object_concept_ids is empty: give at least one id.")
    if len(words) != len(others):
        raise UserError(
            f"predicates must have one for each of object_concept_ids: {len(words)} for "
            f"{len(others)}."
        )
    for index, word in enumerate(words):
        check_predicate(word, f"predicates[{index}]")
    scope = ops.scope_of(handle, CONCEPT, "create").message()
    made: list[resources_pb2.ConceptRelation] = []

    async def send(batch: Sequence[resources_pb2.ConceptRelation]) -> None:
        request = service_pb2.PostConceptRelationsRequest(
            user_app_id=scope, concept_id=subject, concept_relations=batch
        )
        made.extend((await handle.session.call("PostConceptRelations", request)).concept_relations)

    asked = [
        resources_pb2.ConceptRelation(
            object_concept=resources_pb2.Concept(id=one), predicate=predicate
        )
        for one, predicate in zip(others, words, strict=True)
    ]
    await in_turn(asked, send, _log.log, "concept relations", "created")
    return made


def relations(
    handle: Handle,
    concept_id: str | None,
    predicate: str | None,
    page_no: int | None,
    per_page: int | None,
) -> Pager[resources_pb2.ConceptRelation]:
    """Return relations; see `App.search_concept_relations`."""
    if predicate:
        check_predicate(predicate, "predicate")
    request = service_pb2.ListConceptRelationsRequest(
        user_app_id=ops.scope_of(handle, CONCEPT, "list").message(),
        concept_id=check_id("concept_id", concept_id) if concept_id else "",
        predicate=predicate or "",
    )
    return ops.list_pages(
        handle, "ListConceptRelations", request, "concept_relations", None, page_no, per_page
    )


async def shown(
    found: Pager[resources_pb2.ConceptRelation],
) -> Pager[resources_pb2.ConceptRelation]:
    """Print relations as a tree, and return them."""
    listed = await found.all()
    sys.stdout.write(tree(listed))
    return Pager.of_pages([listed])


def tree(relations: Iterable[resources_pb2.ConceptRelation]) -> str:
    """Return a line for each subject, and below it one for each of its relations.

    Example:
        >>> cat, animal = resources_pb2.Concept(id="cat"), resources_pb2.Concept(id="animal")
        >>> relation = resources_pb2.ConceptRelation(subject_concept=cat, predicate="hypernym")
        >>> relation.object_concept.CopyFrom(animal)
        >>> print(tree([relation]), end="")
        cat
        `-- hypernym: animal
    """
    below: dict[str, list[str]] = {}
    for one in relations:
        line = f"{one.predicate}: {one.object_concept.id}"
        below.setdefault(one.subject_concept.id, []).append(line)
    lines = []
    for subject, related in below.items():
        lines.append(subject)
        lines += [f"|-- {one}" for one in related[:-1]]
        lines.append(f"`-- {related[-1]}")
    return "".join(f"{line}\n" for line in lines)


async def unrelate(handle: Handle, concept_id: str, relation_ids: object) -> None:
    """Delete relations of a concept; see `App.delete_concept_relations`."""
    own = check_id("concept_id", concept_id)
    ids = texts_of(relation_ids or [], "concept_relation_ids")
    if not ids:
        ids = [one.id async for one in relations(handle, own, None, None, None)]
    scope = ops.scope_of(handle, CONCEPT, "delete").message()

    async def send(batch: Sequence[str]) -> None:
        request = service_pb2.DeleteConceptRelationsRequest(
            user_app_id=scope, concept_id=own, ids=batch
        )
        await handle.session.call("DeleteConceptRelations", request)

    await in_turn(ids, send, _log.log, "concept relations", "deleted")


async def input_count(handle: Handle) -> int:
    """Return how many inputs an app has; see `App.get_input_count`."""
    scope = ops.scope_of(handle, CONCEPT, "list").message()
    request = service_pb2.GetInputCountRequest(user_app_id=scope)
    counted: int = (await handle.session.call("GetInputCount", request)).counts.processed
    return counted
