"""The concepts of an app, what relates them to each other, and how many inputs it has."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import attrs

from clarifai_core import ops
from clarifai_core.errors import UserError
from clarifai_core.heavy import resources_pb2, service_pb2, status_pb2
from clarifai_core.loggers import logger_for
from clarifai_core.paging import Pager
from clarifai_core.status import SUCCESS
from clarifai_core.wire.ids import check_id
from clarifai_core.wire.messages import nearest
from clarifai_resources._kinds import CONCEPT
from clarifai_resources.inputs._changes import check_action, patch_call
from clarifai_resources.inputs._series import Log, MessageKind, OutgoingMessage, in_turn

if TYPE_CHECKING:
    from clarifai_core.handles import Handle

Predicate: TypeAlias = Literal["hypernym", "hyponym", "synonym"]
PREDICATES: tuple[Predicate, ...] = get_args(Predicate)
"""How concepts relate: the subject is a kind of the object, the other way round, or the same."""

_log = logger_for(__name__)


@attrs.frozen
class ConceptFields:
    """Concepts as callers name them: ids, and a name and a value for each."""

    ids: object
    names: object = ()
    values: object = ()

    def messages(self, names: str) -> list[resources_pb2.Concept]:
        """Return them; without names, the ids are the names.

        Args:
            names: What the caller calls the names.

        Raises:
            UserError: There are none, an id is empty or comes twice, or the numbers differ.
        """
        ids = texts_of(self.ids, "concept_ids")
        if not ids:
            raise UserError("concept_ids is empty: give at least one id.")
        doubled = [one for one in dict.fromkeys(ids) if ids.count(one) > 1]
        if doubled:
            raise UserError(f"concept_ids names {doubled[0]!r} twice.")
        own_names = texts_of(self.names or ids, names)
        values = list(_iterable(self.values or [], "values"))
        for what, given in ((names, own_names), ("values", values or ids)):
            if len(given) != len(ids):
                raise UserError(
                    f"{what} must have an entry for each of concept_ids: {len(given)} for "
                    f"{len(ids)}."
                )
        for index, value in enumerate(values):
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise UserError(f"values[{index}] must be a number, got {value!r:.80}.")
        made = [resources_pb2.Concept(id=i, name=n) for i, n in zip(ids, own_names, strict=True)]
        for one, value in zip(made, values, strict=False):
            one.value = value
        return made


def create(handle: Handle, given: ConceptFields) -> list[resources_pb2.Concept]:
    """Create concepts; see `App.create_concepts`."""
    scope = ops.scope_of(handle, CONCEPT, "create").message()
    made: list[resources_pb2.Concept] = []

    def send(batch: Sequence[resources_pb2.Concept]) -> None:
        request = service_pb2.PostConceptsRequest(user_app_id=scope, concepts=batch)
        made.extend(handle.session.call("PostConcepts", request).concepts)

    in_turn(given.messages("concepts"), send, _log.log, "concepts", "created")
    return made


def patch(
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

    def known(_: object) -> set[object]:
        found: Pager[Any] = ops.pager(handle, CONCEPT, None)
        return {one.id for one in found}

    series = MessageKind[resources_pb2.Concept](
        handle,
        patch_call("PatchConcepts", "concepts", request, status_of=_done),
        lambda one: f"concept {one.id!r}",
        lambda one: one.id,
        known,
    )
    sent = series.send(messages, log, "concepts were changed")
    return sent.response(
        service_pb2.MultiConceptResponse(),
        lambda one: resources_pb2.Concept(id=one.id, name=one.name),
        raise_on_failure=raise_on_failure,
    )


def relate(
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

    def send(batch: Sequence[resources_pb2.ConceptRelation]) -> None:
        request = service_pb2.PostConceptRelationsRequest(
            user_app_id=scope, concept_id=subject, concept_relations=batch
        )
        made.extend(handle.session.call("PostConceptRelations", request).concept_relations)

    asked = [
        resources_pb2.ConceptRelation(
            object_concept=resources_pb2.Concept(id=one), predicate=predicate
        )
        for one, predicate in zip(others, words, strict=True)
    ]
    in_turn(asked, send, _log.log, "concept relations", "created")
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


def shown(found: Pager[resources_pb2.ConceptRelation]) -> Pager[resources_pb2.ConceptRelation]:
    """Print relations as a tree, and return them."""
    listed = found.all()
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


def unrelate(handle: Handle, concept_id: str, relation_ids: object) -> None:
    """Delete relations of a concept; see `App.delete_concept_relations`."""
    own = check_id("concept_id", concept_id)
    ids = texts_of(relation_ids or [], "concept_relation_ids")
    if not ids:
        ids = [one.id for one in relations(handle, own, None, None, None)]
    scope = ops.scope_of(handle, CONCEPT, "delete").message()

    def send(batch: Sequence[str]) -> None:
        request = service_pb2.DeleteConceptRelationsRequest(
            user_app_id=scope, concept_id=own, ids=batch
        )
        handle.session.call("DeleteConceptRelations", request)

    in_turn(ids, send, _log.log, "concept relations", "deleted")


def input_count(handle: Handle) -> int:
    """Return how many inputs an app has; see `App.get_input_count`."""
    scope = ops.scope_of(handle, CONCEPT, "list").message()
    request = service_pb2.GetInputCountRequest(user_app_id=scope)
    counted: int = handle.session.call("GetInputCount", request).counts.processed
    return counted


def check_predicate(predicate: str, name: str) -> None:
    """Refuse a predicate that there is not.

    Raises:
        UserError: It is none of `PREDICATES`.
    """
    if predicate not in PREDICATES:
        known = ", ".join(PREDICATES)
        hint = nearest(str(predicate), PREDICATES)
        raise UserError(f"{name} must be one of {known}, got {predicate!r:.80}{hint}.")


def texts_of(given: object, name: str) -> list[str]:
    """Return the texts of a list.

    Raises:
        UserError: It is no list, or something in it is no text, or empty.
    """
    listed = list(_iterable(given, name))
    for index, one in enumerate(listed):
        check_id(f"{name}[{index}]", one)
    return listed


def _iterable(given: object, name: str) -> Iterable[Any]:
    if isinstance(given, (str, bytes)) or not isinstance(given, Iterable):
        raise UserError(f"{name} must be a list, got {given!r:.80}.")
    return given


_DONE = status_pb2.Status(code=SUCCESS)


def _done(_: object) -> status_pb2.Status:
    return _DONE
